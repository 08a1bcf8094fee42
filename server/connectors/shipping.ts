import {
  PlatformError,
  type ShipFailure,
  type ShipInput,
  type ShippedLines,
  type Trade,
  type TradeDetail,
} from './connector.ts'
import type { CourierNames } from './couriers.ts'
import { entryOf } from './fields.ts'

/** The platform's name of the courier, for a request that is worth sending. */
export function shippingWith(names: CourierNames, { carrier, waybillNo }: ShipInput): string {
  const name = entryOf<string | undefined>(names, carrier)
  if (name === undefined) throw refusal('courier_code', `This platform knows no courier ${carrier}.`)
  if (!/^[\w-]{4,40}$/.test(waybillNo))
    throw refusal('waybill_invalid', 'A waybill has 4 to 40 letters and digits.')
  return name
}

/** How one platform's refusals to ship are read. */
export type ShipWords = {
  /** What its code or words say by themselves; undefined for the many that only say that the state is not right. */
  meaningOf(error: PlatformError): ShipFailure | undefined
  look(): Promise<TradeDetail | undefined>
}

/**
 * Ships by `send`, and gives every refusal one of our codes. Platforms answer "wrong state" alike to goods that are
 * shipped, closed or under refund, so the trade itself is looked at before one is called shipped: a wrong "shipped"
 * would lose a write-back. When that look fails, the outcome is unclear.
 */
export async function shipWith(
  lines: ShippedLines,
  send: () => Promise<unknown>,
  words: ShipWords,
): Promise<void> {
  try {
    await send()
  } catch (error) {
    if (!(error instanceof PlatformError) || error.kind === 'retry' || error.kind === 'rate_limited')
      throw error
    if (error.kind === 'reauthorise') throw withCode(error, 'session')
    throw withCode(error, words.meaningOf(error) ?? (await stateOf(lines, words)))
  }
}

async function stateOf(lines: ShippedLines, { look }: ShipWords): Promise<ShipFailure> {
  try {
    const trade = tradeOf(await look())
    if (!trade) return 'other'
    if (isShipped(trade, lines.oids)) return 'already_shipped'
    return linesOf(trade, lines.oids).some(({ refund }) => refund === 'applied' || refund === 'succeeded')
      ? 'refund_open'
      : 'other'
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
    const { kind, code, message, waitMs, requestId, cause } = error
    throw new PlatformError(kind, code, message, { unclear: true, waitMs, requestId, cause })
  }
}

/** What `look` of a trade says about its lines. */
export function isShippedIn(detail: TradeDetail | undefined, oids: readonly string[]): boolean {
  const trade = tradeOf(detail)
  return trade !== undefined && isShipped(trade, oids)
}

/** Whether `oids` name every line of the trade that still needs a parcel. */
export function isWhole(detail: TradeDetail | undefined, oids: readonly string[]): boolean {
  const lines = tradeOf(detail)?.lines ?? []
  return lines.every(({ oid, status }) => status.startsWith('closed') || oids.includes(oid))
}

/** @throws {PlatformError} for a trade that cannot be read: that is no answer. */
function tradeOf(detail: TradeDetail | undefined): Trade | undefined {
  if (detail && 'kind' in detail)
    throw new PlatformError('rejected', 'unreadable', `The trade cannot be read: ${detail.reason}.`)
  return detail?.trade
}

/** Closed lines of a whole trade need no parcel; a line that was asked for by its number does. */
function isShipped(trade: Trade, oids: readonly string[]): boolean {
  const lines = linesOf(trade, oids)
  const asked = oids.length > 0 ? lines : lines.filter(({ status }) => !status.startsWith('closed'))
  return (
    asked.length > 0 &&
    asked.length >= oids.length &&
    asked.every(({ status }) => status === 'shipped' || status === 'finished')
  )
}

function linesOf(trade: Trade, oids: readonly string[]): Trade['lines'] {
  return oids.length === 0 ? trade.lines : trade.lines.filter(({ oid }) => oids.includes(oid))
}

function refusal(code: ShipFailure, message: string): PlatformError {
  return new PlatformError('rejected', code, message)
}

/** The platform's own code stays in the message. */
function withCode(error: PlatformError, code: ShipFailure): PlatformError {
  const { kind, waitMs, requestId, cause } = error
  const message = error.message.includes(error.code) ? error.message : `${error.code} · ${error.message}`
  return new PlatformError(kind, code, message, { waitMs, requestId, cause })
}
