import { performance } from 'node:perf_hooks'
import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { openDatabase } from '../../server/core/db/db.ts'
import { countFirst } from '../../server/core/lists/list-count.ts'
import { deliveries } from '../../server/fulfilment/lists.ts'
import { testDatabase } from '../../server/testing/database.ts'

const [all = 1_000_000, waiting = 200_000] = process.argv.slice(2).map(Number)
await using base = await testDatabase()
const { db, close } = openDatabase(base.url, { max: 4 })
await db.connection().execute(async (one) => {
  await sql`insert into shop (platform, variant, name) values ('taobao', 'taobao', '店')`.execute(one)
  await sql`insert into waybill_account (shop_id, source, courier, sender, template_url, created_by) values (1, 'cainiao', 'ZTO', '', 'http://127.0.0.1/1', '')`.execute(
    one,
  )
  await sql`
    insert into sales_order (no, shop_id, origin, tid, status, cod, goods_fen, post_fee_fen, discount_fen, payment_fen, quantity, ordered_at, facets, created_by)
    select 'SO' || n, 1, 'trade', 'T' || n, 'released', false, 1, 0, 0, 1, 1, now(), '{1,2,3,4,5}', '' from generate_series(1, ${waiting}::int) n`.execute(
    one,
  )
  await sql`
    insert into delivery (no, order_id, order_no, tid, shop_id, status, courier, waybill_no, ship_by, write_back, shipped_at, created_by,
      wanted_courier, shape, sku_id, piece_count, labelled, ship_steps, printed_at)
    select 'DN' || n, n, 'SO' || n, 'T' || n, 1, case when w then 'pending' else 'shipped' end,
      case when num then 'ZTO' else '' end, case when num then 'W' || n else '' end, now() + n % 172800 * interval '1 second',
      case when w then '' else 'done' end, case when not w then now() end, '', 'ZTO', 'single', 1 + n % 400, 1, num, '{print}',
      case when not w or ready then now() end
    from (select n, n <= ${waiting}::int as w, n > ${Math.round(waiting / 3)}::int as num, n > ${Math.round((waiting * 2) / 3)}::int as ready from generate_series(1, ${all}::int) n) d`.execute(
    one,
  )
  await sql`
    insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
    select id, 1, 1, 1, 'ZTO', 'taken', waybill_no, '', '' from delivery where status = 'pending' and waybill_no <> ''`.execute(
    one,
  )
  await sql`vacuum analyze`.execute(one)
})
console.log(`${all} deliveries, ${waiting} waiting; median and slowest of nine, ms`)
const asking = { db, scope: wholeScope }
for (const [may, tab] of [
  ['number', 'number'],
  ['print', 'print'],
  ['ship', 'ready'],
] as const) {
  const times: number[] = []
  let n: unknown
  for (let run = 0; run < 10; run += 1) {
    const begun = performance.now()
    const query = await deliveries.ask({ tab, may }, asking)
    n = await countFirst(db, deliveries.table, query)
    times.push(performance.now() - begun)
  }
  const sorted = times.slice(1).sort((a, b) => a - b)
  console.log(may, JSON.stringify(n), sorted[4]?.toFixed(1), sorted.at(-1)?.toFixed(1))
}
await close()
