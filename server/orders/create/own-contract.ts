import Type, { type Static } from 'typebox'
import { idSchema } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { rowRefusal } from '../../core/sheets/sheet-contract.ts'

const closed = { additionalProperties: false }
const message = Type.Object({ zh: Type.String(), en: Type.String() })
const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }))
const fen = Type.Integer({ minimum: 0, maximum: 100_000_000_000 })
const quantity = Type.Integer({ minimum: 1, maximum: 100_000 })
/** Idempotency key: a repeated request with the same key makes no second order. */
const key = Type.String({ minLength: 8, maxLength: 100, pattern: '\\S' })

const receiver = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60 }),
    mobile: text(30),
    phone: text(30),
    province: Type.String({ minLength: 1, maxLength: 30 }),
    city: Type.String({ minLength: 1, maxLength: 30 }),
    district: text(30),
    town: text(60),
    address: Type.String({ minLength: 1, maxLength: 200 }),
    zip: text(12),
  },
  closed,
)
const line = Type.Object(
  {
    skuId: Type.Optional(idSchema),
    code: text(64),
    quantity,
    priceFen: fen,
    discountFen: Type.Optional(fen),
  },
  closed,
)
export const createInput = Type.Object(
  {
    orders: Type.Array(
      Type.Object(
        {
          key,
          shopId: idSchema,
          /** The caller's trade number, unique in the shop; left out: the server makes one. */
          outerNo: Type.Optional(Type.String({ maxLength: 60, pattern: '^\\s*[\\w.-]*\\s*$' })),
          nick: text(60),
          receiver,
          lines: Type.Array(line, { minItems: 1, maxItems: 200 }),
          postFeeFen: Type.Optional(fen),
          paid: Type.Optional(Type.Boolean({ default: true })),
          cod: Type.Optional(Type.Boolean()),
          memo: text(1000),
          ownNote: text(500),
          courier: text(20),
          urgent: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  closed,
)
/** One outcome for each request, by its key. Code `already`: the order existed before; `id` and `no` name it. */
export const createAnswer = Type.Object({
  results: Type.Array(
    Type.Object({
      key: Type.String(),
      done: Type.Boolean(),
      id: Type.Optional(Type.String()),
      no: Type.Optional(Type.String()),
      code: Type.Optional(Type.String()),
      message: Type.Optional(message),
    }),
  ),
})

export const orderSheetInput = Type.Object(
  { file: Type.String({ minLength: 1, maxLength: 7_000_000 }) },
  closed,
)
/** Column heads of the import sheet; the first of each list is the one in the template. */
export const importHeads = {
  shop: ['店铺', 'shop'],
  outerNo: ['订单号', '外部单号', 'order no', 'order'],
  name: ['收件人', '姓名', 'name', 'receiver'],
  mobile: ['手机', '电话', '联系电话', 'mobile', 'phone'],
  province: ['省', '省份', 'province'],
  city: ['市', '城市', 'city'],
  district: ['区县', '区', 'district'],
  address: ['详细地址', '地址', 'address'],
  code: ['商家编码', 'SKU编码', 'code', 'sku code', 'sku'],
  quantity: ['数量', 'quantity', 'qty'],
  price: ['单价', '价格', 'price'],
  postFee: ['运费', 'freight'],
  paid: ['已付款', 'paid'],
  cod: ['货到付款', 'cod'],
  courier: ['快递', '快递公司', 'courier'],
  memo: ['备注', '卖家备注', 'memo'],
  nick: ['买家昵称', '昵称', 'nick'],
} as const
export const orderReport = Type.Object({
  rows: Type.Integer(),
  orders: Type.Integer(),
  created: Type.Integer(),
  refused: Type.Array(rowRefusal),
})
export type OrderReport = Static<typeof orderReport>

const copy = Type.Object(
  {
    key,
    orderId: idSchema,
    kind: oneOf(['copy', 'reship']),
    reason: text(200),
    lines: Type.Array(
      Type.Object({ lineNo: Type.Integer({ minimum: 1, maximum: 32_000 }), quantity }, closed),
      {
        minItems: 1,
        maxItems: 500,
      },
    ),
  },
  closed,
)
export const copyInput = Type.Object({ copies: Type.Array(copy, { minItems: 1, maxItems: 100 }) }, closed)
