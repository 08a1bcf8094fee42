import Type, { type Static } from 'typebox'
import { nullable } from '../../core/http/http-contract.ts'
import { oneOf, time } from '../../core/lists/list-contract.ts'

const words = Type.Object({ zh: Type.String(), en: Type.String() })

/**
 * The streams of a shop, and `shop` for all of them together: the earliest time of trades, refunds and first load. Everything before that
 * time is downloaded.
 */
export const coverageStreams = ['shop', 'trades', 'refunds', 'trades_first'] as const
export type CoverageStream = (typeof coverageStreams)[number]

export const coverageQuery = Type.Object(
  {
    stream: Type.Optional(oneOf(coverageStreams)),
    shop: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}){0,199}$' })),
    /** The page shows the download windows of this many hours. */
    hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 168, default: 2 })),
  },
  { additionalProperties: false },
)

export const coverageCodes = [
  'complete',
  'catching_up',
  'first_load',
  'fetching_details',
  'platform_late',
  'rate_limited',
  'auth_expired',
  'not_authorised',
  'paused',
  'failing',
] as const
export type CoverageCode = (typeof coverageCodes)[number]

/** `since`: since when it has been so; null: unknown. */
const pushOut = Type.Object({ live: Type.Boolean(), since: nullable(time), words })

export const coverageRow = Type.Object({
  shopId: Type.String(),
  stream: oneOf(coverageStreams),
  /** Everything before this time is downloaded with its details; null: unknown. */
  completeTo: nullable(time),
  behindMs: nullable(Type.Integer()),
  /** The number of documents whose detail is still missing. Counting stops at 10,001, which means more than 10,000. */
  waiting: Type.Integer(),
  parked: Type.Integer(),
  /** How it is known that a window is complete: the platform counts its rows, or two readings of it agreed. */
  knownBy: oneOf(['count', 'two_readings']),
  /** The four states that pages colour. `code` is more exact. */
  state: oneOf(['complete', 'chasing', 'paused', 'failing']),
  code: oneOf(coverageCodes),
  /** The reason for `code`, with the error if there is one; null: complete. */
  reason: nullable(words),
  errorCode: Type.String(),
  bannedUntil: nullable(time),
  /** By how much the platform's lists are late now, as they showed; 0: they are not. `completeTo` leaves that time out. */
  lateMs: Type.Integer(),
  /** The state of push of the shop; null: it has none, or the row is of one stream. */
  push: nullable(pushOut),
  /** Counts of the runs since midnight. */
  seen: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  skipped: Type.Integer(),
  skippedReasons: Type.Record(Type.String(), Type.Integer()),
  failed: Type.Integer(),
  /** Download windows of the last hours, without overlaps, oldest first. A time that is in none of them was not requested yet. */
  windows: Type.Array(Type.Object({ from: time, to: time, state: oneOf(['done', 'running', 'failed']) })),
})
export type CoverageRow = Static<typeof coverageRow>
export const coverageAnswer = Type.Object({ at: time, rows: Type.Array(coverageRow) })
