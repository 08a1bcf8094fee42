import { type RawBuilder, sql } from 'kysely'
import { type TradeType, tradeTypes } from '../../server/connectors/connector.ts'
import { couriers } from '../../server/connectors/couriers.ts'
import type { Database } from '../../server/core/db/db.ts'
import { facet, has } from '../../server/lib/facets.ts'
import {
  allocationBits,
  allocationFacet,
  changedFacet,
  courierFacet,
  flagFacets,
  heldFacet,
  originFacet,
  plannedFacet,
  refundFacets,
  warehouseFacet,
} from '../../server/orders/order/facets.ts'
import { offPlatformOrigins } from '../../server/orders/order/lifecycle.ts'
import { memos, messages } from './trades.ts'
import { worldDays, worldNow } from './world.ts'

// Orders as one statement draws them, each from its number alone: the same number is the same order in every build.

/** The parts of all orders that the shops have. */
export const shopShares = [0.3, 0.25, 0.2, 0.15, 0.09, 0.01]

/** Which numbers, of so many in all; a larger number is a younger order. */
export type Span = { from: number; to: number; size: number }

/** 0 ≤ x < 1, of the number `n` and the how manieth throw it is. */
const dice = (at: number) =>
  sql`(((hashint8extended(n, ${sql.lit(at)}) >> 12) & 4503599627370495) / 4503599627370496::float8)`

/** One of these, all alike. */
const pick = (texts: readonly string[], throwAt: RawBuilder<unknown>) =>
  sql`(${[...texts]}::text[])[1 + floor(${throwAt} * ${texts.length})::int]`

/** Counted from one, as its facet does. */
const typeNo = (type: TradeType) => sql.lit(tradeTypes.indexOf(type) + 1)

/** Orders and their lines. */
export async function insertOrders(db: Database, span: Span): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`set local synchronous_commit = off`.execute(tx)
    // What is drawn is read twice.
    await sql`set local work_mem = '128MB'`.execute(tx)
    await sql`
      with drawn as materialized (${priced(factual(fated(span)))}), orders as (
        insert into sales_order (id, no, shop_id, origin, tid, status, version, cod, goods_fen, post_fee_fen, discount_fen, payment_fen,
          refunded_fen, quantity, refunded_quantity, paid_at, ordered_at, ship_by, ship_after, flag, open_holds, differences, open_problems,
          facets, people, buyer_message, seller_memo, receiver_masked, region, personal, void_reason, created_at, updated_at, created_by,
          warehouse_id, courier, urgent, locked_by, locked_name, locked_at, written_back_at)
        overriding system value
        select n, 'SO' || to_char(at, 'YYMMDD') || lpad(n::text, 8, '0'), shop_id, origin, tid, status, 1 + is_shipped::int * 4, cod,
          one_fen + two_fen, post_fee_fen, 0, one_fen + two_fen + post_fee_fen, refunded_fen, pieces, refunded_pieces, paid_at, ordered_at,
          ship_by, ship_after, flag, held::int, differs::int, problem::int, facets, people, message, memo, masked, region, personal,
          case status when 'voided' then '买家不要了' else '' end, at, least(${worldNow.toISOString()}::timestamptz, at + interval '3 days'), '林晓',
          warehouse_id, courier, urgent, case when locked then 'user:1' end, case when locked then '林晓' else '' end, case when locked then at end,
          case when is_shipped then at + interval '2 days' end
        from drawn order by n
      )
      insert into order_line (order_id, line_no, tid, oid, sku_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec,
        picture_url, quantity, refunded_quantity, price_fen, discount_fen, payment_fen, refunded_fen)
      select d.n, l.no, d.tid, d.tid || l.no, case when l.no > 1 or not unmatched then g.sku_id end, g.item_id, g.platform_sku_id, g.outer_item_id,
        g.outer_sku_id, g.title, g.spec, '', l.quantity, case when d.refunded_pieces > 0 then l.quantity else 0 end, g.price_fen, 0,
        g.price_fen * l.quantity, case when d.refunded_pieces > 0 then g.price_fen * l.quantity else 0 end
      from drawn d
      cross join lateral (values (1, goods_one, pieces_one), (2, goods_two, 1)) l (no, place, quantity)
      join bench_goods g on g.shop_id = d.shop_id and g.place = l.place
      order by d.n, l.no`.execute(tx)
  })
}

