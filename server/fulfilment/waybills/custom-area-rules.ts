import type { LocalizedText } from '../../lib/localized-text.ts'

/** 面单自定义区: the fields of ours that may fill the keys of an area that the seller has designed at the platform. Pure. */
export const customFieldWords = {
  orderNo: { zh: '订单号', en: 'Order no.' },
  tid: { zh: '交易号', en: 'Trade no.' },
  deliveryNo: { zh: '发货单号', en: 'Delivery no.' },
  goods: { zh: '商品清单', en: 'Goods list' },
  codes: { zh: '商家编码清单', en: 'List of codes' },
  pieces: { zh: '件数合计', en: 'Total pieces' },
  sellerMemo: { zh: '卖家备注', en: "Seller's memo" },
  buyerMessage: { zh: '买家留言', en: "Buyer's message" },
  shop: { zh: '店铺名', en: 'Shop name' },
} as const satisfies Record<string, LocalizedText>
export type CustomField = keyof typeof customFieldWords
const isField = (key: string): key is CustomField => Object.hasOwn(customFieldWords, key)
export const customFields: readonly CustomField[] = Object.keys(customFieldWords).filter(isField)
export type CustomMap = Record<string, CustomField>

/** Names of keys as they occur at the platforms, in capitals without separators. */
const usual: Record<string, CustomField> = {
  ...{ ORDERID: 'orderNo', ORDERNO: 'orderNo', ORDERSN: 'tid', TRADENO: 'tid', TID: 'tid' },
  ...{ ITEMINFO: 'goods', GOODSINFO: 'goods', PRODUCTINFO: 'goods', GOODSLIST: 'goods' },
  ...{ ITEMTOTALCOUNT: 'pieces', GOODSCOUNT: 'pieces', PRODUCTCOUNT: 'pieces', ITEMCOUNT: 'pieces' },
  ...{
    SELLERMEMO: 'sellerMemo',
    REMARK: 'sellerMemo',
    BUYERMEMO: 'buyerMessage',
    BUYERMESSAGE: 'buyerMessage',
  },
  ...{ SHOPNAME: 'shop', OUTERID: 'codes', SKUCODE: 'codes' },
}

/** The field that most likely fills this key; undefined: its name says nothing. */
export const usualField = (key: string): CustomField | undefined =>
  usual[key.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')]

export type CustomValues = Record<CustomField, string>

/** The longest text of one key: more than a label has room for. */
const mostLetters = 600

/** Returns the data of the area: each key with the text of its field. A key without a field is left empty, so that nothing old is shown. */
export function customData(keys: CustomMap, values: CustomValues): Record<string, string> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, field]) => [key, (values[field] ?? '').slice(0, mostLetters)]),
  )
}

type Line = { name: string; spec: string; code: string; quantity: number }
type OfDelivery = {
  no: string
  orderNo: string
  tid: string
  sellerMemo: string
  buyerMessage: string
  lines: readonly Line[]
}

/** The texts of all fields for one label. A merged shipment has several deliveries: their numbers are joined, their goods one list. */
export function customValues(deliveries: readonly OfDelivery[], shop: string): CustomValues {
  const joined = (texts: readonly string[]) => [...new Set(texts.filter((text) => text !== ''))].join(' ')
  const lines = deliveries.flatMap((one) => one.lines)
  return {
    orderNo: joined(deliveries.map(({ orderNo }) => orderNo)),
    tid: joined(deliveries.map(({ tid }) => tid)),
    deliveryNo: joined(deliveries.map(({ no }) => no)),
    goods: lines
      .map(({ name, spec, quantity }) => `${[name, spec].filter(Boolean).join(' ')} ×${quantity}`)
      .join('\n'),
    codes: lines.map(({ code, quantity }) => `${code} ×${quantity}`).join('\n'),
    pieces: String(lines.reduce((sum, { quantity }) => sum + quantity, 0)),
    sellerMemo: joined(deliveries.map(({ sellerMemo }) => sellerMemo)),
    buyerMessage: joined(deliveries.map(({ buyerMessage }) => buyerMessage)),
    shop,
  }
}
