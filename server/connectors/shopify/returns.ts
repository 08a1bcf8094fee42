import { PlatformError } from '../../lib/platform-error.ts'
import {
  type AgreeAnswer,
  type AgreeInput,
  agreeEach,
  alreadyAnswered,
  changedRefund,
  type RefuseInput,
} from '../answers.ts'
import type { BadItem, Call, ListedRefund, Refund, RefundRef, RefundStatus } from '../connector.ts'
import {
  entryOf,
  type Fields,
  fieldsAt,
  isFields,
  largestFen,
  listAt,
  longest,
  rawOf,
  textAt,
  wholeAt,
} from '../fields.ts'
import { returnRow } from './back-rows.ts'
import { change } from './client.ts'
import { gid, numberAt, utcAt } from './fields.ts'
import { askedFenIn, backFenIn, specOf } from './lines.ts'
import { approveReturn, declineReturn } from './queries.ts'
import { declineReasons, returnStatuses } from './return-words.ts'

/** The number of the return in the number of one of its lines; '' for that of a refund. */
export const returnNumberIn = (refundId: string): string => /^\d+-r(\d{1,19})-\d+$/.exec(refundId)?.[1] ?? ''

/** Returns one refund for each line of a return, which a buyer asks for and the seller approves. Never throws. */
export function returnsIn(rows: readonly Fields[]): (ListedRefund | BadItem)[] {
  return rows.flatMap((row): (ListedRefund | BadItem)[] => {
    const order = fieldsAt(row, 'order')
    const [tid, number] = [numberAt(order, 'id'), numberAt(row, 'id')]
    const [createdAt, modifiedAt] = [utcAt(row, 'createdAt'), utcAt(order, 'updatedAt')]
    const reason = !tid ? 'no id of the order' : !number ? 'no id' : createdAt ? '' : 'no createdAt'
    const raw = rawOf(row)
    if (reason || !createdAt) return [{ kind: 'bad', id: number || null, reason, raw }]
    const times = { createdAt, modifiedAt: modifiedAt ?? createdAt }
    return linesIn(row).map((line) => ({ ...refundOf(row, line, { tid, number, ...times }), raw }))
  })
}

type Line = { oid: string; item: Fields; of: Fields; fen: number; pieces: number }

/** Rows of one line are one. */
function linesIn(row: Fields): Line[] {
  const places = new Map<string, Line>()
  for (const of of listAt(fieldsAt(row, 'returnLineItems'), 'nodes', '').filter(isFields)) {
    const item = fieldsAt(fieldsAt(of, 'fulfillmentLineItem'), 'lineItem')
    const oid = numberAt(item, 'id')
    const before = places.get(oid)
    if (oid === '') continue
    const fen = askedFenIn(of, fieldsAt(row, 'order'))
    const pieces = wholeAt(of, 'quantity', 0, 1_000_000) ?? 0
    places.set(oid, {
      ...{ oid, item, of },
      fen: Math.min((before?.fen ?? 0) + fen, largestFen),
      pieces: Math.min((before?.pieces ?? 0) + pieces, 1_000_000),
    })
  }
  return [...places.values()]
}

/** The money that was given back of a line for its return; null: nothing yet. */
function paidOf(row: Fields, oid: string): number | null {
  const paid = listAt(fieldsAt(row, 'refunds'), 'nodes', '')
    .filter(isFields)
    .flatMap((refund) => listAt(fieldsAt(refund, 'refundLineItems'), 'nodes', '').filter(isFields))
    .filter((item) => numberAt(fieldsAt(item, 'lineItem'), 'id') === oid)
    .map((item) => backFenIn(item, fieldsAt(row, 'order')))
  return paid.length === 0 ? null : paid.reduce((sum, fen) => Math.min(sum + fen, largestFen), 0)
}

/** A return that is over without money has come to nothing. */
function statusOf(word: string, isPaid: boolean): RefundStatus {
  const is = entryOf(returnStatuses, word) ?? 'unknown'
  return isPaid && (is === 'agreed' || is === 'closed') ? 'succeeded' : is
}

const asked = '1'

/** The platform has no version of a return. Its stages follow each other, so a later one is newer within the same second. */
const stageOf = (word: string, isPaid: boolean): string =>
  word === 'REQUESTED' ? asked : isPaid ? '3' : word === 'OPEN' ? '2' : '4'

type Found = { tid: string; number: string; createdAt: Date; modifiedAt: Date }

