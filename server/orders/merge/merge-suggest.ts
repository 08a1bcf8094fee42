import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { mergeFacts, receiversOfSeveral, withShipments } from '../shipments/merge-queries.ts'
import { byHand, groupsAmong, type MergeFacts, type MergeGroup } from '../shipments/merge-rules.ts'
import type { mergeList } from './lists-contract.ts'

type Why = { code: string; message: LocalizedText }
export type Suggestion = { receiverHash: number; members: { id: string; why: Why | null }[] }

/** The lowest value that a receiver hash can have, at which the first page begins. */
export const firstHash = -(2 ** 31)

/**
 * `least`: the number of receivers that one query reads at least. `looks`: the most queries for one page of suggestions, so that a page
 * reads at most 10 × 20,000 index rows.
 */
const [least, looks] = [50, 10]

/**
 * Returns receivers with several open orders: those that can be merged, and for each other order the reason why not. Reads only. A page
 * reads on until it is full or has made `looks` queries; then it may be short or empty although `next` is not null.
 */
export async function mergeSuggestions(
  db: Database,
  { from, limit, tab = 'all' }: { from: number; limit: number; tab?: keyof typeof mergeList.tabs },
  scope: Scope,
): Promise<{ rows: Suggestion[]; next: number | null }> {
  const found: Suggestion[] = []
  let next: number | null = from
  for (let look = 0; look < looks && next !== null && found.length < limit; look += 1) {
    const page = await lookOn(db, { from: next, limit: Math.max(least, limit) }, scope)
    found.push(...page.rows.filter((row) => tab === 'all' || together(row) > 1))
    next = page.next
  }
  // The page ends after a whole receiver, so that the suggestions of one receiver stay together; the next page begins at the next hash.
  const last = found.at(limit - 1)?.receiverHash
  const rows = last === undefined ? found : found.filter(({ receiverHash }) => receiverHash <= last)
  rows.sort((one, other) => together(other) - together(one))
  return { rows, next: last !== undefined && rows.length < found.length ? last + 1 : next }
}

async function lookOn(
  db: Database,
  page: { from: number; limit: number },
  scope: Scope,
): Promise<{ rows: Suggestion[]; next: number | null }> {
  const { rows, next } = await receiversOfSeveral(db, { ...page, scope })
  const ids = rows.flatMap((row) => row.ids)
  const facts = ids.length === 0 ? [] : await mergeFacts(db, await withShipments(db, ids))
  const byHash = Map.groupBy(facts, (order) => order.receiverHash)
  const suggestions = rows.flatMap(({ receiverHash }) => {
    const all = byHash.get(receiverHash) ?? []
    return suggestionsOf(
      all.filter(({ shopId }) => inScope(scope, shopId)),
      all,
    )
  })
  return { rows: suggestions, next }
}

const together = ({ members }: Suggestion) => members.filter(({ why }) => why === null).length

/**
 * Makes the suggestions for the orders with one receiver hash. A hash has 32 bits, so two receivers can have the same one; the orders are
 * therefore divided by masked receiver and region too.
 */
function suggestionsOf(orders: readonly MergeFacts[], all: readonly MergeFacts[]): Suggestion[] {
  const receivers = Map.groupBy(orders, ({ receiverMasked, region }) =>
    JSON.stringify([receiverMasked, region]),
  )
  return [...receivers.values()].flatMap((own) => {
    const [first] = own
    if (!first || new Set(own.map(({ rootId }) => rootId)).size < 2) return []
    const groups = groupsAmong(own, byHand, all)
    const shown = groups.filter(
      ({ members }) => members.length === 0 || members.some(({ parcel }) => parcel === null),
    )
    return shown.map((group, at) => {
      // Orders that cannot join are listed once, with the receiver's first shipment that is shown.
      const others = at === 0 ? refusedBeside(group, groups[0] ?? group) : []
      return {
        receiverHash: first.receiverHash,
        members: [
          ...group.members.map(({ id }) => ({ id, why: null })),
          ...others.map(({ order, why }) => ({ id: order.id, why })),
        ],
      }
    })
  })
}

/** The orders that a group refuses, and those that no group takes, which only the first group names. */
function refusedBeside(group: MergeGroup, first: MergeGroup): MergeGroup['refused'] {
  const named = new Set([...group.members, ...group.refused.map(({ order }) => order)])
  return [...group.refused, ...first.refused.filter(({ order }) => group !== first && !named.has(order))]
}
