import { PlatformError } from '../lib/platform-error.ts'
import type { Call, Trade, TradeDetail } from './connector.ts'
import type { CourierNames } from './couriers.ts'
import { entryOf } from './fields.ts'
import type { ChangeFailure, ChangeInput, ShipFailure, ShipInput, ToldParcel } from './parcels.ts'

/** Returns the platform's code of the courier. Throws a rejection if the courier or the waybill cannot be valid; then nothing is sent. */
export function shippingWith(
  names: CourierNames,
  { carrier, waybillNo }: Pick<ShipInput, 'carrier' | 'waybillNo'>,
): string {
  const name = entryOf<string | undefined>(names, carrier)
  if (name === undefined) throw refusal('courier_code', `This platform knows no courier ${carrier}.`)
  if (!/^[\w-]{4,40}$/.test(waybillNo))
    throw refusal('waybill_invalid', 'A waybill has 4 to 40 letters and digits.')
  return name
}

export type ShipWords = {
  /**
   * Returns the reason for the rejection, if the error itself says it. Undefined: the error only says that the trade is in a wrong state.
   */
  meaningOf(error: PlatformError): ShipFailure | undefined
  look(): Promise<TradeDetail | undefined>
  hasAll?: HasAll
}

/** Returns true if all pieces of a parcel have left with its waybill. Undefined: a call of the platform sends a parcel as a whole, so the waybill of its lines says it. */
type HasAll = () => Promise<boolean>

/**
 * Ships by `send`, and gives every rejection one of our codes. Platforms answer "wrong state" for goods that are shipped, closed or being
 * refunded. The trade is therefore requested before the answer is `already_shipped`, because a wrong `already_shipped` would lose a
 * write-back. If that request fails, the outcome is unclear.
 */
export async function shipWith(
  parcel: ToldParcel,
  send: () => Promise<unknown>,
  words: ShipWords,
): Promise<void> {
  await withOurCode(send, async (error) => {
    const meaning = words.meaningOf(error)
    return meaning ? withCode(error, meaning) : await whyNotShipped(parcel, words, error)
  })
}

/** A platform's parcels are known by their waybills, and none has the one that is to be changed. */
export const noFormerParcel = () =>
  new PlatformError('rejected', 'not_done', 'The order has no parcel with the former waybill.')

/** Calls `send`. `why` gives a rejection one of our codes; a failure that may pass, and an ended session, are no word about the parcel. */
async function withOurCode(
  send: () => Promise<unknown>,
  why: (refused: PlatformError) => Promise<PlatformError>,
): Promise<void> {
  try {
    await send()
  } catch (error) {
    if (!(error instanceof PlatformError) || error.kind === 'retry' || error.kind === 'rate_limited')
      throw error
    throw error.kind === 'reauthorise' ? withCode(error, 'session') : await why(error)
  }
}

export type ChangeWords = {
  /** Returns the reason for the rejection, if the error itself says it. */
  meaningOf(error: PlatformError): ChangeFailure | undefined
  look(): Promise<TradeDetail | undefined>
  hasAll?: HasAll
}

/**
 * 改运单: gives a shipped parcel another waybill by `send`, and every rejection one of our codes. Platforms refuse a number that the parcel has
 * already, and count it among the changes, so the trade is requested after any rejection.
 */
export async function changeWith(
  parcel: ChangeInput,
  send: () => Promise<unknown>,
  words: ChangeWords,
): Promise<void> {
  await withOurCode(send, (error) => whyNotChanged(parcel, words, error))
}

async function whyNotChanged(
  parcel: ChangeInput,
  { meaningOf, look, hasAll = always }: ChangeWords,
  refused: PlatformError,
): Promise<PlatformError> {
  try {
    const trade = tradeOf(await look())
    if (trade && isTold(trade, parcel) && (await hasAll())) return withCode(refused, 'already_shipped')
    const meaning = meaningOf(refused)
    if (!trade || meaning) return withCode(refused, meaning ?? 'other')
    const lines = parcelledLines(trade, parcel.oids)
    if (!lines.some((line) => shownOn(line).length > 0)) return withCode(refused, 'not_shipped')
    return shows(lines, parcel.was.waybillNo)
      ? withCode(refused, 'other')
      : refusal('other_waybill', waybillsOf(trade, parcel.oids).join(', '))
  } catch (error) {
    throw unclearAfter(error)
  }
}

