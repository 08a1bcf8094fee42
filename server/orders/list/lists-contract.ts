import { courierCodes } from '../../connectors/couriers.ts'
import { codesText, flagWords, goodsText, tradeTypeWords } from '../../connectors/words-contract.ts'
import { declareList, type FilterOf, wordOf } from '../../core/lists/declare-contract.ts'
import { pair } from '../../core/verbs-contract.ts'
import { among, either, facet, has, hashFacet, hasOrNot } from '../../lib/facets.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import {
  allocationBits,
  allocationFacets,
  changedFacet,
  flagFacets,
  heldFacet,
  originFacet,
  plannedFacet,
  refundFacets,
  statusFacet,
  warehouseFacet,
} from '../order/facets.ts'
import {
  holdReasons,
  type OrderStatus,
  offPlatformOrigins,
  orderStatuses,
  originWords,
  statusWords,
  unshipped,
} from '../order/lifecycle.ts'
import type { OrderOut, OrderRow } from './contract.ts'

export const refundStates = ['none', 'open', 'succeeded'] as const
const refundWords = {
  none: ['没有', 'None'],
  open: ['申请中', 'Open'],
  succeeded: ['已退', 'Succeeded'],
} as const

const allocated = (bit: number) => either(allocationFacets(bit, true), allocationFacets(bit, false))
const moment = { width: '98px', align: 'right' } as const
const inStatus = (status: OrderStatus) => ({ words: pair(statusWords[status]), groups: [status] })

