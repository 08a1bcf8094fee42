import Type, { type TObject } from 'typebox'
import { idSchema as id, nullable } from '../core/http/http-contract.ts'
import { oneOf } from '../core/lists/list-contract.ts'
import { type WebhookDocument, webhookDocuments, webhookKinds, webhookVersion } from './lifecycle.ts'

// The schemas of messages. The triggers of the migrations make `data`; a test compares it with these schemas.

const closed = { additionalProperties: false }
const text = Type.String()
const integer = Type.Integer()
const time = Type.String({ format: 'date-time', description: 'In UTC' })
const fen = Type.Integer({ description: 'In fen, the hundredth of a yuan' })
const number = Type.String({ description: 'The number that people know' })
const tid = Type.String({ description: 'Number of the trade on the platform; empty: there is none' })
const version = Type.Integer({ description: 'Rises with each change of the document' })

export const webhookData: Readonly<Record<WebhookDocument, TObject>> = {
  order: Type.Object(
    {
      ...{ id, no: number, shopId: id, tid, origin: text, status: text, version },
      ...{ warehouseId: nullable(id), courier: text, quantity: integer, refundedQuantity: integer },
      ...{ openHolds: integer, openProblems: integer, cod: Type.Boolean(), currency: text },
      ...{ paymentFen: fen, postFeeFen: fen, refundedFen: fen },
      ...{ orderedAt: time, paidAt: nullable(time), shipBy: nullable(time), createdAt: time },
    },
    closed,
  ),
  delivery: Type.Object(
    {
      ...{ id, no: number, orderId: id, orderNo: number, tid, shopId: id, warehouseId: nullable(id) },
      ...{
        status: text,
        courier: text,
        waybillNo: text,
        packageCount: integer,
        writeBack: text,
        errorCode: text,
      },
      ...{ shipBy: nullable(time), createdAt: time, shippedAt: nullable(time), cancelledAt: nullable(time) },
    },
    closed,
  ),
  return: Type.Object(
    {
      ...{ id, no: number, shopId: id, orderId: id, orderNo: number, tid, kind: text, origin: text },
      ...{ refundNo: text, refundStatus: text, status: text, version, warehouseId: nullable(id) },
      ...{
        courier: text,
        waybillNo: text,
        amountFen: fen,
        quantity: integer,
        good: integer,
        defective: integer,
      },
      ...{ openProblems: integer, exchangeOrderNo: text, createdAt: time, receivedAt: nullable(time) },
    },
    closed,
  ),
  refund: Type.Object(
    {
      ...{
        id,
        refundNo: number,
        shopId: id,
        tid,
        oid: text,
        state: text,
        status: text,
        kind: text,
        phase: text,
      },
      version: Type.String({ description: "The platform's version" }),
      ...{
        amountFen: fen,
        quantity: integer,
        orderId: nullable(id),
        orderNo: text,
        deadline: nullable(time),
      },
      ...{ createdOnPlatform: time, modifiedAt: time },
    },
    closed,
  ),
  stock: Type.Object(
    {
      ...{ warehouseId: id, skuId: id, code: Type.String({ description: 'Code of the SKU' }) },
      ...{ onHand: integer, reserved: integer, frozen: integer, short: integer, available: integer },
    },
    closed,
  ),
}

/** Returns the schema of a whole message about a document. */
export const webhookBody = (document: WebhookDocument) =>
  Type.Object(
    {
      type: oneOf(Object.keys(webhookKinds).filter((kind) => kind.startsWith(`${document}.`))),
      version: Type.Integer({ const: webhookVersion, description: 'Version of the data' }),
      timestamp: Type.String({ format: 'date-time', description: 'When it happened' }),
      document: Type.String({ const: document }),
      sequence: Type.String({
        description: 'A number that rises for each document. Numbers of one document are not without gaps.',
      }),
      data: webhookData[document],
    },
    closed,
  )

export const documentNames = Object.keys(webhookDocuments).filter(
  (name): name is WebhookDocument => name in webhookDocuments,
)

/** The messages of each document, for the API document. */
export const describedWebhooks = Object.fromEntries(
  documentNames.map((document) => [
    `${document}.*`,
    { summary: `Events: ${webhookDocuments[document].en.toLowerCase()}`, body: webhookBody(document) },
  ]),
)
