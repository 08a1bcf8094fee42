import Type from 'typebox'
import { idSchema } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { extraRefundRow } from '../../finance/contract.ts'
import { extraRefundKindNames } from '../../finance/lifecycle.ts'

const closed = { additionalProperties: false }
const message = Type.Object({ zh: Type.String(), en: Type.String() })

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
  extraRefund: Type.Optional(extraRefundRow),
  code: Type.Optional(Type.String()),
  message: Type.Optional(message),
  limitFen: Type.Optional(Type.Integer()),
})
