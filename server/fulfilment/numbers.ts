import { type RawBuilder, sql } from 'kysely'
import { courierCodes } from '../connectors/couriers.ts'
import type { Actor } from '../core/access/actor.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import type { Refusal } from '../core/decide.ts'
import { enqueueActions } from '../core/outbox/actions.ts'
import { unnestRows } from '../lib/unnest.ts'
import { type ReturningNumber, writeReturning, writeUnwanted } from './waybill-states.ts'

// 电子面单号: the waybill numbers that were taken from a source for deliveries.

type LiveNumber = Row<'waybill', 'deliveryId' | 'state'>

/** The kind of platform action that gives a number back; payload `BackPayload`. */
export const backKind = 'waybill.back'
/** `packageNos`: those of its packages; left out: the stored ones. */
export type BackPayload = {
  waybillId: string
  source: string
  courier: string
  waybillNo: string
  packageNos?: readonly string[] | undefined
}

/**
 * Returns by delivery id the state of the delivery's waybill number, `asked` or `taken`. Deliveries without such a number are missing; a
 * delivery has at most one that it wants.
 */
export async function liveNumbers(
  db: Database | Tx,
  deliveryIds: readonly string[],
): Promise<Map<string, LiveNumber['state']>> {
  const found = await sql<LiveNumber>`
    select delivery_id as "deliveryId", state from waybill
    where delivery_id = any(${[...deliveryIds]}::bigint[]) and state in ('asked', 'taken') and wanted`.execute(
    db,
  )
  return new Map(found.rows.map(({ deliveryId, state }) => [deliveryId, state]))
}

/**
 * Returns which deliveries have these waybill numbers, as their own or of a package. Only numbers that were taken from a source are found. The key of the result is the
 * courier, a space and the number; the value is the delivery's id.
 */
export async function takenElsewhere(
  tx: Tx,
  numbers: readonly { courier: string; waybillNo: string }[],
): Promise<Map<string, string>> {
  const asked = numbers.map(({ waybillNo }) => waybillNo)
  const found = await sql<Row<'waybill', 'deliveryId'> & Record<'key', string>>`
    select w.courier || ' ' || w.waybill_no as key, w.delivery_id as "deliveryId" from waybill w
    where w.waybill_no = any(${asked}::text[]) and w.waybill_no <> '' and w.state = 'taken'
    union select k.courier || ' ' || k.waybill_no, w.delivery_id from waybill_package k join waybill w on w.id = k.waybill_id
    where k.waybill_no = any(${asked}::text[]) and w.state = 'taken'`.execute(tx)
  return new Map(found.rows.map(({ key, deliveryId }) => [key, deliveryId]))
}

/**
 * Returns those of these waybill numbers, each as delivery, courier and number with a space between, whose label is void: they went back to
 * their source, are on their way there (true), or would go (false), as the delivery has them under another courier now. A number that was
 * taken for the same order, or for its merged shipment, is found under any courier: there it is a slip of the hand, while strangers' numbers
 * of two couriers may be alike.
 */
export async function voidNumbers(
  tx: Tx,
  numbers: readonly { deliveryId: string; courier: string; waybillNo: string }[],
): Promise<ReadonlyMap<string, boolean>> {
  const asked = sql`any(${[...new Set(numbers.map(({ waybillNo }) => waybillNo))]}::text[])`
  const found = await sql<Record<'key', string> & Record<'isBack', boolean>>`
    select concat_ws(' ', u.delivery_id, u.courier, u.waybill_no) as key, bool_or(b.state <> 'taken') as "isBack" from ${unnestRows(
      'u',
      numbers,
      [
        ['delivery_id', 'int8', (row) => row.deliveryId],
        ['courier', 'text', (row) => row.courier],
        ['waybill_no', 'text', (row) => row.waybillNo],
      ],
    )} join (
      select w.waybill_no, w.courier, w.delivery_id, w.state from waybill w where w.waybill_no = ${asked} and w.waybill_no <> ''
      union select k.waybill_no, k.courier, w.delivery_id, w.state from waybill_package k join waybill w on w.id = k.waybill_id
      where k.waybill_no = ${asked}
    ) b on b.waybill_no = u.waybill_no and b.state in ('taken', 'returning', 'returned') and (b.courier <> u.courier or b.state <> 'taken')
    where b.courier = u.courier or exists (
      select from delivery d where d.id = u.delivery_id and b.delivery_id in (${forSameGoods('d')}))
    group by 1`.execute(tx)
  return new Map(found.rows.map(({ key, isBack }) => [key, isBack]))
}

/**
 * Gives back (退号) the waybill numbers of deliveries that no longer have them: the delivery is cancelled, left its parcel, or has another
 * waybill. A number that is still asked for is given back when it arrives. The caller has locked the orders.
 */
export async function giveBackUnused(tx: Tx, deliveryIds: readonly string[], actor: Actor): Promise<void> {
  const unused = await writeReturning(tx, deliveryIds)
  if (unused.length > 0) await askBack(tx, unused, actor)
}