/** When and whose it is, what was bought, and how far it came. Old ones are finished; some stand still at any age. */
function fated({ from, to, size }: Span): RawBuilder<unknown> {
  const share = dice(1)
  const shops = shopShares.slice(0, -1).reduce<{ sum: number; cases: RawBuilder<unknown>[] }>(
    ({ sum, cases }, part, no) => ({
      sum: sum + part,
      cases: [...cases, sql`when ${share} < ${sql.lit(sum + part)} then ${sql.lit(no + 1)}`],
    }),
    { sum: 0, cases: [] },
  )
  const goods = (at: number) => sql`floor(${dice(at)} ^ 2 * shop.goods)::int`
  return sql`
    select f.*, case
      when fate < 0.045 and days > 0.5 then 'voided'
      when fate between 0.045 and 0.067 then case when pace < 0.6 then 'unconfirmed' when pace < 0.85 then 'confirmed' else 'released' end
      when days < 0.2 + 1.4 * pace ^ 2 then 'unconfirmed'
      when days < 0.5 + 2 * pace ^ 2 then 'confirmed'
      when days < 0.8 + 3 * pace ^ 2 then 'released'
      when days < 4 + 12 * pace then 'shipped'
      else 'completed' end as status
    from (
      select n, shop.id as shop_id, days, ${dice(2)} as fate, ${dice(3)} as pace,
        ${worldNow.toISOString()}::timestamptz - make_interval(secs => days * 86400) as at,
        floor(${dice(4)} ^ 1.3 * shop.buyers)::int as buyer, floor(${dice(5)} * 20)::int as twin,
        ${goods(6)} as goods_one, case when ${dice(7)} < 0.5 then ${goods(8)} end as goods_two,
        case when ${dice(9)} < 0.85 then 1 else 2 end as pieces_one
      from (
        select n, (case ${sql.join(shops.cases, sql` `)} else ${sql.lit(shopShares.length)} end)::bigint as shop_id,
          (${size}::float8 + ${dice(10)} - n) / ${size}::float8 * ${sql.lit(worldDays)}::int as days
        from generate_series(${from}::bigint, ${to}::bigint) n offset 0
      ) n
      join (select id, (select count(*) from bench_goods g where g.shop_id = shop.id) as goods,
        (select count(*) from bench_buyer b where b.shop_id = shop.id) as buyers from shop offset 0) shop on shop.id = n.shop_id
      offset 0
    ) f`
}

/** What is so of an order that came so far. */
const factual = (fated: RawBuilder<unknown>) => sql`
  select f.*,
    case when is_own then ${pick(offPlatformOrigins, dice(11))} else 'trade' end as origin,
    case when is_own then 'M' || lpad(n::text, 15, '0') else (2900000000000000000 + n * 10007)::text end as tid,
    ${dice(12)} < 0.01 as cod,
    case when (is_open and ${dice(13)} < 0.015) or (is_own and ${dice(13)} < 0.2) then null else at - interval '4 minutes' end as paid_at,
    at - interval '9 minutes' as ordered_at,
    case when is_own or ${dice(14)} < 0.02 then null else at + case when planned then interval '15 days' else interval '48 hours' end end as ship_by,
    case when planned then date_trunc('day', at) + interval '13 days 16 hours' end as ship_after,
    case when ${dice(15)} < 0.08 then 1 + floor(${dice(16)} ^ 2 * 5)::int else 0 end as flag,
    case when ${dice(17)} < 0.09 then ${pick(messages, dice(18))} else '' end as message,
    case when ${dice(19)} < 0.12 then ${pick(memos, dice(20))} else '' end as memo,
    unmatched or (is_open and refund = 1) or ${dice(21)} < case when is_open then 0.05 when status = 'voided' then 0.03 else 0.001 end as held,
    ${dice(22)} < case when is_open then 0.03 when status = 'voided' then 0.02 else 0.002 end as differs,
    ${dice(23)} < case status when 'unconfirmed' then 0.1 else 0 end as problem,
    ${dice(24)} < case when is_open then 0.002 else 0 end as locked,
    ${dice(25)} < case when is_open then 0.015 else 0.002 end as urgent,
    case when is_open and ${dice(26)} < 0.04 then ${sql.lit(allocationBits.short)} when is_open and ${dice(26)} < 0.05 then ${sql.lit(allocationBits.unasked)} else 0 end
      + unmatched::int * ${sql.lit(allocationBits.unmatched)} as goods_bits,
    case when status = 'unconfirmed' and ${dice(27)} < 0.3 then null else 1 + floor(${dice(28)} ^ 3 * ${sql.lit(couriers.length)})::int end as courier_no,
    case when is_open and ${dice(29)} < 0.01 then null when ${dice(30)} < 0.7 then 1 when ${dice(30)} < 0.97 then 2 else 3 end::bigint as warehouse_id,
    case when planned then ${typeNo('presale')} when ${dice(12)} < 0.01 then ${typeNo('cod')} when ${dice(31)} < 0.02 then ${typeNo('group_buy')}
      when ${dice(31)} < 0.025 then ${typeNo('distribution')} when ${dice(31)} < 0.026 then ${typeNo('virtual')} else ${typeNo('normal')} end as type_no
  from (
    select f.*, status in ('unconfirmed', 'confirmed', 'released') as is_open, status in ('shipped', 'completed') as is_shipped,
      ${dice(32)} < 0.015 as is_own, ${dice(33)} < case status when 'unconfirmed' then 0.05 when 'confirmed' then 0.1 else 0.01 end as planned,
      status = 'unconfirmed' and ${dice(34)} < 0.012 as unmatched,
      case when ${dice(35)} < case status when 'completed' then 0.0003 when 'shipped' then 0.01 when 'voided' then 0 else 0.02 end then 1
        when ${dice(35)} < case status when 'voided' then 0.6 when 'completed' then 0.04 else 0.005 end then 2 else 0 end as refund
    from (${fated}) f offset 0
  ) f offset 0`

