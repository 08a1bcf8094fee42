import { type RawBuilder, sql } from 'kysely'
import { tradeTypes } from '../connectors/connector.ts'
import { couriers } from '../connectors/couriers.ts'
import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { facet, has, hashFacet } from '../lib/facets.ts'
import { makeBuyerKeys } from '../lib/people.ts'
import { provinces } from '../lib/provinces.ts'
import type { KeyRing } from '../lib/seal.ts'
import { shortRegion, textHash } from '../lib/text-hash.ts'
import type { OrderFilter } from '../orders/list/lists-contract.ts'
import {
  allocationBits,
  courierFacet,
  flagFacets,
  originFacet,
  plannedFacet,
  warehouseFacet,
} from '../orders/order/facets.ts'
import { offPlatformOrigins, orderStatuses, unshipped } from '../orders/order/lifecycle.ts'

// This file makes very many orders with one statement, and the table `plain_order`, which has the facts of each order in plain columns, so
// that tests can compare lists with a simple query.

export const manyDays = 400
export const newestOrder = new Date('2026-11-20T00:00:00Z')
export const shopsOfMany = [1, 2, 3, 4]
export const someNames = Array.from({ length: 40 }, (_, n) => `李${String.fromCodePoint(0x4e00 + n * 37)}`)
export const firstTid = 2_900_000_000_000_000_000n
const codeCount = 2000
export const codeOf = (place: number) => `C-${place}`
export const itemOf = (place: number) => `item-${place}`
/** Two texts for searching titles, each with the numbers of the goods whose title contains it: an eighth of all goods, and three. */
export const titles: Record<string, readonly number[]> = {
  四件套: Array.from({ length: codeCount / 8 }, (_, at) => at * 8),
  枕芯: [5, 1001, 1999],
}

/** SQL for a random number 0 ≤ x < 1, which depends only on the order `n` and on `at`. */
const dice = (at: number) =>
  sql`(((hashint8extended(n, ${sql.lit(at)}) >> 12) & 4503599627370495) / 4503599627370496::float8)`
const chance = (at: number, share: number) => sql`(${dice(at)} < ${sql.lit(share)})`
const pick = (at: number, count: number, power = 1) =>
  sql`floor(${dice(at)} ^ ${sql.lit(power)} * ${sql.lit(count)})::int`

/**
 * The facts of orders of 400 days. Their times are whole hours, so many are equal. Old orders are finished, except for a few. Some facts
 * are rare: everywhere, only long ago, only recently, or only in one shop. Some orders were loaded long after they were paid.
 */
const facts = (count: number) => sql`
  select *, case when not is_own and not is_dateless then created_at + case when is_planned then interval '15 days' else interval '2 days' end end as ship_by,
    case when is_planned then date_trunc('day', created_at) + interval '13 days' end as ship_after,
    case when is_own then (${[...offPlatformOrigins]}::text[])[1 + ${pick(20, offPlatformOrigins.length)}] when ${chance(21, 0.02)} then 'record' else 'trade' end as origin,
    status in ('completed', 'voided') and age > 60 and ${chance(37, 0.15)} as is_archived,
    case when ${chance(22, 0.03)} and age < 40 then 'open' when ${chance(23, 0.05)} then 'succeeded' else 'none' end as refund
  from (
    select n, age, shop, status, is_own, ${chance(1, 0.02)} as is_dateless, ${chance(2, 0.03)} as is_planned,
      date_trunc('hour', at) + case when ${chance(3, 0.02)} then interval '40 days' else interval '0' end as created_at,
      case when ${chance(4, 0.02)} then null else date_trunc('hour', at) - interval '1 hour' end as paid_at,
      ${chance(5, 0.04)} or age > 345 as is_held, ${chance(6, 0.01)} as differs, ${chance(7, 0.3)} and status = 'unconfirmed' as has_problem,
      ${chance(8, 0.02)} as is_short, ${chance(9, 0.002)} or (shop = 4 and ${chance(9, 0.3)}) as is_unmatched, ${chance(10, 0.01)} as is_urgent,
      ${chance(11, 0.001)} as is_locked, case when ${chance(12, 0.1)} then 1 + ${pick(13, 5, 3)} else 0 end as flag,
      ${chance(14, 0.1)} as has_message, ${chance(15, 0.15)} as has_memo, ${chance(16, 0.01)} as cod, ${chance(17, 0.4)} as has_two_lines,
      case when ${chance(18, 0.9)} then ${pick(19, couriers.length, 4)} end as courier_no,
      case when ${chance(24, 0.97)} then 1 + ${pick(25, 3, 4)} end as warehouse, case when is_own then null else ${pick(26, tradeTypes.length, 6)} end as type_no,
      ${pick(27, provinces.length, 3)} as province_no, ${pick(28, codeCount, 2)} as one, ${pick(29, codeCount, 2)} as two, ${pick(30, someNames.length * 400, 2)} as person
    from (
      select n, age, 1 + ${pick(31, shopsOfMany.length, 4)} as shop, ${chance(32, 0.03)} as is_own,
        ${newestOrder}::timestamptz - make_interval(secs => age * 86400) as at,
        case when age < 12 * ${dice(33)} then (${[...unshipped]}::text[])[1 + ${pick(34, unshipped.length)}] when ${chance(35, 0.03)} then 'unconfirmed'
          when age < 20 then 'shipped' when ${chance(36, 0.05)} then 'voided' else 'completed' end as status
      from (select n, (${count} - n) * ${sql.lit(manyDays)}::float8 / ${count} as age from generate_series(1, ${count}::bigint) n) n
    ) f
  ) f`

