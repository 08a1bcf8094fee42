import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { skuBins } from '../../inventory/bins/relations.ts'
import { reservationRows } from '../../inventory/relations.ts'
import { shortRegion } from '../../lib/text-hash.ts'
import { arrayText, unnestRows } from '../../lib/unnest.ts'
import { ordersToPick } from '../../orders/order/relations.ts'
import { type DeliveryRow, deliveriesOf, withShipments } from '../queries.ts'
import type { PlannedWave, PlanRule, Unit } from './plan-rules.ts'

/** The most deliveries that one planning looks at, the most urgent first; the next planning takes the others. */
const plannedMax = 20_000

/** Makes transactions that plan waves of a warehouse run one after another. */
export async function lockPlanning(tx: Tx, warehouseId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('waves:' || current_schema(), ${warehouseId}::bigint))`.execute(
    tx,
  )
}

/**
 * Pieces that deliveries still need: (delivery_id, order_id, sku_id, wanted). Pieces that an earlier wave picked for them count as picked
 * as long as they are in a basket, so nothing is picked twice. `deliveries`: a relation (id, order_id).
 */
export const neededPieces = (deliveries: ReturnType<typeof sql>) => sql`(
  select need.delivery_id, need.order_id, need.sku_id, (need.wanted - coalesce(had.picked, 0))::int as wanted, need.whole
  from (
    select d.id as delivery_id, d.order_id, r.sku_id, sum(r.wanted) as wanted, bool_and(r.reserved = r.wanted) as whole
    from ${deliveries} d join ${reservationRows} r on r.order_id = d.order_id and not r.shipped
    group by d.id, d.order_id, r.sku_id
  ) need
  left join (
    select p.delivery_id, p.sku_id, sum(p.picked) as picked
    from wave_delivery w join wave_piece p on p.wave_id = w.wave_id and p.delivery_id = w.delivery_id
    where w.keeps and w.delivery_id in (select id from ${deliveries} kept) group by p.delivery_id, p.sku_id
  ) had on had.delivery_id = need.delivery_id and had.sku_id = need.sku_id)`

type Waiting = Row<'delivery', 'id' | 'orderId' | 'shopId' | 'parcel' | 'shipBy' | 'courier'> &
  Row<'sales_order', 'region'> & {
    skus: number
    pieces: number
    oneSku: string
    parts: number | null
    last: number | null
    ready: boolean
    /** Pending deliveries of its merged shipment; 1: it has none. */
    together: number
  }

/** The place of SKUs without a bin on the route: behind every bin, in a part of its own. */
const noBin = 2_000_000_000
const noPart = 1 << 10

/**
 * Returns the parcels of the warehouse that wait for a wave: released, reserved, stopped by nothing, and in no wave. A merged shipment
 * waits as long as one of its deliveries may not be picked. A parcel whose goods all lie in baskets of earlier waves needs no pieces.
 * `only`: these deliveries and their merged shipments; undefined: all.
 */
export async function waitingUnits(
  db: Database | Tx,
  warehouseId: string,
  scope: Scope,
  only?: readonly string[],
): Promise<Unit[]> {
  const chosen = only === undefined ? sql`true` : sql`d.id in ${withShipments(only)}`
  const found = await sql<Waiting>`
    with pending as (
      select d.id, d.order_id, d.shop_id, d.parcel, d.ship_by, d.courier from delivery d
      where d.status = 'pending' and d.warehouse_id = ${warehouseId}::bigint and d.picked_at is null and ${grantedSql(scope, 'd')}
        and not exists (select from wave_delivery w where w.delivery_id = d.id and w.live) and ${chosen}
      order by coalesce(d.ship_by, 'infinity'::timestamptz), d.id limit ${plannedMax}
    ), place as (
      select sku_id, route, 1 << (ntile(10) over (order by route) - 1) as part from ${skuBins} b where warehouse_id = ${warehouseId}::bigint
    ), goods as (
      select n.delivery_id, count(*) filter (where n.wanted > 0)::int as skus, sum(greatest(n.wanted, 0))::int as pieces,
        min(n.sku_id) filter (where n.wanted > 0) as one_sku, bool_and(n.whole) as whole,
        bit_or(coalesce(place.part, ${noPart})) filter (where n.wanted > 0) as parts,
        max(coalesce(place.route, ${noBin})) filter (where n.wanted > 0) as last
      from ${neededPieces(sql`pending`)} n left join place on place.sku_id = n.sku_id
      group by n.delivery_id
    )
    select d.id, d.order_id as "orderId", d.shop_id as "shopId", d.parcel, d.ship_by as "shipBy",
      coalesce(nullif(d.courier, ''), o.courier, '') as courier, coalesce(o.region, '') as region,
      coalesce(g.skus, 0) as skus, coalesce(g.pieces, 0) as pieces, coalesce(g.one_sku, 0)::text as "oneSku", g.parts, g.last,
      o.id is not null and coalesce(g.whole, false) as ready,
      case when d.parcel is null then 1 else (
        select count(*)::int from delivery m where m.parcel = d.parcel and m.status = 'pending') end as together
    from pending d
    left join ${ordersToPick} as o on o.id = d.order_id
    left join goods g on g.delivery_id = d.id`.execute(db)
  return unitsOf(found.rows)
}

function unitsOf(rows: readonly Waiting[]): Unit[] {
  const parcels = Map.groupBy(rows, ({ id, parcel }) => (parcel === null ? `d${id}` : `p${parcel}`))
  return [...parcels.values()].flatMap((members) => {
    const [head] = members
    if (!head || members.length < head.together || members.some(({ ready }) => !ready)) return []
    const needing = members.filter(({ skus }) => skus > 0)
    const skus = new Set(needing.map(({ oneSku }) => oneSku))
    const isOne = skus.size === 1 && needing.every((one) => one.skus === 1)
    const deadlines = members.flatMap(({ shipBy }) => shipBy ?? []).toSorted((a, b) => +a - +b)
    return [
      {
        deliveries: members.map(({ id, orderId, shopId }) => ({ id, orderId, shopId })),
        courier: head.courier,
        province: shortRegion(head.region.split(' ')[0] ?? ''),
        oneSku: isOne ? (needing[0]?.oneSku ?? null) : null,
        pieces: members.reduce((sum, { pieces }) => sum + pieces, 0),
        shipBy: deadlines[0] ?? null,
        parts: needing.reduce((all, { parts }) => all | (parts ?? noPart), 0),
        last: Math.max(0, ...needing.map(({ last }) => last ?? noBin)),
      },
    ]
  })
}

/** Inserts planned waves with their deliveries, pieces and lines. Returns their ids, in the order of the plan. */
export async function insertWaves(
  tx: Tx,
  warehouseId: string,
  waves: readonly PlannedWave[],
  by: string,
): Promise<string[]> {
  const made = await sql<Row<'wave', 'id'>>`
    insert into wave (no, warehouse_id, rule_name, sorting, courier, status, order_count, piece_count, ship_by, created_by)
    select 'W-' || case when n < 10000 then lpad(n::text, 4, '0') else n::text end, ${warehouseId}::bigint, d.rule_name, d.sorting, d.courier,
      'open', d.orders, d.pieces, d.ship_by, ${by}
    from ${unnestRows('d', waves, [
      ['rule_name', 'text', ({ rule }) => rule.name],
      ['sorting', 'text', ({ rule }) => rule.sorting],
      ['courier', 'text', ({ courier }) => courier],
      ['orders', 'int4', ({ units }) => units.length],
      ['pieces', 'int4', ({ units }) => units.reduce((sum, { pieces }) => sum + pieces, 0)],
      ['ship_by', 'timestamptz', ({ units }) => units[0]?.shipBy ?? null],
    ])} cross join lateral (select nextval('wave_no') as n where d.orders > 0) numbered
    returning id`.execute(tx)
  const ids = made.rows.map(({ id }) => id)
  const members = waves.flatMap(({ units }, at) =>
    units.flatMap(({ deliveries }, basket) =>
      deliveries.map((one) => ({ ...one, waveId: ids[at] ?? '', basket: basket + 1 })),
    ),
  )
  await sql`
    insert into wave_delivery (wave_id, delivery_id, order_id, shop_id, basket)
    select wave_id, delivery_id, order_id, shop_id, basket from ${unnestRows('d', members, [
      ['wave_id', 'int8', (row) => row.waveId],
      ['delivery_id', 'int8', (row) => row.id],
      ['order_id', 'int8', (row) => row.orderId],
      ['shop_id', 'int8', (row) => row.shopId],
      ['basket', 'int4', (row) => row.basket],
    ])}`.execute(tx)
  await insertPiecesAndLines(tx, warehouseId, ids)
  return ids
}

async function insertPiecesAndLines(tx: Tx, warehouseId: string, waveIds: readonly string[]): Promise<void> {
  const members = sql`(select delivery_id as id, order_id from wave_delivery where wave_id = any(${[...waveIds]}::bigint[]))`
  await sql`
    insert into wave_piece (wave_id, delivery_id, sku_id, wanted)
    select w.wave_id, n.delivery_id, n.sku_id, n.wanted
    from ${neededPieces(members)} n
    join wave_delivery w on w.delivery_id = n.delivery_id and w.wave_id = any(${[...waveIds]}::bigint[])
    where n.wanted > 0`.execute(tx)
  await sql`
    insert into wave_line (wave_id, seq, sku_id, bin_id)
    select p.wave_id, row_number() over (partition by p.wave_id order by place.route nulls last, place.code, p.sku_id), p.sku_id, place.bin_id
    from (select distinct wave_id, sku_id from wave_piece where wave_id = any(${[...waveIds]}::bigint[])) p
    left join ${skuBins} as place on place.warehouse_id = ${warehouseId}::bigint and place.sku_id = p.sku_id`.execute(
    tx,
  )
}

type RuleRow = Row<
  'wave_rule',
  | 'id'
  | 'name'
  | 'enabled'
  | 'goods'
  | 'piecesFrom'
  | 'piecesTo'
  | 'couriers'
  | 'provinces'
  | 'hoursLeft'
  | 'byCourier'
  | 'byProvince'
  | 'ordersFrom'
  | 'ordersTo'
  | 'sorting'
  | 'autoTimes'
  | 'autoOrders'
>

export async function rulesOf(db: Database | Tx, warehouseId: string): Promise<PlanRule[]> {
  const found = await sql<RuleRow>`
    select id, name, enabled, goods, pieces_from as "piecesFrom", pieces_to as "piecesTo", couriers, provinces,
      hours_left as "hoursLeft", by_courier as "byCourier", by_province as "byProvince", orders_from as "ordersFrom",
      orders_to as "ordersTo", sorting, auto_times as "autoTimes", auto_orders as "autoOrders"
    from wave_rule where warehouse_id = ${warehouseId}::bigint order by position`.execute(db)
  return found.rows
}

export async function replaceRules(
  tx: Tx,
  warehouseId: string,
  rules: readonly Omit<PlanRule, 'id'>[],
): Promise<void> {
  await sql`delete from wave_rule where warehouse_id = ${warehouseId}::bigint`.execute(tx)
  await sql`
    insert into wave_rule (warehouse_id, position, name, enabled, goods, pieces_from, pieces_to, couriers, provinces, hours_left, by_courier,
      by_province, orders_from, orders_to, sorting, auto_times, auto_orders)
    select ${warehouseId}::bigint, n, name, enabled, goods, pieces_from, pieces_to, couriers::text[], provinces::text[], hours_left, by_courier,
      by_province, orders_from, orders_to, sorting, auto_times::text[], auto_orders
    from (select row_number() over () as n, d.* from ${unnestRows('d', rules, [
      ['name', 'text', (rule) => rule.name],
      ['enabled', 'bool', (rule) => rule.enabled],
      ['goods', 'text', (rule) => rule.goods],
      ['pieces_from', 'int4', (rule) => rule.piecesFrom],
      ['pieces_to', 'int4', (rule) => rule.piecesTo],
      ['couriers', 'text', (rule) => arrayText(rule.couriers)],
      ['provinces', 'text', (rule) => arrayText(rule.provinces)],
      ['hours_left', 'int4', (rule) => rule.hoursLeft],
      ['by_courier', 'bool', (rule) => rule.byCourier],
      ['by_province', 'bool', (rule) => rule.byProvince],
      ['orders_from', 'int4', (rule) => rule.ordersFrom],
      ['orders_to', 'int4', (rule) => rule.ordersTo],
      ['sorting', 'text', (rule) => rule.sorting],
      ['auto_times', 'text', (rule) => arrayText(rule.autoTimes)],
      ['auto_orders', 'int4', (rule) => rule.autoOrders],
    ])}) given`.execute(tx)
}

export async function warehousesWithAutoRules(db: Database): Promise<string[]> {
  const found = await sql<Row<'wave_rule', 'warehouseId'>>`
    select distinct warehouse_id as "warehouseId" from wave_rule
    where enabled and (auto_times <> '{}' or auto_orders is not null) order by 1`.execute(db)
  return found.rows.map(({ warehouseId }) => warehouseId)
}

/** Notes that the times of day of the warehouse are observed up to now: none that has passed makes waves. The caller has locked the planning. */
export async function forgetPassedTimes(tx: Tx, warehouseId: string): Promise<void> {
  await sql`
    update wave_planning set planned_at = greatest(planned_at, now()) where warehouse_id = ${warehouseId}::bigint`.execute(
    tx,
  )
}

/**
 * Returns the rules of the warehouse of which a time of day has come since the times were last observed, and notes that they are observed
 * up to the time of this transaction. At the first call none has. The caller has locked the planning.
 */
export async function observeTimes(tx: Tx, warehouseId: string): Promise<Set<string>> {
  const found = await sql<Row<'wave_rule', 'id'>>`
    with before as (
      select planned_at from wave_planning where warehouse_id = ${warehouseId}::bigint
    ), noted as (
      insert into wave_planning as p (warehouse_id, planned_at) values (${warehouseId}::bigint, now())
      on conflict (warehouse_id) do update set planned_at = greatest(p.planned_at, now())
    )
    select r.id from wave_rule r cross join before
    where r.warehouse_id = ${warehouseId}::bigint and r.enabled and exists (
      select from unnest(r.auto_times) t (at)
      cross join lateral (select ((now() at time zone 'Asia/Shanghai')::date + t.at::time) at time zone 'Asia/Shanghai' as today) day
      where case when day.today <= now() then day.today else day.today - interval '1 day' end > before.planned_at)`.execute(
    tx,
  )
  return new Set(found.rows.map(({ id }) => id))
}

/** A delivery of which a person makes a wave. `wave`: the number of the wave in which it is. */
export type Gathered = DeliveryRow & { warehouseId: string; isPicked: boolean; wave: string | null }

export async function gatheredRows(tx: Tx, ids: readonly string[], scope: Scope): Promise<Gathered[]> {
  const found = await sql<Pick<Gathered, 'id' | 'warehouseId' | 'isPicked' | 'wave'>>`
    select d.id, d.warehouse_id as "warehouseId", d.picked_at is not null as "isPicked", v.no as wave
    from delivery d left join wave_delivery w on w.delivery_id = d.id and w.live left join wave v on v.id = w.wave_id
    where d.id = any(${[...ids]}::bigint[]) and ${grantedSql(scope, 'd')}`.execute(tx)
  const places = new Map(found.rows.map((row) => [row.id, row]))
  return (await deliveriesOf(tx, [...places.keys()])).flatMap((row) => {
    const place = places.get(row.id)
    return place ? [{ ...row, ...place }] : []
  })
}
