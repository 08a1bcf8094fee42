import {
  type Doubt,
  type Receiver,
  type Trade,
  type TradeLine,
  type TradeStatus,
  tradeStatuses,
} from '../../connectors/connector.ts'
import { facet, has, hashFacet, idFacet } from '../../lib/facets.ts'
import { maskName, maskReceiver, regionOf, withheldText } from '../../lib/mask.ts'
import { buyerKeyMonth, makeBuyerKeys, receiverHashes } from '../../lib/people.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import { designatedFacets, tradeTypeFacet } from '../../orders/order/facets.ts'
import type { Personal } from '../../orders/order/personal.ts'
import { doubtsToKeep, openDoubts } from '../doubt-rules.ts'
import {
  processedBySystem,
  restOf,
  type ShopFacts,
  type TradeFacts,
  type TradeReason,
  type TradeState,
  tradeReasons,
  tradeStates,
  whyNotConvertible,
} from '../lifecycle.ts'

/** The columns of a staged trade, for `unnest`. Wide values are text or bytes already. */
export type TradeColumns = {
  tid: string
  state: TradeState
  note: string
  modifiedAt: Date
  status: string
  platformStatus: string
  tradeType: string
  orderedAt: Date
  paidAt: Date | null
  shipBy: Date | null
  planAt: Date | null
  cod: boolean
  finalUnpaid: boolean
  flag: number
  /** True: the platform says nothing of a flag, so none is compared. */
  flagUnsaid: boolean
  paymentFen: number
  postFeeFen: number
  discountFen: number
  subsidyFen: number
  quantity: number
  lineCount: number
  linesApplied: number
  linesRefunded: number
  openRefunds: number
  /**
   * Hashes of the receiver, one for each sealing key, that of the current key first. The first is stored; a stored hash is compared with
   * all of them.
   */
  receiverHashes: readonly number[]
  doubts: readonly Doubt[] | null
  reason: string
  facets: number[]
  people: number[]
  holds: readonly string[]
  buyerMessage: string
  sellerMemo: string
  buyerMasked: string
  receiverMasked: string
  region: string
  lines: readonly TradeLine[]
  /** Null: the buyer is erased. */
  personal: Buffer | null
}

/**
 * The first four facets of a trade are refund, status, reason and state. Later writes replace them by position. The others change only with
 * a new detail and are copied to the order.
 */
export const ownFacets = 4
export const tradeRefundFacet = (open: boolean, refunded: boolean) =>
  facet('refund', open ? 1 : refunded ? 2 : 0)
export const tradeStatusFacet = (status: TradeStatus) =>
  facet('tradeStatus', tradeStatuses.indexOf(status) + 1)
const reasonPositions = new Map<string, number>(tradeReasons.map((reason, at) => [reason, at + 1]))
export const tradeReasonFacet = (reason: TradeReason | '') =>
  facet('reason', reasonPositions.get(reason) ?? 0)
export const tradeStateFacet = (state: TradeState) => facet('standing', tradeStates.indexOf(state) + 1)

