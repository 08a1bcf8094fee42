import { PlatformError } from '../lib/platform-error.ts'
import type {
  BadItem,
  ListedRefund,
  Refund,
  RefundDetail,
  RefundItem,
  Trade,
  TradeDetail,
} from './connector.ts'
import { type Doubts, idAt, instantMsAt, isFields, rawOf } from './fields.ts'

// How the trade or refund of any platform becomes the answer of its connector.

/** Returns undefined if the platform rejects the call because there is no such trade or refund (`isMissing`). */
export async function ifThere<Found>(
  isMissing: (error: PlatformError) => boolean,
  work: () => Promise<Found>,
): Promise<Found | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof PlatformError && error.kind === 'rejected' && isMissing(error)) return undefined
    throw error
  }
}

/** `isMissing` for a document that only adds to another one: any rejection counts as missing, so that the other one is not lost. */
export const anyRejection = () => true

/** No real trade has so many lines. A payload with more lines is malicious or broken and is parked. */
const mostLines = 1000

/** Returns why a trade is parked; empty: it can be read. `names`: the platform's names of the number and the time of change. */
export function faultOf(
  { tid, modifiedAt, lines }: { tid: string; modifiedAt: Date | null; lines: number },
  names: { tid: string; modifiedAt: string },
): string {
  if (!tid) return `no ${names.tid}`
  if (!modifiedAt) return `no ${names.modifiedAt}`
  return lines === 0 ? 'no lines' : lines > mostLines ? 'too many lines' : ''
}

/** The detail of a trade, with the doubts that arose while it was read. */
export const tradeWith = (trade: Trade, doubts: Doubts, raw: string): TradeDetail => ({
  trade: doubts.length === 0 ? trade : { ...trade, doubts },
  raw,
})

/** Reads a row of which only the number of the refund is taken, and its time of change in milliseconds, under these names. */
export const refundNumberAt =
  (key: string, modified: string) =>
  (row: unknown): RefundItem => {
    const refundId = isFields(row) ? idAt(row, key) : ''
    if (!isFields(row) || refundId === '')
      return { kind: 'bad', id: null, reason: `no ${key}`, raw: rawOf(row) }
    const modifiedAt = instantMsAt(row, modified)
    return { kind: 'id', refundId, ...(modifiedAt ? { modifiedAt } : {}) }
  }

/** The detail of the refund with this number among those of a trade; undefined: the trade has no such refund. */
export function refundAmong(
  items: readonly (ListedRefund | BadItem)[],
  refundId: string,
): RefundDetail | undefined {
  const found = items.find((item) => item.kind === 'refund' && item.refundId === refundId)
  if (found?.kind !== 'refund') return undefined
  const { raw, ...refund } = found
  return { refund, raw }
}

/** The detail of a refund; a refund that cannot be read keeps its text too. */
export const refundWith = (refund: Refund | BadItem, raw: string): RefundDetail =>
  refund.kind === 'bad' ? { ...refund, raw } : { refund, raw }
