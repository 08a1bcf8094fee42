import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { listIds } from '../core/lists/list.ts'
import { returns } from './lists.ts'
import { parcelsNamed } from './parcels/parcel-queries.ts'
import { viewParcels, viewReturns } from './view/view.ts'

type Parts = { text: string; shop: string | undefined; scope: Scope }
type Found = { id: string; no: string; text: string }

export async function findReturns(db: Database, { text, shop, scope }: Parts): Promise<Found[]> {
  const filter = { tab: 'all', q: text, ...(shop ? { shop } : {}) }
  const query = await returns.ask(filter, { db, scope })
  const { ids } = await listIds(db, returns.table, query, { limit: 6, after: undefined })
  return (await viewReturns(db, ids)).map(({ id, no, receiverMasked, lines }) => ({
    id,
    no,
    text: [receiverMasked, lines[0]?.title].filter(Boolean).join(' · '),
  }))
}

/**
 * Finds unclaimed parcels (无主件) by parcel number, or by waybill while they are not assigned. A parcel belongs to no shop, so `shop` is not
 * applied.
 */
export async function findParcels(db: Database, { text, scope }: Parts): Promise<Found[]> {
  const ids = await parcelsNamed(db, text.toUpperCase(), scope)
  return (await viewParcels(db, ids)).map(({ id, no, waybillNo, lines }) => ({
    id,
    no,
    text: [waybillNo, lines[0]?.name].filter(Boolean).join(' · '),
  }))
}
