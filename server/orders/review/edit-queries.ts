import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { sameMonth } from '../../lib/people.ts'
import { arrayText, unnestRows } from '../../lib/unnest.ts'

export type EditedOrder = Row<
  'sales_order',
  'id' | 'shopId' | 'facets' | 'courier' | 'ownNote' | 'urgent' | 'insuredFen' | 'personal'
>

export async function editedOrders(tx: Tx, ids: readonly string[]): Promise<EditedOrder[]> {
  const found = await sql<EditedOrder>`
    select id, shop_id as "shopId", facets, courier, own_note as "ownNote", urgent, insured_fen as "insuredFen", personal from sales_order
    where id = any(${ids}::bigint[])`.execute(tx)
  return found.rows
}

/**
 * The values of an edited order to write. `receiver`: the sealed receiver, its masked text, and the hash and buyer keys computed from it
 * (the keys without a month; the order's month is added below); null: unchanged.
 */
export type EditedRow = Omit<EditedOrder, 'shopId' | 'personal'> & {
  receiver: {
    personal: Buffer
    masked: string
    hash: number
    region: string
    people: readonly number[]
  } | null
}

export async function writeEdits(tx: Tx, rows: readonly EditedRow[]): Promise<void> {
  await sql`
    update sales_order t
    set facets = d.facets::int[], courier = d.courier,
        courier_by_hand = case when d.courier = t.courier then t.courier_by_hand else d.courier <> '' end, own_note = d.own_note, urgent = d.urgent, insured_fen = d.insured_fen,
        personal = coalesce(d.personal, t.personal), receiver_masked = coalesce(d.masked, t.receiver_masked),
        receiver_hash = coalesce(d.receiver_hash, t.receiver_hash),
        region = coalesce(d.region, t.region),
        people = case when d.people is null then t.people else ${sameMonth} end,
        version = version + 1, updated_at = now()
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['facets', 'text', (row) => arrayText(row.facets)],
      ['courier', 'text', (row) => row.courier],
      ['own_note', 'text', (row) => row.ownNote],
      ['urgent', 'bool', (row) => row.urgent],
      ['insured_fen', 'int4', (row) => row.insuredFen],
      ['personal', 'bytea', (row) => row.receiver?.personal ?? null],
      ['masked', 'text', (row) => row.receiver?.masked ?? null],
      ['receiver_hash', 'int4', (row) => row.receiver?.hash ?? null],
      ['region', 'text', (row) => row.receiver?.region ?? null],
      ['people', 'text', (row) => (row.receiver ? arrayText(row.receiver.people) : null)],
    ])}
    where t.id = d.id`.execute(tx)
}

/** Returns the latest event of each order that is no finding of a check: its name, and who did it. */
export async function lastActs(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, { event: string; by: string }>> {
  const found = await sql<
    Row<'order_event', 'event'> & { id: Rows['sales_order']['id'] } & Record<'by', string>
  >`
    select d.id, e.event, e.actor_name as by from unnest(${ids}::bigint[]) d (id)
    cross join lateral (
      select event, actor_name from order_event
      where order_id = d.id and event <> 'problem' order by order_event.id desc limit 1
    ) e`.execute(tx)
  return new Map(found.rows.map(({ id, event, by }) => [id, { event, by }]))
}
