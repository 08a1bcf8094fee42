import Type, { type Static } from 'typebox'
import { nullable } from '../../core/http/http-contract.ts'
import { oneOf, time } from '../../core/lists/list-contract.ts'

const words = Type.Object({ zh: Type.String(), en: Type.String() })

/** `shop` is the earliest of a shop's trades, refunds and first load: everything before that minute is here. */
export const coverageStreams = ['shop', 'trades', 'refunds', 'trades_first'] as const
export type CoverageStream = (typeof coverageStreams)[number]

export const coverageQuery = Type.Object(
  {
    stream: Type.Optional(oneOf(coverageStreams)),
    shop: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}){0,199}$' })),
    /** How far back the windows reach. */
    hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 168, default: 2 })),
  },
  { additionalProperties: false },
)

export const coverageCodes = [
  'complete',
  'catching_up',
  'first_load',
  'fetching_details',
  'rate_limited',
  'auth_expired',
  'not_authorised',
  'paused',
  'failing',
] as const
export type CoverageCode = (typeof coverageCodes)[number]

export const coverageRow = Type.Object({
  shopId: Type.String(),
  stream: oneOf(coverageStreams),
  /** Everything before it is here, details too; null while nothing can be said. */
  completeTo: nullable(time),
  behindMs: nullable(Type.Integer()),
  /** Known of, but the detail is still to be fetched. Above 10,000: there are more. */
  waiting: Type.Integer(),
  /** Came, and could not be read. */
  parked: Type.Integer(),
  /** The four that a screen colours; `code` says it exactly. */
  state: oneOf(['complete', 'chasing', 'paused', 'failing']),
  code: oneOf(coverageCodes),
  /** Words for `code`, with the error where there is one; null when all is well. */
  reason: nullable(words),
  errorCode: Type.String(),
  /** Until when the platform refuses calls. */
  bannedUntil: nullable(time),
  /** Of the runs since midnight. */
  seen: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  skipped: Type.Integer(),
  skippedReasons: Type.Record(Type.String(), Type.Integer()),
  failed: Type.Integer(),
  /** Of the last hours, without overlaps, oldest first; what is in none of them was not asked for yet. */
  windows: Type.Array(Type.Object({ from: time, to: time, state: oneOf(['done', 'running', 'failed']) })),
})
export type CoverageRow = Static<typeof coverageRow>
export const coverageAnswer = Type.Object({ at: time, rows: Type.Array(coverageRow) })