/**
 * Takes the numbers of a source from these pending deliveries, which must be whole parcels: they lose the waybill, and the number is given
 * back, now or when it arrives. Typed waybills stay. Returns the deliveries by which the numbers were asked for. The caller has locked the
 * orders.
 */
export async function giveUpNumbers(
  tx: Tx,
  deliveryIds: readonly string[],
  actor: Actor,
): Promise<Set<string>> {
  if (deliveryIds.length === 0) return new Set()
  const ids = [...deliveryIds]
  await sql`
    update delivery d set courier = '', waybill_no = '', labelled = false, printed_at = null, printed_by = null from waybill w
    where d.id = any(${ids}::bigint[]) and d.status = 'pending' and w.delivery_id = any(${ids}::bigint[]) and w.state = 'taken'
      and (w.courier, w.waybill_no) = (d.courier, d.waybill_no)`.execute(tx)
  const coming = await writeUnwanted(tx, ids)
  const unused = await writeReturning(tx, ids)
  if (unused.length > 0) await askBack(tx, unused, actor)
  return new Set([...coming, ...unused.map(({ deliveryId }) => deliveryId)])
}

/** Enqueues the platform actions that give these waybill numbers back; their rows are `returning` already. */
export async function askBack(tx: Tx, numbers: readonly ReturningNumber[], actor: Actor): Promise<void> {
  const actions = numbers.map(({ id, shopId, deliveryId: _deliveryId, ...number }) => ({
    shopId,
    kind: backKind,
    subject: { type: 'waybill', id },
    idempotencyKey: `${backKind}/${id}`,
    payload: { waybillId: id, ...number } satisfies BackPayload,
  }))
  const made = await enqueueActions(tx, actions, actor)
  await sql`
    update waybill w set action_id = d.action_id from unnest(${[...numbers.map(({ id }) => id)]}::bigint[],
      ${numbers.map(({ id }) => made.get(`${backKind}/${id}`) ?? null)}::bigint[]) d (id, action_id)
    where w.id = d.id`.execute(tx)
}

/** SQL: the ids of the deliveries of the order of `d`, with those before, and of its merged shipment. */
const forSameGoods = (d: string) => sql`
  select id from delivery where order_id = ${sql.ref(`${d}.order_id`)}
  union select id from delivery where parcel = ${sql.ref(`${d}.parcel`)}`

/** SQL: the numbers that were taken for the delivery `d`, also for a delivery of its order before, or for its merged shipment. */
export const takenFor = (d: string) => sql`
  from (${forSameGoods(d)}) o join waybill w on w.delivery_id = o.id`

/** SQL: those that their source did not take back, and that no parcel has. */
export const keptFor = (d: string) => sql`
  ${takenFor(d)} where w.state = 'kept' and not exists (
    select from delivery u
    where u.courier = w.courier and u.waybill_no = w.waybill_no and u.waybill_no <> '' and u.status <> 'cancelled')`

// 子母件: the packages of deliveries that consist of several. A delivery has the main number; its packages are the rows with that number.

/** SQL: the packages of the delivery `d` with its present number, as rows of `waybill_package`. */
export const packagesOf = (d: string) => sql`(
  select k.* from waybill_package k
  where ${sql.ref(`${d}.package_count`)} > 1 and k.courier = ${sql.ref(`${d}.courier`)} and k.main_no = ${sql.ref(`${d}.waybill_no`)})`

/**
 * SQL: how many packages of the pending delivery `d` no station has scanned. A warehouse that neither checks nor weighs scans none, and typed
 * waybills may have no sub-numbers.
 */
export const packagesLeft = (d: string) => sql`
  case when ${sql.ref(`${d}.status`)} = 'pending' and ${sql.ref(`${d}.ship_steps`)} && '{check,weigh}'
    then (select count(*)::int from ${packagesOf(d)} p where p.scanned_at is null) else 0 end`

/** SQL: the live deliveries, with all their columns, that have a package with one of these numbers. */
export const deliveriesOfPackages = (numbers: RawBuilder<unknown>) => sql`
  select d.* from waybill_package k
  join delivery d on d.courier = k.courier and d.waybill_no = k.main_no and d.waybill_no <> '' and d.status <> 'cancelled'
  where k.waybill_no = any(${numbers})`

/**
 * Returns of these numbers the main number under which a source gave them, of packages as well as of deliveries of several. The key of the
 * result is the courier, a space and the number.
 */
export async function givenUnder(
  tx: Tx,
  numbers: readonly { courier: string; waybillNo: string }[],
): Promise<Map<string, string>> {
  const asked = numbers.map(({ waybillNo }) => waybillNo)
  const found = await sql<Row<'waybill_package', 'mainNo'> & Record<'key', string>>`
    select distinct k.courier || ' ' || no as key, w.waybill_no as "mainNo"
    from waybill_package k join waybill w on w.id = k.waybill_id cross join unnest(array[k.waybill_no, w.waybill_no]) no
    where no = any(${asked}::text[]) and k.waybill_id in (
      select waybill_id from waybill_package where waybill_no = any(${asked}::text[])
      union select id from waybill where waybill_no = any(${asked}::text[]) and waybill_no <> '')`.execute(tx)
  return new Map(found.rows.map(({ key, mainNo }) => [key, mainNo]))
}

