import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import { preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { arrayText, unnestRows } from '../../lib/unnest.ts'
import type { PlatformChangeKind } from './lifecycle.ts'
import { designatedText } from './queries.ts'

export type NewPlatformChange = {
  orderId: string
  kind: PlatformChangeKind
  /** The value before and after; an address as masked text, since these columns contain no personal data. */
  old: string
  new: string
  /**
   * Only for a changed address: the trade's new sealed receiver, region, facets (without those of its own state), buyer keys and
   * receiver hash.
   */
  personal?: Buffer | null
  region?: string
  facets?: readonly number[]
  people?: readonly number[]
  receiverHash?: number
  tradeVersion: Date
  /** True: the platform took back the change `closed` or `shipped_elsewhere`. Written only if that change is open or was answered by a void. */
  takenBack?: boolean
}

const flagless = connectors.filter(({ hasNoFlags }) => hasNoFlags).map(({ id }) => id)

/** SQL: the columns of a change, as assignments of an upsert. */
const valuesOfChange = [
  'old_value',
  'new_value',
  'personal',
  'region',
  'facets',
  'people',
  'receiver_hash',
  'settled_at',
  'settled_by',
  'settled_how',
].map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`)

/**
 * Writes changes that are newer than the known ones of their kind, or of the same second with another value. An open change of the same kind
 * is superseded, and the new one keeps the first old value. A memo, flag, message or designated courier is compared with the order's value
 * instead: equal values, and values that a person has ignored, are not written again. A platform without flags changes none. `gone`: the platform has the order's value again, it
 * took the change back, or a void has answered the change.
 */
export async function writePlatformChanges(
  tx: Tx,
  differences: readonly NewPlatformChange[],
  by: string,
): Promise<{ orderId: string; kind: PlatformChangeKind; gone: boolean }[]> {
  const written = await sql<Row<'order_difference', 'orderId' | 'kind'> & { gone: boolean }>`
    with fresh as materialized (
      select d.*, u.id as open_id, u.trade_version as open_version, coalesce(u.old_value, own.value, d.old_value) as first_value,
        case when d.taken_back then 'superseded'
             when own.value is not null then case when own.value = d.new_value then 'superseded' end
             when d.kind in ('closed', 'shipped_elsewhere') and o.status = 'voided' then 'applied'
             when d.kind = 'payment' and coalesce(u.old_value, d.old_value) = d.new_value
             then 'superseded' end as how
      from ${unnestRows('d', differences, [
        ['order_id', 'int8', (row) => row.orderId],
        ['kind', 'text', (row) => row.kind],
        ['old_value', 'text', (row) => row.old],
        ['new_value', 'text', (row) => row.new],
        ['personal', 'bytea', (row) => row.personal ?? null],
        ['region', 'text', (row) => row.region ?? ''],
        ['facets', 'text', (row) => (row.facets ? arrayText(row.facets) : null)],
        ['people', 'text', (row) => (row.people ? arrayText(row.people) : null)],
        ['receiver_hash', 'int4', (row) => row.receiverHash ?? null],
        ['trade_version', 'timestamptz', (row) => row.tradeVersion],
        ['taken_back', 'bool', (row) => row.takenBack ?? false],
      ])}
      join sales_order o on o.id = d.order_id
      join shop s on s.id = o.shop_id and (d.kind <> 'flag' or s.platform <> all(${flagless}))
      cross join lateral (
        select case d.kind when 'memo' then o.seller_memo when 'flag' then o.flag::text when 'message' then o.buyer_message
          when 'courier' then ${designatedText(sql`o.facets`)} end as value
      ) own
      left join order_difference u on u.order_id = d.order_id and u.kind = d.kind and u.settled_at is null
      left join lateral (
        select n.trade_version, n.new_value, n.receiver_hash, n.settled_how from order_difference n
        where n.order_id = d.order_id and n.kind = d.kind order by n.trade_version desc limit 1
      ) last on true
      where case when last.trade_version > d.trade_version then false
                 when d.taken_back then last.trade_version is not null and (u.id is not null or last.settled_how = 'applied')
                 when own.value is null then last.trade_version is null or last.trade_version < d.trade_version
                   or (last.new_value, last.receiver_hash) is distinct from (d.new_value, d.receiver_hash)
                 when own.value = d.new_value then u.id is not null
                 else u.new_value is distinct from d.new_value
                   and (last.new_value is distinct from d.new_value or last.settled_how <> 'ignored') end
    ), superseded as (
      update order_difference set settled_at = now(), settled_by = ${by}, settled_how = 'superseded'
      where id in (select open_id from fresh where open_version <> trade_version)
    ), added as (
      insert into order_difference (order_id, kind, old_value, new_value, personal, region, facets, people, receiver_hash,
        trade_version, settled_at, settled_by, settled_how)
      select order_id, kind, first_value, new_value, personal, region, facets::int[], people::bigint[],
        receiver_hash, trade_version, case when how is not null then now() end, case when how is not null then ${by}::text end, how
      from fresh
      -- Platforms count whole seconds: two changes may carry one version. The row gets a new id, so that a person who saw the former value
      -- does not apply this one.
      on conflict (order_id, kind, trade_version) do update set id = default, ${sql.join(valuesOfChange)}
    )
    select order_id as "orderId", kind, how is not null as gone from fresh`.execute(tx)
  return written.rows
}

/**
 * Returns those of these parent orders and their child orders for which another order of the same split has been shipped. `all`: each
 * platform line of the order is also on such a shipped order. The platform shows a split line as shipped as soon as its first pieces are
 * shipped.
 */
export async function accountedFor(
  tx: Tx,
  rootIds: readonly string[],
): Promise<Map<string, { all: boolean }>> {
  const found = await sql<Row<'sales_order', 'id'> & { all: boolean }>`
    with family as materialized (
      select id, coalesce(split_from, id) as root_id, status in ('shipped', 'completed') as gone from sales_order
      where id = any(${[...rootIds]}::bigint[]) or split_from = any(${[...rootIds]}::bigint[])
    )
    select f.id, not exists (
        select from order_line l where l.order_id = f.id and not exists (
          select from family s join order_line o on o.order_id = s.id
          where s.root_id = f.root_id and s.id <> f.id and s.gone and o.oid = l.oid)) as all
    from family f where exists (select from family s where s.root_id = f.root_id and s.id <> f.id and s.gone)`.execute(
    tx,
  )
  return new Map(found.rows.map(({ id, all }) => [id, { all }]))
}

export type OpenPlatformChange = Row<'order_difference', 'id' | 'orderId' | 'kind' | 'newValue' | 'facets'>

export async function openPlatformChanges(
  tx: Tx,
  orderIds: readonly string[],
): Promise<OpenPlatformChange[]> {
  const found = await sql<OpenPlatformChange>`
    select id, order_id as "orderId", kind, new_value as "newValue", facets from order_difference
    where order_id = any(${orderIds}::bigint[]) and settled_at is null order by id`.execute(tx)
  return found.rows
}

export async function markResolved(
  tx: Tx,
  ids: readonly string[],
  how: 'applied' | 'ignored',
  by: string,
): Promise<void> {
  await sql`
    update order_difference set settled_at = now(), settled_by = ${by}, settled_how = ${how}
    where id = any(${ids}::bigint[])`.execute(tx)
}

export type OrderTexts = Row<'sales_order', 'id' | 'flag' | 'sellerMemo' | 'buyerMessage' | 'facets'>

export async function orderTexts(tx: Tx, ids: readonly string[]): Promise<OrderTexts[]> {
  const found = await sql<OrderTexts>`
    select id, flag, seller_memo as "sellerMemo", buyer_message as "buyerMessage", facets from sales_order
    where id = any(${ids}::bigint[])`.execute(tx)
  return found.rows
}

/**
 * Writes flag, texts and facets of orders. `addressFrom`: id of the change whose sealed and masked receiver, buyer keys, receiver hash and
 * region are copied to the order; null: none. The sealed bytes stay in the database. `courierEnds`: a courier that a person chose is not kept over
 * the sourcing rules any more.
 */
export async function writeTexts(
  tx: Tx,
  orders: readonly (OrderTexts & { addressFrom: string | null; courierEnds: boolean })[],
): Promise<void> {
  await sql`
    update sales_order o
    set flag = d.flag, seller_memo = d.seller_memo, buyer_message = d.buyer_message, facets = d.facets::int[],
        courier_by_hand = o.courier_by_hand and not d.courier_ends,
        personal = case when a.id is null then o.personal else a.personal end,
        people = coalesce(a.people, o.people),
        receiver_masked = case when a.id is null then o.receiver_masked else a.new_value end,
        receiver_hash = case when a.id is null then o.receiver_hash else coalesce(a.receiver_hash, 0) end,
        region = case when a.id is null then o.region else a.region end
    from ${unnestRows('d', orders, [
      ['id', 'int8', (row) => row.id],
      ['flag', 'int2', (row) => row.flag],
      ['seller_memo', 'text', (row) => row.sellerMemo],
      ['buyer_message', 'text', (row) => row.buyerMessage],
      ['facets', 'text', (row) => arrayText(row.facets)],
      ['address_from', 'int8', (row) => row.addressFrom],
      ['courier_ends', 'bool', (row) => row.courierEnds],
    ])}
    left join order_difference a on a.id = d.address_from
    where o.id = d.id`.execute(tx)
}

/**
 * Returns orders whose trade was closed or shipped elsewhere on the platform, if the newest change of that kind is open or was answered by a
 * void.
 */
export async function endedOnPlatform(
  tx: Tx,
  orderIds: readonly string[],
): Promise<{ orderId: string; kind: EndedKind }[]> {
  const found = await sql<Row<'order_difference', 'orderId'> & { kind: EndedKind }>`
    select order_id as "orderId", kind from (
      select distinct on (order_id, kind) order_id, kind, settled_at, settled_how from order_difference
      where order_id = any(${orderIds}::bigint[]) and kind in ('closed', 'shipped_elsewhere')
      order by order_id, kind, trade_version desc) newest
    where settled_at is null or settled_how = 'applied'`.execute(tx)
  return found.rows
}

type EndedKind = 'closed' | 'shipped_elsewhere'

/**
 * Resolves the changes `closed` and `shipped_elsewhere` of these voided orders and lifts the holds that the changes placed. Returns the
 * orders that had such a change or hold.
 */
export async function resolveEnded(tx: Tx, orderIds: readonly string[], by: string): Promise<string[]> {
  const settled = await sql<Row<'order_difference', 'orderId'>>`${preparedStatement}
    with settled as (
      update order_difference set settled_at = now(), settled_by = ${by}, settled_how = 'applied'
      where order_id = any(${orderIds}::bigint[]) and kind in ('closed', 'shipped_elsewhere') and settled_at is null
      returning order_id
    ), released as (
      update order_hold set released_at = now(), released_by = ${by}
      where order_id = any(${orderIds}::bigint[]) and reason in ('platform_closed', 'shipped_elsewhere') and released_at is null
      returning order_id
    )
    select order_id as "orderId" from settled union select order_id from released`.execute(tx)
  return settled.rows.map((row) => row.orderId)
}