async function whyNotShipped(
  parcel: ToldParcel,
  { look, hasAll = always }: ShipWords,
  refused: PlatformError,
): Promise<PlatformError> {
  try {
    const trade = tradeOf(await look())
    if (!trade) return withCode(refused, 'other')
    if (isTold(trade, parcel)) return withCode(refused, (await hasAll()) ? 'already_shipped' : 'other')
    if (isShipped(trade, parcel.oids))
      return refusal('other_waybill', waybillsOf(trade, parcel.oids).join(', '))
    return withCode(
      refused,
      linesOf(trade, parcel.oids).some(({ refund }) => refund === 'applied' || refund === 'succeeded')
        ? 'refund_open'
        : 'other',
    )
  } catch (error) {
    throw unclearAfter(error)
  }
}

const always: HasAll = async () => true

/** The error of a request that was to explain a rejection: it leaves the outcome unclear. */
function unclearAfter(error: unknown): unknown {
  if (!(error instanceof PlatformError)) return error
  const { kind, code, message, waitMs, requestId, cause } = error
  return new PlatformError(kind, code, message, { unclear: true, waitMs, requestId, cause })
}

/** True if the platform's trade shows these lines as shipped with this waybill. */
function isShippedIn(detail: TradeDetail | undefined, parcel: ToldParcel): boolean {
  const trade = tradeOf(detail)
  return trade !== undefined && isTold(trade, parcel)
}

/** On a platform that knows the pieces of each parcel, other pieces of the line may still be in the warehouse. */
function isTold(trade: Trade, parcel: ToldParcel): boolean {
  const lines = parcelledLines(trade, parcel.oids)
  const isThere = lines.length > 0 && lines.length >= parcel.oids.length
  const knowsPieces = isThere && lines.every(({ waybills }) => waybills !== undefined)
  return (knowsPieces || isShipped(trade, parcel.oids)) && shows(lines, parcel.waybillNo)
}

/** Compares without case, because platforms store waybills in capitals. */
function shows(lines: Trade['lines'], waybillNo: string): boolean {
  return lines.every((line) => shownOn(line).some((shown) => shown.toUpperCase() === waybillNo.toUpperCase()))
}

const shownOn = ({ waybills, waybillNo }: Trade['lines'][number]): readonly string[] =>
  waybills ?? (waybillNo === undefined ? [] : [waybillNo])

function waybillsOf(trade: Trade, oids: readonly string[]): string[] {
  return [...new Set(parcelledLines(trade, oids).flatMap(shownOn))]
}

/** True if `oids` contain every line of the trade that is not closed. */
export function isWhole(detail: TradeDetail | undefined, oids: readonly string[]): boolean {
  const lines = tradeOf(detail)?.lines ?? []
  return lines.every(({ oid, status }) => status.startsWith('closed') || oids.includes(oid))
}

/** Returns the trade of a detail. @throws {PlatformError} if it cannot be read, because then nothing is known about it. */
function tradeOf(detail: TradeDetail | undefined): Trade | undefined {
  if (detail && 'kind' in detail)
    throw new PlatformError('rejected', 'unreadable', `The trade cannot be read: ${detail.reason}.`)
  return detail?.trade
}

/** Returns the lines that must be in the parcel: the lines `oids`, or without these all lines that are not closed. */
function parcelledLines(trade: Trade, oids: readonly string[]): Trade['lines'] {
  const lines = linesOf(trade, oids)
  return oids.length > 0 ? lines : lines.filter(({ status }) => !status.startsWith('closed'))
}

function isShipped(trade: Trade, oids: readonly string[]): boolean {
  const asked = parcelledLines(trade, oids)
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

/** Replaces the error's code by ours. The platform's code stays in the message. */
function withCode(error: PlatformError, code: ChangeFailure): PlatformError {
  const { kind, waitMs, requestId, cause } = error
  const message = error.message.includes(error.code) ? error.message : `${error.code} · ${error.message}`
  return new PlatformError(kind, code, message, { waitMs, requestId, cause })
}

/**
 * Makes the function that asks the platform for the detail of a parcel's trade, and returns true if the trade shows the parcel as shipped.
 */
export const shippedBy =
  (detailOf: (call: Call, tid: string) => Promise<TradeDetail | undefined>) =>
  async (call: Call, parcel: ToldParcel): Promise<boolean> =>
    isShippedIn(await detailOf(call, parcel.tid), parcel)
