import Type, { type Static } from 'typebox'
import type { SheetGoods } from '../../connectors/words-contract.ts'
import { nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { writeBacks } from '../lifecycle.ts'
import { interceptStates, interceptWays, putBackStates } from './intercept-lifecycle.ts'

const parcel = {
  id: Type.String(),
  deliveryId: Type.String(),
  deliveryNo: Type.String(),
  orderId: Type.String(),
  orderNo: Type.String(),
  tid: Type.String(),
  shopId: Type.String(),
  courier: Type.String(),
  waybillNo: Type.String(),
}

export const interceptRow = Type.Object({
  ...parcel,
  refundNo: Type.String(),
  amountFen: Type.Integer(),
  deadline: timeOrNull,
  way: oneOf(interceptWays),
  state: oneOf(interceptStates),
  note: Type.String(),
  createdAt: timeAnswer,
  createdBy: Type.String(),
  askedAt: timeOrNull,
  askedBy: nullable(Type.String()),
  endedAt: timeOrNull,
  endedBy: nullable(Type.String()),
  /** The return of the goods, after the intercept has ended; null and empty: none. */
  returnId: nullable(Type.String()),
  returnNo: Type.String(),
  writeBack: oneOf(['', ...writeBacks] as const),
  /** True: the account of its number can ask the courier for it. */
  askable: Type.Boolean(),
  receiverMasked: Type.String(),
  region: Type.String(),
  quantity: Type.Integer(),
  lineCount: Type.Integer(),
  lines: Type.Array(
    Type.Object({
      title: Type.String(),
      spec: Type.String(),
      pictureUrl: Type.String(),
      quantity: Type.Integer(),
      refundedQuantity: Type.Integer(),
    }),
  ),
})
export type InterceptView = Static<typeof interceptRow>
export type InterceptOut = InterceptView & { goods: readonly SheetGoods[] }

export const decisionFields = { note: Type.Optional(Type.String({ maxLength: 200 })) }

export const putBackRow = Type.Object({
  ...parcel,
  warehouseId: nullable(Type.String()),
  skuId: nullable(Type.String()),
  skuCode: Type.String(),
  title: Type.String(),
  spec: Type.String(),
  quantity: Type.Integer(),
  state: oneOf(putBackStates),
  createdAt: timeAnswer,
  doneAt: timeOrNull,
  doneBy: nullable(Type.String()),
})
export type PutBackView = Static<typeof putBackRow>

export const scanInput = Type.Object(
  { number: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
)
