import Type, { type Static } from 'typebox'
import { nullable } from '../core/http/http-contract.ts'

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: [...values] })
const time = Type.String({ format: 'date-time' })
const words = Type.Object({ zh: Type.String(), en: Type.String() })

export const queueKeys = [
  'download',
  'fetching',
  'staged',
  'unconfirmed',
  'held',
  'differs',
  'refunds',
  'write_back',
] as const

export const queue = Type.Object({
  key: oneOf(queueKeys),
  count: Type.Integer(),
  capped: Type.Boolean(),
  /** The longest wait in it; null when it is empty, or when the note says something else. */
  oldestMs: nullable(Type.Integer()),
  /** What of it needs eyes, or can go on at once. */
  note: Type.Object({
    code: oneOf(['none', 'convertible', 'failed', 'due', 'refund_open']),
    count: Type.Integer(),
    capped: Type.Boolean(),
  }),
})
export type Queue = Static<typeof queue>

export const stuckPlaces = ['staged', 'fetching', 'unconfirmed', 'refunds', 'write_back'] as const

export const stuck = Type.Object({
  /** tradeReasons and refundReasons of the intake, or detail_failed, parked, on_hold, write_back_failed. */
  code: Type.String(),
  count: Type.Integer(),
  capped: Type.Boolean(),
  where: oneOf(stuckPlaces),
  /** Else it heals by itself. */
  needsPerson: Type.Boolean(),
  /** The list that shows just these rows. */
  to: Type.String(),
})
export type Stuck = Static<typeof stuck>

export const alarmKinds = [
  'auth_expired',
  'refunded_unheld',
  'refund_let_through',
  'refund_flood',
  'refund_held_due',
  'worker_silent',
  'clock_skew',
  'actions_failed',
  'actions_unclear',
  'stock_failed',
  'stream_behind',
  'task_failing',
  'refunds_due',
  'ship_by_passed',
  'ship_by_near',
  'write_back_late',
  'parcels_to_stop',
  'parcels_unasked',
  'returns_due',
  'returns_late',
  'details_failing',
  'parked_items',
  'reveals_many',
  'disk_low',
] as const

export const alarm = Type.Object({
  /** The same as long as the cause lasts. */
  id: Type.String(),
  kind: oneOf(alarmKinds),
  tone: oneOf(['bad', 'warn']),
  since: nullable(time),
  title: words,
  detail: words,
  shopId: nullable(Type.String()),
  count: Type.Integer(),
  capped: Type.Boolean(),
  amountFen: nullable(Type.Integer()),
  /** What it is about, at most 200: ids for the remedy. */
  ids: Type.Array(Type.String()),
  /** The remedy: its name for programs, its button, and the page where it is done. */
  remedy: oneOf([
    'authorise',
    'hold_orders',
    'answer_refunds',
    'settle_actions',
    'see_runs',
    'see_orders',
    'see_deliveries',
    'stop_parcels',
    'see_returns',
    'see_fetching',
    'retry_parked',
    'start_worker',
    'see_audit',
    'free_space',
  ]),
  act: words,
  to: Type.String(),
})
export type Alarm = Static<typeof alarm>

export const alarmsAnswer = Type.Object({ rows: Type.Array(alarm) })
export const alarmSum = Type.Object({ count: Type.Integer(), worst: nullable(oneOf(['bad', 'warn'])) })

/** Paid orders by hour of Asia/Shanghai, 24 figures each; `hour` is the running one. */
export const hours = Type.Object({
  today: Type.Array(Type.Integer()),
  yesterday: Type.Array(Type.Integer()),
  hour: Type.Integer(),
})
export type Hours = Static<typeof hours>

export const overview = Type.Object({
  /** Answers are kept for some seconds: when these figures were true. */
  at: time,
  queues: Type.Array(queue),
  stuck: Type.Array(stuck),
  alarms: Type.Array(alarm),
  hours,
})
export type Overview = Static<typeof overview>

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

const found = Type.Object({
  kind: oneOf(['trade', 'order', 'refund', 'return', 'parcel'] as const),
  id: Type.String(),
  no: Type.String(),
  /** Masked: who and what, enough to tell documents apart. */
  text: Type.String(),
})
export type Found = Static<typeof found>

export const searchQuery = Type.Object(
  {
    q: Type.String({ minLength: 2, maxLength: 60 }),
    /** Narrows to these shops. */
    shop: Type.Optional(Type.String({ pattern: '^$|^[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}){0,199}$' })),
  },
  { additionalProperties: false },
)
export const foundList = Type.Object({ rows: Type.Array(found) })
