import Type, { type Static } from 'typebox'
import { refundKinds, refundStatuses } from '../../connectors/connector.ts'
import { idSchema, nullable, timeAnswer } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'

/** A refund notice of an order: the known facts of a refund from its first download on, converted or not. */
export const orderNotice = Type.Object({
  /** Refund number; empty: only the trade shows the refund, without a number. */
  refundNo: Type.String(),
  /** `line`: the refund is known only from a line of the trade. `refund`: the refund itself was downloaded. */
  source: oneOf(['refund', 'line']),
  oid: Type.String(),
  kind: oneOf(refundKinds),
  phase: oneOf(['onsale', 'aftersale']),
  status: oneOf(refundStatuses),
  amountFen: Type.Integer(),
  quantity: Type.Integer(),
  modifiedAt: timeAnswer,
  /** State of our agreement to the refund. `asked`: it is being sent; `done`: the platform has accepted it; empty: there is none. */
  agreeing: oneOf(['', 'asked', 'done']),
  stops: Type.Boolean(),
  waiver: nullable(Type.Object({ reason: Type.String(), by: Type.String(), at: timeAnswer })),
})
export type OrderNotice = Static<typeof orderNotice>

export const shipOverInput = Type.Object(
  {
    ids: Type.Array(idSchema, { minItems: 1, maxItems: 1 }),
    reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
  },
  { additionalProperties: false },
)
