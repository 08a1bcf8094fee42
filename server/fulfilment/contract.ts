import Type, { type Static } from 'typebox'
import { idSchema, nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf, pastedNumbers, searchText, several, shopIds, time } from '../core/lists/list-contract.ts'
import { actionStates } from '../core/outbox/contract.ts'
import { rowRefusal } from '../core/sheets/sheet-contract.ts'
import { deliveryStatuses, uncheckedOutcomes, waybillPattern, writeBacks } from './lifecycle.ts'

const closed = { additionalProperties: false }

/** `failed`: shipped, and the platform refused to hear of it. */
export const deliveryTabs = ['pending', 'shipped', 'failed', 'cancelled', 'all'] as const
export type DeliveryTab = (typeof deliveryTabs)[number]
export const deliverySorts = ['createdAt', 'shipBy'] as const
export type DeliverySort = (typeof deliverySorts)[number]

export const deliveryFilter = Type.Object(
  {
    tab: Type.Optional(oneOf(deliveryTabs)),
    shop: Type.Optional(shopIds),
    /** Codes of couriers. */
    courier: Type.Optional(several),
    /** writeBacks */
    writeBack: Type.Optional(several),
    /** yes: courier and waybill are typed. */
    waybill: Type.Optional(oneOf(['yes', 'no'])),
    /** Left without the platform's word on refunds, by what became of it. */
    unasked: Type.Optional(several),
    orderId: Type.Optional(idSchema),
    /** Delivery, order, trade or waybill number, whole. */
    q: Type.Optional(searchText),
    /** Pasted numbers of any of those kinds, up to 1000. */
    numbers: Type.Optional(pastedNumbers),
    ids: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000 })),
    shipByTo: Type.Optional(time),
  },
  closed,
)
export type DeliveryFilter = Static<typeof deliveryFilter>
export const deliveryListQuery = Type.Object(
  {
    ...deliveryFilter.properties,
    ...pageQuery,
    sort: Type.Optional(
      Type.String({
        maxLength: 20,
        description: `${deliverySorts.join(', ')}; - before it for descending`,
      }),
    ),
  },
  closed,
)

export const deliveryRow = Type.Object({
  id: Type.String(),
  no: Type.String(),
  orderId: Type.String(),
  orderNo: Type.String(),
  tid: Type.String(),
  shopId: Type.String(),
  status: oneOf(deliveryStatuses),
  courier: Type.String(),
  waybillNo: Type.String(),
  /** What was chosen for the order, which its first waybill is offered with. */
  orderCourier: Type.String(),
  shipBy: timeOrNull,
  writeBack: oneOf(['', ...writeBacks] as const),
  /** Why the platform refused: shipFailureWords. */
  errorCode: Type.String(),
  /** The waybills that the platform shows instead of ours, where `errorCode` is other_waybill; empty: it shows none. */
  platformWaybill: Type.String(),
  /** The platform action that tells of it, and how it stands at this moment. */
  actionId: nullable(Type.String()),
  actionState: nullable(oneOf(actionStates)),
  actionError: Type.String(),
  createdAt: timeAnswer,
  createdBy: Type.String(),
  /** '': its platform had said that there is no refund, or it waits. */
  unasked: oneOf(['', ...uncheckedOutcomes] as const),
  shippedAt: timeOrNull,
  shippedBy: nullable(Type.String()),
  cancelledAt: timeOrNull,
  cancelledBy: nullable(Type.String()),
  receiverMasked: Type.String(),
  region: Type.String(),
  quantity: Type.Integer(),
  openHolds: Type.Integer(),
  holdReasons: Type.Array(Type.String()),
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
export type DeliveryView = Static<typeof deliveryRow>
export const deliveryList = pageOf(deliveryRow)

const waybillNo = Type.String({ pattern: waybillPattern })
const courier = Type.String({ minLength: 1, maxLength: 20 })
export const waybillInput = Type.Object(
  {
    rows: Type.Array(Type.Object({ id: idSchema, courier, waybillNo }, closed), {
      minItems: 1,
      maxItems: 200,
    }),
  },
  closed,
)

export const againFields = { reason: Type.String({ minLength: 1, maxLength: 500 }) }

/** Lines of "number, courier, waybill", or a sheet as base64. */
export const waybillSheet = Type.Object(
  {
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000_000 })),
    file: Type.Optional(Type.String({ minLength: 1, maxLength: 7_000_000 })),
    /** What was typed leaves at once. */
    ship: Type.Optional(Type.Boolean()),
    /** A row of another courier than was chosen for its order is refused, and takes nothing, until somebody says that it is right. */
    keepChosen: Type.Optional(Type.Boolean()),
  },
  closed,
)
export const waybillReport = Type.Object({
  rows: Type.Integer(),
  written: Type.Integer(),
  shipped: Type.Integer(),
  refused: Type.Array(rowRefusal),
})
export type WaybillReport = Static<typeof waybillReport>

export const courierList = Type.Object({
  rows: Type.Array(Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() })),
})
