import Type, { type Static } from 'typebox'
import { refundKinds, refundStatuses } from '../../connectors/connector.ts'
import { idSchema, nullable, timeAnswer } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'

/** What is known of a refund of the order from the first moment on, whether or not anybody converted it. */
export const orderNotice = Type.Object({
  /** Empty: its trade says so, and names none. */
  refundNo: Type.String(),
  /** line: only its trade says so yet. */
  source: oneOf(['refund', 'line']),
  oid: Type.String(),
  kind: oneOf(refundKinds),
  phase: oneOf(['onsale', 'aftersale']),
  status: oneOf(refundStatuses),
  amountFen: Type.Integer(),
  quantity: Type.Integer(),
  modifiedAt: timeAnswer,
  /** asked: we agree, and the platform has not answered; done: it has. */
  agreeing: oneOf(['', 'asked', 'done']),
  /** The order does not leave while this is so. */
  stops: Type.Boolean(),
  /** A person let the order leave over it. */
  waiver: nullable(Type.Object({ reason: Type.String(), by: Type.String(), at: timeAnswer })),
})
export type OrderNotice = Static<typeof orderNotice>

export const shipOverInput = Type.Object(
  {
    /** One at a time. */
    ids: Type.Array(idSchema, { minItems: 1, maxItems: 1 }),
    reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
  },
  { additionalProperties: false },
)
