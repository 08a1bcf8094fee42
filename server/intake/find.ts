import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { listIds } from '../core/lists/list.ts'
import type { KeyRing } from '../lib/seal.ts'
import { refundQuery, refundTable } from './refunds/lists.ts'
import { refundRows } from './staged/refund-view-queries.ts'
import { tradeQuery, tradeTable } from './trades/trade-list.ts'
import { tradeRows } from './trades/trade-view-queries.ts'

export type FindParts = { ring: KeyRing; text: string; shop: string | undefined; scope: Scope }
export type FoundRow = { id: string; no: string; text: string }

const most = 6

export async function findTrades(db: Database, { ring, text, shop, scope }: FindParts): Promise<FoundRow[]> {
  const filter = { q: text, ...(shop ? { shop } : {}) }
  const query = await tradeQuery(db, ring, filter, { scope, sort: '-paidAt' })
  const { ids } = await listIds(
    db,
    tradeTable,
    { ...query, groups: ['fetching', 'staged', 'processed', 'converted'] },
    { limit: most, after: undefined },
  )
  const rows = await tradeRows(db, ids)
  return rows.map((row) => ({
    id: row.id,
    no: row.tid,
    text: [row.receiverMasked, row.lines[0]?.title].filter(Boolean).join(' · '),
  }))
}

export async function findRefunds(db: Database, { ring, text, shop, scope }: FindParts): Promise<FoundRow[]> {
  const filter = { q: text, ...(shop ? { shop } : {}) }
  const query = await refundQuery(ring, filter, { db, scope }, '-modifiedAt')
  const groups = ['staged', 'refusing', 'refused', 'processed', 'converted']
  const { ids } = await listIds(db, refundTable, { ...query, groups }, { limit: most, after: undefined })
  const rows = await refundRows(db, ids)
  return rows.map((row) => ({
    id: row.id,
    no: row.refundNo,
    text: [row.buyerMasked, row.title].filter(Boolean).join(' · '),
  }))
}
