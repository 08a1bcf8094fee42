import { execFileSync, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { keepEvidence } from '../../e2e/check/evidence.ts'
import { describe } from '../../e2e/checker.ts'
import { type Cluster, ownCluster } from '../../e2e/cluster.ts'
import { endOfDay } from '../../e2e/day.ts'
import { type House, openHouse } from '../../e2e/day-house.ts'
import { openWarehouses } from '../../e2e/hands/place.ts'
import { peopleAtWork } from '../../e2e/people.ts'
import { setTasks } from '../../e2e/settle.ts'
import { memoryNowMb, quantile } from '../report.ts'
import { age, type Taken } from './ageing.ts'
import type { Answer } from './looker.ts'

/** What one look at the house found. */
type Look = { minute: number; webMb: number; workerMb: number; answers: Answer[] }

/** Tables smaller than this are a few pages, whose bloat says nothing. */
const smallestBytes = 8 * 1024 * 1024

/**
 * A house trades at the same pace for an hour, with clerks and a warehouse at work, and what ended becomes old. Looks at the memory of its
 * processes and at its pages, then at what vacuum leaves of its tables, and compares its books with those of the platforms.
 */
async function soak(options: { minutes: number; seed: string }): Promise<boolean> {
  await using cluster = await ownCluster()
  await using house = await openHouse({ trades: 200, seed: options.seed, database: cluster })
  await openWarehouses(house)
  await house.start('web')
  // Tasks keep the product's own pace: the catch-ups of a compressed day read all that came so far, and so more each minute.
  await setTasks(house, {})
  await house.start('worker')
  await house.control('rate', { newTradesPerMinute: 60, eventsPerMinute: 150 })
  const over = new AbortController()
  const people = peopleAtWork(house, { people: 1, hands: 2 }, options.seed, over.signal)
  using _ending = { [Symbol.dispose]: () => over.abort() }
  const [looks, taken] = await Promise.all([looksAt(house, options.minutes), ages(house, options.minutes)])
  over.abort()
  const work = await people
  await house.control('rate', { newTradesPerMinute: 0, eventsPerMinute: 0 })
  printLooks(looks)
  console.log(`taken for their age: ${JSON.stringify(taken)}`)
  const bloated = await bloat(house, cluster)
  const { checked, restless } = await endOfDay(house, 1_200_000)
  for (const death of house.deaths) console.log(`died: ${death}`)
  for (const what of [...new Set(work.broken)].slice(0, 20)) console.log(`broken: ${what}`)
  for (const what of restless.slice(0, 20)) console.log(`not at rest: ${what}`)
  console.log(describe(checked))
  if (checked.differences.length > 0)
    console.log(`tables, books and logs: ${await keepEvidence(house, checked)}`)
  return house.deaths.length + restless.length + checked.differences.length === 0 && bloated <= 1.3
}

async function looksAt(house: House, minutes: number): Promise<Look[]> {
  const began = Date.now()
  const looks: Look[] = []
  const looker = fork(fileURLToPath(new URL('looker.ts', import.meta.url)), [house.url, house.boss.cookie])
  looker.on('message', (answers: Answer[]) =>
    looks.push({
      minute: (Date.now() - began) / 60_000,
      webMb: memoryOf('start/web.ts'),
      workerMb: memoryOf('worker.ts'),
      answers,
    }),
  )
  await sleep(minutes * 60_000)
  if (!looker.connected) throw new Error('The process that asks for the pages has ended.')
  looker.kill()
  return looks
}

/**
 * After each tenth of the time, what ended three tenths before becomes old, as a night takes one day of the messages of four. Returns how much
 * was taken in all.
 */
async function ages(house: House, minutes: number): Promise<Taken> {
  const tenthMs = minutes * 6000
  const all: Taken = {}
  for (let times = 1; times <= 9; times += 1) {
    await sleep(tenthMs)
    for (const [what, count] of Object.entries(await age(house, 3 * tenthMs)))
      all[what] = (all[what] ?? 0) + count
  }
  return all
}

/** Memory of the child that runs this program of the server, in MB. */
function memoryOf(program: string): number {
  const children = execFileSync('pgrep', ['-P', String(process.pid), '-f', `server/${program}`], {
    encoding: 'utf8',
  })
  return memoryNowMb(Number(children.split('\n')[0]))
}

/** Prints each tenth of the time, the first of which is the start. */
function printLooks(looks: readonly Look[]): void {
  const last = looks.at(-1)?.minute ?? 0
  const parts = Map.groupBy(looks, ({ minute }) => Math.min(9, Math.floor((minute / last) * 10)))
  for (const part of parts.values()) {
    const answers = part.flatMap((look) => look.answers)
    const times = answers.map(({ ms }) => ms)
    const of = (values: readonly number[], share = 0.5) => quantile(values, share).toFixed(0)
    const [web, worker] = [of(part.map(({ webMb }) => webMb)), of(part.map(({ workerMb }) => workerMb))]
    console.log(
      `from minute ${(part[0]?.minute ?? 0).toFixed(0)}: web ${web} MB, worker ${worker} MB, ` +
        `pages p50 ${of(times)} ms, p99 ${of(times, 0.99)} ms of ${times.length}; slowest ${slowest(answers)}`,
    )
  }
}

/** The three pages that were slow most often, with the p99 of each in milliseconds. */
function slowest(answers: readonly Answer[]): string {
  return [...Map.groupBy(answers, ({ page }) => page)]
    .map(([page, those]) => ({
      page,
      p99: quantile(
        those.map(({ ms }) => ms),
        0.99,
      ),
    }))
    .toSorted((a, b) => b.p99 - a.p99)
    .slice(0, 3)
    .map(({ page, p99 }) => `${page} ${p99.toFixed(0)}`)
    .join(', ')
}

/** Rewrites each larger table. Returns the worst of its sizes before and after, by their ratio. */
async function bloat(house: House, cluster: Cluster): Promise<number> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_total_relation_size(oid) >= ${smallestBytes}
    order by pg_total_relation_size(oid) desc`.execute(house.db)
  let worst = 1
  for (const { name } of rows) {
    const before = await sizesOf(house, name)
    await cluster.owner(`vacuum full ${name}`)
    const after = await sizesOf(house, name)
    const ratio = (before.rows + before.indexes) / (after.rows + after.indexes)
    worst = Math.max(worst, ratio)
    console.log(
      `${name}: ${ratio.toFixed(2)} × (rows ${mb(before.rows)} → ${mb(after.rows)} MB, indexes ${mb(before.indexes)} → ${mb(after.indexes)} MB: ${shrunk(before, after)})`,
    )
  }
  return worst
}

type Sizes = { rows: number; indexes: number; each: Map<string, number> }

async function sizesOf(house: House, name: string): Promise<Sizes> {
  const { rows: found } = await sql<{ index: string; bytes: number }>`
    select indexrelid::regclass::text as index, pg_relation_size(indexrelid)::float8 as bytes
    from pg_index where indrelid = ${name}::regclass`.execute(house.db)
  const { rows: table } = await sql<{ bytes: number }>`
    select pg_table_size(${name}::regclass)::float8 as bytes`.execute(house.db)
  const each = new Map(found.map(({ index, bytes }) => [index, bytes]))
  return { rows: table[0]?.bytes ?? 0, indexes: found.reduce((sum, { bytes }) => sum + bytes, 0), each }
}

/** The indexes that shrank most. */
function shrunk(before: Sizes, after: Sizes): string {
  return [...before.each]
    .map(([index, bytes]) => ({ index, bytes, now: after.each.get(index) ?? 0 }))
    .toSorted((a, b) => b.bytes - b.now - (a.bytes - a.now))
    .slice(0, 4)
    .map(({ index, bytes, now }) => `${index} ${mb(bytes)} → ${mb(now)}`)
    .join(', ')
}

const mb = (bytes: number) => (bytes / 1024 / 1024).toFixed(1)

if (import.meta.main) {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: 'soak' } },
  })
  process.exitCode = (await soak({ minutes: Number(values.minutes), seed: values.seed })) ? 0 : 1
}