/** The facets of an order. The five that change with its status come first (orders/order/facets.ts). */
const facetsOf = sql`array_remove(array[
  ${facet('orderStatus', 1)} + array_position(${[...orderStatuses]}::text[], status) - 1, ${facet('held', 0)} + is_held::int, ${facet('differs', 0)} + differs::int,
  ${facet('refundState', 0)} + array_position(array['none', 'open', 'succeeded'], refund) - 1,
  ${facet('goods', 0)} + is_short::int * ${allocationBits.short} + is_unmatched::int * ${allocationBits.unmatched},
  ${facet('shop', 0)} + shop, ${facet('tradeType', 1)} + type_no, ${facet('flag', 0)} + flag,
  case when has_message then ${facet('has', has.message)} else ${facet('has', has.noMessage)} end,
  case when has_memo then ${facet('has', has.memo)} else ${facet('has', has.noMemo)} end,
  case when cod then ${facet('has', has.cod)} else ${facet('has', has.noCod)} end,
  case when has_two_lines then ${facet('has', has.severalLines)} else ${facet('has', has.oneLine)} end,
  (${provinces.map((name) => hashFacet('province', textHash(name)))}::int[])[1 + province_no],
  (c.facets)[1 + one], (i.facets)[1 + one], case when has_two_lines then (c.facets)[1 + two] end, case when has_two_lines then (i.facets)[1 + two] end,
  case when is_urgent then ${flagFacets.urgent}::int end, case when has_problem then ${flagFacets.problem}::int end,
  case when is_locked then ${flagFacets.locked}::int end, case when is_planned then ${plannedFacet}::int end,
  case when is_own then ${originFacet('manual')} + array_position(${[...offPlatformOrigins]}::text[], origin) - 1 end,
  ${courierFacet('SF')} + courier_no, ${warehouseFacet('0')} + warehouse]::int[], null)`

/** Fills an empty database, as the owner of its tables. Indexes are built at the end, which is several times as fast. */
export async function makeManyOrders(owner: Database, ring: KeyRing, count: number): Promise<void> {
  const places = Array.from({ length: codeCount }, (_, place) => place)
  const keysOf = (n: number) =>
    makeBuyerKeys(ring, 0, {
      nick: '',
      receiver: { name: someNames[n] ?? '', mobile: `1380000${1000 + n}`, phone: '' },
    })
  await owner.transaction().execute(async (tx) => {
    await sql`set local synchronous_commit = off`.execute(tx)
    await sql`create table plain_order as ${facts(count)}`.execute(tx)
    await sql`grant select on plain_order to public`.execute(tx)
    const indexes = await sql<{ name: string; definition: string }>`
      select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
      where indrelid = 'sales_order'::regclass and not indisunique`.execute(tx)
    for (const { name } of indexes.rows) await sql`drop index ${sql.ref(name)}`.execute(tx)
    await sql`
      insert into sales_order (id, no, shop_id, origin, tid, status, cod, goods_fen, post_fee_fen, discount_fen, payment_fen, quantity, paid_at, ordered_at,
        ship_by, ship_after, flag, open_holds, differences, open_problems, facets, people, buyer_message, seller_memo, created_at, created_by, warehouse_id,
        courier, urgent, locked_by, locked_at, archived_at)
      overriding system value
      select n, 'SO' || lpad(n::text, 9, '0'), shop, origin, (${sql.lit(String(firstTid))}::bigint + n)::text, status, cod, 0, 0, 0, 0, 1, paid_at, created_at,
        ship_by, ship_after, flag, is_held::int, differs::int, has_problem::int, ${facetsOf},
        case when person < ${someNames.length} then array(
          select m * ${sql.lit(2 ** 34)} + k from unnest(p.keys::bigint[]) k,
            (select (extract(year from created_at) - 2020)::bigint * 12 + extract(month from created_at)::bigint - 1 as m) m) else '{}' end,
        case when has_message then '快' else '' end, case when has_memo then '急' else '' end, created_at, '', warehouse,
        coalesce((${couriers.map(({ code }) => code)}::text[])[1 + courier_no], ''), is_urgent, case when is_locked then 'user:1' end,
        case when is_locked then created_at end, case when is_archived then now() end
      from plain_order
      join (select ${places.map((at) => hashFacet('outerCode', textHash(codeOf(at))))}::int[] as facets) c on true
      join (select ${places.map((at) => hashFacet('item', textHash(itemOf(at))))}::int[] as facets) i on true
      left join unnest(${someNames.map((_, n) => `{${keysOf(n).join()}}`)}::text[]) with ordinality p (keys, nth) on p.nth = person + 1
      order by n`.execute(tx)
    for (const { definition } of indexes.rows) await sql.raw(definition).execute(tx)
  })
  await sql`vacuum (analyze) sales_order, sales_order_person`.execute(owner)
  await sql`analyze plain_order`.execute(owner)
}

