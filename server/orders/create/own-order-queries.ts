import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import { facet } from '../../lib/facets.ts'
import { arrayText, unnestRows } from '../../lib/unnest.ts'
import { courierFacetOf } from '../order/facets.ts'

export type OffPlatformRow = {
  shopId: string
  outerNo: string
  origin: string
  cod: boolean
  postFeeFen: number
  paidAt: Date | null
  orderedAt: Date
  facets: readonly number[]
  people: readonly number[]
  sellerMemo: string
  receiverMasked: string
  receiverHash: number
  region: string
  sealed: Buffer
  linesJson: string
}

export const offPlatformRelation = (rows: readonly OffPlatformRow[]) => sql`
  select shop_id, tid, 'unconfirmed'::text as status, origin, cod, post_fee_fen, 0::bigint as subsidy_fen, paid_at, ordered_at,
    null::timestamptz as ship_by, 0::smallint as flag, facets::int[] as facets, true as whole, people::bigint[] as people,
    ''::text as buyer_message, seller_memo, receiver_masked, receiver_hash, region, personal, lines::jsonb as lines
  from ${unnestRows('d', rows, [
    ['shop_id', 'int8', (row) => row.shopId],
    ['tid', 'text', (row) => row.outerNo],
    ['origin', 'text', (row) => row.origin],
    ['cod', 'bool', (row) => row.cod],
    ['post_fee_fen', 'int8', (row) => row.postFeeFen],
    ['paid_at', 'timestamptz', (row) => row.paidAt],
    ['ordered_at', 'timestamptz', (row) => row.orderedAt],
    ['facets', 'text', (row) => arrayText(row.facets)],
    ['people', 'text', (row) => arrayText(row.people)],
    ['seller_memo', 'text', (row) => row.sellerMemo],
    ['receiver_masked', 'text', (row) => row.receiverMasked],
    ['receiver_hash', 'int4', (row) => row.receiverHash],
    ['region', 'text', (row) => row.region],
    ['personal', 'bytea', (row) => row.sealed],
    ['lines', 'text', (row) => row.linesJson],
  ])}`

/** Writes courier, note and urgency, which trades do not have. The orders were inserted in this transaction. */
export async function writeOrderOnlyFields(
  tx: Tx,
  rows: readonly { id: string; courier: string; ownNote: string; urgent: boolean }[],
): Promise<void> {
  const given = rows.filter(({ courier, ownNote, urgent }) => courier !== '' || ownNote !== '' || urgent)
  if (given.length === 0) return
  await sql`
    update sales_order t
    set courier = case when d.courier = '' then t.courier else d.courier end,
      courier_by_hand = t.courier_by_hand or d.courier <> '',
      facets = case when d.courier = '' then t.facets
        else array(select f from unnest(t.facets) f where f < ${facet('courier', 0)} or f >= ${facet('desk', 0)}) || d.courier_facet end,
      own_note = d.own_note, urgent = d.urgent
    from ${unnestRows('d', given, [
      ['id', 'int8', (row) => row.id],
      ['courier', 'text', (row) => row.courier],
      ['courier_facet', 'int4', (row) => courierFacetOf(row.courier)],
      ['own_note', 'text', (row) => row.ownNote],
      ['urgent', 'bool', (row) => row.urgent],
    ])}
    where t.id = d.id`.execute(tx)
}

export async function writePaid(tx: Tx, payments: readonly { orderId: string; at: Date }[]): Promise<void> {
  await sql`
    update sales_order t set paid_at = d.at, version = version + 1, updated_at = now()
    from ${unnestRows('d', payments, [
      ['id', 'int8', (row) => row.orderId],
      ['at', 'timestamptz', (row) => row.at],
    ])}
    where t.id = d.id`.execute(tx)
}