function refundOf(row: Fields, { oid, item, of, fen, pieces }: Line, found: Found): Refund {
  const { tid, number, createdAt, modifiedAt } = found
  const paid = paidOf(row, oid)
  const platformStatus = textAt(row, 'status', longest.word)
  const parcel = parcelIn(row)
  const reason = textAt(fieldsAt(of, 'returnReasonDefinition'), 'name', longest.title)
  const note = textAt(of, 'returnReasonNote', longest.text)
  return {
    kind: 'refund',
    refundId: `${tid}-r${number}-${oid}`,
    tid,
    oid,
    refundKind: 'return',
    phase: 'onsale',
    status: statusOf(platformStatus, paid !== null),
    platformStatus,
    version: stageOf(platformStatus, paid !== null),
    amountFen: paid ?? fen,
    quantity: pieces,
    title: textAt(item, 'title', longest.title),
    spec: specOf(item, 'variantTitle'),
    outerId: textAt(item, 'sku', longest.name),
    reason: reason || note.slice(0, longest.title).toWellFormed(),
    description: textAt(of, 'customerNote', longest.text) || note,
    goodsReceived: parcel.waybillNo === '' ? 'received' : 'returned',
    ...parcel,
    createdAt,
    modifiedAt,
    deadline: null,
    buyerNick: '',
    constraint: '',
  }
}

/** The parcel in which the goods come back, if the seller or an app has entered one. */
function parcelIn(row: Fields): { carrier: string; waybillNo: string } {
  const [tracking] = listAt(fieldsAt(row, 'reverseFulfillmentOrders'), 'nodes', '')
    .filter(isFields)
    .flatMap((work) => listAt(fieldsAt(work, 'reverseDeliveries'), 'nodes', '').filter(isFields))
    .map((delivery) => fieldsAt(fieldsAt(delivery, 'deliverable'), 'tracking'))
    .filter((one) => textAt(one, 'number', 1) !== '')
  return {
    carrier: textAt(tracking ?? {}, 'carrierName', longest.name),
    waybillNo: textAt(tracking ?? {}, 'number', longest.word),
  }
}

/** Agrees that goods are sent back. The money is given back in the admin, once they have come. */
export const agreeRefund = (call: Call, input: AgreeInput): Promise<AgreeAnswer> =>
  agreeEach(input, async (seen) => {
    const id = await askedFor(call, seen, 'OPEN')
    await change(call, approveReturn, { input: { id, notifyCustomer: true } })
  })

/** Declines a return that a buyer asks for, with one of the platform's reasons and a note to the buyer. */
export async function refuseRefund(call: Call, { reasonId, message, ...seen }: RefuseInput): Promise<void> {
  if (entryOf(declineReasons, reasonId) === undefined)
    throw new PlatformError('rejected', 'parameter', 'The platform has no such reason.')
  if (message.length > 500)
    throw new PlatformError('rejected', 'message_length', 'A note has 500 characters at most.')
  const id = await askedFor(call, seen, 'DECLINED')
  const note = message === '' ? {} : { declineNote: message }
  await change(call, declineReturn, { input: { id, declineReason: reasonId, notifyCustomer: true, ...note } })
}

export const refuseReasons = async (): Promise<{ id: string; text: string }[]> =>
  Object.entries(declineReasons).map(([id, text]) => ({ id, text }))

/** The return of a refund that waits for the seller, which is looked at just before the answer. `then`: its status after this answer. */
async function askedFor(
  call: Call,
  { refundId, version }: Pick<RefundRef, 'refundId' | 'version'>,
  then: 'OPEN' | 'DECLINED',
): Promise<string> {
  const number = returnNumberIn(refundId)
  if (number === '')
    throw new PlatformError(
      'rejected',
      'unsupported',
      'Money that the seller has given back needs no answer.',
    )
  const id = gid('Return', number)
  const row = await returnRow(call, id)
  if (!row) throw new PlatformError('rejected', 'refund_not_found', 'The shop has no such return.')
  const status = textAt(row, 'status', longest.word)
  if (status === 'REQUESTED') return id
  if (version === asked) throw status === then ? alreadyAnswered() : changedRefund()
  throw new PlatformError(
    'rejected',
    'unsupported',
    'The return was answered; its money is given back in the admin.',
  )
}

/** The lines of which a return is not over. */
export const askedBackIn = (rows: readonly Fields[]): ReadonlySet<string> =>
  new Set(
    returnsIn(rows).flatMap((item) =>
      item.kind === 'refund' && (item.status === 'applied' || item.status === 'agreed') ? [item.oid] : [],
    ),
  )
