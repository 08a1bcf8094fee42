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
  /** The longest wait in the queue, in milliseconds; null: the queue is empty, or `note` has a figure instead. */
  oldestMs: nullable(Type.Integer()),
  /** The part of the queue's documents that needs a person, or that can continue at once. */
  note: Type.Object({
    code: oneOf(['none', 'convertible', 'failed', 'due', 'refund_open']),
    count: Type.Integer(),
    capped: Type.Boolean(),
  }),
})
export type Queue = Static<typeof queue>

export const stuckPlaces = ['staged', 'fetching', 'unconfirmed', 'refunds', 'write_back'] as const

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

/** Paid orders in each hour of China's time, 24 figures for each day. `hour`: the present hour. */
export const hours = Type.Object({
  today: Type.Array(Type.Integer()),
  yesterday: Type.Array(Type.Integer()),
  hour: Type.Integer(),
})
export type Hours = Static<typeof hours>

export const overview = Type.Object({
  /** The time of these figures. Answers are cached for some seconds. */
  at: time,
  queues: Type.Array(queue),
  stuck: Type.Array(stuck),
  alarms: Type.Array(alarm),
  hours,
})
export type Overview = Static<typeof overview>
