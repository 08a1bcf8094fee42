import Type, { type Static } from 'typebox'
import { trackStates } from '../connectors/traces-contract.ts'
import type { SheetGoods } from '../connectors/words-contract.ts'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf } from '../core/lists/list-contract.ts'
import { actionStates } from '../core/outbox/contract.ts'
import { rowRefusal } from '../core/sheets/sheet-contract.ts'
import {
  deliveryStatuses,
  labelKinds,
  mostPackages,
  numberStates,
  uncheckedOutcomes,
  waybillPattern,
  workStates,
  writeBacks,
} from './lifecycle.ts'

const closed = { additionalProperties: false }

export const deliveryRow = Type.Object({
  id: Type.String(),
  no: Type.String(),
  orderId: Type.String(),
  orderNo: Type.String(),
  tid: Type.String(),
  shopId: Type.String(),
  status: oneOf(deliveryStatuses),
  /** The next step of a pending delivery; of others the status, or `failed` if the write-back failed. */
  workState: oneOf(workStates),
  courier: Type.String(),
  waybillNo: Type.String(),
  /** 包裹数: of how many packages it consists. */
  packageCount: Type.Integer(),
  /** 子单号: the numbers of its packages in their order; empty: it has one, or none are known. */
  packageNos: Type.Array(Type.String()),
  /** Packages whose label no station has scanned, which must be before it is shipped. */
  packagesLeft: Type.Integer(),
  /** 电子面单取号: state and refusal of the last request for a number; '': none was made, or its number is not used. */
  numberState: oneOf(['', ...numberStates] as const),
  numberError: Type.String(),
  /** Why no account would give it a number now; null: one would, it waits for none, or there are no accounts at all. */
  numberRefusal: nullable(Type.Object({ zh: Type.String(), en: Type.String() })),
  /** 面单: whether its label is printed here. */
  label: oneOf(labelKinds),
  /** The order's courier, which is suggested for the waybill. */
  orderCourier: Type.String(),
  shipBy: timeOrNull,
  writeBack: oneOf(['', ...writeBacks] as const),
  /** Code of the platform's refusal: a key of shipFailureWords. */
  errorCode: Type.String(),
  /** The waybills that the platform shows for the shipment, if `errorCode` is other_waybill; empty: it shows none. */
  platformWaybill: Type.String(),
  /** 改运单: the waybill that the platform still shows, until it takes that of the delivery; empty: it shows that. */
  shownCourier: Type.String(),
  shownWaybill: Type.String(),
  /** The number that was taken before a refused write-back and could not be given back, and why; empty: none. */
  keptNo: Type.String(),
  keptError: Type.String(),
  actionId: nullable(Type.String()),
  actionState: nullable(oneOf(actionStates)),
  actionError: Type.String(),
  printedAt: timeOrNull,
  printedBy: nullable(Type.String()),
  pickedAt: timeOrNull,
  pickedBy: nullable(Type.String()),
  /** The number of the wave in which it waits or was picked; empty: none. */
  waveNo: Type.String(),
  /** The numbered basket of that wave; null: the wave has none. */
  basket: nullable(Type.Integer()),
  checkedAt: timeOrNull,
  checkedBy: nullable(Type.String()),
  /** 串号: the serial numbers of its pieces, scanned at a station. */
  serials: Type.Array(Type.String()),
  weighedAt: timeOrNull,
  weighedBy: nullable(Type.String()),
  weightGrams: nullable(Type.Integer()),
  createdAt: timeAnswer,
  createdBy: Type.String(),
  /** Outcome of an unchecked shipment; '': the refunds were checked, or the delivery is not shipped. */
  unasked: oneOf(['', ...uncheckedOutcomes] as const),
  shippedAt: timeOrNull,
  shippedBy: nullable(Type.String()),
  cancelledAt: timeOrNull,
  cancelledBy: nullable(Type.String()),
  /** What its warehouse asks for before it is shipped: print, check, weigh. */
  shipSteps: Type.Array(Type.String()),
  /** How often the label of its present number came out of a printer; of several packages, that which came out most often. */
  printCount: Type.Integer(),
  /** Where its parcel is; null: not shipped, or nothing is known of it yet. */
  trackState: nullable(oneOf(trackStates)),
  /** The courier's last scan; null: none. */
  trackAt: timeOrNull,
  /** The source of the state: its platform, or an account of waybill numbers. */
  trackedBy: oneOf(['', 'platform', 'account'] as const),
  flag: Type.Integer(),
  sellerMemo: Type.String(),
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
/** A delivery without what the room of waybills decides about it. */
export type PlainDelivery = Omit<DeliveryView, 'numberRefusal'>
export type DeliveryOut = DeliveryView & { goods: readonly SheetGoods[] }

const waybillNo = Type.String({ pattern: waybillPattern })
const courier = Type.String({ minLength: 1, maxLength: 20 })
/** The sub-numbers of its packages in their order, all or none. */
const packageNos = Type.Optional(Type.Array(waybillNo, { maxItems: mostPackages }))
export const waybillInput = Type.Object(
  {
    rows: Type.Array(Type.Object({ id: idSchema, courier, waybillNo, packageNos }, closed), {
      minItems: 1,
      maxItems: 200,
    }),
  },
  closed,
)

/** 改运单: another waybill for parcels that have left. */
export const changeInput = Type.Object(
  {
    rows: Type.Array(Type.Object({ id: idSchema, courier, waybillNo }, closed), {
      minItems: 1,
      maxItems: 200,
    }),
    reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }),
  },
  closed,
)

export const packageFields = { packages: Type.Integer({ minimum: 1, maximum: mostPackages }) }
/** `courier`: the courier with which the orders are sent from now on; left out: it stays. */
export const giveBackFields = { courier: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })) }
export const againFields = { reason: Type.String({ minLength: 1, maxLength: 500 }) }

/** The waybills to import: lines of "number, courier, waybill" as text, or a sheet as base64. */
export const waybillSheet = Type.Object(
  {
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000_000 })),
    file: Type.Optional(Type.String({ minLength: 1, maxLength: 7_000_000 })),
    ship: Type.Optional(Type.Boolean()),
    /** True: a row whose courier is not the order's is refused. The page sends false if the user allows other couriers. */
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
