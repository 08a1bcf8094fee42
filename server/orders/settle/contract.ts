import Type, { type Static } from 'typebox'
import {
  idSchema,
  nullable,
  pageOf,
  pageQuery,
  timeAnswer,
  timeOrNull,
} from '../../core/http/http-contract.ts'
import { oneOf, several, shopIds } from '../../core/lists/list-contract.ts'
import { extraRefundKindNames, extraRefundStatuses } from '../../finance/lifecycle.ts'

const closed = { additionalProperties: false }
const message = Type.Object({ zh: Type.String(), en: Type.String() })

export const extraRefund = Type.Object({
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
  decidedBy: nullable(Type.String()),
  decidedAt: timeOrNull,
})
export const extraRefundInput = Type.Object(
  {
    orderId: idSchema,
    kind: oneOf(extraRefundKindNames),
    amountFen: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }),
    reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
    refundNo: Type.Optional(Type.String({ maxLength: 64 })),
  },
  closed,
)
export const extraRefundAnswer = Type.Object({
  done: Type.Boolean(),
  extraRefund: Type.Optional(extraRefund),
  code: Type.Optional(Type.String()),
  message: Type.Optional(message),
  limitFen: Type.Optional(Type.Integer()),
})
export const extraRefundFilter = Type.Object(
  { status: Type.Optional(several), shop: Type.Optional(shopIds), orderId: Type.Optional(idSchema) },
  closed,
)
export type ExtraRefundFilterIn = Static<typeof extraRefundFilter>
export const extraRefundListQuery = Type.Object({ ...extraRefundFilter.properties, ...pageQuery }, closed)
export const extraRefundList = pageOf(extraRefund)
