import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { type Database, openDatabase } from '../../server/core/db/db.ts'
import { computeSums } from '../../server/reports/day-queries.ts'
import { reportFigures } from '../../server/reports/figures.ts'
import { plusDays } from '../../server/reports/report-rules.ts'
import { testDatabase } from '../../server/testing/database.ts'
import { processorMs } from '../processor.ts'

// Reports over the figures of 395 days, six shops and five million orders: node bench/lists/reports.ts [SKUs of a shop and day]

const skus = Number(process.argv[2] ?? 1_700)
const shops = 6
const last = '2026-11-24'
const first = plusDays(last, -394)

await using base = await testDatabase()
const owner = openDatabase(base.ownerUrl, { max: 1 })
await fill(owner.db)
await owner.close()
// One connection, whose processor time is that of the question.
const { db, close } = openDatabase(base.url, { max: 1 })
const [{ pid } = { pid: 0 }] = (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows
console.log('slowest of five by the clock, median of the processor of database and Node, ms')
for (const [report, rows] of [
  ['goods', 'sku'],
  ['goods', 'shop'],
  ['causes', 'cause'],
  ['causes', 'goods'],
] as const)
  for (const [days, step] of [
    [7, 'day'],
    [30, 'day'],
    [62, 'day'],
    [365, 'week'],
    [365, 'month'],
  ] as const) {
    const ran: { clock: number; processor: number }[] = []
    for (let run = 0; run < 6; run += 1) {
      const [from, used] = [performance.now(), processorMs([pid, process.pid])]
      // Every run asks for other days, which begin within a month.
      const to = plusDays(last, -run)
      await reportFigures(db, { report, rows, from: plusDays(to, 1 - days), to, step }, wholeScope)
      ran.push({ clock: performance.now() - from, processor: processorMs([pid, process.pid]) - used })
    }
    const timed = ran.slice(1)
    const processor = timed.map((one) => one.processor).toSorted((a, b) => a - b)[2] ?? 0
    const clock = Math.max(...timed.map((one) => one.clock))
    console.log(`${report} by ${rows}, ${days} days by ${step}: ${clock.toFixed(0)}; ${processor.toFixed(0)}`)
  }
await close()

async function fill(db: Database): Promise<void> {
  const begun = performance.now()
  await sql`
    insert into report_goods
    select d::date, s, k, 1 + (k * 7 + s) % 5, 1 + (k * 3 + s) % 9, 1000 + (k * 977 + s * 131) % 90000, k % 3, (k % 3) * 500
    from generate_series(${first}::date, ${last}::date, '1 day') d, generate_series(1, ${shops}) s, generate_series(1, ${skus}) k
    order by 1`.execute(db)
  await sql`
    insert into report_causes
    select d::date, s, 'OF-' || k, '原因 ' || k % 12, 1, 1000 + k, k % 2, 1, k % 2, (k % 2) * 900
    from generate_series(${first}::date, ${last}::date, '1 day') d, generate_series(1, ${shops}) s, generate_series(1, ${Math.round(skus * 0.22)}) k
    order by 1`.execute(db)
  await sql`
    insert into report_day (day, computed_at, took_ms)
    select d::date, now(), 1 from generate_series(${first}::date, ${last}::date, '1 day') d`.execute(db)
  await computeSums(db)
  await sql`vacuum analyze`.execute(db)
  const counted = await sql<{ goods: string; causes: string }>`
    select (select count(*) from report_goods) as goods, (select count(*) from report_causes) as causes`.execute(
    db,
  )
  const seconds = Math.round((performance.now() - begun) / 1000)
  console.log(
    `${counted.rows[0]?.goods} rows of goods, ${counted.rows[0]?.causes} of causes, made in ${seconds} s`,
  )
}
