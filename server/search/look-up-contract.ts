import Type, { type Static } from 'typebox'
import { nullable, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf } from '../core/lists/list-contract.ts'
import { workStates } from '../fulfilment/lifecycle.ts'
import { orderStatuses } from '../orders/order/lifecycle.ts'

const text = Type.String()
const count = Type.Integer()
const words = Type.Object({ zh: text, en: text })

export const lookUpQuery = Type.Object(
  { code: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }) },
  { additionalProperties: false },
)

/** Null: the goods are being counted blind. */
const pieces = nullable(count)
const inWarehouse = Type.Object({
  warehouseId: text,
  warehouseName: text,
  main: Type.String({ description: 'Empty: it has no main bin.' }),
  spare: text,
  onHand: pieces,
  available: pieces,
  short: count,
})

const parcel = Type.Object({
  id: text,
  no: text,
  orderNo: text,
  waybillNo: text,
  courier: text,
  workState: oneOf(workStates),
  basket: nullable(count),
  pickedAt: timeOrNull,
  pickedBy: nullable(text),
  checkedAt: timeOrNull,
  checkedBy: nullable(text),
  shippedAt: timeOrNull,
  shippedBy: nullable(text),
  /** Why it must not leave now; null: nothing stops it, or it has left. */
  stop: nullable(words),
  quantity: count,
})

export const foundByCode = Type.Object({
  goods: Type.Array(
    Type.Object({
      skuId: text,
      code: text,
      name: text,
      spec: text,
      pictureUrl: text,
      places: Type.Array(inWarehouse),
    }),
  ),
  bins: Type.Array(
    Type.Object({
      id: text,
      code: text,
      active: Type.Boolean(),
      warehouseId: text,
      warehouseName: text,
      goods: Type.Array(
        Type.Object({
          skuId: text,
          code: text,
          name: text,
          spec: text,
          spare: Type.Boolean(),
          onHand: nullable(count),
        }),
      ),
    }),
  ),
  parcels: Type.Array(parcel),
  /** Orders without a parcel yet. */
  orders: Type.Array(
    Type.Object({ id: text, no: text, status: oneOf(orderStatuses), warehouseName: text, quantity: count }),
  ),
})
export type FoundByCode = Static<typeof foundByCode>
