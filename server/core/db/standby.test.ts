import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import pg from 'pg'
import { cpuSpent } from '../../../bench/cpu.ts'
import { lists } from '../../app.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { testRole } from '../../testing/database.ts'
import { freePort } from '../../testing/free-port.ts'
import { makeManyOrders } from '../../testing/many-orders.ts'
import { anOrder, aShop } from '../../testing/orders.ts'
import { until } from '../../testing/until.ts'
import { type Postgres, startPostgres } from '../embedded/postgres.ts'
import { findPlace, type Place } from '../embedded/postgres-place.ts'
import { makeRole, urlAs } from './database-roles.ts'
import { openDatabase } from './db.ts'
import { migrate } from './migrate.ts'

// Two real servers, of which the second follows the first by streaming.

/** A list of few orders costs the standby little beside the question who asks, which goes to the primary. */
const orders = Number(process.env['STANDBY_ORDERS'] ?? 3000)
const most = orders < 50_000 ? 0.4 : 0.05

let folder: string
let primary: Postgres
let standbyUrl: string
let follower: { place: Place; port: number }
let house: TestApp
let clerk: Caller
let shopId: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-standby-'))
  await chmod(folder, 0o755)
  const options = {
    dataDir: join(folder, 'primary'),
    settings: { fsync: 'off', shared_buffers: '64MB', wal_level: 'replica', max_wal_senders: '3' },
  }
  primary = await startPostgres(options)
  await onServer(primary.url, (client) => makeRole(client, testRole, 'of a test'))
  await migrate(primary.url, { application: testRole })
  await primary.stop()
  const source = await findPlace(options.dataDir, () => {})
  const place = { ...source, cluster: join(folder, 'standby') }
  await cp(source.cluster, place.cluster, { recursive: true, preserveTimestamps: true })
  primary = await startPostgres(options)
  follower = { place, port: await freePort() }
  await writeFile(join(place.cluster, 'standby.signal'), '')
  await writeFile(join(place.cluster, 'postgresql.auto.conf'), `primary_conninfo = '${primary.url}'\n`)
  if (place.account) await run('chown', ['-R', `${place.account.uid}:${place.account.gid}`, place.cluster])
  await control('start')
  const url = urlAs(primary.url, testRole, 'of a test')
  standbyUrl = url.replace(/:\d+\//, `:${follower.port}/`)
  house = await testApp(
    {},
    undefined,
    Promise.resolve({ ...noCleaning, url, ownerUrl: primary.url, standbyUrl }),
  )
  clerk = await house.as(['*'])
  shopId = await aShop(house.db)
  await until(async () => (await readAt()) !== null, 20_000)
})

