import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { mergeFacts, receiversOfSeveral, withShipments } from '../shipments/merge-queries.ts'
import { byHand, groupsAmong, type MergeFacts } from '../shipments/merge-rules.ts'
import type { MergeTab } from './merge-contract.ts'

type Why = { code: string; message: LocalizedText }
/** Orders to one receiver. `why`: what keeps it from leaving with the others; null: it may. */
export type Suggestion = { receiverHash: number; members: { id: string; why: Why | null }[] }

/** Before the first hash of all. */
export const firstHash = -(2 ** 31)

/** Receivers of one look, where fewer are asked for, and looks of one page: a page takes in 10 × 20,000 rows of the index at most. */
const [least, looks] = [50, 10]

/**
 * Receivers to whom several open orders go, with what may leave together and, of each other order, why it may not. Reads only. What is
 * wanted may be rare, so a page reads on until it is full; after a bounded stretch of the index it may be short, or empty, while `next`
 * says that there is more.
 */
export async function mergeSuggestions(
  db: Database,
  { from, limit, tab = 'all' }: { from: number; limit: number; tab?: MergeTab },
  scope: Scope,
): Promise<{ rows: Suggestion[]; next: number | null }> {
  const found: Suggestion[] = []
  let next: number | null = from
  for (let look = 0; look < looks && next !== null && found.length < limit; look += 1) {
    const page = await lookOn(db, { from: next, limit: Math.max(least, limit) }, scope)
    found.push(...page.rows.filter((row) => tab === 'all' || together(row) > 1))
    next = page.next
  }
  // Cut behind a receiver, whose suggestions stay together: the next page goes on at the next hash.
  const last = found.at(limit - 1)?.receiverHash
  const rows = last === undefined ? found : found.filter(({ receiverHash }) => receiverHash <= last)
  // What can be done stands before what can only be read.
  rows.sort((one, other) => together(other) - together(one))
  return { rows, next: last !== undefined && rows.length < found.length ? last + 1 : next }
}

/** In the order of their hashes. */
async function lookOn(
  db: Database,
  page: { from: number; limit: number },
  scope: Scope,
): Promise<{ rows: Suggestion[]; next: number | null }> {
  const { rows, next } = await receiversOfSeveral(db, { ...page, scope })
  const ids = rows.flatMap((row) => row.ids)
  const facts = ids.length === 0 ? [] : await mergeFacts(db, await withShipments(db, ids))
  const seen = Map.groupBy(
    facts.filter(({ shopId }) => inScope(scope, shopId)),
    (order) => order.receiverHash,
  )
  return { rows: rows.flatMap(({ receiverHash }) => suggestionsOf(seen.get(receiverHash) ?? [])), next }
}

const together = ({ members }: Suggestion) => members.filter(({ why }) => why === null).length

/** A hash that two receivers share by chance is two suggestions, or none. */
function suggestionsOf(orders: readonly MergeFacts[]): Suggestion[] {
  const receivers = Map.groupBy(orders, ({ receiverMasked, region }) =>
    JSON.stringify([receiverMasked, region]),
  )
  return [...receivers.values()].flatMap((own) => {
    const [first] = own
    if (!first || new Set(own.map(({ rootId }) => rootId)).size < 2) return []
    return groupsAmong(own, byHand).flatMap(({ members, refused }, at) => {
      if (members.every(({ parcel }) => parcel !== null) && members.length > 0) return []
      // Why something does not go with the first parcel is told once, beside that one.
      const others = at === 0 ? refused.map(({ order, why }) => ({ id: order.id, why })) : []
      return {
        receiverHash: first.receiverHash,
        members: [...members.map(({ id }) => ({ id, why: null })), ...others],
      }
    })
  })
}
