import Type, { type Static } from 'typebox'
import { alarm } from '../alarms/contract.ts'
import { nullable } from '../core/http/http-contract.ts'
import { oneOf, time } from '../core/lists/list-contract.ts'

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
