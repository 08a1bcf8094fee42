import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { grantedSql } from '../core/access/scope.ts'
import { type Database, preparedStatement, type Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'
import type { WorkState, WriteBack } from './lifecycle.ts'
import { packagesLeft, writeTypedPackages } from './numbers.ts'

/** A delivery. It changes only under the lock of its order, so it needs no lock of its own. */
export type DeliveryRow = Row<
  'delivery',
  | 'id'
  | 'no'
  | 'orderId'
  | 'shopId'
  | 'status'
  | 'courier'
  | 'waybillNo'
  | 'writeBack'
  | 'errorCode'
  | 'round'
  | 'actionId'
  | 'shipBy'
  | 'parcel'
  | 'checkedAt'
  | 'packageCount'
  | 'shownCourier'
  | 'shownWaybill'
> & { workState: WorkState; packagesLeft: number }

/** SQL: the next step of the pending delivery `d`, else its status: the tab of the list. */
export const workStateOf = (d: string): RawBuilder<WorkState> => sql<WorkState>`${sql.ref(`${d}.standing`)}`

/** SQL for a relation (id) of these deliveries and the others of their merged shipments, each found by an index. */
export const withShipments = (ids: readonly string[]) => sql`(
  select id from delivery where id = any(${[...ids]}::bigint[])
  union select beside.id from delivery named join delivery beside on beside.parcel = named.parcel
  where named.id = any(${[...ids]}::bigint[]))`

/** A delivery of several SKUs comes last. The expression is that of the index delivery_by_goods. */
export const goodsKey = sql`coalesce(t.sku_id * 1000 + least(t.piece_count, 999), 999999999999999999)`
/** The courier of the waybill; before there is one, the courier that was chosen for the order. */
export const courierShown = sql`case when t.courier = '' then t.wanted_courier else t.courier end`

const columns = sql`
  id, no, order_id as "orderId", shop_id as "shopId", status, courier, waybill_no as "waybillNo", write_back as "writeBack",
  error_code as "errorCode", round, action_id as "actionId", ship_by as "shipBy", parcel, ${workStateOf('delivery')} as "workState",
  checked_at as "checkedAt", package_count as "packageCount", shown_courier as "shownCourier", shown_waybill as "shownWaybill",
  ${packagesLeft('delivery')} as "packagesLeft"`

/**
 * Returns the order of each delivery, which never changes, and its merged shipment. The shipment may change until the orders are locked, so
 * the caller must read it again then.
 */
export async function ordersOf(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<{ id: string; orderId: string; parcel: string | null }[]> {
  const found = await sql<Row<'delivery', 'id' | 'orderId' | 'parcel'>>`${preparedStatement}
    select id, order_id as "orderId", parcel from delivery
    where id = any(${ids}::bigint[]) and ${grantedSql(scope)}`.execute(tx)
  return found.rows
}

export async function ordersOfShipments(
  tx: Tx,
  parcels: readonly string[],
): Promise<{ id: string; orderId: string; parcel: string | null }[]> {
  const found = await sql<Row<'delivery', 'id' | 'orderId' | 'parcel'>>`
    select id, order_id as "orderId", parcel from delivery
    where parcel = any(${[...parcels]}::bigint[]) and status <> 'cancelled'`.execute(tx)
  return found.rows
}

export async function deliveriesOf(tx: Tx, ids: readonly string[]): Promise<DeliveryRow[]> {
  const found = await sql<DeliveryRow>`${preparedStatement}
    select ${columns} from delivery where id = any(${ids}::bigint[]) order by id`.execute(tx)
  return found.rows
}

/**
 * As `deliveriesOf`, with the rows locked: a warehouse that changes its steps (`renewShipSteps`) locks no orders, and must not change those of
 * a parcel that was found ready and leaves.
 */
export async function lockedDeliveriesOf(tx: Tx, ids: readonly string[]): Promise<DeliveryRow[]> {
  const found = await sql<DeliveryRow>`${preparedStatement}
    select ${columns} from delivery where id = any(${ids}::bigint[]) order by id for no key update of delivery`.execute(
    tx,
  )
  return found.rows
}

export type NewDelivery = Row<
  'delivery',
  | 'orderId'
  | 'orderNo'
  | 'tid'
  | 'shopId'
  | 'warehouseId'
  | 'shipBy'
  | 'parcel'
  | 'shipSteps'
  | 'wantedCourier'
  | 'shape'
  | 'skuId'
  | 'pieceCount'
  | 'packageCount'
>

/** Inserts deliveries of orders that the caller has locked and released; the unique key admits one live delivery for each order. */
export async function insertDeliveries(tx: Tx, rows: readonly NewDelivery[], by: string): Promise<void> {
  await sql`
    insert into delivery (no, order_id, order_no, tid, shop_id, warehouse_id, status, ship_by, parcel, beside,
      ship_steps, wanted_courier, shape, sku_id, piece_count, package_count, created_by)
    select 'DN' || to_char(now(), 'YYMMDD') || to_char(nextval('delivery_no'), 'FM9999999999000000'), order_id, order_no, tid, shop_id, warehouse_id,
      'pending', ship_by, parcel, parcel is not null and order_id <> min(order_id) over (partition by parcel),
      string_to_array(ship_steps, ','), wanted_courier, shape, sku_id, piece_count, package_count, ${by}
    from ${unnestRows('d', rows, [
      ['order_id', 'int8', (row) => row.orderId],
      ['order_no', 'text', (row) => row.orderNo],
      ['tid', 'text', (row) => row.tid],
      ['shop_id', 'int8', (row) => row.shopId],
      ['warehouse_id', 'int8', (row) => row.warehouseId],
      ['ship_by', 'timestamptz', (row) => row.shipBy],
      ['parcel', 'int8', (row) => row.parcel],
      ['ship_steps', 'text', (row) => row.shipSteps.join(',')],
      ['wanted_courier', 'text', (row) => row.wantedCourier],
      ['shape', 'text', (row) => row.shape],
      ['sku_id', 'int8', (row) => row.skuId],
      ['piece_count', 'int4', (row) => row.pieceCount],
      ['package_count', 'int4', (row) => row.packageCount],
    ])}
    order by order_id`.execute(tx)
}

/** `packageNos`: the sub-numbers of its packages in their order; none: it has one, or none are known. */
export type Waybill = {
  deliveryId: string
  courier: string
  waybillNo: string
  packageNos?: readonly string[]
}

/**
 * Makes transactions that write waybills run one after another, so that no waybill is given to two shipments. Call it before any order is
 * locked.
 */
export async function lockWaybills(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('waybills:' || current_schema(), 0))`.execute(tx)
}

/**
 * Returns the deliveries, shipped ones too but not cancelled ones, that have one of these waybills, as their own or of a package. The key of the result is the courier, a space
 * and the waybill. Only one delivery of a merged shipment is returned.
 */
export async function waybillHolders(
  tx: Tx,
  waybills: readonly Pick<Waybill, 'courier' | 'waybillNo'>[],
): Promise<Map<string, { id: string; no: string; parcel: string | null }>> {
  const found = await sql<Row<'delivery', 'id' | 'no' | 'parcel'> & Record<'key', string>>`
    with d as (select * from ${unnestRows('asked', waybills, [
      ['courier', 'text', (row) => row.courier],
      ['waybill_no', 'text', (row) => row.waybillNo],
    ])}), held as (
      select courier, waybill_no, waybill_no as main_no from d
      union select d.courier, d.waybill_no, k.main_no from d join waybill_package k using (courier, waybill_no)
    )
    select d.courier || ' ' || d.waybill_no as key, t.id, t.no, t.parcel
    from held d join delivery t on t.waybill_no = d.main_no and t.courier = d.courier and t.waybill_no <> '' and t.status <> 'cancelled'`.execute(
    tx,
  )
  return new Map(found.rows.map((row) => [row.key, row]))
}

/**
 * Writes corrected couriers and waybills of shipped deliveries. Unlike in `writeWaybills`, two of these deliveries never exchange their waybills, so no
 * waybill must be cleared first.
 */
export async function correctWaybills(tx: Tx, waybills: readonly Waybill[]): Promise<void> {
  await sql`
    update delivery t set courier = d.courier, waybill_no = d.waybill_no, labelled = false, printed_at = null, printed_by = null
    from ${unnestRows('d', waybills, [
      ['id', 'int8', (row) => row.deliveryId],
      ['courier', 'text', (row) => row.courier],
      ['waybill_no', 'text', (row) => row.waybillNo],
    ])}
    where t.id = d.id`.execute(tx)
}

/**
 * Writes waybills. Those that change are cleared first, because two deliveries may swap theirs, which the unique key would refuse. A number
 * that a source gave has a label, which is not printed yet.
 */
export async function writeWaybills(tx: Tx, waybills: readonly Waybill[]): Promise<void> {
  const given = unnestRows('d', waybills, [
    ['id', 'int8', (row) => row.deliveryId],
    ['courier', 'text', (row) => row.courier],
    ['waybill_no', 'text', (row) => row.waybillNo],
  ])
  const changes = sql`t.id = d.id and (t.courier, t.waybill_no) <> (d.courier, d.waybill_no)`
  await sql`
    update delivery t set courier = '', waybill_no = '' from ${given}
    where ${changes} and t.waybill_no <> ''`.execute(tx)
  await sql`
    update delivery t set courier = d.courier, waybill_no = d.waybill_no, printed_at = null, printed_by = null,
      labelled = exists (
        select from waybill w where w.courier = d.courier and w.waybill_no = d.waybill_no and w.waybill_no <> '' and w.state = 'taken')
    from ${given} where ${changes}`.execute(tx)
  const packages = waybills.flatMap(({ courier, waybillNo: mainNo, packageNos = [] }) =>
    packageNos.map((waybillNo, at) => ({ courier, mainNo, n: at + 1, waybillNo })),
  )
  await writeTypedPackages(tx, waybills, [
    ...new Map(packages.map((one) => [`${one.courier} ${one.waybillNo}`, one])).values(),
  ])
}

export type Outcome = {
  id: string
  actionId: string
  writeBack: WriteBack
  errorCode: string
  platformWaybill: string
}

/**
 * Writes the results of actions to their deliveries and returns the written ids. A delivery whose shipping was undone meanwhile has another
 * action or none, and is skipped.
 */
export async function writeOutcomes(tx: Tx, outcomes: readonly Outcome[]): Promise<Set<string>> {
  const done = await sql<Row<'delivery', 'id'>>`
    update delivery t set write_back = d.write_back, error_code = d.error_code, platform_waybill = d.platform_waybill,
      shown_courier = case when d.write_back in ('done', 'forced') then '' else t.shown_courier end,
      shown_waybill = case when d.write_back in ('done', 'forced') then '' else t.shown_waybill end
    from ${unnestRows('d', outcomes, [
      ['id', 'int8', (row) => row.id],
      ['action_id', 'int8', (row) => row.actionId],
      ['write_back', 'text', (row) => row.writeBack],
      ['error_code', 'text', (row) => row.errorCode],
      ['platform_waybill', 'text', (row) => row.platformWaybill],
    ])}
    where t.id = d.id and t.action_id = d.action_id and t.status = 'shipped' returning t.id`.execute(tx)
  return new Set(done.rows.map(({ id }) => id))
}

export async function writeWaiting(tx: Tx, actionIds: readonly string[]): Promise<void> {
  await sql`
    update delivery set write_back = 'waiting', error_code = '', platform_waybill = ''
    where action_id = any(${actionIds}::bigint[]) and status = 'shipped' and write_back in ('failed', 'manual')`.execute(
    tx,
  )
}

export type Numbered = Row<'delivery', 'id' | 'orderId' | 'status' | 'parcel'> & Record<'number', string>

export async function liveByNumber(
  db: Database | Tx,
  numbers: readonly string[],
  scope: Scope,
): Promise<Numbered[]> {
  const by = (column: 'no' | 'order_no' | 'tid') => sql`
    select ${sql.ref(column)} as number, id, order_id as "orderId", status, parcel from delivery
    where ${sql.ref(column)} = any(${numbers}::text[]) and status <> 'cancelled' and ${grantedSql(scope)}`
  const found =
    await sql<Numbered>`${by('no')} union ${by('order_no')} union ${by('tid')} order by 2`.execute(db)
  return found.rows
}

/** Returns the pending deliveries of these orders that have the waybill. */
export async function pendingUnderWaybills(
  tx: Tx,
  shown: readonly { orderId: string; waybillNo: string }[],
): Promise<string[]> {
  const found = await sql<Row<'delivery', 'id'>>`
    select distinct delivery.id from ${unnestRows('shown', shown, [
      ['order_id', 'int8', ({ orderId }) => orderId],
      ['waybill_no', 'text', ({ waybillNo }) => waybillNo],
    ])} join delivery using (order_id, waybill_no) where delivery.status = 'pending'`.execute(tx)
  return found.rows.map(({ id }) => id)
}

export type Refused = Row<
  'delivery',
  | 'id'
  | 'no'
  | 'orderId'
  | 'courier'
  | 'waybillNo'
  | 'platformWaybill'
  | 'parcel'
  | 'actionId'
  | 'writeBack'
  | 'errorCode'
>

export async function refusedBy(tx: Tx, ids: readonly string[], scope: Scope): Promise<Refused[]> {
  const found = await sql<Refused>`
    select id, no, order_id as "orderId", courier, waybill_no as "waybillNo", platform_waybill as "platformWaybill", parcel,
      action_id as "actionId", write_back as "writeBack", error_code as "errorCode" from delivery
    where id = any(${[...ids]}::bigint[]) and status = 'shipped' and ${grantedSql(scope)} order by id`.execute(
    tx,
  )
  return found.rows
}

export async function actionsOf(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<{ id: string; no: string; actionId: string | null; writeBack: WriteBack }[]> {
  const found = await sql<Row<'delivery', 'id' | 'no' | 'actionId' | 'writeBack'>>`
    select id, no, action_id as "actionId", write_back as "writeBack" from delivery
    where id = any(${ids}::bigint[]) and ${grantedSql(scope)} order by id`.execute(tx)
  return found.rows
}

/** Returns all couriers in the order of lists. */
export async function allCouriers(db: Database): Promise<Row<'courier', 'code' | 'zh' | 'en'>[]> {
  const found = await sql<Row<'courier', 'code' | 'zh' | 'en'>>`
    select code, zh, en from courier order by ordinal`.execute(db)
  return found.rows
}
