import type { Scope } from '../actor.ts'
import type { Database } from '../db.ts'
import { inScope } from '../scope.ts'
import type { MergeTab } from './merge-contract.ts'
import { mergeFacts, receiversOfSeveral, withParcels } from './merge-queries.ts'
import { byHand, groupsAmong, type MergeFacts } from './merge-rules.ts'

type Why = { code: string; message: { zh: string; en: string } }
/** Orders to one receiver. `why`: what keeps it from leaving with the others; null: it may. */
export type Suggestion = { receiverHash: number; members: { id: string; why: Why | null }[] }

/** Before the first hash of all. */
export const firstHash = -(2 ** 31)

/**
 * Receivers to whom several open orders go, with what may leave together and, of each other order, why it may not. Reads only; a page looks
 * through a bounded stretch of the index, so it may be short, or empty, while `next` says that there is more.
 */
export async function mergeSuggestions(
  db: Database,
  { from, limit, tab = 'all' }: { from: number; limit: number; tab?: MergeTab },
  scope: Scope,
): Promise<{ rows: Suggestion[]; next: number | null }> {
  const { rows, next } = await receiversOfSeveral(db, { from, limit, scope })
  const ids = rows.flatMap((row) => row.ids)
  const facts = ids.length === 0 ? [] : await mergeFacts(db, await withParcels(db, ids))
  const seen = Map.groupBy(
    facts.filter(({ shopId }) => inScope(scope, shopId)),
    (order) => order.receiverHash,
  )
  const found = rows.flatMap(({ receiverHash }) => suggestionsOf(seen.get(receiverHash) ?? []))
  const wanted = tab === 'ready' ? found.filter((row) => together(row) > 1) : found
  // What can be done stands before what can only be read.
  return { rows: wanted.toSorted((one, other) => together(other) - together(one)), next }
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
