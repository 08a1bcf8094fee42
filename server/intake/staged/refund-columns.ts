import { type Doubt, type Refund, refundKinds, refundStatuses } from '../../connectors/connector.ts'
import { facet, hashFacet, idFacet } from '../../lib/facets.ts'
import { maskName } from '../../lib/mask.ts'
import { buyerKeyMonth, makeBuyerKeys } from '../../lib/people.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { textHash } from '../../lib/text-hash.ts'
import { doubtsToKeep } from '../doubt-rules.ts'
import { type RefundReason, type RefundState, refundStates } from '../lifecycle.ts'

export type RefundColumns = {
  refund: Refund
  facets: number[]
  people: number[]
  buyerMasked: string
  /** Null: the buyer is erased. */
  personal: Buffer | null
  doubts: readonly Doubt[] | null
}

/** The numbers are stored in rows: never change or reuse one. 4 was used by an earlier reason. */
const reasonNumbers = { '': 0, no_original: 1, original_fetching: 2, unknown_status: 3, doubtful: 5 } as const

export const refundStateFacet = (state: RefundState) => facet('standing', refundStates.indexOf(state) + 1)
export const refundReasonFacet = (reason: RefundReason | '') => facet('reason', reasonNumbers[reason])

/** State [1] and reason [2] come first, because later writes replace them by position. */
export function refundColumns(ring: KeyRing, shopId: string, refund: Refund): RefundColumns {
  const facets = [
    refundStateFacet('staged'),
    refundReasonFacet(''),
    idFacet('shop', shopId),
    facet('refundStatus', refundStatuses.indexOf(refund.status) + 1),
    facet('refundKind', refundKinds.indexOf(refund.refundKind) + 1),
    facet('refundPhase', refund.phase === 'onsale' ? 1 : 2),
  ]
  if (refund.outerId) facets.push(hashFacet('outerCode', textHash(refund.outerId)))
  return {
    refund,
    facets,
    people: makeBuyerKeys(ring, buyerKeyMonth(refund.createdAt), { nick: refund.buyerNick }),
    buyerMasked: maskName(refund.buyerNick),
    personal: seal(ring, shopId, JSON.stringify({ nick: refund.buyerNick })),
    doubts: doubtsToKeep(refund.doubts),
  }
}

/** Leaves the buyer out of the columns of a refund whose buyer is erased. */
export function withoutBuyer<Columns extends RefundColumns>(columns: Columns): Columns {
  const refund = { ...columns.refund, buyerNick: '', description: '' }
  return { ...columns, refund, people: [], buyerMasked: '', personal: null }
}

/** The facts on which a decision (已处理, 拒绝) was made. */
export type DecidedOn = { status: string; amountFen: number; kind: string; quantity: number; oid: string }

/**
 * True if the version reopens a decided refund: it is open, and its amount, kind, goods or status differs from `decided`. null: the decided
 * facts are unknown, which counts as different.
 */
export function reopens(decided: DecidedOn | null, refund: Refund): boolean {
  if (refund.status !== 'applied' && refund.status !== 'agreed') return false
  return (
    decided === null ||
    decided.status !== refund.status ||
    decided.amountFen !== refund.amountFen ||
    decided.kind !== refund.refundKind ||
    decided.quantity !== refund.quantity ||
    decided.oid !== refund.oid
  )
}