/** The order list. Filters are combined with "and", the values of one with "or". */
export const orderList = declareList<OrderRow, OrderOut>()({
  name: 'orders',
  path: '/orders',
  title: ['销售订单', 'Sales orders'],
  permission: 'orders.read',
  summary: 'Sales orders',
  tab: 'unconfirmed',
  tabs: {
    all: {
      words: ['全部', 'All'],
      groups: orderStatuses,
      empty: {
        title: ['还没有销售订单', 'No sales orders yet'],
        remedy: ['在待转入订单里转单，订单会出现在这里。', 'Convert staged trades; the orders show up here.'],
      },
    },
    unconfirmed: inStatus('unconfirmed'),
    problem: {
      words: ['问题单', 'Problems'],
      groups: ['unconfirmed'],
      asks: { problem: 'true' },
      empty: {
        title: ['没有问题单', 'No problems'],
        remedy: [
          '自动确认不通过的订单会在这里，带全部原因。规则在「策略 · 自动确认」里设。',
          'Orders that the rules did not confirm show up here with every reason. Rules are under Strategy.',
        ],
      },
    },
    held: {
      words: ['已挂起', 'On hold'],
      groups: unshipped,
      asks: { held: 'true' },
      empty: {
        title: ['没有挂起的订单', 'Nothing is on hold'],
        remedy: [
          '有退款申请或被人挂起的订单会在这里。',
          'Orders with an open refund, or held by a person, show up here.',
        ],
      },
    },
    differs: {
      words: ['有差异', 'Changed'],
      groups: unshipped,
      asks: { differs: 'true' },
      empty: {
        title: ['没有差异', 'No differences'],
        remedy: [
          '转单后平台改了地址、备注等，会在这里等人看。',
          'Changes on the platform after conversion wait here.',
        ],
      },
    },
    short: {
      words: ['缺货', 'Short'],
      groups: unshipped,
      asks: { short: 'true' },
      empty: {
        title: ['没有缺货的订单', 'Nothing is short'],
        remedy: [
          '库存不够占用的订单会在这里，到货后按付款先后自动占用。',
          'Orders that stock does not suffice for wait here; goods that come in go to who paid first.',
        ],
      },
    },
    presale: {
      words: ['预售', 'Presale'],
      groups: unshipped,
      asks: { planned: 'true' },
      empty: {
        title: ['没有预售的订单', 'No presale orders'],
        remedy: [
          '定了计划发货日的订单会在这里，到日子才能通知配货。',
          'Orders with a planned ship date wait here until that day.',
        ],
      },
    },
    confirmed: inStatus('confirmed'),
    released: inStatus('released'),
    shipped: inStatus('shipped'),
    completed: inStatus('completed'),
    voided: inStatus('voided'),
  },
  sorts: ['createdAt', 'paidAt', 'shipBy'],
  sort: '-createdAt',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    status: {
      words: ['状态', 'Status'],
      kind: 'choices',
      choices: statusWords,
      facets: among(orderStatuses, statusFacet),
    },
    /** A SKU of one of its lines, by its code. Bound in `order-list.ts`, as are buyer and waybill. */
    sku: { words: ['SKU', 'SKU'], kind: 'sku' },
    buyer: {
      words: ['买家', 'Buyer'],
      kind: 'text',
      hint: ['昵称、收件人、手机号或后四位', 'Nick, receiver, mobile or its last four'],
      few: true,
    },
    waybill: { words: ['运单号', 'Waybill'], kind: 'text', few: true },
    paid: { words: ['付款', 'Paid'], kind: 'period', range: 'paidAt' },
    created: { words: ['转单', 'Converted'], kind: 'period', range: 'createdAt' },
    shipByTo: { words: ['发货时限早于', 'Ship by, before'], kind: 'until', range: 'shipBy' },
    refund: {
      words: ['退款', 'Refund'],
      kind: 'choices',
      choices: refundWords,
      facets: among(refundStates, (state) => refundFacets[state]),
    },
    held: {
      words: ['挂起', 'On hold'],
      kind: 'yesNo',
      facets: either([heldFacet(true)], [heldFacet(false)]),
    },
    differs: {
      words: ['差异', 'Changed'],
      kind: 'yesNo',
      facets: either([changedFacet(true)], [changedFacet(false)]),
    },
    /** True: stock is short for a line of the order. */
    short: { words: ['缺货', 'Short'], kind: 'yesNo', facets: allocated(allocationBits.short) },
    /** True: a line of the order has no SKU. */
    unmatched: { words: ['未匹配', 'Unmatched'], kind: 'yesNo', facets: allocated(allocationBits.unmatched) },
    problem: { words: ['问题', 'Problem'], kind: 'yesNo', present: flagFacets.problem },
    urgent: { words: ['加急', 'Urgent'], kind: 'yesNo', present: flagFacets.urgent },
    origin: {
      words: ['来源', 'Origin'],
      kind: 'choices',
      choices: Object.fromEntries(offPlatformOrigins.map((origin) => [origin, originWords[origin]])),
      facets: among(offPlatformOrigins, originFacet),
    },
    /** True: the order has a planned ship date. */
    planned: { words: ['定了发货日', 'Ship date planned'], kind: 'yesNo', present: plannedFacet },
    shipAfterTo: { words: ['计划发货早于', 'Planned before'], kind: 'until', range: 'shipAfter' },
    locked: { words: ['锁定', 'Locked'], kind: 'yesNo', present: flagFacets.locked },
    courier: { words: ['快递', 'Courier'], kind: 'choices', choices: courierCodes, facet: 'courier' },
    type: { words: ['类型', 'Type'], kind: 'choices', choices: tradeTypeWords, facet: 'tradeType' },
    flag: {
      words: ['旗标', 'Flag'],
      kind: 'choices',
      choices: flagWords,
      facets: among(Object.keys(flagWords), (flag) => facet('flag', Number(flag))),
    },
    payment: { words: ['金额', 'Amount'], kind: 'amount', column: 'payment_fen' },
    hasMessage: {
      words: ['买家留言', 'Message'],
      kind: 'yesNo',
      facets: hasOrNot(has.message, has.noMessage),
    },
    hasMemo: { words: ['卖家备注', 'Memo'], kind: 'yesNo', facets: hasOrNot(has.memo, has.noMemo) },
    cod: { words: ['货到付款', 'Cash on delivery'], kind: 'yesNo', facets: hasOrNot(has.cod, has.noCod) },
    severalLines: {
      words: ['多件', 'Several lines'],
      kind: 'yesNo',
      facets: hasOrNot(has.severalLines, has.oneLine),
    },
    province: {
      words: ['省份', 'Province'],
      kind: 'text',
      hint: ['如：浙江，多个用逗号分开', 'For example 浙江; several comma-separated'],
      facets: (name) => [hashFacet('province', textHash(shortRegion(name)))],
    },
    /** The conditions of `q` and of the trade numbers are in `order-list.ts`. */
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: [
        '订单号、交易号、手机号或后四位、收件人、昵称、商品',
        'Order or trade no., phone or its last four, receiver, nick, goods',
      ],
    },
    tids: { words: ['交易号', 'Trade numbers'], kind: 'numbers', few: true },
    ids: { words: ['指定的订单', 'Given orders'], kind: 'ids', column: 'id', few: true },
    /** True: archived orders too. Filters that name orders or buyers find them without it. Bound in `order-list.ts`. */
    archived: { words: ['含归档', 'With archived'], kind: 'yesNo' },
    warehouse: { words: ['仓库', 'Warehouse'], kind: 'warehouses', facets: (id) => [warehouseFacet(id)] },
  },
  columns: [
    { key: 'no', words: ['销售单号', 'Sales order'], sheet: 20 },
    {
      key: 'no',
      words: ['销售订单 / 店铺', 'Order / shop'],
      page: { width: 'minmax(140px,164fr)', fixed: true },
    },
    { key: 'tid', words: ['交易号', 'Trade no.'], sheet: 22 },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    { key: 'shop', words: ['店铺', 'Shop'], kind: 'shop', sheet: 20 },
    {
      key: 'status',
      words: ['状态', 'Status'],
      codes: statusWords,
      page: { width: 'minmax(132px,150fr)', fixed: true },
      sheet: 12,
    },
    {
      key: 'holds',
      words: ['挂起原因', 'Holds'],
      inSheet: (row, language) => row.holdReasons.map((one) => wordOf(holdReasons, one, language)).join('; '),
      sheet: 20,
    },
    {
      key: 'receiver',
      words: ['收件人', 'Receiver'],
      page: { width: 'minmax(140px,150fr)', compactWidth: 'minmax(70px,80fr)' },
    },
    {
      key: 'goods',
      words: ['商品', 'Goods'],
      page: { width: 'minmax(132px,222fr)', compactWidth: 'minmax(124px,222fr)' },
    },
    { key: 'message', words: ['留言 / 备注', 'Messages'], page: { width: 'minmax(90px,150fr)' } },
    {
      key: 'way',
      words: ['仓库 / 快递', 'Warehouse'],
      page: { width: 'minmax(100px,110fr)', compactWidth: 'minmax(118px,120fr)' },
    },
    {
      key: 'payment',
      words: ['应付 ¥', 'Due ¥'],
      kind: 'money',
      of: (row) => row.paymentFen,
      page: { width: '84px', align: 'right' },
    },
    { key: 'orderedAt', words: ['下单时间', 'Ordered at'], kind: 'time', sheet: 20 },
    { key: 'paidAt', words: ['付款 / 转单', 'Paid / made'], page: { ...moment, sort: 'paidAt' } },
    { key: 'paidAt', words: ['付款时间', 'Paid at'], kind: 'time', sheet: 20 },
    {
      key: 'shipBy',
      words: ['发货剩余', 'Ship within'],
      page: { width: '94px', align: 'right', sort: 'shipBy' },
    },
    { key: 'shipBy', words: ['发货时限', 'Ship by'], kind: 'time', sheet: 20 },
    {
      key: 'createdAt',
      words: ['转单时间', 'Made at'],
      kind: 'time',
      page: { ...moment, sort: 'createdAt', only: 'compact' },
    },
    { key: 'createdAt', words: ['转单时间', 'Converted at'], kind: 'time', sheet: 20 },
    { key: 'createdBy', words: ['转单人', 'By'], sheet: 12 },
    { key: 'paymentFen', words: ['应付', 'Payment'], kind: 'money', sheet: 12 },
    { key: 'postFeeFen', words: ['运费', 'Freight'], kind: 'money', sheet: 10 },
    { key: 'discountFen', words: ['优惠', 'Discount'], kind: 'money', sheet: 10 },
    { key: 'refundedFen', words: ['已退', 'Refunded'], kind: 'money', sheet: 10 },
    { key: 'cod', words: ['货到付款', 'Cash on delivery'], sheet: 10 },
    { key: 'quantity', words: ['件数', 'Pieces'], sheet: 8 },
    { key: 'refundedQuantity', words: ['已退件数', 'Pieces refunded'], sheet: 8 },
    {
      key: 'goods',
      words: ['商品', 'Goods'],
      inSheet: (row, language) => goodsText(row.goods, language),
      sheet: 50,
    },
    { key: 'codes', words: ['商家编码', 'Outer codes'], inSheet: (row) => codesText(row.goods), sheet: 24 },
    { key: 'receiverMasked', words: ['收件人', 'Receiver'], sheet: 20 },
    { key: 'region', words: ['地区', 'Region'], sheet: 20 },
    {
      key: 'buyerMessage',
      words: ['买家留言', "Buyer's message"],
      freeText: true,
      sheet: 30,
    },
    {
      key: 'sellerMemo',
      words: ['卖家备注', "Seller's memo"],
      freeText: true,
      sheet: 30,
    },
    {
      key: 'flag',
      words: ['旗标', 'Flag'],
      codes: flagWords,
      inSheet: (row) => (row.flag === 0 ? '' : String(row.flag)),
      sheet: 8,
    },
    {
      key: 'courier',
      words: ['快递', 'Courier'],
      codes: courierCodes,
      inSheet: (row) => row.sentBy || row.courier,
      sheet: 12,
    },
    { key: 'waybillNo', words: ['运单号', 'Waybill'], sheet: 22 },
    { key: 'voidReason', words: ['作废原因', 'Void reason'], freeText: true, sheet: 20 },
  ],
})

export type OrderFilter = FilterOf<typeof orderList>
export type OrderTab = keyof typeof orderList.tabs
export type OrderSort = (typeof orderList.sorts)[number]
