import type { LocalizedText } from '../../lib/localized-text.ts'

/**
 * 打印模板: the papers that we lay out ourselves, and the fields of each. Pure: the server checks templates by it, the page edits and
 * draws them.
 */

export const paperKinds = [
  'packing_slip',
  'pick_list',
  'label',
  'label_area',
  'handover',
  'goods_label',
  'bin_label',
] as const
export type PaperKind = (typeof paperKinds)[number]

export const paperWords: Record<PaperKind, LocalizedText> = {
  packing_slip: { zh: '随箱清单', en: 'Packing slip' },
  pick_list: { zh: '拣货单', en: 'Pick list' },
  label: { zh: '普通面单', en: 'Plain label' },
  label_area: { zh: '面单自定义区', en: 'Custom area of labels' },
  handover: { zh: '交接单', en: 'Handover manifest' },
  goods_label: { zh: '商品标签', en: 'Goods label' },
  bin_label: { zh: '库位标签', en: 'Bin label' },
}

/** Fields that a paper may have. `goods` is the list of goods, or of parcels on a handover manifest. */
export const fieldWords = {
  title: { zh: '标题', en: 'Title' },
  shop: { zh: '店铺', en: 'Shop' },
  courier: { zh: '快递', en: 'Courier' },
  warehouse: { zh: '仓库', en: 'Warehouse' },
  day: { zh: '日期', en: 'Day' },
  orderNo: { zh: '订单号', en: 'Order' },
  tid: { zh: '交易号', en: 'Trade no.' },
  deliveryNo: { zh: '发货单', en: 'Delivery' },
  orderedAt: { zh: '下单时间', en: 'Ordered' },
  waybill: { zh: '运单号', en: 'Waybill' },
  routing: { zh: '三段码', en: 'Sorting code' },
  bag: { zh: '集包地', en: 'Bag' },
  basket: { zh: '波次和篮号', en: 'Wave and basket' },
  barcode: { zh: '条码', en: 'Barcode' },
  receiver: { zh: '收件人', en: 'Receiver' },
  sender: { zh: '寄件人', en: 'Sender' },
  summary: { zh: '合计', en: 'Summary' },
  goods: { zh: '清单', en: 'List' },
  parcels: { zh: '包裹数', en: 'Parcels' },
  pieces: { zh: '件数', en: 'Pieces' },
  payment: { zh: '实付', en: 'Paid' },
  buyerMessage: { zh: '买家留言', en: 'Message' },
  sellerMemo: { zh: '卖家备注', en: 'Memo' },
  text: { zh: '自定文字', en: 'Own text' },
  text2: { zh: '自定文字 2', en: 'Own text 2' },
  text3: { zh: '自定文字 3', en: 'Own text 3' },
  qr: { zh: '二维码', en: 'QR code' },
  picture: { zh: '图片', en: 'Picture' },
  code: { zh: '编码', en: 'Code' },
  name: { zh: '名称', en: 'Name' },
  spec: { zh: '规格', en: 'Spec' },
  picker: { zh: '拣货人', en: 'Picked by' },
  handedBy: { zh: '交货人', en: 'Handed over by' },
  takenBy: { zh: '揽收人', en: 'Taken by' },
  printed: { zh: '打印', en: 'Printed' },
} as const satisfies Record<string, LocalizedText>
export type PaperField = keyof typeof fieldWords

export const columnWords = {
  place: { zh: '站', en: 'No.' },
  bin: { zh: '库位', en: 'Bin' },
  code: { zh: '商家编码', en: 'Code' },
  name: { zh: '商品', en: 'Goods' },
  spec: { zh: '规格', en: 'Spec' },
  quantity: { zh: '件', en: 'Qty' },
  price: { zh: '单价', en: 'Price' },
  baskets: { zh: '放篮', en: 'Baskets' },
  box: { zh: '勾', en: '✓' },
  waybill: { zh: '运单号', en: 'Waybill' },
  orderNo: { zh: '订单号', en: 'Order' },
  weight: { zh: '重量', en: 'Weight' },
} as const satisfies Record<string, LocalizedText>
export type PaperColumn = keyof typeof columnWords