/** Writes of how many packages these deliveries consist. */
export async function writePackageCounts(tx: Tx, ids: readonly string[], packages: number): Promise<void> {
  await sql`
    update delivery set package_count = ${packages}::smallint
    where id = any(${[...ids]}::bigint[]) and package_count <> ${packages}::smallint`.execute(tx)
}

type Packed = Row<'delivery', 'orderId' | 'parcel' | 'skuId' | 'pieceCount'>

/**
 * Returns by order of how many packages its delivery before consisted, if the same goods leave again: a delivery that was taken back keeps
 * the count that a person gave. A merged shipment has one count, so all of its orders must have had it.
 */
export async function packagesBefore(tx: Tx, rows: readonly Packed[]): Promise<Map<string, number>> {
  const found = await sql<Packed & Row<'delivery', 'packageCount'>>`
    select order_id as "orderId", parcel, sku_id as "skuId", piece_count as "pieceCount", package_count as "packageCount" from (
      select distinct on (order_id) * from delivery
      where order_id = any(${rows.map(({ orderId }) => orderId)}::bigint[]) order by order_id, id desc
    ) last where package_count > 1`.execute(tx)
  const before = new Map(found.rows.map((row) => [row.orderId, row]))
  const countOf = (row: Packed) => {
    const last = before.get(row.orderId)
    const isSame =
      last?.parcel === row.parcel && last.skuId === row.skuId && last.pieceCount === row.pieceCount
    return last && isSame ? last.packageCount : 1
  }
  const parcels = Map.groupBy(rows, ({ parcel, orderId }) => parcel ?? `order ${orderId}`)
  return new Map(
    [...parcels.values()].flatMap((parcel) => {
      const [count = 1, ...others] = [...new Set(parcel.map(countOf))]
      return parcel.map(({ orderId }) => [orderId, others.length > 0 ? 1 : count] as const)
    }),
  )
}

export type TypedPackage = { courier: string; mainNo: string; n: number; waybillNo: string }

/** Writes the typed packages of these main numbers instead of those that were typed before. Those that a source gave stay as they are. */
export async function writeTypedPackages(
  tx: Tx,
  mains: readonly { courier: string; waybillNo: string }[],
  packages: readonly TypedPackage[],
): Promise<void> {
  await sql`
    delete from waybill_package k using ${unnestRows('d', mains, [
      ['courier', 'text', (row) => row.courier],
      ['main_no', 'text', (row) => row.waybillNo],
    ])}
    where k.waybill_id is null and k.courier = d.courier and k.main_no = d.main_no`.execute(tx)
  if (packages.length === 0) return
  await sql`
    insert into waybill_package (courier, waybill_no, main_no, nth)
    select courier, waybill_no, main_no, nth from ${unnestRows('d', packages, [
      ['courier', 'text', (row) => row.courier],
      ['waybill_no', 'text', (row) => row.waybillNo],
      ['main_no', 'text', (row) => row.mainNo],
      ['nth', 'int4', (row) => row.n],
    ])}
    on conflict (courier, waybill_no) do update set main_no = excluded.main_no, nth = excluded.nth, scanned_at = null, scanned_by = null
    where waybill_package.waybill_id is null`.execute(tx)
}

/** Notes that the label of this package was scanned. The first scan counts. */
export async function writePackageScanned(
  tx: Tx,
  { courier, waybillNo }: { courier: string; waybillNo: string },
  by: string,
): Promise<void> {
  await sql`
    update waybill_package set scanned_at = now(), scanned_by = ${by}
    where courier = ${courier} and waybill_no = ${waybillNo} and scanned_at is null`.execute(tx)
}

/** The goods of these deliveries are packed again, so the labels of their packages must be scanned again. The caller has locked the orders. */
export async function forgetPackageScans(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  await sql`
    update waybill_package k set scanned_at = null, scanned_by = null from delivery d
    where d.id = any(${[...deliveryIds]}::bigint[]) and d.status = 'pending' and d.package_count > 1 and d.waybill_no <> ''
      and k.courier = d.courier and k.main_no = d.waybill_no and k.scanned_at is not null`.execute(tx)
}

/** The refusal of several packages for these couriers, or their accounts, which give one number for a parcel. */
export function noSubWaybills(of: readonly { courier: string }[]): Refusal {
  const names = [...new Set(of.map(({ courier }) => courier))].map(
    (code) => courierCodes[code] ?? { zh: code, en: code },
  )
  return {
    code: 'no_sub_waybills',
    message: {
      zh: `${names.map(({ zh }) => zh).join('、')}没有子母件，一单只有一个包裹的号。换快递，或按包裹拆单`,
      en: `${names.map(({ en }) => en).join(', ')} has no sub-waybills, only one number for a parcel. Choose another courier, or split the order`,
    },
  }
}
