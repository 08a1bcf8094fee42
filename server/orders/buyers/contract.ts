import Type, { type Static } from 'typebox'
import { nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf, time } from '../../core/lists/list-contract.ts'
import { orderStatuses, origins } from '../order/lifecycle.ts'

export const blacklistKinds = ['phone', 'address', 'nick'] as const
/** `by`: the personal data by which later orders of these buyers are recognised. */
export const blacklistFields = {
  by: Type.Array(oneOf(blacklistKinds), { minItems: 1, maxItems: 3 }),
  reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
  until: Type.Optional(nullable(time)),
}
export const blacklistRow = Type.Object({
  id: Type.String(),
  kind: oneOf(blacklistKinds),
  masked: Type.String(),
  region: Type.String(),
  reason: Type.String(),
  until: timeOrNull,
  createdAt: timeAnswer,
  createdBy: Type.String(),
})
export type BlacklistRow = Static<typeof blacklistRow>
/** Another order of the same buyer; a page has the newest first. */
export const historyRow = Type.Object({
  id: Type.String(),
  no: Type.String(),
  shopId: Type.String(),
  origin: oneOf(origins),
  status: oneOf(orderStatuses),
  orderedAt: timeAnswer,
  paidAt: timeOrNull,
  paymentFen: Type.Integer(),
  refundedFen: Type.Integer(),
  quantity: Type.Integer(),
  title: Type.String(),
})
export type HistoryRow = Static<typeof historyRow>
export const historyPage = Type.Object({
  rows: Type.Array(historyRow),
  next: nullable(Type.String()),
  /** Counts over the buyer's newest thousand other orders; `capped`: the buyer has more. */
  counts: Type.Object({
    orders: Type.Integer(),
    refunded: Type.Integer(),
    voided: Type.Integer(),
    capped: Type.Boolean(),
  }),
})