const typeNames: readonly string[] = tradeTypes
const list = (text: string) => text.split(',')
const yes = (text: string | undefined, met: RawBuilder<unknown>) =>
  text === undefined ? sql`true` : sql`(${met}) = ${text === 'true'}`

/** Returns the condition that a filter and a scope mean, over the row `p` of `plain_order`. */
export function plainly(filter: OrderFilter, scope: Scope): RawBuilder<unknown> {
  const { tab = 'unconfirmed' } = filter
  const planned = sql`p.is_planned`
  const parts = { problem: sql`p.has_problem`, held: sql`p.is_held`, differs: sql`p.differs` }
  const ofTab: Record<string, RawBuilder<unknown>> = { ...parts, short: sql`p.is_short`, presale: planned }
  const statuses =
    tab === 'all' ? orderStatuses : tab === 'problem' ? ['unconfirmed'] : ofTab[tab] ? unshipped : [tab]
  const conditions = [
    sql`p.status = any(${[...statuses]}::text[])`,
    ofTab[tab],
    scope.shops !== 'all' && sql`p.shop = any(${[...scope.shops]}::int[])`,
    filter.shop && sql`p.shop::text = any(${list(filter.shop)})`,
    filter.status && sql`p.status = any(${list(filter.status)})`,
    filter.flag && sql`p.flag::text = any(${list(filter.flag)})`,
    filter.refund && sql`p.refund = any(${list(filter.refund)})`,
    yes(filter.held, parts.held),
    yes(filter.differs, parts.differs),
    yes(filter.problem, parts.problem),
    yes(filter.short, sql`p.is_short`),
    yes(filter.planned, planned),
    yes(filter.unmatched, sql`p.is_unmatched`),
    yes(filter.urgent, sql`p.is_urgent`),
    yes(filter.locked, sql`p.is_locked`),
    yes(filter.hasMessage, sql`p.has_message`),
    yes(filter.hasMemo, sql`p.has_memo`),
    yes(filter.cod, sql`p.cod`),
    yes(filter.severalLines, sql`p.has_two_lines`),
    filter.origin && sql`p.origin = any(${list(filter.origin)})`,
    filter.courier &&
      sql`p.courier_no = any(${list(filter.courier).map((code) => couriers.findIndex((one) => one.code === code))}::int[])`,
    filter.warehouse && sql`p.warehouse::text = any(${list(filter.warehouse)})`,
    filter.type && sql`p.type_no = any(${list(filter.type).map((type) => typeNames.indexOf(type))}::int[])`,
    filter.province &&
      sql`p.province_no = any(${list(filter.province).map((name) => provinces.indexOf(shortRegion(name)))}::int[])`,
    filter.paidFrom && sql`p.paid_at >= ${filter.paidFrom}`,
    filter.paidTo && sql`p.paid_at < ${filter.paidTo}`,
    filter.createdFrom && sql`p.created_at >= ${filter.createdFrom}`,
    filter.createdTo && sql`p.created_at < ${filter.createdTo}`,
    filter.shipByTo && sql`p.ship_by < ${filter.shipByTo}`,
    filter.shipAfterTo && sql`p.ship_after < ${filter.shipAfterTo}`,
    filter.ids && sql`p.n = any(${list(filter.ids)}::bigint[])`,
    filter.tids &&
      sql`p.n = any(${list(filter.tids).map((tid) => String(BigInt(tid) - firstTid))}::bigint[])`,
    filter.q && textIs(filter.q),
    !findsArchived(filter) && sql`not p.is_archived`,
  ]
  return sql.join(
    conditions.filter((one): one is RawBuilder<unknown> => typeof one === 'object'),
    sql` and `,
  )
}

/** Documents and buyers that are named by number or phone are found in the archive too. */
const findsArchived = ({ archived, ids, tids, q }: OrderFilter) =>
  archived === 'true' || Boolean(ids) || Boolean(tids) || /^(\d{4}|1\d{10})$/.test(q ?? '')

function textIs(text: string): RawBuilder<unknown> {
  const goods = titles[text] ?? (text.startsWith('C-') ? [Number(text.slice(2))] : undefined)
  if (goods)
    return sql`(p.one = any(${[...goods]}::int[]) or (p.has_two_lines and p.two = any(${[...goods]}::int[])))`
  // The text is a mobile number, its last digits, or a name.
  const person = /^\d+$/.test(text) ? Number(text.slice(-4)) - 1000 : someNames.indexOf(text)
  return sql`p.person = ${person}`
}
