import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { openDatabase } from '../../server/core/db/db.ts'
import { deliveries } from '../../server/fulfilment/lists.ts'
import { testDatabase } from '../../server/testing/database.ts'
import { processorMs } from '../processor.ts'
import { fillMayWorld } from './may-world.ts'

// What the buttons of the print desk count: node bench/lists/may.ts [all] [waiting] [most]

const [all = 1_000_000, waiting = 200_000, most = 1000] = process.argv.slice(2).map(Number)

await using base = await testDatabase()
const begun = performance.now()
const owner = openDatabase(base.ownerUrl, { max: 1 })
await fillMayWorld(owner.db, { all, waiting })
await owner.close()
const seconds = Math.round((performance.now() - begun) / 1000)
console.log(`${all} deliveries, ${waiting} of them waiting, made in ${seconds} s`)
console.log('ms by the clock, median and slowest of nine; median of the processor of database and Node')
// One connection, whose processor time is that of the count.
const { db, close } = openDatabase(base.url, { max: 1 })
const asking = { db, scope: wholeScope }
const [{ pid } = { pid: 0 }] = (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows
for (const [may, tab] of [
  ['number', 'number'],
  ['print', 'print'],
  ['ship', 'ready'],
] as const)
  await measure(may, tab)
await base.owner(`
  insert into waybill (delivery_id, round, account_id, shop_id, courier, state, asked_by)
  select id, 1, 1, shop_id, wanted_courier, 'asked', '' from delivery d where standing = 'number' and not beside
    and not exists (select from waybill w where w.delivery_id = d.id)`)
await base.owner('analyze waybill')
console.log('while all numbers are being asked for')
await measure('number', 'number')
await close()

async function measure(may: string, tab: string): Promise<void> {
  for (const [name, stop] of [
    [`up to ${most}`, most],
    ['exactly', undefined],
  ] as const) {
    const ran: { count: number | undefined; clock: number; processor: number }[] = []
    for (let run = 0; run < 10; run += 1) {
      const [from, used] = [performance.now(), processorMs([pid, process.pid])]
      const count = await deliveries.count?.(asking, { tab, may }, stop)
      ran.push({ count, clock: performance.now() - from, processor: processorMs([pid, process.pid]) - used })
    }
    const sorted = (key: 'clock' | 'processor') =>
      ran
        .slice(1)
        .map((one) => one[key])
        .toSorted((a, b) => a - b)
    const [clock, processor] = [sorted('clock'), sorted('processor')]
    const figures = [clock[4], clock.at(-1), processor[4]].map((ms) => ms?.toFixed(1))
    console.log(`${may}, ${name}: ${figures[0]} ${figures[1]}; ${figures[2]} (${ran[0]?.count})`)
  }
}