/** Fields that are printed with their name in front. */
export const namedFields: ReadonlySet<PaperField> = new Set<PaperField>([
  ...(['day', 'warehouse', 'orderNo', 'tid', 'deliveryNo', 'orderedAt', 'waybill', 'sender'] as const),
  ...(['parcels', 'pieces', 'payment', 'buyerMessage', 'sellerMemo', 'printed'] as const),
])
/** Fields that are a name with a line for a signature behind it. */
export const signedFields: ReadonlySet<PaperField> = new Set<PaperField>(['picker', 'handedBy', 'takenBy'])

/** Fields whose text the template says, each with its longest text. */
export const ownTexts = { text: 300, text2: 300, text3: 300, sender: 200, qr: 300 } as const
export type OwnText = keyof typeof ownTexts
/** A picture is stored in its template: this many characters of its data address at most. */
export const longestPicture = 80_000
/** Fields whose size is a height in millimetres. */
export const drawnFields: ReadonlySet<PaperField> = new Set<PaperField>(['barcode', 'qr', 'picture'])

/** Where a field of a free layout is, in millimetres from the paper's upper left corner. `right`: its text ends at its right edge. */
export type FieldPlace = { x: number; y: number; w: number; h: number; right: boolean }

/**
 * `size`: of text in points, of barcode, QR code and picture in rows the height in millimetres. `half`: it shares its row with the next half field. `place`: of
 * a free layout; without one it is printed in a row below those that have one. `offOnPresents`: it is not printed for an order that is a present (送礼).
 */
export type FieldOption = {
  key: PaperField
  on: boolean
  size: number
  bold: boolean
  half: boolean
  offOnPresents?: boolean
  place?: FieldPlace
}
export type ColumnOption = { key: PaperColumn; on: boolean }

export const paperOrders = ['bin', 'order'] as const
export const paperOverflows = ['pages', 'cut'] as const

export type PaperOptions = {
  language: 'zh' | 'en'
  /** True: each field has its own place. Otherwise the fields are printed below each other. */
  free?: boolean
  /** In the order in which they are printed, from top to bottom. */
  fields: FieldOption[]
  /** In the order in which they are printed, from left to right. */
  columns: ColumnOption[]
  /** Size of the list's text in points. */
  listSize: number
  listBold: boolean
  /** The list's rows by the way of the picker, or as the order has them. */
  order: (typeof paperOrders)[number]
  /** If the list does not fit: it goes on on another page, or its last line says how many are left out. */
  overflow: (typeof paperOverflows)[number]
  /** Where a custom area begins on the label, in millimetres from the label's upper edge. */
  topMm?: number
  /** What the field `text` says. */
  text: string
  text2?: string
  text3?: string
  /** What the field `sender` says. */
  sender: string
  /** What the QR code says; empty: what the barcode says. */
  qr?: string
  /** The data address of the picture, a PNG or JPEG. */
  picture?: string
}

export type PaperTemplate = {
  kind: PaperKind
  name: string
  widthMm: number
  heightMm: number
  options: PaperOptions
  /** Empty: of every shop. */
  shopIds: readonly string[]
  /** Empty: with every courier. */
  couriers: readonly string[]
}

/** The smallest text that a printer of 203 dpi prints readably. */
export const leastPt = 8

const field = (key: PaperField, size: number, how = ''): FieldOption => ({
  key,
  on: !how.includes('off'),
  size,
  bold: how.includes('bold'),
  half: how.includes('half'),
})
const placed = (
  one: FieldOption,
  [x, y, w, h]: readonly [number, number, number, number],
  right = false,
): FieldOption => ({ ...one, place: { x, y, w, h, right } })
const columns = (on: string, off = ''): ColumnOption[] => {
  const chosen = on.split(' ')
  return [...chosen, ...off.split(' ')].filter(isColumn).map((key) => ({ key, on: chosen.includes(key) }))
}
const isColumn = (key: string): key is PaperColumn => Object.hasOwn(columnWords, key)

type Layout = Pick<PaperOptions, 'fields' | 'columns' | 'listSize' | 'overflow' | 'free' | 'topMm'> & {
  size: readonly [width: number, height: number]
}

