import Type, { type Static } from 'typebox'
import { nullable, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf } from '../core/lists/list-contract.ts'
import {
  extraRefundKindNames,
  extraRefundStatuses,
  settlementKindNames,
  settlementStatuses,
} from './lifecycle.ts'

const by = nullable(Type.String())
export const settlementRow = Type.Object({
  id: Type.String(),
  no: Type.String(),
  shopId: Type.String(),
  orderId: nullable(Type.String()),
  orderNo: Type.String(),
  tid: Type.String(),
  kind: oneOf(settlementKindNames),
  source: Type.String(),
  version: Type.Integer(),
  /** The amount of the settlement in fen. Positive: money that we receive; negative: money that we pay back. */
  amountFen: Type.Integer(),
  status: oneOf(settlementStatuses),
  /** True if the system voided the settlement because nothing is owed any more; false: a person voided it. */
  withdrawn: Type.Boolean(),
  voidReason: Type.String(),
  createdAt: timeAnswer,
  createdBy: Type.String(),
  approvedAt: timeOrNull,
  approvedBy: by,
  postedAt: timeOrNull,
  postedBy: by,
  settledAt: timeOrNull,
  settledBy: by,
  voidedAt: timeOrNull,
  voidedBy: by,
})
export type SettlementView = Static<typeof settlementRow>

export const extraRefundRow = Type.Object({
  id: Type.String(),
  no: Type.String(),
  shopId: Type.String(),
  orderId: Type.String(),
  orderNo: Type.String(),
  refundNo: Type.String(),
  kind: oneOf(extraRefundKindNames),
  amountFen: Type.Integer(),
  reason: Type.String(),
  status: oneOf(extraRefundStatuses),
  createdBy: Type.String(),
  createdAt: timeAnswer,
  decidedBy: by,
  decidedAt: timeOrNull,
})
export type ExtraRefundView = Static<typeof extraRefundRow>

/** Totals by kind, without voided settlements. `capped`: too many settlements match; then `rows` is empty. */
export const settlementTotals = Type.Object({
  rows: Type.Array(
    Type.Object({ kind: oneOf(settlementKindNames), count: Type.Integer(), amountFen: Type.Integer() }),
  ),
  capped: Type.Boolean(),
})

export const settlementVoidFields = {
  reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
}
