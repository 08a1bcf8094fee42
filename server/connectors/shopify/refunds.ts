import { apportion, yuanFromFen } from '../../lib/money.ts'
import { type RefundBrief, refundBriefOf } from '../asking.ts'
import type {
  BadItem,
  Call,
  ListedRefund,
  Refund,
  RefundDetail,
  RefundItem,
  RefundRef,
} from '../connector.ts'
import { ifThere, refundAmong } from '../documents.ts'
import {
  type Doubts,
  type Fields,
  fieldsAt,
  isFields,
  largestFen,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
} from '../fields.ts'
import { type GivenBack, givenBackByLine } from '../given-back.ts'
import { type ChainAt, type ChainedPage, onceMade, type Window } from '../lists.ts'
import { type Backs, backsNamed, backsOf, refundRow, returnRow, rowsNamed } from './back-rows.ts'
import { isNoOrder } from './errors.ts'
import { amountAt, gid, numberAt, utcAt } from './fields.ts'
import { backFenIn, specOf } from './lines.ts'
import { ordersOf } from './lists.ts'
import { changedRefunds } from './queries.ts'
import { returnNumberIn, returnsIn } from './returns.ts'

/** The refunds of the orders that changed, which a refund changes too. */
export async function listChanged(
  call: Call,
  window: Window,
  at: ChainAt<RefundItem>,
): Promise<ChainedPage<RefundItem>> {
  const { rows, next } = await ordersOf(call, changedRefunds, { by: 'modified', window }, at)
  const items: RefundItem[] = []
  for (const row of rows) {
    const order = isFields(row) ? row : {}
    items.push(...(await onceMade(at.made, row, async () => itemsOf(await backsOf(call, order)))))
  }
  return { items, next }
}

/** The refunds and the returns of an order. */
const itemsOf = ({ refunds, returns }: Backs): (ListedRefund | BadItem)[] => [
  ...refundsIn(refunds),
  ...returnsIn(returns),
]

/** The refund as it is now; undefined if the order has no such refund. Its number has that of the order in front, and that of its line behind. */
export async function refundDetail(
  call: Call,
  { refundId }: Pick<RefundRef, 'refundId'>,
): Promise<RefundDetail | undefined> {
  const [tid = '', number = '', ...rest] = refundId.split('-')
  if (returnNumberIn(refundId) !== '') return lineOfReturn(call, tid, refundId)
  if (!/^\d+$/.test(number) || rest.length !== 1) return undefined
  return ifThere(isNoOrder, async () => {
    const named = await backsNamed(call, tid)
    if (!named.refunds.some((one) => numberAt(one, 'id') === number)) return undefined
    return refundAmong(refundsIn([await refundRow(call, gid('Refund', number))]), refundId)
  })
}

async function lineOfReturn(call: Call, tid: string, refundId: string): Promise<RefundDetail | undefined> {
  const row = await returnRow(call, gid('Return', returnNumberIn(refundId)))
  const isOfTrade = row !== undefined && numberAt(fieldsAt(row, 'order'), 'id') === tid
  return refundAmong(isOfTrade ? returnsIn([row]) : [], refundId)
}

/** Asks for the refunds of an order. An unknown order is refused. */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  return itemsOf(await rowsNamed(call, await backsNamed(call, tid))).map(refundBriefOf)
}

/** Returns one refund for each line that was given back, with its pieces and amount. An amount of no line, such as freight, is one more. Never throws. */
export function refundsIn(rows: readonly Fields[]): (ListedRefund | BadItem)[] {
  return rows.flatMap((row): (ListedRefund | BadItem)[] => {
    const [tid, number] = [numberAt(fieldsAt(row, 'order'), 'id'), numberAt(row, 'id')]
    const at = utcAt(row, 'createdAt')
    const reason = !tid ? 'no id of the order' : !number ? 'no id' : at ? '' : 'no createdAt'
    const raw = rawOf(row)
    if (reason || !at) return [{ kind: 'bad', id: number || null, reason, raw }]
    const modifiedAt = utcAt(row, 'updatedAt') ?? at
    // The lines of a return have their own numbers from the time when it was asked for; only the amount of no line is left.
    const isOfReturn = numberAt(fieldsAt(row, 'return'), 'id') !== ''
    const parts = partsOf(row).filter(({ oid }) => !isOfReturn || oid === '')
    return parts.map((part) => ({ ...refundOf(row, { part, tid, number, at, modifiedAt }), raw }))
  })
}

