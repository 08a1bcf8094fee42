import Type, { type Static } from 'typebox'
import { alarm } from '../alarms/contract.ts'
import { nullable } from '../core/http/http-contract.ts'
import { oneOf, time } from '../core/lists/list-contract.ts'

export const queueKeys = [
  'download',
  'fetching',
  'staged',
  'unconfirmed',
  'to_release',
  'to_ship',
  'write_back',
  'refunds',
] as const

/** A figure, and the path of the list with exactly these rows. */
const figure = { count: Type.Integer(), capped: Type.Boolean(), to: Type.String() }

export const queue = Type.Object({
  key: oneOf(queueKeys),
  ...figure,
  /** The longest wait in the queue, in milliseconds; null: the queue is empty, or `note` has a figure instead. */
  oldestMs: nullable(Type.Integer()),
  /** The part of the queue's documents that needs a person, or that can continue at once. */
  note: Type.Object({
    code: oneOf(['none', 'convertible', 'short', 'to_print', 'failed', 'due']),
    ...figure,
  }),
})
export type Queue = Static<typeof queue>

/** The deliveries that wait and have to leave before midnight, and those of them that are late already. */
export const shipBy = Type.Object({
  today: Type.Object(figure),
  /** The time until the first of them that is not late; null: there is none. */
  nextMs: nullable(Type.Integer()),
  over: Type.Object(figure),
  /** For how long the first one is late; null: none is. */
  overMs: nullable(Type.Integer()),
})
export type ShipBy = Static<typeof shipBy>

export const stuckPlaces = [
  'staged',
  'fetching',
  'unconfirmed',
  'to_release',
  'refunds',
  'write_back',
] as const

export const stuck = Type.Object({
  /** Why the documents wait: the reason of a staged trade or refund, or detail_failed, parked, on_hold, write_back_failed. */
  code: Type.String(),
  count: Type.Integer(),
  capped: Type.Boolean(),
  where: oneOf(stuckPlaces),
  /** False: it ends without a person. */
  needsPerson: Type.Boolean(),
  /** Path of the list with exactly these rows. */
  to: Type.String(),
})
export type Stuck = Static<typeof stuck>

const sumsOfSales = { count: Type.Integer(), amountFen: Type.Integer(), refundFen: Type.Integer() }
/** The number of paid trades and off-platform orders, their payments, and the amount of the refunds that succeeded. */
const salesSums = Type.Object(sumsOfSales)
export type SalesSums = Static<typeof salesSums>

/** The payments of today, by the hours of China. */
export const sales = Type.Object({
  day: Type.String({ format: 'date' }),
  /** The present hour. */
  hour: Type.Integer(),
  /** How many were paid in each hour, 24 figures a day. */
  today: Type.Array(Type.Integer()),
  yesterday: Type.Array(Type.Integer()),
  now: salesSums,
  /** The sums of yesterday until the same minute. */
  before: salesSums,
})
export type Sales = Static<typeof sales>

export const week = Type.Object({
  /** Seven days, the present one last. `due`: a row of the day changed, so that its figures are older. */
  days: Type.Array(
    Type.Object({ day: Type.String({ format: 'date' }), ...sumsOfSales, due: Type.Boolean() }),
  ),
  /** The sums of the seven days before; null: there is nothing. */
  before: nullable(salesSums),
  /** Deliveries of the seven days that left before their deadline, and after it. */
  onTime: Type.Integer(),
  late: Type.Integer(),
})
export type Week = Static<typeof week>

export const overview = Type.Object({
  /** The time of these figures. Answers are cached for some seconds. */
  at: time,
  queues: Type.Array(queue),
  shipBy,
  stuck: Type.Array(stuck),
  alarms: Type.Array(alarm),
  sales,
  week,
})
