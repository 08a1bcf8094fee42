import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'

// This file is the only place that changes the state of a waybill number: asked → taken or failed; taken → returning → returned, or kept;
// kept → returning if a person tries it again.
// A number that arrives for a delivery that no longer wants it goes from asked to returning; `wanted` is false if that is known before.

export type ReturningNumber = Row<'waybill', 'id' | 'deliveryId' | 'courier' | 'waybillNo'> &
  Row<'waybill_account', 'shopId' | 'source'> & {
    /** The numbers of its packages; undefined: the stored ones. */
    packageNos?: readonly string[]
  }

/**
 * Makes the taken numbers of these deliveries `returning` that the deliveries no longer have, and returns them. A number with which another
 * delivery of the parcel is out stays `taken`; this delivery does not want it any more, so that it may get another one. Once the parcel that is
 * out has another waybill, it goes back with the numbers of the parcel.
 */
export async function writeReturning(tx: Tx, deliveryIds: readonly string[]): Promise<ReturningNumber[]> {
  const unused = await sql<ReturningNumber & Row<'waybill', 'state'>>`
    with stayed as materialized (
      select w.delivery_id from delivery out
      join parcel_order p on p.parcel = out.parcel join delivery d on d.order_id = p.order_id
      join waybill w on w.delivery_id = d.id and w.state = 'taken' and not w.wanted join sales_order o on o.id = d.order_id
      where out.id = any(${[...deliveryIds]}::bigint[]) and out.status = 'shipped'
      -- Their orders have left the parcel, so the caller has not locked them.
      for update of o skip locked
    ), unused as (
      select w.id, exists (
        select from delivery u
        where u.courier = w.courier and u.waybill_no = w.waybill_no and u.waybill_no <> '' and u.status <> 'cancelled') as is_out
      from waybill w join delivery d on d.id = w.delivery_id
      where w.delivery_id in (
          select unnest(${[...deliveryIds]}::bigint[]) union select delivery_id from stayed)
        and w.state = 'taken'
        and (d.status = 'cancelled' or (d.courier, d.waybill_no) <> (w.courier, w.waybill_no))
    )
    update waybill w set state = case when unused.is_out then w.state else 'returning' end, wanted = w.wanted and not unused.is_out
    from unused, waybill_account a
    where w.id = unused.id and w.state = 'taken' and a.id = w.account_id
    returning w.id, w.delivery_id as "deliveryId", w.courier, w.waybill_no as "waybillNo", a.shop_id as "shopId", a.source, w.state`.execute(
    tx,
  )
  return unused.rows.flatMap(({ state, ...number }) => (state === 'returning' ? [number] : []))
}

/** Marks the open requests of these deliveries as not wanted any more. Returns the deliveries that had one. */
export async function writeUnwanted(tx: Tx, deliveryIds: readonly string[]): Promise<string[]> {
  const open = await sql<Row<'waybill', 'deliveryId'>>`
    update waybill set wanted = false where delivery_id = any(${[...deliveryIds]}::bigint[]) and state = 'asked' and wanted
    returning delivery_id as "deliveryId"`.execute(tx)
  return open.rows.map(({ deliveryId }) => deliveryId)
}

export type Taken = {
  id: string
  waybillNo: string
  courierOrder: string
  printData: Buffer
  packages: readonly { waybillNo: string; printData: Buffer }[]
  state: 'taken' | 'returning'
}

/**
 * Writes the numbers that were given, with those of their packages. A delivery that has its number by now has a label to print. A number that
 * a person typed for a package of another delivery stays there; then this one is `returning`.
 */
