import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { type CustomMap, customFields } from '../waybills/custom-area-rules.ts'
import {
  type ColumnOption,
  columnWords,
  type FieldOption,
  fieldWords,
  longestPicture,
  ownTexts,
  type PaperColumn,
  type PaperField,
  paperKinds,
  paperOrders,
  paperOverflows,
} from './paper-rules.ts'

const closed = { additionalProperties: false }
const keysOf = <Key extends string>(words: Readonly<Record<Key, unknown>>) => Object.keys(words) as Key[]
const mm = Type.Integer({ minimum: 20, maximum: 420 })

/** Places are kept to half a millimetre. */
const placeMm = (minimum: number) => Type.Number({ minimum, maximum: 420, multipleOf: 0.5 })
const fieldPlace = Type.Object(
  { x: placeMm(0), y: placeMm(0), w: placeMm(2), h: placeMm(2), right: Type.Boolean() },
  closed,
)
const fieldOption = Type.Object(
  {
    key: oneOf<readonly PaperField[]>(keysOf(fieldWords)),
    on: Type.Boolean(),
    size: Type.Integer({ minimum: 5, maximum: 60 }),
    bold: Type.Boolean(),
    half: Type.Boolean(),
    /** True: it is not printed for an order that is a present. */
    offOnPresents: Type.Optional(Type.Boolean()),
    place: Type.Optional(fieldPlace),
  },
  closed,
) satisfies Type.TSchema
const columnOption = Type.Object(
  { key: oneOf<readonly PaperColumn[]>(keysOf(columnWords)), on: Type.Boolean() },
  closed,
)

const options = Type.Object(
  {
    language: oneOf(['zh', 'en'] as const),
    /** True: each field has its own place. Otherwise the fields are printed below each other. */
    free: Type.Optional(Type.Boolean()),
    fields: Type.Unsafe<FieldOption[]>(Type.Array(fieldOption, { maxItems: 40 })),
    columns: Type.Unsafe<ColumnOption[]>(Type.Array(columnOption, { maxItems: 20 })),
    listSize: Type.Integer({ minimum: 5, maximum: 24 }),
    listBold: Type.Boolean(),
    order: oneOf(paperOrders),
    overflow: oneOf(paperOverflows),
    /** Where a custom area begins on the label, from its upper edge. */
    topMm: Type.Optional(Type.Integer({ minimum: 0, maximum: 300 })),
    text: Type.String({ maxLength: ownTexts.text }),
    text2: Type.Optional(Type.String({ maxLength: ownTexts.text2 })),
    text3: Type.Optional(Type.String({ maxLength: ownTexts.text3 })),
    sender: Type.String({ maxLength: ownTexts.sender }),
    qr: Type.Optional(Type.String({ maxLength: ownTexts.qr })),
    picture: Type.Optional(
      Type.String({
        maxLength: longestPicture,
        pattern: '^(data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+)?$',
      }),
    ),
  },
  closed,
)

const templateFields = {
  kind: oneOf(paperKinds),
  name: Type.String({ minLength: 1, maxLength: 40, pattern: '\\S' }),
  widthMm: mm,
  heightMm: mm,
  options,
  /** Only for deliveries of these shops; empty: of every shop. */
  shopIds: Type.Array(idSchema, { maxItems: 200 }),
  /** Only for deliveries with these couriers; empty: with every courier. */
  couriers: Type.Array(Type.String({ minLength: 1, maxLength: 20 }), { maxItems: 50 }),
}

export const templateInput = Type.Object(
  {
    /** Left out: a new template. */
    id: Type.Optional(idSchema),
    /** The version that was seen; an older one is refused. 0: a new template. */
    version: Type.Integer({ minimum: 0 }),
    ...templateFields,
  },
  closed,
)
export type TemplateInput = Static<typeof templateInput>

export const templateList = Type.Object({
  rows: Type.Array(
    Type.Object({
      id: Type.String(),
      version: Type.Integer(),
      ...templateFields,
      updatedAt: timeAnswer,
      updatedBy: Type.String(),
    }),
  ),
})
export type TemplateOut = Static<typeof templateList>['rows'][number]
export const templateSaved = Type.Object({ id: idSchema, version: Type.Integer() })

export const customAreaInput = Type.Object(
  {
    /** The address of the area; empty: none is laid over the labels. */
    areaUrl: Type.String({ pattern: '^(https?://\\S{1,990})?$' }),
    keys: Type.Unsafe<CustomMap>(
      Type.Record(Type.String({ pattern: '^[\\w.-]{1,64}$' }), oneOf(customFields), {
        maxProperties: 50,
      }),
    ),
  },
  closed,
)
export const customAreaList = Type.Object({
  rows: Type.Array(Type.Object({ id: Type.String(), url: Type.String(), keys: Type.Array(Type.String()) })),
})

/** The most deliveries of which the papers are printed at once. */
export const mostPapers = 200
export const paperQuery = Type.Object(
  { ids: Type.String({ pattern: `^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,${mostPapers - 1}}$` }) },
  closed,
)

const goodsLine = Type.Object({
  skuId: nullable(Type.String()),
  code: Type.String(),
  name: Type.String(),
  spec: Type.String(),
  quantity: Type.Integer(),
  priceFen: Type.Integer(),
  /** The bin in which it lies in the delivery's warehouse; empty: none is known. */
  bin: Type.String(),
  /** The bin's position on the way of a picker. */
  route: nullable(Type.Integer()),
})
export const paperAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      id: Type.String(),
      no: Type.String(),
      orderNo: Type.String(),
      tid: Type.String(),
      shopId: Type.String(),
      /** Empty: not chosen yet. */
      courier: Type.String(),
      waybillNo: Type.String(),
      warehouse: Type.String(),
      /** Its wave and basket, as they are written on papers; empty: it is in none. */
      basket: Type.String(),
      receiverMasked: Type.String(),
      region: Type.String(),
      orderedAt: timeAnswer,
      buyerMessage: Type.String(),
      sellerMemo: Type.String(),
      paymentFen: Type.Integer(),
      /** True: the order was made here, so its receiver may be in plain text. */
      own: Type.Boolean(),
      /** True: it is a present (送礼): its receiver is not the buyer. */
      isPresent: Type.Boolean(),
      /** True: it is still to be shipped. Whoever ships may see its receiver for a plain label. */
      pending: Type.Boolean(),
      pieces: Type.Integer(),
      /** What the buyer gets: a bundle is one line. */
      goods: Type.Array(goodsLine),
      /** The goods to be picked for it: a bundle is its parts. */
      picks: Type.Array(goodsLine),
    }),
  ),
})
export type PaperDelivery = Static<typeof paperAnswer>['rows'][number]
export type PaperGoods = Static<typeof goodsLine>

export const handoverQuery = Type.Object(
  {
    day: Type.String({ format: 'date' }),
    warehouse: Type.Optional(idSchema),
  },
  closed,
)
export const handoverAnswer = Type.Object({
  /** Parcels that left on this day, by courier. A merged shipment is one parcel. */
  rows: Type.Array(
    Type.Object({
      courier: Type.String(),
      waybillNo: Type.String(),
      packageCount: Type.Integer(),
      orderNo: Type.String(),
      warehouse: Type.String(),
      pieces: Type.Integer(),
      weightGrams: nullable(Type.Integer()),
      shippedAt: timeOrNull,
    }),
  ),
  /** True: there were more parcels than the answer has. */
  more: Type.Boolean(),
})
export type HandoverParcel = Static<typeof handoverAnswer>['rows'][number]
