import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf, searchText } from '../core/lists/list-contract.ts'
import { interceptStates, interceptWays } from '../fulfilment/intercepts/intercept-lifecycle.ts'
import {
  discrepancyNames,
  exchangeTimes,
  parcelStatuses,
  receiptWriteBacks,
  returnKinds,
  returnOrigins,
  returnStatuses,
} from './lifecycle.ts'

const closed = { additionalProperties: false }
const text = Type.String()
const count = Type.Integer()
export const pieces = Type.Integer({ minimum: 0, maximum: 100_000 })

const line = Type.Object({
  lineNo: count,
  orderId: text,
  orderLineNo: count,
  title: text,
  spec: text,
  pictureUrl: text,
  outerCode: text,
  /** Code of our SKU, as on the label of the goods. */
  skuCode: text,
  quantity: count,
  good: count,
  defective: count,
})

export const returnRow = Type.Object({
  id: text,
  no: text,
  shopId: text,
  orderId: text,
  orderNo: text,
  tid: text,
  kind: oneOf(returnKinds),
  origin: oneOf(returnOrigins),
  status: oneOf(returnStatuses),
  version: count,
  refundNo: text,
  refundStatus: text,
  /** The platform's deadline for our answer to the refund; null: none. */
  deadline: timeOrNull,
  warehouseId: nullable(text),
  warehouseName: text,
  courier: text,
  waybillNo: text,
  reason: text,
  amountFen: count,
  quantity: count,
  good: count,
  defective: count,
  openProblems: count,
  exchangeWhen: oneOf(exchangeTimes),
  exchangeOrderId: nullable(text),
  exchangeOrderNo: text,
  told: oneOf(receiptWriteBacks),
  errorCode: text,
  receiverMasked: text,
  region: text,
  lines: Type.Array(line),
  createdAt: timeAnswer,
  createdBy: text,
  confirmedAt: timeOrNull,
  confirmedBy: nullable(text),
  receivedAt: timeOrNull,
  receivedBy: nullable(text),
  settledAt: timeOrNull,
  settledBy: nullable(text),
  voidedAt: timeOrNull,
  voidedBy: nullable(text),
  voidReason: text,
})
export type ReturnView = Static<typeof returnRow>

export const problemRow = Type.Object({
  id: text,
  kind: oneOf(discrepancyNames),
  lineNo: count,
  skuCode: text,
  quantity: count,
  note: text,
  inStock: Type.Boolean({
    description:
      'Wrong goods that were put into stock with their unclaimed parcel, before the return claimed it.',
  }),
  foundAt: timeAnswer,
  foundBy: text,
  settledAt: timeOrNull,
  settledBy: nullable(text),
  settledNote: text,
})

export const returnDetail = Type.Object({
  return: returnRow,
  receiptNote: nullable(
    Type.Object(
      { zh: text, en: text },
      {
        description:
          'The step of a person in place of a write-back that the platform has no call for; null: none.',
      },
    ),
  ),
  problems: Type.Array(problemRow),
  receipts: Type.Array(
    Type.Object({
      step: count,
      at: timeAnswer,
      by: text,
      warehouseName: text,
      good: count,
      defective: count,
    }),
  ),
  settlements: Type.Array(Type.Object({ id: text, no: text, amountFen: count, status: text })),
  parcels: Type.Array(Type.Object({ id: text, no: text, waybillNo: text })),
  intercepts: Type.Array(
    Type.Object({
      id: text,
      deliveryNo: text,
      waybillNo: text,
      way: oneOf(interceptWays),
      state: oneOf(interceptStates),
    }),
  ),
  events: Type.Array(
    Type.Object({
      id: text,
      at: timeAnswer,
      event: text,
      actorName: text,
      detail: Type.Record(text, Type.Unknown()),
    }),
  ),
})

export const scanQuery = Type.Object({ no: searchText }, closed)
/** What a scanned code means: returns, shipped deliveries with this waybill, an unclaimed parcel, and goods with this code or barcode. */
export const scanAnswer = Type.Object({
  returns: Type.Array(returnRow),
  left: Type.Array(Type.Object({ id: text, no: text, orderId: text, orderNo: text })),
  parcel: nullable(Type.Object({ id: text, no: text, status: oneOf(parcelStatuses) })),
  goods: nullable(
    Type.Object(
      { code: text, name: text },
      { description: 'The SKU with this code or barcode; null: none.' },
    ),
  ),
})

export const returnableLines = Type.Object({
  rows: Type.Array(
    Type.Object({
      lineNo: count,
      title: text,
      spec: text,
      pictureUrl: text,
      outerCode: text,
      shipped: count,
      left: Type.Integer({ description: 'So many are on no return.' }),
    }),
  ),
})

export const waybillNo = Type.String({ pattern: '^([A-Za-z0-9-]{4,40})?$' })
export const courier = Type.String({ maxLength: 40 })
export const reason = Type.String({ maxLength: 200 })
const reasonNeeded = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })

export const createReturnInput = Type.Object(
  {
    returns: Type.Array(
      Type.Object(
        {
          orderId: idSchema,
          kind: oneOf(returnKinds),
          reason: Type.Optional(reason),
          courier: Type.Optional(courier),
          waybillNo: Type.Optional(waybillNo),
          warehouseId: Type.Optional(idSchema),
          exchangeWhen: Type.Optional(oneOf(exchangeTimes)),
          lines: Type.Array(
            Type.Object(
              {
                lineNo: Type.Integer({ minimum: 1, maximum: 32_767 }),
                quantity: Type.Integer({ minimum: 1, maximum: 100_000 }),
              },
              closed,
            ),
            { minItems: 1, maxItems: 500 },
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  closed,
)

export const createdReturns = Type.Object({
  results: Type.Array(
    Type.Object({
      id: text,
      done: Type.Boolean(),
      returnId: Type.Optional(text),
      code: Type.Optional(text),
      message: Type.Optional(Type.Object({ zh: text, en: text })),
      ref: Type.Optional(text),
    }),
  ),
})

export const editReturnFields = {
  courier: Type.Optional(courier),
  waybillNo: Type.Optional(waybillNo),
  warehouseId: Type.Optional(idSchema),
  reason: Type.Optional(reason),
  exchangeWhen: Type.Optional(oneOf(exchangeTimes)),
}

export const returnVoidFields = { reason: reasonNeeded }
export const problemFields = { note: reasonNeeded }
export const writeBackAgainFields = { reason: Type.String({ minLength: 1, maxLength: 500 }) }

/** One receipt for each return. `version`: the version of the return that the user saw. */
export const receiptInput = Type.Object(
  {
    receipts: Type.Array(
      Type.Object(
        {
          id: idSchema,
          version: count,
          warehouseId: Type.Optional(idSchema),
          lines: Type.Array(
            Type.Object(
              { lineNo: Type.Integer({ minimum: 1, maximum: 32_767 }), good: pieces, defective: pieces },
              closed,
            ),
            { maxItems: 500 },
          ),
          wrong: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  skuCode: Type.String({ minLength: 1, maxLength: 100 }),
                  quantity: Type.Integer({ minimum: 1, maximum: 100_000 }),
                  note: Type.Optional(reason),
                },
                closed,
              ),
              { maxItems: 100 },
            ),
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 50 },
    ),
  },
  closed,
)