after(async () => {
  await house?.[Symbol.asyncDispose]()
  await control('stop').catch(() => {})
  await primary?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('every list, its counts and the reports are answered by the standby', async () => {
  const asked = lists(memoryKeyRing()).filter(({ declared }) => declared.routesOf === undefined)
  const paths = asked.map(({ declared }) => `/api${declared.path}`)
  assert.ok(paths.length > 20, String(paths.length))
  const report = '/api/reports/figures?report=sales&from=2026-11-01&to=2026-11-07'
  for (const path of [...paths, '/api/orders/counts', '/api/orders/count', report]) {
    const answer = await clerk.call('GET', path)
    assert.equal(answer.status, 200, `${path} ${JSON.stringify(answer.body)}`)
    assert.ok(answer.headers.has('x-read-at'), path)
  }
})

test(`of the processor time of lists of ${orders.toLocaleString('en')} orders, the primary spends ${most * 100} percent at most`, async (t) => {
  const owner = openDatabase(primary.url, { max: 2 })
  await makeManyOrders(owner.db, memoryKeyRing(), orders)
  await sql`select setval(pg_get_serial_sequence('sales_order', 'id'), ${orders}::int)`.execute(owner.db)
  const second = openDatabase(followerUrl(), { max: 1 })
  const spent = async () =>
    [(await cpuSpent(owner.db)).postgres, (await cpuSpent(second.db)).postgres] as const
  const paths = [
    '?tab=all',
    '?tab=confirmed',
    '/counts',
    '?tab=unconfirmed&sort=-paidAt',
    '?tab=all&courier=SF',
  ]
  const ask = async (rounds: number) => {
    for (let round = 0; round < rounds; round += 1)
      for (const path of paths) {
        const { status, headers } = await clerk.call('GET', `/api/orders${path}`)
        assert.deepEqual([path, status, headers.has('x-read-at')], [path, 200, true])
      }
  }
  await until(async () => (await readAt()) !== null, 60_000)
  await ask(5)
  const before = await spent()
  await ask(60)
  const after = await spent()
  await owner.close()
  await second.close()
  const [onPrimary, onStandby] = [after[0] - before[0], after[1] - before[1]]
  const share = onPrimary / (onPrimary + onStandby)
  t.diagnostic(
    `primary ${onPrimary.toFixed(2)} s, standby ${onStandby.toFixed(2)} s: ${(share * 100).toFixed(1)} %`,
  )
  assert.ok(share <= most, String(share))
})

test('who changed something sees it at once, and others at the latest when the answer says so', async () => {
  const { id } = await anOrder(house.db, { shopId })
  const other = await house.as(['*'])
  await onStandby('select pg_wal_replay_pause()')
  const done = await clerk.call('POST', '/api/orders/confirm', { ids: [id] })
  const wrote = done.cookies.find((cookie) => cookie.startsWith('sanyi.wrote='))
  assert.match(
    wrote ?? '',
    /^sanyi\.wrote=[0-9A-F]+\/[0-9A-F]+; Path=\/api; Max-Age=60; HttpOnly; SameSite=Lax$/,
  )
  const path = `/api/orders?tab=all&ids=${id}`
  const mine = await clerk.call('GET', path, undefined, {
    cookie: `${clerk.cookie}; ${wrote?.split(';')[0]}`,
  })
  assert.deepEqual([mine.headers.get('x-read-at'), statusIn(mine.body)], [null, 'confirmed'])
  const theirs = await other.call('GET', path)
  assert.notEqual(statusIn(theirs.body), 'confirmed')
  const confirmed = await sql<{
    at: Date
  }>`select at from order_event where order_id = ${id} and event = 'confirm'`.execute(house.db)
  const readTo = new Date(theirs.headers.get('x-read-at') ?? 0)
  assert.ok(readTo.getTime() > 0 && readTo < (confirmed.rows[0]?.at ?? new Date(0)))

  await onStandby('select pg_wal_replay_resume()')
  await until(async () => statusIn((await other.call('GET', path)).body) === 'confirmed', 10_000)
  const later = await clerk.call('GET', path, undefined, {
    cookie: `${clerk.cookie}; ${wrote?.split(';')[0]}`,
  })
  assert.deepEqual([later.headers.has('x-read-at'), statusIn(later.body)], [true, 'confirmed'])
})

test('a standby that falls back by more than five seconds is not read, and is again once it has caught up', async () => {
  await onStandby('select pg_wal_replay_pause()')
  const { id } = await anOrder(house.db, { shopId })
  await until(async () => (await readAt()) === null, 10_000)
  assert.deepEqual(await shownInHealth(), ['warn', '备用库跟不上主库，列表和报表由主库答'])
  const answer = await clerk.call('GET', `/api/orders?tab=all&ids=${id}`)
  assert.equal(statusIn(answer.body), 'unconfirmed')
  await onStandby('select pg_wal_replay_resume()')
  await until(async () => (await readAt()) !== null, 10_000)
  // Health is kept for five seconds.
  await until(async () => (await shownInHealth())[0] === 'ok', 10_000)
})

test('a mark that lies ahead of everything, or is none, leads to the primary or to no harm', async () => {
  const at = async (cookie: string) =>
    (await clerk.call('GET', '/api/orders', undefined, { cookie: `${clerk.cookie}; ${cookie}` })).headers.get(
      'x-read-at',
    )
  assert.equal(await at('sanyi.wrote=FFFFFFFF/FFFFFFFF'), null)
  assert.notEqual(await at('sanyi.wrote=x'), null)
})

test('programs read from the primary', async () => {
  const body = {
    name: '程序',
    permissions: ['orders.read'],
    shops: 'all',
    warehouses: 'all',
    expiresAt: null,
  }
  const { key } = Object((await clerk.call('POST', '/api/api-keys', body)).body)
  const answer = await house.anonymous.call('GET', '/api/orders', undefined, {
    authorization: `Bearer ${key}`,
  })
  assert.deepEqual([answer.status, answer.headers.get('x-read-at')], [200, null])
})

test('no question fails while the standby is stopped or promoted', async () => {
  const asking = { ends: false, statuses: new Set<number>() }
  const asked = (async () => {
    while (!asking.ends) {
      asking.statuses.add((await clerk.call('GET', '/api/orders')).status)
      await sleep(20)
    }
  })()
  await control('stop')
  await until(async () => (await readAt()) === null, 10_000)
  await control('start')
  await until(async () => (await readAt()) !== null, 20_000)
  await onStandby('select pg_promote()')
  await until(async () => (await readAt()) === null, 10_000)
  asking.ends = true
  await asked
  assert.deepEqual([...asking.statuses], [200])
})

test('the promoted server is a whole Sanyi: it has what was committed, and takes work', async () => {
  await using moved = await testApp(
    {},
    undefined,
    Promise.resolve({ ...noCleaning, url: standbyUrl, ownerUrl: '' }),
  )
  const found = await sql<{
    n: number
  }>`select count(*)::int as n from order_event where event = 'confirm'`.execute(moved.db)
  assert.deepEqual(found.rows, [{ n: 1 }])
  const { id } = await anOrder(moved.db, { shopId })
  const someone = await moved.as(['*'])
  await someone.call('POST', '/api/orders/confirm', { ids: [id] })
  assert.equal(statusIn((await someone.call('GET', `/api/orders?tab=all&ids=${id}`)).body), 'confirmed')
})

const noCleaning = { owner: async () => {}, empty: async () => {}, [Symbol.asyncDispose]: async () => {} }

async function shownInHealth(): Promise<string[]> {
  const { body } = await clerk.call('GET', '/api/health')
  const rows: { tone: string; title: { zh: string } }[] = Object(body).rows
  return rows
    .filter(({ title }) => title.zh.startsWith('备用库'))
    .flatMap(({ tone, title }) => [tone, title.zh])
}

const readAt = async () => (await clerk.call('GET', '/api/orders')).headers.get('x-read-at')

const statusIn = (body: unknown): unknown => Object(body).rows[0]?.status

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

const followerUrl = () => primary.url.replace(/:\d+\//, `:${follower.port}/`)
const onStandby = (text: string) => onServer(followerUrl(), (client) => client.query(text))

const run = promisify(execFile)

async function control(verb: 'start' | 'stop'): Promise<void> {
  const { place, port } = follower
  const log = join(folder, 'standby.log')
  await writeFile(log, '', { flag: 'a' })
  if (place.account) await run('chown', [String(place.account.uid), log])
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c shared_buffers=64MB`
  const args = verb === 'start' ? ['start', '-w', '-l', log, '-o', options] : ['stop', '-w', '-m', 'fast']
  const as = place.account ? { uid: place.account.uid, gid: place.account.gid } : {}
  await run(join(place.programs, 'bin/pg_ctl'), [...args, '-D', place.cluster], {
    ...{ cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC' } },
    ...as,
  })
}
