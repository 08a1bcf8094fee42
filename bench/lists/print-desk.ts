import { performance } from 'node:perf_hooks'
import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { type Database, openDatabase } from '../../server/core/db/db.ts'
import { listIds } from '../../server/core/lists/list.ts'
import { deskFacets } from '../../server/fulfilment/desk/facets.ts'
import { deliveries } from '../../server/fulfilment/lists.ts'
import { testDatabase } from '../../server/testing/database.ts'

// The list, the counts and the batches of the print desk over many deliveries: node bench/lists/print-desk.ts [all] [waiting]

const [all = 200_000, waiting = 20_000] = process.argv.slice(2).map(Number)

await using base = await testDatabase()
const { db, close } = openDatabase(base.url, { max: 4 })
await fill(db)
const asking = { db, scope: wholeScope }
const page = async (filter: Record<string, string>, sort = 'shipBy') => {
  const query = await deliveries.ask(filter, asking, sort)
  return (await listIds(db, deliveries.table, query, { limit: 100, after: undefined })).ids.length
}
const asked: [string, () => Promise<unknown>][] = [
  ['page 待打印', () => page({ tab: 'print' })],
  ['page 待打印, same goods together', () => page({ tab: 'print' }, 'goods')],
  ['page 待打印, one courier', () => page({ tab: 'print', courier: 'YTO' })],
  ['page 待打印, a rare courier, several SKUs', () => page({ tab: 'print', courier: 'EMS', shape: 'mixed' })],
  ['page 待打印, common goods × 1', () => page({ tab: 'print', same: '1x1' })],
  ['page 待打印, rare goods × 2', () => page({ tab: 'print', same: '180x2' })],
  ['page 已发货, rare goods × 2', () => page({ tab: 'shipped', same: '180x2' })],
  ['counts of all tabs', () => deliveries.counts(asking, {})],
  ['counts, one courier', () => deliveries.counts(asking, { courier: 'YTO' })],
  ['batches 待打印', () => deskFacets(deliveries, asking, { tab: 'print' })],
  [
    'batches 待打印, courier and shape',
    () => deskFacets(deliveries, asking, { tab: 'print', courier: 'YTO', shape: 'single' }),
  ],
  ['batches of all waiting', () => deskFacets(deliveries, asking, { tab: 'pending' })],
]
console.log(`${all} deliveries, ${waiting} of them waiting; the median and the slowest of nine, in ms`)
for (const [name, ask] of asked) {
  const times = []
  for (let run = 0; run < 10; run += 1) {
    const begun = performance.now()
    await ask()
    times.push(performance.now() - begun)
  }
  const sorted = times.slice(1).sort((a, b) => a - b)
  console.log(`${name}: ${sorted[4]?.toFixed(1)} ${sorted.at(-1)?.toFixed(1)}`)
}
await close()

/** Deliveries of 400 SKUs, the first the commonest; no orders, which neither the list's ids nor the batches read. */
async function fill(on: Database): Promise<void> {
  await on.connection().execute(async (one) => {
    await sql`insert into shop (platform, variant, name) values ('taobao', 'taobao', '店')`.execute(one)
    await sql`
      insert into delivery (no, order_id, order_no, tid, shop_id, status, courier, waybill_no, ship_by, write_back, shipped_at, created_by,
        wanted_courier, shape, sku_id, piece_count, labelled, ship_steps, printed_at)
      select 'DN' || n, n, 'SO' || n, 'T' || n, (select min(id) from shop), case when is_waiting then 'pending' else 'shipped' end,
        case when has_number then courier else '' end, case when has_number then 'W' || n else '' end,
        now() + n % 172800 * interval '1 second', case when is_waiting then '' else 'done' end, case when not is_waiting then now() end, '赵敏',
        courier, case when is_mixed then 'mixed' when pieces > 1 then 'several' else 'single' end, case when not is_mixed then sku end, pieces,
        has_number, '{print}', case when not is_waiting then now() end
      from (
        select n, n > ${all - waiting}::int as is_waiting, n <= ${all - Math.round(waiting / 4)}::int as has_number,
          (array['ZTO', 'ZTO', 'ZTO', 'YTO', 'YTO', 'SF', 'YUNDA', 'ZTO'])[1 + n % 8] as often, 1 + floor(400 * power((n::bigint * 7919 % 10007) / 10007.0, 3))::int as sku,
          n % 6 = 0 as is_mixed, case when n % 5 = 0 then 2 else 1 end as pieces
        from generate_series(1, ${all}::int) n
      ) d cross join lateral (select case when n % 997 = 0 then 'EMS' else often end as courier) c`.execute(
      one,
    )
    await sql`vacuum analyze delivery`.execute(one)
  })
}
