import { yuanFromFen } from '../../lib/money.ts'
import { PlatformError } from '../../lib/platform-error.ts'
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
  idAt,
  isFields,
  largestFen,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { type GivenBack, givenBackByLine } from '../given-back.ts'
import { type ChainAt, type ChainedPage, onceMade, rowsAfter, type Window } from '../lists.ts'
import { getWoo } from './client.ts'
import { isNoOrder } from './errors.ts'
import { exact, pathOf, signedFenAt, utcAt } from './fields.ts'
import { specOf } from './lines.ts'
import { everyRow, spanOf } from './lists.ts'
import { isRefunded } from './statuses.ts'
import { refundedLineKey } from './unverified.ts'

const orderFields = 'id,status,refunds,date_modified_gmt'

/**
 * The refunds of the orders that changed, which a refund changes too. Orders are counted, of which one may have several refunds; so the list is read as a
 * chain, until two readings agree.
 */
export async function listChanged(
  call: Call,
  window: Window,
  { after, size, made }: ChainAt<RefundItem>,
): Promise<ChainedPage<RefundItem>> {
  const number = wholeAt({ after }, 'after', 1, Number.MAX_SAFE_INTEGER) ?? 1
  const page = { page: String(number), per_page: String(size) }
  const params = { ...spanOf('modified', window), status: 'any', _fields: orderFields, ...page }
  const { rows, total } = await getWoo(call, 'orders', params)
  const items: RefundItem[] = []
  for (const row of rows) {
    const order = isFields(row) ? row : {}
    items.push(...(await onceMade(made, row, async () => refundsIn(order, await refundRowsOf(call, order)))))
  }
  const hasNext = rowsAfter(needed(total, 'X-WP-Total'), rows, { number, size })
  return { items, next: hasNext ? String(number + 1) : null }
}

/** GET /orders/{id}/refunds, if the order names any. */
export async function refundRowsOf(call: Call, order: Fields): Promise<readonly unknown[]> {
  if (listAt(order, 'refunds', '').length === 0) return []
  const rows = await everyRow(call, `${pathOf(idAt(order, 'id'))}/refunds`, exact)
  if (rows.length > 0) return rows
  throw new PlatformError('retry', 'bad_answer', 'The order names refunds, and none is shown.')
}

/** The refund as it is now; undefined if the order has no such refund. Its number has that of the order in front. */
export async function refundDetail(
  call: Call,
  { refundId }: Pick<RefundRef, 'refundId'>,
): Promise<RefundDetail | undefined> {
  const [tid = '', number = '', ...rest] = refundId.split('-')
  if (number === '' || rest.length !== 1) return undefined
  return ifThere(isNoOrder, async () => {
    return refundAmong(await refundsOf(call, tid), refundId)
  })
}

async function refundsOf(call: Call, tid: string): Promise<(ListedRefund | BadItem)[]> {
  const { data } = await getWoo(call, pathOf(tid), { _fields: orderFields })
  return refundsIn(data, await refundRowsOf(call, data))
}

/** Asks for the refunds of an order. An unknown order is refused. */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  return (await refundsOf(call, tid)).map(refundBriefOf)
}

/**
 * Returns the refunds of an order, one for each line that money was given back of: one refund there may be of several lines. An amount of no line, such as
 * freight, is one more.
 */
export function refundsIn(order: Fields, rows: readonly unknown[]): (ListedRefund | BadItem)[] {
  return rows.flatMap((value): (ListedRefund | BadItem)[] => {
    const row = isFields(value) ? value : {}
    const [tid, number, at] = [idAt(order, 'id'), idAt(row, 'id'), utcAt(row, 'date_created_gmt')]
    const reason = !tid ? 'no id of the order' : !number ? 'no id' : at ? '' : 'no date_created_gmt'
    const raw = rawOf(value)
    if (reason || !at) return [{ kind: 'bad', id: number || null, reason, raw }]
    return partsOf(row).map((part) => ({ ...refundOf(order, row, { part, tid, number, at }), raw }))
  })
}

/** `item` undefined: the rest of the amount, which is of no line. */
type Part = { oid: string; item?: Fields; fen: number; pieces: number; doubts: Doubts }

function partsOf(row: Fields): Part[] {
  const amount = signedFenAt(row, 'amount', '')
  /** Without the whole amount, the amounts of the lines are taken as they are stated, each with a doubt. */
  const doubtsOf = (fen: number): Doubts => {
    const doubts: Doubts = []
    if (amount === null) note(doubts, 'refund_amount', row.amount, { guess: yuanFromFen(fen) })
    return doubts
  }
  const parts = listAt(row, 'line_items', '')
    .filter(isFields)
    .map((item): Part => {
      const fen = Math.abs(signedFenAt(item, 'total', 'total_tax') ?? 0)
      const pieces = Math.abs(wholeAt(item, 'quantity', -1_000_000, 1_000_000) ?? 0)
      return { oid: lineIn(item), item, fen, pieces, doubts: doubtsOf(fen) }
    })
    .filter(({ oid, fen, pieces }) => oid !== '' && fen + pieces > 0)
  const places = new Map(parts.map((part) => [part.oid, part]))
  const sum = [...places.values()].reduce((total, { fen }) => Math.min(total + fen, largestFen), 0)
  const rest = Math.max(Math.abs(amount ?? 0) - sum, 0)
  // Each line is rounded by itself.
  const isNothing = places.size > 0 && rest <= places.size
  return [
    ...places.values(),
    ...(isNothing ? [] : [{ oid: '', fen: rest, pieces: 0, doubts: doubtsOf(rest) }]),
  ]
}

/** The number of the order's line of which a line of a refund is. */
function lineIn(item: Fields): string {
  const meta = listAt(item, 'meta_data', '')
    .filter(isFields)
    .find(({ key }) => key === refundedLineKey)
  return meta ? idAt(meta, 'value') : ''
}

type Found = { part: Part; tid: string; number: string; at: Date }

/** A refund is final: the seller has given the money back, or has noted that they did. */
function refundOf(order: Fields, row: Fields, { part, tid, number, at }: Found): Refund {
  const { oid, item = {}, fen, pieces, doubts } = part
  const isWhole = oid === '' && isRefunded(textAt(order, 'status', longest.word))
  const refund: Refund = {
    kind: 'refund',
    refundId: `${tid}-${number}-${oid || '0'}`,
    tid,
    oid,
    // An amount without pieces is a difference: the goods stay with the order.
    refundKind: pieces > 0 || isWhole ? 'refund_only' : 'money_only',
    phase: 'onsale',
    status: 'succeeded',
    platformStatus: 'refunded',
    version: number,
    amountFen: fen,
    quantity: pieces,
    title: textAt(item, 'name', longest.title),
    spec: specOf(item),
    outerId: textAt(item, 'sku', longest.name),
    reason: textAt(row, 'reason', longest.title),
    description: '',
    goodsReceived: 'unknown',
    carrier: '',
    waybillNo: '',
    createdAt: at,
    modifiedAt: at,
    deadline: null,
    buyerNick: '',
    constraint: '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

/** Returns the pieces and the money that have been given back of each line of an order. */
export const givenBackIn = (rows: readonly unknown[]): ReadonlyMap<string, GivenBack> =>
  givenBackByLine(rows.filter(isFields).flatMap(partsOf))
