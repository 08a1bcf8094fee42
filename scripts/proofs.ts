import { takesTurns } from './row/turns.ts'
import { testFiles } from './steps.ts'

/** A test that takes too long for `npm test`. Each part runs in its own process; a part that has passed is not run again. */
export type Proof = { what: string; parts: Part[] }
export type Part = {
  name: string
  /** Script and arguments for Node; a test begins with `--test`. */
  run: string[]
  env?: Record<string, string>
  minutes?: number
}

const test = (file: string) => ['--test', '--test-reporter=spec', file]
const times = (count: number) => Array.from({ length: count }, (_, at) => at + 1)

export const proofs: Record<string, Proof> = {
  histories: {
    what: '10,000 random histories at the order desk, half of them with automatic conversion',
    parts: times(25).flatMap((number) =>
      ['off', 'on'].map((conversion) => ({
        name: `${number} conversion ${conversion}`,
        run: test('e2e/desk.test.ts'),
        env: { DESK_HISTORIES: '200', DESK_SEED: String(number * 10_000), DESK_CONVERSION: conversion },
        minutes: 60,
      })),
    ),
  },
  kills: {
    what: '60 rounds of kill -9 of parts of a trading house, or of all of it, the database with its port held for 5 s',
    parts: times(6).map((number) => ({
      name: `rounds ${number * 10 - 9} to ${number * 10}`,
      run: ['bench/trading/kills.ts', '--kills', '10', '--seed', `prove ${number}`],
      minutes: 40,
    })),
  },
  merchants: {
    what: '100 merchants on two servers, first downloads at once, then idle but polling: memory, processor, connections, the time to be seen; a bulk job of 20,000 orders beside another merchant',
    parts: [
      { name: '100 merchants', run: ['bench/merchants/main.ts', '--parts', 'idle,seen,pages'], minutes: 60 },
      {
        name: 'bulk job beside another',
        run: ['bench/merchants/main.ts', '--merchants', '3', '--parts', 'bulk'],
        minutes: 30,
      },
    ],
  },
  soak: {
    what: 'an hour at one pace, 86,400 trades a day, with clerks and a warehouse at work: memory of the processes, times of pages, what vacuum leaves of the tables, books equal',
    parts: [{ name: 'an hour', run: ['bench/trading/soak.ts', '--minutes', '60'], minutes: 90 }],
  },
  erase: {
    what: 'one buyer with 200 of 1,000,000 full orders is found and erased within a minute, nothing of them is found by a scan, books equal',
    parts: [{ name: '1,000,000 orders', run: ['bench/erase.ts', '--size', '1000000'], minutes: 60 }],
  },
  fuzz: {
    what: 'every parser of every platform reads 50,000 mutated payloads, of each kind: a sound trade, refund or listing, or a parked one with its reason, and never an exception',
    parts: testFiles('server/connectors')
      .filter((file) => file.endsWith('/fuzz.test.ts'))
      .map((file) => ({ name: file, run: test(file), env: { FUZZ_RUNS: '50000' }, minutes: 60 })),
  },
  hostile: {
    what: 'every hostile value at every place of every route, and workbooks and texts made to be slow, up to the largest file',
    parts: ['server/rules/safety.test.ts', 'server/core/sheets/sheet-hostile.test.ts'].map((file) => ({
      name: file.slice(file.lastIndexOf('/') + 1, -'.test.ts'.length),
      run: test(file),
      env: { HOSTILE: 'all' },
    })),
  },
  pages: {
    what: 'every page as every role, in both languages and themes, by keys alone, without a code or a fault, and every button pressed',
    parts: ['presses', 'roles', 'accessible', 'frame', 'keyboard', 'codes'].map((name) => ({
      name,
      run: test(`e2e/${name}.browser.test.ts`),
      env: { PAGES: 'all' },
    })),
  },
  turns: {
    what: 'each story of a person at the pages, each marketplace from its list to its write-back, and each installation with faults, of which npm test runs some by turns',
    parts: testFiles('e2e', 'server', 'scripts')
      .filter(takesTurns)
      .map((file) => ({
        name: file
          .replace(/^e2e\//, '')
          .replace(/(\.browser)?\.test\.ts$/, (_, page) => (page ? '' : ' api')),
        run: test(file),
      })),
  },
  deaths: {
    what: 'a house, a backup, a restore and a migrator are killed or find something wrong at every place that we thought of',
    parts: [
      'server/main.test.ts',
      'scripts/backup.test.ts',
      'server/core/db/whole-schema.test.ts',
      'server/core/point-in-time/point-in-time.test.ts',
    ].map((file) => ({
      name: file.slice(file.lastIndexOf('/') + 1, -'.test.ts'.length),
      run: test(file),
      env: { DEATHS: 'all' },
    })),
  },
  houses: {
    what: 'days of trading with faults, kills, a fast clock and a relay in the size that npm test once had, books equal',
    parts: ['day', 'chaos', 'clock-ahead', 'relay'].map((name) => ({
      name,
      run: test(`e2e/${name}.test.ts`),
      env: { HOUSES: 'all' },
    })),
  },
  lists: {
    what: 'lists of 200,000 orders and of 200,000 staged trades are those of plain SQL, and no way of reading them is left untaken',
    parts: ['server/core/lists/list-ways.test.ts', 'server/intake/trades/trade-near.test.ts'].map((file) => ({
      name: file.slice(file.lastIndexOf('/') + 1, -'.test.ts'.length),
      run: test(file),
      env: { LIST_ROWS: '200000' },
    })),
  },
  standby: {
    what: 'lists of 50,000 orders are answered by a standby, and the primary spends a twentieth of their processor time at most',
    parts: [
      {
        name: '50,000 orders',
        run: test('server/core/db/standby.test.ts'),
        env: { STANDBY_ORDERS: '50000' },
      },
    ],
  },
  stations: {
    what: 'eight stations pack 10,500 parcels over HTTP, with wrong scans, scans sent twice, and refunds in between',
    parts: [
      {
        name: '500 parcels, five a second',
        run: test('e2e/stations.test.ts'),
        env: { STATION_PARCELS: '500', STATION_PACE: '5' },
        minutes: 30,
      },
      {
        name: '10,000 parcels as fast as they go',
        run: test('e2e/stations.test.ts'),
        env: { STATION_PARCELS: '10000' },
        minutes: 60,
      },
    ],
  },
  leaving: {
    what: '2,000 released orders of shops on two platforms are numbered, labelled, picked, checked, shipped and written back, books equal',
    parts: [
      {
        name: '2,000 orders',
        run: test('e2e/leaving.test.ts'),
        env: { LEAVING_ORDERS: '2000' },
        minutes: 30,
      },
    ],
  },
  month: {
    what: 'the first month of a merchant with a packed release: installed, connected, trading, disk full, laptop lost, restored, upgraded, a second machine, more merchants; books equal after each',
    parts: [{ name: 'a month', run: ['e2e/month/main.ts'], minutes: 20 }],
  },
  upgrade: {
    what: 'two webs and two workers under load go to a next version, back, and to one that takes something away; each migrator is killed at each step: 0 requests fail, nothing is lost or half',
    parts: [{ name: 'all steps', run: ['e2e/upgrade/all.ts'], minutes: 30 }],
  },
  watchdog: {
    what: 'a house, its main process and its machine’s processes are killed, and how long the message of a watchdog takes',
    parts: [
      {
        name: 'at the real pace',
        run: test('e2e/watchdog.test.ts'),
        env: { WATCHDOG_PACE: 'real' },
        minutes: 20,
      },
    ],
  },
  relay: {
    what: 'four shops trade through a relay that is cut off for ten minutes and killed at random, books and messages equal',
    parts: [
      {
        name: 'ten minutes',
        run: ['e2e/relays/cut-off.ts', '--minutes', '10', '--seed', 'prove'],
        minutes: 40,
      },
    ],
  },
  rows: {
    what: '600 trades come by rows of a real MySQL server (Debian: mariadb-server), written late, twice and while it is killed; none is lost or doubled',
    parts: [{ name: 'MariaDB', run: ['e2e/rows/real.ts'], minutes: 10 }],
  },
  webhooks: {
    what: 'two workers send webhooks while 40 orders change, and one after the other is killed 100 times: each taken at least once, in order, signed',
    parts: [
      {
        name: '100 kills',
        run: test('server/webhooks/kills.test.ts'),
        env: { WEBHOOK_KILLS: '100' },
        minutes: 15,
      },
    ],
  },
  chaos: {
    what: 'ten shops trade with people at work, workers are killed ten times and the database once, books equal, five times',
    parts: times(5).map((number) => ({
      name: `run ${number}`,
      run: [
        'e2e/chaos.ts',
        ...['--kills', '10', '--trades', '150', '--people', '4', '--hands', '2', '--seed', `prove ${number}`],
      ],
      minutes: 20,
    })),
  },
  peak: {
    what: 'ten minutes of peak hours on seven marketplaces: 300 trades a second, lists ten minutes late, quotas halved; and a day with peak hours, books equal',
    parts: [
      {
        name: '300 trades a second',
        run: ['bench/main.ts', '--only', 'seen-peak', '--minutes', '10'],
        minutes: 50,
      },
      { name: 'a day', run: ['e2e/day.ts', '--minutes', '20', '--seed', 'peak'], minutes: 60 },
    ],
  },
  'point-in-time': {
    what: 'an embedded database is killed while it trades, and restored 20 times to random seconds of its life: exactly what was committed before is there',
    parts: [
      {
        name: '20 restores',
        run: ['e2e/point-in-time/random-seconds.ts', '--restores', '20', '--minutes', '5', '--seed', 'prove'],
        minutes: 45,
      },
    ],
  },
  pgbackrest: {
    what: 'a PostgreSQL 17 of Debian with pgBackRest is killed and restored to a second between two commits, its shops closed',
    parts: [{ name: 'Debian 17', run: ['e2e/point-in-time/pgbackrest.ts'], minutes: 10 }],
  },
  day: {
    what: 'three days of trading of 20 minutes each with faults and people at work, books equal',
    parts: times(3).map((number) => ({
      name: `day ${number}`,
      run: ['e2e/day.ts', '--minutes', '20', '--seed', `prove ${number}`],
      minutes: 60,
    })),
  },
}