/** Fields that every paper may have, off until a user wants them. A print client of a platform draws no picture that only the template has. */
const extras = (kind: PaperKind): FieldOption[] => [
  ...[field('text2', 9, 'off'), field('text3', 9, 'off'), field('qr', 20, 'half off')],
  ...(kind === 'label_area' ? [] : [field('picture', 15, 'half off')]),
]
const fieldsOf = (kind: PaperKind): FieldOption[] => [...layouts[kind].fields, ...extras(kind)]

const layouts: Record<PaperKind, Layout> = {
  packing_slip: {
    size: [148, 210],
    fields: [
      ...[field('title', 16, 'bold half'), field('barcode', 9, 'half'), field('orderNo', 9, 'half')],
      ...[field('waybill', 9, 'half'), field('orderedAt', 9, 'half'), field('receiver', 9, 'half')],
      ...[field('tid', 9, 'half off'), field('courier', 9, 'half off'), field('basket', 12, 'bold half off')],
      ...[field('goods', 9), field('pieces', 10, 'bold half'), field('payment', 10, 'half off')],
      ...[field('buyerMessage', 9), field('sellerMemo', 9, 'off'), field('text', 9)],
    ],
    columns: columns('name spec quantity', 'place bin code price box'),
    ...{ listSize: 9, overflow: 'pages' },
  },
  pick_list: {
    size: [148, 210],
    fields: [
      ...[field('title', 16, 'bold half'), field('barcode', 9, 'half'), field('summary', 9)],
      ...[field('goods', 9), field('picker', 9, 'half'), field('printed', 9, 'half'), field('text', 9)],
    ],
    columns: columns('place bin name spec quantity baskets box', 'code'),
    ...{ listSize: 9, overflow: 'pages' },
  },
  label: {
    size: [100, 150],
    fields: [
      ...[field('courier', 20, 'bold half'), field('printed', 8, 'half'), field('routing', 36, 'bold')],
      ...[
        field('bag', 14, 'bold'),
        field('barcode', 16),
        field('waybill', 12, 'bold'),
        field('receiver', 14, 'bold'),
        field('sender', 9),
      ],
      ...[field('goods', 9), field('orderNo', 9, 'half'), field('pieces', 9, 'half')],
      ...[field('basket', 12, 'bold half off'), field('sellerMemo', 9), field('text', 9)],
    ],
    columns: columns('name spec quantity', 'bin code'),
    ...{ listSize: 9, overflow: 'cut' },
  },
  // The area below the courier's part of a label of 76 × 130 mm.
  label_area: {
    size: [76, 38],
    fields: [
      placed(field('orderNo', 8), [2, 1, 40, 4]),
      placed(field('basket', 10, 'bold'), [43, 1, 31, 5], true),
      placed(field('goods', 8), [2, 6.5, 72, 20]),
      placed(field('sellerMemo', 8), [2, 27.5, 46, 7.5]),
      placed(field('shop', 8), [49, 27.5, 25, 4], true),
      placed(field('pieces', 8, 'bold'), [49, 32, 25, 4], true),
      ...[field('tid', 8, 'off'), field('deliveryNo', 8, 'off'), field('buyerMessage', 8, 'off')],
      ...[field('barcode', 8, 'off'), field('text', 8, 'off')],
    ],
    columns: columns('bin name spec quantity', 'code place'),
    ...{ listSize: 8, overflow: 'cut', free: true, topMm: 92 },
  },
  handover: {
    size: [210, 297],
    fields: [
      ...[field('title', 18, 'bold'), field('courier', 12, 'bold half'), field('day', 12, 'half')],
      ...[field('warehouse', 10), field('goods', 9), field('parcels', 12, 'bold half')],
      ...[field('pieces', 12, 'bold half'), field('handedBy', 11, 'half'), field('takenBy', 11, 'half')],
      ...[field('printed', 8), field('text', 9)],
    ],
    columns: columns('place waybill orderNo quantity weight', 'box'),
    ...{ listSize: 9, overflow: 'pages' },
  },
  goods_label: {
    size: [40, 30],
    fields: [
      field('name', 8, 'bold'),
      field('spec', 8),
      field('barcode', 8),
      field('code', 8),
      field('text', 8),
    ],
    ...{ columns: [], listSize: 8, overflow: 'cut' },
  },
  bin_label: {
    size: [60, 40],
    fields: [field('code', 26, 'bold'), field('barcode', 12), field('warehouse', 8), field('text', 8)],
    ...{ columns: [], listSize: 8, overflow: 'cut' },
  },
}

