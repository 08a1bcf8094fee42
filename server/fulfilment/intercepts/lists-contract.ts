import { courierCodes } from '../../connectors/couriers.ts'
import { goodsText } from '../../connectors/words-contract.ts'
import { declareList } from '../../core/lists/declare-contract.ts'
import { writeBackWords } from '../lifecycle.ts'
import type { InterceptOut, InterceptView, PutBackView } from './aftersale-contract.ts'
import { interceptStateWords, interceptWayWords, putBackStateWords } from './intercept-lifecycle.ts'

const alive = ['open', 'asked'] as const
const ended = ['pulled', 'returned', 'missed', 'money', 'lifted'] as const

/** The parcel, as the sheets of both lists begin. */
const parcelSheet = [
  { key: 'deliveryNo', words: ['发货单号', 'Delivery'], sheet: 20 },
  { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
  { key: 'shop', words: ['店铺', 'Shop'], kind: 'shop', sheet: 20 },
  { key: 'orderNo', words: ['销售单号', 'Sales order'], sheet: 20 },
  { key: 'tid', words: ['交易号', 'Trade no.'], sheet: 22 },
  { key: 'courier', words: ['快递', 'Courier'], codes: courierCodes, sheet: 12 },
  { key: 'waybillNo', words: ['运单号', 'Waybill'], sheet: 22 },
] as const

export const interceptList = declareList<InterceptView, InterceptOut>()({
  name: 'intercepts',
  path: '/intercepts',
  title: ['拦截', 'Intercepts'],
  permission: 'fulfilment.read',
  summary: 'Parcels that are wanted back',
  tab: 'pull',
  tabs: {
    /** The warehouse stops the parcel before the write-back. */
    pull: {
      words: ['仓库拦下', 'Pull out'],
      groups: alive,
      asks: { way: 'pull' },
      empty: {
        title: ['没有要拦的包裹', 'No parcel to pull out'],
        remedy: [
          '已出库、还没回写的订单有人退款，会停止回写并出现在这里。',
          'When money is asked back for what has left and the platform does not know, it shows up here.',
        ],
      },
    },
    /** The courier is asked. */
    recall: {
      words: ['快递追回', 'Ask the courier'],
      groups: alive,
      asks: { way: 'recall' },
      empty: {
        title: ['没有要追回的包裹', 'No parcel to ask for'],
        remedy: ['已回写的订单整件退款，会出现在这里。', 'Shipped goods that are asked back show up here.'],
      },
    },
    ended: { words: ['已了结', 'Ended'], groups: ended, sort: '-createdAt' },
    all: { words: ['全部', 'All'], groups: [...alive, ...ended], sort: '-createdAt' },
  },
  sorts: ['deadline', 'createdAt'],
  sort: 'deadline',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    orderId: {
      words: ['指定的订单', 'Given order'],
      kind: 'id',
      column: 'order_id',
      linked: true,
      few: true,
    },
    way: { words: ['方式', 'Way'], kind: 'choices', choices: interceptWayWords, column: 'way', linked: true },
    deadlineTo: { words: ['平台到期早于', 'Due before'], kind: 'until', column: 'deadline' },
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['运单号、发货单号、订单号、交易号', 'Waybill, delivery, order or trade no.'],
      few: true,
    },
    numbers: { words: ['一批单号', 'Numbers'], kind: 'numbers', few: true },
    ids: { words: ['指定的拦截', 'Given intercepts'], kind: 'ids', few: true },
  },
  columns: [
    ...parcelSheet,
    { key: 'refundNo', words: ['退款编号', 'Refund no.'], sheet: 22 },
    {
      key: 'waybill',
      words: ['快递 / 运单', 'Courier / waybill'],
      page: { width: 'minmax(142px,160fr)', fixed: true },
    },
    { key: 'no', words: ['发货单 / 店铺', 'Delivery / shop'], page: { width: 'minmax(134px,156fr)' } },
    {
      key: 'order',
      words: ['销售订单 / 退款号', 'Order / refund no.'],
      page: { width: 'minmax(150px,160fr)' },
    },
    {
      key: 'receiver',
      words: ['收件人', 'Receiver'],
      of: (row) => row.receiverMasked,
      page: { width: 'minmax(146px,150fr)', compactWidth: 'minmax(70px,80fr)' },
      sheet: 20,
    },
    { key: 'region', words: ['地区', 'Region'], sheet: 20 },
    {
      key: 'goods',
      words: ['商品', 'Goods'],
      page: { width: 'minmax(140px,200fr)' },
      inSheet: (row, language) => goodsText(row.goods, language),
      sheet: 50,
    },
    { key: 'quantity', words: ['件数', 'Pieces'], sheet: 8 },
    {
      key: 'amount',
      words: ['退款 ¥', 'Refund ¥'],
      kind: 'money',
      of: (row) => row.amountFen,
      page: { width: '84px', align: 'right' },
      sheet: 14,
    },
    {
      key: 'deadline',
      words: ['剩余时间', 'Due in'],
      page: { width: '84px', align: 'right', sort: 'deadline' },
    },
    { key: 'deadline', words: ['平台到期', 'Due'], kind: 'time', sheet: 20 },
    { key: 'way', words: ['方式', 'Way'], codes: interceptWayWords, sheet: 12 },
    { key: 'state', words: ['状态', 'State'], codes: interceptStateWords, sheet: 14 },
    { key: 'writeBack', words: ['回写', 'Write-back'], codes: writeBackWords, sheet: 14 },
    { key: 'note', words: ['备注', 'Note'], freeText: true, sheet: 30 },
    {
      key: 'createdAt',
      words: ['发起', 'Raised'],
      kind: 'time',
      page: { width: '98px', align: 'right', sort: 'createdAt' },
      sheet: 20,
    },
    { key: 'createdBy', words: ['发起人', 'Raised by'], sheet: 12 },
    { key: 'askedAt', words: ['请快递时间', 'Courier asked at'], kind: 'time', sheet: 20 },
    { key: 'askedBy', words: ['请快递的人', 'Courier asked by'], sheet: 12 },
    { key: 'endedAt', words: ['了结时间', 'Ended at'], kind: 'time', sheet: 20 },
    { key: 'endedBy', words: ['了结人', 'Ended by'], sheet: 12 },
    { key: 'returnNo', words: ['退货单号', 'Return'], sheet: 20 },
  ],
})

