import { declareList } from '../../core/lists/declare-contract.ts'
import type { InterceptView, PutBackView } from './aftersale-contract.ts'
import { interceptWayWords } from './intercept-lifecycle.ts'

const alive = ['open', 'asked'] as const
const ended = ['pulled', 'returned', 'missed', 'money', 'lifted'] as const

export const interceptList = declareList<InterceptView>()({
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
      page: { width: 'minmax(146px,150fr)', compactWidth: 'minmax(70px,80fr)' },
    },
    { key: 'goods', words: ['商品', 'Goods'], page: { width: 'minmax(140px,200fr)' } },
    {
      key: 'amount',
      words: ['退款 ¥', 'Refund ¥'],
      kind: 'money',
      of: (row) => row.amountFen,
      page: { width: '84px', align: 'right' },
    },
    {
      key: 'deadline',
      words: ['剩余时间', 'Due in'],
      page: { width: '84px', align: 'right', sort: 'deadline' },
    },
    {
      key: 'createdAt',
      words: ['发起', 'Raised'],
      kind: 'time',
      page: { width: '98px', align: 'right', sort: 'createdAt' },
    },
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
          '通知配货后退款、作废或取消配货的订单，它们的商品会出现在这里。',
          'Goods of orders that were refunded, voided or taken back after their release show up here.',
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
    {
      key: 'sku',
      words: ['SKU / 商品', 'SKU / goods'],
      page: { width: 'minmax(200px,260fr)', fixed: true },
    },
    { key: 'quantity', words: ['件数', 'Pieces'], page: { width: '72px', align: 'right' } },
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
    },
  ],
})