/** Beside its goods and its buyer: money, keys and facets, in the order in which the application writes them. */
function priced(facts: RawBuilder<unknown>): RawBuilder<unknown> {
  const codes = couriers.map(({ code }) => code)
  const months = sql`((extract(year from ordered_at at time zone 'UTC')::bigint - 2020) * 12 + extract(month from ordered_at at time zone 'UTC')::bigint - 1)`
  // The first of twenty buyers has the keys of his name and phone, the others are found by nothing that anybody would type.
  const key = (at: number) =>
    sql`${months} * ${sql.lit(2 ** 34)} + (p.people[${sql.lit(at)}] & ${sql.lit(3 * 2 ** 32)}::bigint)
      + (((p.people[${sql.lit(at)}] & ${sql.lit(2 ** 32 - 1)}::bigint) * case when twin = 0 then 1 else 40503 end + twin * 104729) & ${sql.lit(2 ** 32 - 1)}::bigint)`
  const when = (yes: RawBuilder<unknown>, one: number, other: number) =>
    sql`case when ${yes} then ${sql.lit(one)} else ${sql.lit(other)} end`
  const facets = sql`array_remove(array[
    ${facet('orderStatus', 1)} + array_position(array['unconfirmed', 'confirmed', 'released', 'shipped', 'completed', 'voided'], status) - 1,
    ${heldFacet(false)} + held::int, ${changedFacet(false)} + differs::int, ${refundFacets.none} + refund, ${allocationFacet(0)} + goods_bits,
    ${facet('shop', 0)} + d.shop_id::int, case when not is_own then ${facet('tradeType', 0)} + type_no end, ${facet('flag', 0)} + flag,
    ${when(sql`message <> ''`, facet('has', has.message), facet('has', has.noMessage))},
    ${when(sql`memo <> ''`, facet('has', has.memo), facet('has', has.noMemo))},
    ${when(sql`two.place is not null`, facet('has', has.severalLines), facet('has', has.oneLine))},
    ${when(sql`cod`, facet('has', has.cod), facet('has', has.noCod))}, p.province_facet, one.item_facet, one.code_facet,
    case when two.item_facet <> one.item_facet then two.item_facet end, case when two.code_facet <> one.code_facet then two.code_facet end,
    case when urgent then ${flagFacets.urgent}::int end, case when is_own then ${originFacet('manual')} + array_position(${[...offPlatformOrigins]}::text[], origin) - 1 end,
    ${courierFacet(couriers[0].code)} + courier_no - 1, ${warehouseFacet('0')} + warehouse_id::int, case when planned then ${plannedFacet}::int end, case when problem then ${flagFacets.problem}::int end,
    case when locked then ${flagFacets.locked}::int end]::int[], null)`
  return sql`
    select d.*, coalesce((${codes}::text[])[courier_no], '') as courier, p.masked, p.region, case when days < 30 then p.personal end as personal,
      array[${sql.join([1, 2, 3, 4].map(key))}] as people, ${facets} as facets, 0::bigint as post_fee_fen,
      one.price_fen * pieces_one as one_fen, coalesce(two.price_fen, 0) as two_fen,
      pieces_one + (two.place is not null)::int as pieces,
      case when refund = 2 then pieces_one + (two.place is not null)::int else 0 end as refunded_pieces,
      case when refund = 2 then one.price_fen * pieces_one + coalesce(two.price_fen, 0) else 0 end as refunded_fen
    from (${facts}) d
    join bench_buyer p on p.shop_id = d.shop_id and p.place = buyer
    join bench_goods one on one.shop_id = d.shop_id and one.place = goods_one
    left join bench_goods two on two.shop_id = d.shop_id and two.place = goods_two`
}