export const putBackList = declareList<PutBackView>()({
  name: 'put-backs',
  path: '/put-backs',
  title: ['待放回', 'Put back'],
  permission: 'fulfilment.read',
  summary: 'Goods that go back on the shelf',
  tab: 'open',
  tabs: {
    open: {
      words: ['待放回', 'To put back'],
      groups: ['open'],
      sort: 'createdAt',
      empty: {
        title: ['没有要放回的商品', 'Nothing to put back'],
        remedy: [
          '通知配货后退款、作废或取消配货的订单，和按单拣齐时拦下的单，它们的商品会出现在这里。',
          'Goods of orders that were refunded, voided or taken back after their release, and of parcels that were stopped while a printed list was picked, show up here.',
        ],
      },
    },
    done: { words: ['已了结', 'Ended'], groups: ['done', 'unpicked'], sort: '-createdAt' },
    all: { words: ['全部', 'All'], groups: ['open', 'done', 'unpicked'], sort: '-createdAt' },
  },
  sorts: ['createdAt'],
  sort: 'createdAt',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    orderId: {
      words: ['指定的订单', 'Given order'],
      kind: 'id',
      column: 'order_id',
      linked: true,
      few: true,
    },
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['SKU 编码、发货单号、运单号、订单号、交易号', 'SKU code, delivery, waybill, order or trade no.'],
      few: true,
    },
    numbers: { words: ['一批单号', 'Numbers'], kind: 'numbers', few: true },
    ids: { words: ['指定的行', 'Given rows'], kind: 'ids', few: true },
  },
  columns: [
    { key: 'skuCode', words: ['商家编码', 'SKU code'], sheet: 20 },
    { key: 'title', words: ['商品', 'Goods'], sheet: 40 },
    { key: 'spec', words: ['规格', 'Spec'], sheet: 20 },
    {
      key: 'sku',
      words: ['SKU / 商品', 'SKU / goods'],
      page: { width: 'minmax(200px,260fr)', fixed: true },
    },
    { key: 'quantity', words: ['件数', 'Pieces'], page: { width: '72px', align: 'right' }, sheet: 8 },
    { key: 'state', words: ['状态', 'State'], codes: putBackStateWords, sheet: 10 },
    ...parcelSheet,
    { key: 'no', words: ['发货单 / 店铺', 'Delivery / shop'], page: { width: 'minmax(140px,160fr)' } },
    { key: 'order', words: ['销售订单 / 交易', 'Order / trade'], page: { width: 'minmax(152px,170fr)' } },
    {
      key: 'waybill',
      words: ['运单', 'Waybill'],
      of: (row) => row.waybillNo || '–',
      page: { width: 'minmax(130px,150fr)' },
    },
    {
      key: 'createdAt',
      words: ['列入时间', 'Since'],
      kind: 'time',
      page: { width: '104px', align: 'right', sort: 'createdAt' },
      sheet: 20,
    },
    { key: 'doneAt', words: ['了结时间', 'Ended at'], kind: 'time', sheet: 20 },
    { key: 'doneBy', words: ['了结人', 'Ended by'], sheet: 12 },
  ],
})
