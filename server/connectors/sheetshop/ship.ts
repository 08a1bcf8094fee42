import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { type CourierNames, couriers } from '../couriers.ts'
import { entryOf, type Fields, fieldsOf, idAt, isFields, listAt, textAt, wholeAt } from '../fields.ts'
import type { ShipFailure, ShipInput } from '../parcels.ts'
import { booksOf } from '../posted/books.ts'
import { briefOf } from '../posted/refunds.ts'
import { tradeDetail } from '../posted/trades.ts'
import { shippedBy, shippingWith, shipWith } from '../shipping.ts'

/** The sheet of parcels names couriers by our words; its columns may show our codes too. */
export const carriers: CourierNames = Object.fromEntries(couriers.map(({ code }) => [code, code]))

/**
 * There is no platform to call: the parcel is written into the books of the shop, so that its trade is shipped like any other. The sheet for
 * the platform takes its rows from the deliveries whose write-back is done (`fulfilment/handouts`).
 */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  shippingWith(carriers, input)
  await shipWith(input, () => write(call, input), { meaningOf, look: () => tradeDetail(call, input.tid) })
}

export const shipped = shippedBy(tradeDetail)

const refused = (code: string, message: string) => new PlatformError('rejected', code, message)
const meanings: Readonly<Record<string, ShipFailure>> = {
  refund_open: 'refund_open',
  parameter: 'parameter',
  trade_not_found: 'other',
}
const meaningOf = (error: PlatformError): ShipFailure | undefined => entryOf(meanings, error.code)

async function write(call: Call, input: ShipInput): Promise<void> {
  const { tid, oids } = input
  const isOpen = ({ oid, status }: { oid: string; status: string }) =>
    (status === 'applied' || status === 'agreed') && (oid === '' || oids.length === 0 || oids.includes(oid))
  const isKnown = await booksOf(call).revise(tid, (trade, refunds, at) => {
    if (refunds.map(briefOf).some(isOpen))
      throw refused('refund_open', 'The sheet has an open refund of these goods.')
    return withParcel(trade, input, at)
  })
  if (!isKnown) throw refused('trade_not_found', 'No sheet had such a trade.')
}

const isOver = (status: string) =>
  status.startsWith('closed') || status === 'shipped' || status === 'finished'

/** Returns the trade with the parcel: `sent` of a line has its pieces that left, and `waybillNos` their waybills. Exported for tests. */
export function withParcel(trade: string, { oids, goods, waybillNo }: ShipInput, at: Date): string {
  const document = fieldsOf(trade) ?? {}
  const lines = listAt(document, 'lines', '').filter(isFields)
  const status = textAt(document, 'status', 64)
  const statusOf = (line: Fields) => textAt(line, 'status', 64) || status
  const known = lines.map((line) => idAt(line, 'oid'))
  if (oids.some((oid) => !known.includes(oid)))
    throw refused('parameter', 'The trade has no line with this number.')
  const quantityOf = (line: Fields) => wholeAt(line, 'quantity', 1, 1_000_000) ?? 1
  const sentOf = (line: Fields) =>
    wholeAt(line, 'sent', 0, 1_000_000) ?? (isOver(statusOf(line)) ? quantityOf(line) : 0)
  const isAsked = (line: Fields) =>
    oids.length > 0 ? oids.includes(idAt(line, 'oid')) : !statusOf(line).startsWith('closed')
  const piecesOf = (line: Fields): number => {
    if (!isAsked(line)) return 0
    const given = (goods ?? []).filter(({ oid }) => oid === idAt(line, 'oid'))
    if (given.length === 0) return quantityOf(line)
    return given.reduce((sum, { quantity }) => sum + quantity, 0)
  }
  const after = lines.map((line) => {
    const pieces = piecesOf(line)
    if (pieces === 0) return { ...line, status: statusOf(line) }
    const sent = sentOf(line) + pieces
    if (sent > quantityOf(line)) throw refused('sent_already', 'These pieces left before.')
    const waybillNos = [...listAt(line, 'waybillNos', ''), waybillNo]
    return { ...line, sent, waybillNos, status: sent === quantityOf(line) ? 'shipped' : 'partly_shipped' }
  })
  const isWhole = after.every((line) => isOver(line.status))
  return JSON.stringify({
    ...document,
    status: isWhole ? 'shipped' : 'partly_shipped',
    modifiedAt: at.toISOString(),
    shippedAt: textAt(document, 'shippedAt', 64) || at.toISOString(),
    lines: after,
  })
}
