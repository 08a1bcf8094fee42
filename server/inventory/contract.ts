import Type, { type Static } from 'typebox'
import { idSchema, nullable, pageOf, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf, time } from '../core/lists/list-contract.ts'
import {
  chosenWarehouseKinds,
  documentKinds,
  documentStatuses,
  freezeKinds,
  shipSteps,
  warehouseKinds,
} from './lifecycle.ts'

const text = Type.String()
const count = Type.Integer()
const closed = { additionalProperties: false }

export const warehouse = Type.Object({
  id: text,
  code: text,
  name: text,
  kind: oneOf(warehouseKinds),
  province: text,
  city: text,
  priority: Type.Integer({ description: 'The smaller is asked first.' }),
  active: Type.Boolean({ description: 'False: retired. It keeps its history and takes nothing new.' }),
  shipSteps: Type.Array(oneOf(shipSteps), {
    description: 'The steps that are required before a parcel is shipped.',
  }),
  printsLast: Type.Boolean({
    description:
      '后置打印: at the last piece that is checked, the number is taken and the label printed, if both steps are required.',
  }),
  createdAt: timeAnswer,
})
export const warehouseList = pageOf(warehouse)

const warehouseFields = {
  code: Type.String({ minLength: 1, maxLength: 30, pattern: '\\S' }),
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }),
  kind: oneOf(chosenWarehouseKinds),
  province: Type.String({ maxLength: 30 }),
  city: Type.String({ maxLength: 30 }),
  priority: Type.Integer({ minimum: 1, maximum: 9999 }),
}
export const newWarehouse = Type.Object(warehouseFields, closed)
export const warehousePatch = Type.Partial(
  Type.Object({
    ...warehouseFields,
    active: Type.Boolean(),
    shipSteps: Type.Array(oneOf(shipSteps), { uniqueItems: true, maxItems: shipSteps.length }),
    printsLast: Type.Boolean(),
  }),
  closed,
)

const skuFields = { skuId: text, code: text, name: text, spec: text, pictureUrl: text }
export const stockRow = Type.Object({
  id: text,
  warehouseId: text,
  warehouseName: text,
  ...skuFields,
  onHand: count,
  reserved: count,
  locked: count,
  available: count,
  short: Type.Integer({ description: 'Orders wait for so many.' }),
  inTransit: Type.Integer({ description: 'On their way from another warehouse.' }),
})
export type StockRow = Static<typeof stockRow>

/** `<warehouse id>-<SKU id>` */
export const stockParams = Type.Object({
  id: Type.String({ pattern: '^[1-9][0-9]{0,17}-[1-9][0-9]{0,17}$' }),
})
export const stockDetail = Type.Object({ stock: stockRow, warehouses: Type.Array(stockRow) })

export const movementRow = Type.Object({
  id: text,
  at: timeAnswer,
  quantity: count,
  documentKind: oneOf(['order', 'adjustment', 'transfer', 'count', 'return', 'parcel']),
  documentId: Type.String({ description: 'Empty: an order of a shop that was not granted.' }),
  documentNo: text,
  step: Type.Integer({
    description:
      'Of an order: odd ones ship, even ones take back. Of a transfer: 1 out, 2 in. Of a return: its receipt.',
  }),
  createdBy: text,
})
export const movementList = pageOf(movementRow)

export const reservationRow = Type.Object({
  id: text,
  orderId: Type.String({ description: 'Empty: an order of a shop that was not granted.' }),
  orderNo: text,
  lineNo: count,
  wanted: count,
  reserved: Type.Integer({ description: 'All that is wanted, or 0: it waits.' }),
  paidAt: timeAnswer,
})
export const reservationList = pageOf(reservationRow)

const line = Type.Object(
  {
    skuCode: Type.String({ minLength: 1, maxLength: 100 }),
    quantity: Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 }),
  },
  closed,
)
const documentFields = {
  warehouseId: idSchema,
  toWarehouseId: Type.Optional(idSchema),
  lockKind: Type.Optional(oneOf(freezeKinds)),
  startsAt: Type.Optional(time),
  endsAt: Type.Optional(time),
  note: Type.Optional(Type.String({ maxLength: 500 })),
  lines: Type.Array(line, { minItems: 1, maxItems: 2000 }),
}
export const newDocument = Type.Object({ kind: oneOf(documentKinds), ...documentFields }, closed)
export const draftInput = Type.Object({ version: Type.Integer(), ...documentFields }, closed)

export const documentRow = Type.Object({
  id: text,
  no: text,
  kind: oneOf(documentKinds),
  status: oneOf(documentStatuses),
  version: count,
  warehouseId: text,
  warehouseName: text,
  toWarehouseId: nullable(text),
  toWarehouseName: nullable(text),
  lockKind: nullable(oneOf(freezeKinds)),
  startsAt: timeOrNull,
  endsAt: timeOrNull,
  isLate: Type.Boolean({
    description:
      'A lock whose time has begun and that is not in force, because too few pieces are available. It is tried again every five minutes.',
  }),
  note: text,
  quantity: count,
  lineCount: count,
  createdBy: text,
  createdAt: timeAnswer,
  approvedBy: nullable(text),
  approvedAt: timeOrNull,
  sentBy: nullable(text),
  sentAt: timeOrNull,
  postedBy: nullable(text),
  postedAt: timeOrNull,
  voidedBy: nullable(text),
  voidedAt: timeOrNull,
  releasedBy: nullable(text),
  releasedAt: timeOrNull,
})
export type StockDocument = Static<typeof documentRow>
export const documentDetail = Type.Object({
  ...documentRow.properties,
  lines: Type.Array(
    Type.Object({
      lineNo: count,
      ...skuFields,
      quantity: count,
      book: Type.Unsafe<number | null>({
        type: ['integer', 'null'],
        description: 'Of a count: what the books said when it was written down.',
      }),
      released: count,
    }),
  ),
})
export type DocumentDetail = Static<typeof documentDetail>
export const madeDocument = Type.Object({ id: text })

export const approveFields = {
  /** The versions that the user saw. A document that has changed since is refused (`changed`); one that is not named is approved as it is now. */
  seen: Type.Optional(
    Type.Array(Type.Object({ id: idSchema, version: Type.Integer({ minimum: 1 }) }, closed), {
      maxItems: 1000,
    }),
  ),
}
export const unfreezeFields = {
  /** The lines to unfreeze, only with a single id; left out: all lines. */
  lines: Type.Optional(
    Type.Array(Type.Object({ lineNo: Type.Integer(), quantity: Type.Integer({ minimum: 1 }) }, closed), {
      minItems: 1,
      maxItems: 2000,
    }),
  ),
}

export const stockSheet = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        {
          warehouseCode: Type.String({ maxLength: 30 }),
          skuCode: Type.String({ maxLength: 100 }),
          quantity: Type.Number(),
        },
        closed,
      ),
      { minItems: 1, maxItems: 10_000 },
    ),
  },
  closed,
)
export const stockSheetAnswer = Type.Object({
  answers: Type.Array(
    Type.Object({
      row: count,
      code: oneOf(['taken', 'no_warehouse', 'no_sku', 'bundle', 'twice', 'wrong_quantity']),
    }),
  ),
  documentIds: Type.Array(text),
})
