/** What a column of the sheet of parcels may have. `line`: it differs between the goods of a parcel, so each of them gets a row. */
export const handoutFields = [
  { key: 'tid', words: ['交易编号', 'Trade number'], line: false },
  { key: 'courier', words: ['快递公司', 'Courier'], line: false },
  { key: 'courierCode', words: ['快递代码', 'Courier code'], line: false },
  { key: 'waybillNo', words: ['运单号', 'Waybill'], line: false },
  { key: 'goods', words: ['商品', 'Goods'], line: false },
  { key: 'pieces', words: ['件数', 'Pieces'], line: false },
  { key: 'shippedAt', words: ['发货时间', 'Shipped at'], line: false },
  { key: 'oid', words: ['子订单编号', 'Line number'], line: true },
  { key: 'code', words: ['商品编码', 'Product code'], line: true },
  { key: 'title', words: ['商品名称', 'Product'], line: true },
  { key: 'spec', words: ['规格', 'Variety'], line: true },
  { key: 'quantity', words: ['数量', 'Quantity'], line: true },
] as const satisfies readonly { key: string; words: readonly [string, string]; line: boolean }[]
export type HandoutField = (typeof handoutFields)[number]['key']

/** The columns of a shop's first sheet, until a user chooses others. */
export const usualColumns: readonly { field: HandoutField; title: string }[] = (
  ['tid', 'courier', 'waybillNo', 'goods', 'pieces', 'shippedAt'] as const
).map((field) => ({ field, title: handoutFields.find(({ key }) => key === field)?.words[0] ?? field }))
