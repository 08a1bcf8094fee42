/** What a column of a sheet may be: its words, and the titles by which it is known. This is the one table of titles. */
type SheetField = {
  key: SheetFieldKey
  words: readonly [zh: string, en: string]
  heads: readonly string[]
}

export const sheetFieldKeys = [
  'tid',
  'sub',
  'name',
  'mobile',
  'phone',
  'address',
  'province',
  'city',
  'district',
  'town',
  'zip',
  'code',
  'title',
  'spec',
  'quantity',
  'price',
  'amount',
  'payment',
  'postFee',
  'createdAt',
  'paidAt',
  'shipBy',
  'status',
  'refund',
  'refundAmount',
  'nick',
  'message',
  'memo',
] as const
export type SheetFieldKey = (typeof sheetFieldKeys)[number]

const table: Readonly<Record<SheetFieldKey, readonly [zh: string, en: string, ...heads: string[]]>> = {
  tid: [
    '交易编号',
    'Trade number',
    ...[
      '订单号',
      '订单编号',
      '订单ID',
      '交易号',
      '主订单编号',
      '主订单号',
      '平台订单号',
      '商户订单号',
      '外部单号',
    ],
    ...['原始单号', '来源单号', '单号', '团购单号', '跟团号', '编号', 'Order number', 'Order ID', 'Order no'],
  ],
  sub: ['子订单编号', 'Line number', '子订单号', '子单号', '商品单号', '明细编号', '明细单号', 'Line ID'],
  name: [
    '收货人',
    'Receiver',
    ...['收件人', '收货人姓名', '收件人姓名', '姓名', '收货姓名', '联系人', '客户姓名', '收货人名称', 'Name'],
  ],
  mobile: [
    '手机',
    'Mobile',
    ...[
      '手机号',
      '手机号码',
      '收货人手机',
      '收货人手机号',
      '收货人手机号码',
      '收件人手机',
      '收件人手机号',
      '收件人电话',
    ],
    ...[
      '收货人电话',
      '联系电话',
      '联系手机',
      '联系方式',
      '收货电话',
      '收货手机',
      '电话',
      '电话号码',
      '客户电话',
      'Phone',
    ],
  ],
  phone: ['固定电话', 'Landline', '座机', '收货人固话', '固话'],
  address: [
    '地址',
    'Address',
    ...[
      '详细地址',
      '收货地址',
      '收件地址',
      '收件人地址',
      '收货人地址',
      '收货详细地址',
      '收件人详细地址',
      '完整地址',
    ],
    ...['街道地址', '配送地址', '送货地址', '收货信息', '收件信息'],
  ],
  province: ['省', 'Province', '省份', '收货省份', '收件省', '收货人省份', '收件人省份', '省市区省'],
  city: ['市', 'City', '城市', '收货城市', '收件市', '收货人城市', '收件人城市', '地市'],
  district: ['区', 'District', '区县', '县区', '区域', '收货区县', '收件区', '收货人区县', '地区', '县'],
  town: ['街道', 'Town', '乡镇', '街道乡镇', '镇'],
  zip: ['邮编', 'Postal code', '邮政编码'],
  code: [
    '商品编码',
    'Product code',
    ...[
      '商家编码',
      'SKU编码',
      'SKU',
      '规格编码',
      '货号',
      '商品货号',
      '商品编号',
      '产品编码',
      '产品编号',
      '货品编码',
    ],
    ...['规格商家编码', '商品商家编码', '商品ID', '编码', '款号'],
  ],
  title: [
    '商品名称',
    'Product',
    ...[
      '商品',
      '商品标题',
      '品名',
      '宝贝名称',
      '宝贝标题',
      '产品名称',
      '产品',
      '货品名称',
      '团购商品',
      '商品信息',
    ],
  ],
  spec: [
    '规格',
    'Variety',
    '规格名称',
    '商品规格',
    '型号',
    '颜色尺码',
    '款式',
    'SKU名称',
    '商品属性',
    '属性',
    '销售规格',
  ],
  quantity: [
    '数量',
    'Quantity',
    ...[
      '商品数量',
      '件数',
      '购买数量',
      '订购数量',
      '下单数量',
      '份数',
      '商品件数',
      '宝贝数量',
      '订货数量',
      'Qty',
    ],
  ],
  price: ['单价', 'Price', '商品单价', '价格', '售价', '成交单价', '商品价格', '供货价', '结算价'],
  amount: [
    '金额',
    'Line amount',
    ...['小计', '商品金额', '商品总价', '商品小计', '行金额', '商品实付', '商品实付金额', '货款', '商品总额'],
  ],
  payment: [
    '订单金额',
    'Trade amount',
    ...[
      '实付金额',
      '实付',
      '订单实付金额',
      '订单实付',
      '应付金额',
      '支付金额',
      '付款金额',
      '买家实付',
      '买家实付金额',
    ],
    ...['总金额', '订单总金额', '订单总价', '总价', '合计', '合计金额', '实收金额', '实收款'],
  ],
  postFee: ['运费', 'Freight', '邮费', '快递费', '配送费', '运费金额'],
  createdAt: [
    '下单时间',
    'Ordered at',
    ...[
      '订单创建时间',
      '创建时间',
      '订单时间',
      '拍单时间',
      '下单日期',
      '订单日期',
      '日期',
      '跟团时间',
      '提交时间',
    ],
  ],
  paidAt: ['付款时间', 'Paid at', '支付时间', '订单付款时间', '付款日期', '支付完成时间', '买家付款时间'],
  shipBy: ['最晚发货时间', 'Ship by', '发货截止时间', '承诺发货时间', '最迟发货时间', '要求发货时间'],
  status: ['订单状态', 'Status', '交易状态', '状态', '订单进度'],
  refund: ['退款', 'Refund', '退款状态', '售后状态', '是否退款', '售后', '退货退款', '退款情况'],
  refundAmount: ['退款金额', 'Refund amount', '退款额', '已退金额', '售后金额'],
  nick: [
    '买家',
    'Buyer',
    ...[
      '买家昵称',
      '买家账号',
      '昵称',
      '会员名',
      '买家会员名',
      '下单人',
      '跟团人',
      '微信昵称',
      '团员',
      '客户',
      '客户名称',
    ],
  ],
  message: [
    '买家留言',
    'Message',
    '留言',
    '买家备注',
    '客户备注',
    '备注',
    '订单备注',
    '团员备注',
    '用户备注',
  ],
  memo: ['卖家备注', 'Note', '商家备注', '团长备注', '客服备注', '内部备注'],
}

export const sheetFields: readonly SheetField[] = sheetFieldKeys.map((key) => {
  const [zh, en, ...more] = table[key]
  return { key, words: [zh, en], heads: [zh, en, ...more] }
})

/** Titles are compared without spaces, stars, brackets and units. */
export const bareTitle = (title: string): string =>
  title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[(（【[].*?[)）】\]]/g, '')
    .replace(/[\s*＊_:：/／、]/g, '')

const fieldOfTitle = new Map(
  sheetFields.toReversed().flatMap(({ key, heads }) => heads.map((head) => [bareTitle(head), key] as const)),
)

/** Returns the field that a title usually is. */
export const usualField = (title: string): SheetFieldKey | undefined => fieldOfTitle.get(bareTitle(title))

export const wordsOfField = (key: SheetFieldKey): readonly [zh: string, en: string] => {
  const [zh, en] = table[key]
  return [zh, en]
}