/** `item` undefined: the rest of the amount, which is of no line. */
type Part = { oid: string; item?: Fields; fen: number; pieces: number; isBack: boolean; doubts: Doubts }

function partsOf(row: Fields): Part[] {
  const amount = amountAt(row, 'totalRefundedSet')
  /** Without the whole amount, the amounts of the lines are taken as they are stated, each with a doubt. */
  const doubtsOf = (fen: number): Doubts => {
    const doubts: Doubts = []
    const raw = fieldsAt(row, 'totalRefundedSet').shopMoney
    if (amount === null) note(doubts, 'refund_amount', raw, { guess: yuanFromFen(fen) })
    return doubts
  }
  const places = new Map<string, Part>()
  for (const item of listAt(fieldsAt(row, 'refundLineItems'), 'nodes', '').filter(isFields)) {
    const oid = numberAt(fieldsAt(item, 'lineItem'), 'id')
    const before = places.get(oid)
    const fen = backFenIn(item, fieldsAt(row, 'order'))
    const pieces = wholeAt(item, 'quantity', 0, 1_000_000) ?? 0
    if (oid === '') continue
    places.set(oid, {
      ...{ oid, item: fieldsAt(item, 'lineItem'), doubts: [] },
      fen: Math.min((before?.fen ?? 0) + fen, largestFen),
      pieces: Math.min((before?.pieces ?? 0) + pieces, 1_000_000),
      isBack: textAt(item, 'restockType', longest.word) === 'RETURN',
    })
  }
  const lines = [...places.values()].filter(({ fen, pieces }) => fen + pieces > 0)
  const stated = lines.map(({ fen }) => fen)
  const sum = stated.reduce((total, fen) => Math.min(total + fen, largestFen), 0)
  // Goods may be taken out of an order for less money than they cost, or for none.
  const given = amount === null ? stated : apportion(Math.min(sum, amount), stated)
  const parts = lines.map((line, at): Part => {
    const fen = given[at] ?? 0
    return { ...line, fen, doubts: doubtsOf(fen) }
  })
  const rest = Math.max((amount ?? 0) - sum, 0)
  // Each line is rounded by itself.
  const isNothing = parts.length > 0 && rest <= parts.length
  return isNothing
    ? parts
    : [...parts, { oid: '', fen: rest, pieces: 0, isBack: false, doubts: doubtsOf(rest) }]
}

type Found = { part: Part; tid: string; number: string; at: Date; modifiedAt: Date }

/** A refund is final: the seller has given the money back, or has taken goods out of the order. */
function refundOf(row: Fields, { part, tid, number, at, modifiedAt }: Found): Refund {
  const { oid, item = {}, fen, pieces, isBack, doubts } = part
  const refund: Refund = {
    kind: 'refund',
    refundId: `${tid}-${number}-${oid || '0'}`,
    tid,
    oid,
    // An amount without pieces is a difference: the goods stay with the order.
    refundKind: pieces > 0 ? 'refund_only' : 'money_only',
    phase: 'onsale',
    status: 'succeeded',
    platformStatus: 'REFUNDED',
    version: number,
    amountFen: fen,
    quantity: pieces,
    title: textAt(item, 'title', longest.title),
    spec: specOf(item, 'variantTitle'),
    outerId: textAt(item, 'sku', longest.name),
    reason: textAt(row, 'note', longest.title),
    description: '',
    goodsReceived: isBack ? 'returned' : 'unknown',
    carrier: '',
    waybillNo: '',
    createdAt: at,
    modifiedAt,
    deadline: null,
    buyerNick: '',
    constraint: '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

/** Returns the pieces and the money that have been given back of each line of an order. */
export const givenBackIn = (rows: readonly Fields[]): ReadonlyMap<string, GivenBack> =>
  givenBackByLine(rows.flatMap(partsOf))
