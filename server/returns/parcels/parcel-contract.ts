import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { courier, pieces, reason, waybillNo } from '../contract.ts'
import { parcelStatuses, returnStatuses } from '../lifecycle.ts'

const closed = { additionalProperties: false }
const text = Type.String()
const count = Type.Integer()

export const parcelRow = Type.Object({
  id: text,
  no: text,
  status: oneOf(parcelStatuses),
  warehouseId: text,
  warehouseName: text,
  courier: text,
  waybillNo: text,
  /** True if the sender's phone was entered; it is stored as a key that can be compared but not read. */
  hasPhone: Type.Boolean(),
  note: text,
  quantity: count,
  returnId: nullable(text),
  returnNo: text,
  claimedHow: text,
  lines: Type.Array(
    Type.Object({ code: text, name: text, spec: text, pictureUrl: text, good: count, defective: count }),
  ),
  createdAt: timeAnswer,
  createdBy: text,
  stockedAt: timeOrNull,
  stockedBy: nullable(text),
  claimedAt: timeOrNull,
  claimedBy: nullable(text),
})
export type ParcelView = Static<typeof parcelRow>

export const candidateList = Type.Object({
  rows: Type.Array(
    Type.Object({
      id: text,
      no: text,
      status: oneOf(returnStatuses),
      shopId: text,
      orderId: text,
      orderNo: text,
      waybillNo: text,
      byWaybill: Type.Boolean(),
      byPhone: Type.Boolean(),
      goods: count,
      createdAt: timeAnswer,
    }),
  ),
})

export const parcelInput = Type.Object(
  {
    parcels: Type.Array(
      Type.Object(
        {
          warehouseId: idSchema,
          courier: Type.Optional(courier),
          waybillNo: Type.Optional(waybillNo),
          phone: Type.Optional(Type.String({ pattern: '^[0-9+ -]{0,30}$' })),
          note: Type.Optional(reason),
          lines: Type.Array(
            Type.Object(
              { skuCode: Type.String({ minLength: 1, maxLength: 100 }), good: pieces, defective: pieces },
              closed,
            ),
            { minItems: 1, maxItems: 100 },
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 50 },
    ),
  },
  closed,
)

export const claimInput = Type.Object(
  {
    claims: Type.Array(Type.Object({ parcelId: idSchema, returnId: idSchema }, closed), {
      minItems: 1,
      maxItems: 50,
    }),
  },
  closed,
)
