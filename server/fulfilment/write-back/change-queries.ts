import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { withShipments } from '../queries.ts'
import { changeKind } from '../write-backs.ts'

type Past = Row<'delivery', 'id'> & Record<'times' | 'days', number> & Record<'isSending', boolean>

/**
 * Returns how often the waybills of each delivery's trade were changed on the platform, how many days ago the delivery was shipped, and
 * whether a change of its waybill is being sent or its outcome is unclear.
 */
export async function changesBefore(tx: Tx, ids: readonly string[]): Promise<Map<string, Past>> {
  const found = await sql<Past>`
    select d.id, coalesce(extract(epoch from now() - d.shipped_at) / 86400, 0)::float8 as days, (
      select count(*)::int from delivery o join platform_action a
        on a.subject_type = 'delivery' and a.subject_id = o.id::text and a.kind = ${changeKind} and a.state in ('succeeded', 'forced')
      where o.shop_id = d.shop_id and o.tid = d.tid) as times,
      exists (
        select from platform_action a where a.id = d.action_id and d.shown_waybill <> '' and a.state in ('sending', 'unknown')
      ) as "isSending"
    from delivery d where d.id = any(${[...ids]}::bigint[])`.execute(tx)
  return new Map(found.rows.map((row) => [row.id, row]))
}

export type Changing = {
  id: string
  actionId: string
  shownCourier: string
  shownWaybill: string
}

/** Another waybill of these deliveries is written back; the platform shows the former one until then. */
export async function writeChanging(tx: Tx, rows: readonly Changing[]): Promise<void> {
  await sql`
    update delivery t set write_back = 'waiting', error_code = '', platform_waybill = '', action_id = d.action_id,
      shown_courier = d.shown_courier, shown_waybill = d.shown_waybill
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['action_id', 'int8', (row) => row.actionId],
      ['shown_courier', 'text', (row) => row.shownCourier],
      ['shown_waybill', 'text', (row) => row.shownWaybill],
    ])}
    where t.id = d.id and t.status = 'shipped'`.execute(tx)
}

/** Returns the deliveries of these parcels, if no platform still shows the former waybill of any order of the parcel. */
export async function changedWholly(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'delivery', 'id'>>`
    select d.id from ${withShipments(ids)} these join delivery d on d.id = these.id
    where d.status = 'shipped' and d.shown_waybill = ''
      and not exists (select from delivery beside where beside.parcel = d.parcel and beside.status = 'shipped' and beside.shown_waybill <> '')
    order by d.id`.execute(tx)
  return found.rows.map(({ id }) => id)
}
