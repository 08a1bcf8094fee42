import assert from 'node:assert/strict'
import { doubtWords } from '../../intake/doubt-rules.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import {
  type BadItem,
  type Doubt,
  type Listing,
  type Refund,
  type RefundDetail,
  refundKinds,
  refundStatuses,
  type Trade,
  type TradeDetail,
  type TradeLine,
  tradeStatuses,
  tradeTypes,
} from '../connector.ts'
import { tradeHoldWords } from '../words-contract.ts'

/**
 * Returns the faults of a parsed trade as texts; empty if there are none. Storage and conversion rely on these conditions, also for
 * malicious payloads.
 */
export function tradeViolations(trade: Trade): string[] {
  const { lines } = trade
  const oids = new Set(lines.map((line) => line.oid))
  return [
    ...valueProblems(trade, 'trade'),
    ...[trade.createdAt, trade.modifiedAt].flatMap((time) =>
      isInstant(time) ? [] : ['a required time is missing'],
    ),
    ...unless(tradeStatuses.includes(trade.status), `status ${trade.status}`),
    ...unless(tradeTypes.includes(trade.type), `type ${trade.type}`),
    ...unless(trade.tid !== '', 'no tid'),
    ...unless(lines.length > 0, 'no lines'),
    ...unless(oids.size === lines.length && !oids.has(''), 'line numbers are missing or twice'),
    ...unless(
      sumOf(lines) + trade.postFeeFen === trade.paymentFen,
      'the lines and the freight are not the payment',
    ),
    ...unless(
      [trade.paymentFen, trade.postFeeFen, trade.discountFen, trade.subsidyFen].every((fen) => fen >= 0),
      'negative money',
    ),
    ...unknownWords(trade.doubts, trade.holds),
    ...unless(Number.isInteger(trade.flag) && trade.flag >= 0 && trade.flag <= 5, `flag ${trade.flag}`),
    ...lines.flatMap(lineProblems),
  ]
}

/** The pages explain a doubt and a reason not to ship by their names. */
const unknownWords = (doubts: readonly Doubt[] = [], holds: readonly string[] = []): string[] => [
  ...doubts.flatMap(({ field }) => unless(Object.hasOwn(doubtWords, field), `a doubt of ${field}`)),
  ...holds.flatMap((hold) => unless(Object.hasOwn(tradeHoldWords, hold), `hold ${hold}`)),
]

function lineProblems(line: TradeLine): string[] {
  return [
    ...unless(tradeStatuses.includes(line.status), `line status ${line.status}`),
    ...unless(['none', 'applied', 'succeeded', 'closed'].includes(line.refund), `line refund ${line.refund}`),
    ...unless(line.quantity >= 1, `quantity ${line.quantity}`),
    ...unless(
      [line.priceFen, line.paymentFen, line.discountFen].every((fen) => fen >= 0),
      'negative line money',
    ),
  ]
}

export function refundViolations(refund: Refund): string[] {
  return [
    ...valueProblems(refund, 'refund'),
    ...unless(refund.refundId !== '' && refund.tid !== '', 'no numbers'),
    ...unless(refundStatuses.includes(refund.status), `status ${refund.status}`),
    ...unless(refundKinds.includes(refund.refundKind), `kind ${refund.refundKind}`),
    ...unless(isInstant(refund.createdAt) && isInstant(refund.modifiedAt), 'a required time is missing'),
    ...unknownWords(refund.doubts),
    ...unless(refund.amountFen >= 0 && refund.quantity >= 0, 'negative amount'),
  ]
}

export function listingViolations(listing: Listing): string[] {
  return [
    ...valueProblems(listing, 'listing'),
    ...unless(listing.itemId !== '', 'no item'),
    ...unless(['on_sale', 'in_stock'].includes(listing.status), `status ${listing.status}`),
    ...unless(listing.quantity >= 0 && (listing.priceFen ?? 0) >= 0, 'a negative number'),
  ]
}

export function badItemViolations(bad: BadItem): string[] {
  return [
    ...unless(bad.reason !== '', 'no reason'),
    ...valueProblems({ id: bad.id, reason: bad.reason }, 'bad'),
  ]
}

/** Fails the test unless a parser made a sound trade, or parked the payload. */
export function checkTrade(found: TradeDetail): void {
  assert.deepEqual('trade' in found ? tradeViolations(found.trade) : badItemViolations(found), [])
}

/** Fails the test unless a parser made a sound refund, or parked the payload. */
export function checkRefund(found: RefundDetail | Refund | BadItem): void {
  const refund = 'refund' in found ? found.refund : found
  assert.deepEqual(refund.kind === 'refund' ? refundViolations(refund) : badItemViolations(refund), [])
}

/** Fails the test unless a parser made a sound listing, or parked the payload. */
export function checkListing(found: Listing | BadItem): void {
  assert.deepEqual('kind' in found ? badItemViolations(found) : listingViolations(found), [])
}

/** Returns the faults of every value inside: texts must be valid for PostgreSQL and not too long, numbers safe integers, dates valid. */
function valueProblems(value: unknown, path: string): string[] {
  if (typeof value === 'string') {
    return [
      ...unless(!value.includes('\0'), `${path} has a NUL`),
      ...unless(value.isWellFormed(), `${path} has a lone surrogate`),
      ...unless(value.length <= 2000, `${path} has ${value.length} characters`),
    ]
  }
  if (typeof value === 'number') return unless(Number.isSafeInteger(value), `${path} is ${value}`)
  if (value instanceof Date) return unless(isInstant(value), `${path} is not a time`)
  if (value === null || typeof value === 'boolean') return []
  if (typeof value !== 'object') return [`${path} is ${typeof value}`]
  return Object.entries(value).flatMap(([key, part]) => valueProblems(part, `${path}.${key}`))
}

function isInstant(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime())
}

function sumOf(lines: readonly TradeLine[]): number {
  return lines.reduce((sum, line) => sum + line.paymentFen, 0)
}

function unless(holds: boolean, problem: string): string[] {
  return holds ? [] : [problem]
}

/** Returns the PlatformError with which a call failed. Any other outcome fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<PlatformError> {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof PlatformError, `not a PlatformError: ${String(error)}`)
    return error
  }
  return assert.fail('it should have failed')
}