export async function writeTaken(tx: Tx, rows: readonly Taken[]): Promise<void> {
  await sql`
    update waybill w set state = d.state, waybill_no = d.waybill_no, courier_order = d.courier_order, print_data = d.print_data, ended_at = now()
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['state', 'text', (row) => row.state],
      ['waybill_no', 'text', (row) => row.waybillNo],
      // An action that an older program has sent has a result without it.
      ['courier_order', 'text', (row) => row.courierOrder ?? ''],
      ['print_data', 'bytea', (row) => row.printData],
    ])}
    where w.id = d.id and w.state = 'asked'`.execute(tx)
  const packages = rows.flatMap((row) => row.packages.map((one, at) => ({ id: row.id, n: at + 1, ...one })))
  if (packages.length > 0)
    await sql`
      insert into waybill_package (courier, waybill_no, main_no, nth, waybill_id, print_data)
      select w.courier, d.waybill_no, w.waybill_no, d.nth, w.id, d.print_data from ${unnestRows(
        'd',
        packages,
        [
          ['id', 'int8', (row) => row.id],
          ['nth', 'int4', (row) => row.n],
          ['waybill_no', 'text', (row) => row.waybillNo],
          ['print_data', 'bytea', (row) => row.printData],
        ],
      )} join waybill w on w.id = d.id and w.waybill_no <> ''
      on conflict (courier, waybill_no) do update set nth = excluded.nth, waybill_id = excluded.waybill_id,
        print_data = excluded.print_data
        where waybill_package.waybill_id is null and waybill_package.main_no = excluded.main_no`.execute(tx)
  await sql`
    update delivery d set labelled = true from waybill w
    where w.id = any(${rows.map(({ id }) => id)}::bigint[]) and w.state = 'taken' and d.courier = w.courier
      and d.waybill_no = w.waybill_no and d.waybill_no <> '' and d.status = 'pending'`.execute(tx)
}

/** Writes how often these requests were sent. */
export async function writeSends(tx: Tx, rows: readonly { id: string; sends: number }[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update waybill w set sends = d.sends
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['sends', 'int4', (row) => row.sends],
    ])}
    where w.id = d.id and w.state = 'asked'`.execute(tx)
}

export type FailedNumber = { id: string; code: string; message: string }

export async function writeFailed(tx: Tx, rows: readonly FailedNumber[]): Promise<void> {
  await sql`
    update waybill w set state = 'failed', error_code = d.code, error = d.message, ended_at = now()
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['code', 'text', (row) => row.code],
      ['message', 'text', (row) => row.message],
    ])}
    where w.id = d.id and w.state = 'asked'`.execute(tx)
}

/**
 * Inserts a failed request beside each of these, whose number came without a label and goes back: the parcel shows why it has none, and the next
 * request has a key of its own.
 */
export async function insertFailed(tx: Tx, rows: readonly FailedNumber[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into waybill (delivery_id, round, account_id, shop_id, courier, package_count, state, error_code, error, action_id, asked_at,
      asked_by, ended_at)
    select w.delivery_id, 1 + (select max(round) from waybill r where r.delivery_id = w.delivery_id), w.account_id, w.shop_id, w.courier,
      w.package_count, 'failed', d.code, d.message, w.action_id, w.asked_at, w.asked_by, now()
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['code', 'text', (row) => row.code],
      ['message', 'text', (row) => row.message],
    ])} join waybill w on w.id = d.id order by w.delivery_id`.execute(tx)
}

/** Writes how giving back (退号) a waybill number ended. `kept`: the source refused to take it back, and a person may look into it there. */
export async function writeBack(
  tx: Tx,
  rows: readonly { id: string; state: 'returned' | 'kept'; code: string; message: string }[],
): Promise<void> {
  await sql`
    update waybill w set state = d.state, error_code = d.code, error = d.message, ended_at = now()
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['state', 'text', (row) => row.state],
      ['code', 'text', (row) => row.code],
      ['message', 'text', (row) => row.message],
    ])}
    where w.id = d.id and w.state = 'returning'`.execute(tx)
}

/** A person tries again to give back these numbers, which their sources had not taken back. Their time begins again. */
export async function writeReturningAgain(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update waybill set state = 'returning', error_code = '', error = '', ended_at = now()
    where id = any(${[...ids]}::bigint[]) and state = 'kept'`.execute(tx)
}