export const mayStandOn = (kind: PaperKind): { fields: PaperField[]; columns: PaperColumn[] } => ({
  fields: fieldsOf(kind).map(({ key }) => key),
  columns: layouts[kind].columns.map(({ key }) => key),
})

/** The template of a kind that is used without any row. */
export function defaultTemplate(kind: PaperKind): PaperTemplate {
  const { size, ...layout } = layouts[kind]
  const [widthMm, heightMm] = size
  const rest = { language: 'zh', free: false, listBold: false, order: 'bin', text: '', sender: '' } as const
  return {
    ...{ kind, name: '', widthMm, heightMm, shopIds: [], couriers: [] },
    options: { ...rest, ...structuredClone(layout), fields: structuredClone(fieldsOf(kind)) },
  }
}

/**
 * A template that was stored by another version: fields that this version does not know are left out, new ones come last and are off.
 */
export function fitted<Template extends Pick<PaperTemplate, 'kind' | 'options'>>(
  template: Template,
): Template {
  const plain = defaultTemplate(template.kind).options
  const known = <One extends { key: string; on: boolean }>(stored: readonly One[], usual: readonly One[]) => [
    ...stored.filter(({ key }) => usual.some((one) => one.key === key)),
    ...usual
      .filter(({ key }) => !stored.some((one) => one.key === key))
      .map((one) => ({ ...one, on: false })),
  ]
  const fields = known(template.options.fields, plain.fields)
  const ofList = known(template.options.columns, plain.columns)
  return { ...template, options: { ...plain, ...template.options, fields, columns: ofList } }
}

/** A courier cannot carry a parcel without these. */
const neededByCourier: ReadonlySet<PaperField> = new Set(['routing', 'barcode', 'waybill', 'receiver'])

/** The template of a plain label for a parcel whose number a source gave: what the courier needs is on, also if the template has it off. */
export const forCourier = (template: PaperTemplate): PaperTemplate => ({
  ...template,
  options: {
    ...template.options,
    fields: template.options.fields.map((one) => ({ ...one, on: one.on || neededByCourier.has(one.key) })),
  },
})

/** Papers of a single order, on which fields may be left out if the order is a present. */
export const papersOfOrders: ReadonlySet<PaperKind> = new Set(['packing_slip', 'label', 'label_area'])

/**
 * The template for an order that is a present: without the fields that it leaves out on presents, and always without amounts, because the
 * receiver is not the buyer. What the courier needs stays on a label.
 */
export function forPresent(template: PaperTemplate): PaperTemplate {
  const { kind, options } = template
  const isNeeded = (key: PaperField) => kind === 'label' && neededByCourier.has(key)
  const isLeft = ({ key, offOnPresents = false }: FieldOption) =>
    key === 'payment' || (offOnPresents && !isNeeded(key))
  return {
    ...template,
    options: {
      ...options,
      fields: options.fields.map((one) => ({ ...one, on: one.on && !isLeft(one) })),
      columns: options.columns.map((one) => ({ ...one, on: one.on && one.key !== 'price' })),
    },
  }
}

/**
 * Chooses the template for a paper of this shop and courier: the most specific comes first, the shop counts more than the courier, and
 * of equals the newest. Without any the default is used.
 */
export function templateFor<Template extends PaperTemplate & { id: string }>(
  templates: readonly Template[],
  kind: PaperKind,
  { shopId, courier }: { shopId: string; courier: string },
): Template | PaperTemplate {
  const fits = (chosen: readonly string[], one: string) => chosen.length === 0 || chosen.includes(one)
  const rank = (one: Template) => (one.shopIds.length > 0 ? 2 : 0) + (one.couriers.length > 0 ? 1 : 0)
  return (
    templates
      .filter((one) => one.kind === kind && fits(one.shopIds, shopId) && fits(one.couriers, courier))
      .toSorted((one, other) => rank(other) - rank(one) || Number(other.id) - Number(one.id))[0] ??
    defaultTemplate(kind)
  )
}