/** Returns the columns of a trade: masked texts, sealed data, keyed hashes, reason and facets. */
export function tradeColumns(
  ring: KeyRing,
  { id: shopId, facts: shop }: { id: string; facts: ShopFacts },
  trade: Trade,
  {
    openRefunds = 0,
    doubtsTaken = null,
  }: { openRefunds?: number; doubtsTaken?: readonly Doubt[] | null } = {},
): TradeColumns {
  const doubts = doubtsToKeep(trade.doubts, trade.status === 'unknown' ? [] : trade.lines)
  const linesApplied = trade.lines.filter((line) => line.refund === 'applied').length
  const linesRefunded = trade.lines.filter((line) => line.refund === 'succeeded').length
  const facts: TradeFacts = {
    ...trade,
    orderedAt: trade.createdAt,
    linesApplied,
    linesRefunded,
    openRefunds,
    rest: restOf(trade.lines),
    doubts: openDoubts(doubts, doubtsTaken),
    lineCount: trade.lines.length,
  }
  const note = processedBySystem(facts)
  const state: TradeState = note ? 'processed' : 'staged'
  const reason = whyNotConvertible(facts, shop)
  const receiver = distinctReceiver(trade)
  const facets = [
    tradeRefundFacet(linesApplied + openRefunds > 0, linesRefunded > 0),
    tradeStatusFacet(trade.status),
    tradeReasonFacet(reason),
    tradeStateFacet(state),
    ...fixedFacets(shopId, trade),
  ]
  return {
    tid: trade.tid,
    state,
    note: note ?? '',
    modifiedAt: trade.modifiedAt,
    status: trade.status,
    platformStatus: trade.platformStatus,
    tradeType: trade.type,
    orderedAt: trade.createdAt,
    paidAt: trade.paidAt,
    // The deadline is stored only while we may still have to ship the goods.
    shipBy: ['unpaid', 'paid', 'partly_shipped', 'unknown'].includes(trade.status) ? trade.shipBy : null,
    planAt: trade.planAt,
    cod: trade.cod,
    finalUnpaid: trade.finalUnpaid,
    flag: trade.flag,
    flagUnsaid: trade.flagUnsaid === true,
    paymentFen: trade.paymentFen,
    postFeeFen: trade.postFeeFen,
    discountFen: trade.discountFen,
    subsidyFen: trade.subsidyFen,
    quantity: trade.lines.reduce((sum, line) => sum + line.quantity, 0),
    lineCount: trade.lines.length,
    linesApplied,
    linesRefunded,
    openRefunds,
    receiverHashes: receiverHashes(ring, receiver, { shopId, nick: trade.buyer.nick }),
    doubts,
    reason,
    facets,
    people: makeBuyerKeys(ring, buyerKeyMonth(trade.createdAt), { nick: trade.buyer.nick, receiver }),
    holds: trade.holds,
    buyerMessage: trade.buyerMessage,
    sellerMemo: trade.sellerMemo,
    buyerMasked: maskName(trade.buyer.nick),
    receiverMasked: maskReceiver(receiver),
    region: regionOf(receiver),
    lines: trade.lines,
    personal: seal(ring, shopId, JSON.stringify({ nick: trade.buyer.nick, receiver } satisfies Personal)),
  }
}

/** Leaves the buyer out of the columns of a trade whose buyer is erased. The province stays, for the reports. */
export function withoutBuyer(columns: TradeColumns): TradeColumns {
  return {
    ...columns,
    receiverHashes: [0],
    people: [],
    buyerMessage: '',
    sellerMemo: '',
    buyerMasked: '',
    receiverMasked: '',
    region: columns.region.split(' ')[0] ?? '',
    personal: null,
  }
}

/**
 * Returns the receiver so that a stranger does not count as the same person. A withheld part is equal for all, so unless the platform names
 * the receiver, it is that of this trade alone.
 */
function distinctReceiver({ tid, receiver, buyer }: Trade): Receiver {
  const { name, mobile, phone, address, token, identity } = receiver
  const isWithheld =
    [name, mobile, phone, address].includes(withheldText) || (token !== '' && buyer.nick === withheldText)
  return isWithheld && !identity ? { ...receiver, identity: tid } : receiver
}

// Index rows have a maximum size. In a trade of 200 lines the last goods cannot be searched.
const facetsMax = 400

function fixedFacets(shopId: string, trade: Trade): number[] {
  const { receiver, lines } = trade
  const facets = [idFacet('shop', shopId), tradeTypeFacet(trade.type), facet('flag', trade.flag)]
  facets.push(facet('has', trade.buyerMessage ? has.message : has.noMessage))
  facets.push(facet('has', trade.sellerMemo ? has.memo : has.noMemo))
  facets.push(facet('has', lines.length > 1 ? has.severalLines : has.oneLine))
  facets.push(facet('has', trade.cod ? has.cod : has.noCod))
  if (trade.holds.length > 0) facets.push(facet('has', has.hold))
  if (trade.invoice) facets.push(facet('has', has.invoice))
  if (trade.oversold) facets.push(facet('has', has.oversold))
  if (trade.toDoor) facets.push(facet('has', has.toDoor))
  facets.push(...designatedFacets(trade.designated ?? []))
  if (receiver.province) facets.push(hashFacet('province', textHash(shortRegion(receiver.province))))
  for (const line of lines) facets.push(...goodsFacets(line))
  return [...new Set(facets)].slice(0, facetsMax)
}

function goodsFacets(line: { itemId: string; outerSkuId: string; outerItemId: string }): number[] {
  const code = line.outerSkuId || line.outerItemId
  return [
    ...(line.itemId ? [hashFacet('item', textHash(line.itemId))] : []),
    ...(code ? [hashFacet('outerCode', textHash(code))] : []),
  ]
}
