import { Type } from 'typebox'
import { refundKinds, refundStatuses, tradeStatuses, tradeTypes } from '../connector.ts'
import { largestFen, longest } from '../fields.ts'

// What a mall posts. Amounts are 分 in whole numbers, times have a zone, and numbers of documents and goods are text.

const closed = { additionalProperties: false }
const id = (description: string) => Type.String({ pattern: '^[\\w-]{1,64}$', description })
const text = (most: number, description: string) =>
  Type.Optional(Type.String({ maxLength: most, description }))
const fen = (description: string) =>
  Type.Integer({ minimum: 0, maximum: largestFen, description: `${description}, in 分` })
const time = (description: string) => Type.String({ format: 'date-time', description })
const words = <Word extends string>(all: readonly Word[], description: string) =>
  Type.Enum([...all], { description })
const pieces = (least: number, description: string) =>
  Type.Integer({ minimum: least, maximum: 1_000_000, description })

/** A mall knows its statuses, so there is no word for an unknown one. */
const known = <Word extends string>(all: readonly Word[]) => all.filter((word) => word !== 'unknown')
const statuses = known(tradeStatuses)

const receiver = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: longest.name }),
    mobile: text(longest.word, 'A mobile or a fixed number is needed.'),
    phone: text(longest.word, 'A fixed number'),
    province: Type.String({ minLength: 1, maxLength: longest.name }),
    city: Type.String({ minLength: 1, maxLength: longest.name }),
    district: text(longest.name, 'District or county'),
    town: text(longest.name, 'Street or town'),
    address: Type.String({ minLength: 1, maxLength: longest.address, description: 'Street and house' }),
    zip: text(longest.word, 'Postal code'),
  },
  closed,
)

const line = Type.Object(
  {
    oid: id('The number of the line, unique in the mall'),
    itemId: id('The number of the product in the mall'),
    skuId: Type.Optional(id('The number of its variety; left out: the product has none')),
    outerItemId: text(longest.name, 'Your own code of the product'),
    outerSkuId: text(longest.name, 'Your own code of the variety, by which it is matched with a SKU here'),
    title: Type.String({ minLength: 1, maxLength: longest.title }),
    spec: text(longest.title, 'The variety in words'),
    pictureUrl: text(longest.url, 'A picture of the product'),
    quantity: pieces(1, 'Pieces'),
    priceFen: fen('The price of a piece'),
    paymentFen: fen('What the buyer pays for the line, after all discounts, without the freight'),
    discountFen: Type.Optional(fen('The discounts of the line')),
    status: Type.Optional(words(statuses, 'Left out: as the trade. Needed if the trade is partly shipped.')),
    waybillNos: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: longest.word }), {
        maxItems: 50,
        description: 'The waybills under which pieces of the line left',
      }),
    ),
  },
  closed,
)

export const trade = Type.Object(
  {
    tid: id('The number of the trade, unique in the mall'),
    status: words(statuses, 'Where the trade is'),
    type: Type.Optional(words(tradeTypes, 'Left out: normal')),
    createdAt: time('When the buyer ordered'),
    modifiedAt: time(
      'When the trade changed last: its version. A document with an older or the same time changes nothing.',
    ),
    paidAt: Type.Optional(time('When it was paid; needed once it is')),
    shippedAt: Type.Optional(time('When its first parcel left')),
    endedAt: Type.Optional(time('When it was finished or closed')),
    shipBy: Type.Optional(time('Until when it must leave')),
    paymentFen: fen('What the buyer pays: all lines and the freight together'),
    postFeeFen: Type.Optional(fen('The freight')),
    discountFen: Type.Optional(fen('The discounts of the whole trade, for display')),
    buyer: Type.Object(
      {
        nick: Type.String({ minLength: 1, maxLength: longest.name }),
        openId: text(longest.name, 'A lasting number of the buyer'),
      },
      closed,
    ),
    receiver,
    buyerMessage: text(longest.text, 'What the buyer wrote'),
    sellerMemo: text(longest.text, 'What the seller noted'),
    flag: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 5,
        description:
          'The flag of the note: 0 none, 1 red, 2 yellow, 3 green, 4 blue, 5 purple. Left out: it stays as it is',
      }),
    ),
    lines: Type.Array(line, { minItems: 1, maxItems: 500 }),
  },
  closed,
)

export const refund = Type.Object(
  {
    refundId: id('The number of the refund, unique in the mall'),
    tid: id('The trade that it is about'),
    oid: Type.Optional(id('The line that it is about; left out: the whole trade')),
    kind: words(refundKinds, 'What the buyer asks for'),
    phase: Type.Optional(
      Type.Enum(['onsale', 'aftersale'], { description: 'Left out: onsale, before the trade is finished' }),
    ),
    status: words(
      known(refundStatuses),
      'applied waits for the seller; agreed for the parcel of the buyer, or for the money',
    ),
    amountFen: fen('What the buyer asks for'),
    quantity: Type.Optional(pieces(0, 'Pieces; left out: not said')),
    title: text(longest.title, 'The product, for display'),
    reason: text(longest.name, 'The reason'),
    description: text(longest.text, 'What the buyer wrote'),
    goodsReceived: Type.Optional(
      words(['not_received', 'received', 'returned'], 'Where the goods are; left out: not known'),
    ),
    courier: text(longest.name, 'The courier of the parcel that comes back: a code of ours, or its name'),
    waybillNo: text(longest.word, 'The waybill of the parcel that comes back'),
    createdAt: time('When the buyer applied'),
    modifiedAt: time('When the refund changed last: its version'),
    deadline: Type.Optional(time('Until when the seller must answer')),
    buyerNick: text(longest.name, 'The buyer'),
  },
  closed,
)
