import { courierCodes } from '../connectors/couriers.ts'
import { goodsText } from '../connectors/words-contract.ts'
import { declareList, wordOf } from '../core/lists/declare-contract.ts'
import { troubleWords } from '../lib/trouble-words.ts'
import { holdReasons } from '../orders/order/lifecycle.ts'
import type { DeliveryOut, DeliveryView } from './contract.ts'
import { shapeWords } from './goods-rules.ts'
import {
  deliveryStatusWords,
  toDo,
  uncheckedOutcomeLabels,
  workStates,
  workStateWords,
  writeBacks,
  writeBackWords,
} from './lifecycle.ts'

/** The next steps of pending deliveries, which the print desk shows each in a tab of its own. */
const unseen = (state: (typeof toDo)[number]) => {
  const { zh, en } = workStateWords[state]
  return { words: [zh, en], groups: [state], unseen: true } as const
}
const toDoTabs = {
  number: unseen('number'),
  print: unseen('print'),
  wave: unseen('wave'),
  check: unseen('check'),
  weigh: unseen('weigh'),
  ready: unseen('ready'),
}

export const deliveryList = declareList<DeliveryView, DeliveryOut>()({
  name: 'deliveries',
  path: '/deliveries',
  title: ['发货', 'Shipping'],
  permission: 'fulfilment.read',
  summary: 'Deliveries',
  tab: 'pending',
  tabs: {
    pending: {
      words: ['待发货', 'To ship'],
      groups: toDo,
      empty: {
        title: ['没有待发货的', 'Nothing to ship'],
        remedy: [
          '在销售订单的已确认里按 S 通知配货。',
          'Press S under confirmed sales orders to release them.',
        ],
      },
    },
    ...toDoTabs,
    shipped: { words: ['已发货', 'Shipped'], groups: ['shipped', 'failed'] },
    /** Shipped deliveries whose write-back the platform has refused. */
    failed: {
      words: ['回写失败', 'Write-back failed'],
      groups: ['failed'],
      empty: {
        title: ['回写都成功', 'Every write-back succeeded'],
        remedy: [
          '平台拒绝的发货会在这里，更正后按 T 重新回写。',
          'What the platform refuses shows up here: correct it and press T.',
        ],
      },
    },
    cancelled: { words: ['已取消', 'Cancelled'], groups: ['cancelled'] },
    all: { words: ['全部', 'All'], groups: workStates },
  },
  sorts: ['createdAt', 'shipBy', 'goods'],
  sort: '-createdAt',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    courier: { words: ['快递', 'Courier'], kind: 'choices', choices: courierCodes },
    warehouse: { words: ['仓库', 'Warehouse'], kind: 'warehouses', column: 'warehouse_id' },
    shape: { words: ['件型', 'Pieces'], kind: 'choices', choices: shapeWords, column: 'shape' },
    same: { words: ['同款', 'Same goods'], kind: 'text', linked: true, few: true },
    waybill: {
      words: ['运单', 'Waybill'],
      kind: 'choices',
      one: true,
      choices: { yes: ['已填', 'Typed'], no: ['待填运单', 'Waybill missing'] },
    },
    writeBack: {
      words: ['回写', 'Write-back'],
      kind: 'choices',
      choices: Object.fromEntries(writeBacks.map((one) => [one, writeBackWords[one]])),
      facet: 'writeBack',
    },
    /** Deliveries for which a button of a whole tab would do something now, so that it names their number. */
    may: {
      words: ['现在能做', 'Can be done now'],
      kind: 'choices',
      one: true,
      choices: {
        number: ['取号', 'Take a number'],
        print: ['打印面单', 'Print its label'],
        ship: ['发货', 'Ship'],
      },
      unseen: true,
    },
    unasked: {
      words: ['没核退款就发', 'Left without asking for refunds'],
      kind: 'choices',
      choices: uncheckedOutcomeLabels,
      few: true,
    },
    /** Its condition is in `lists.ts`, where it has an index. */
    shipped: { words: ['发货时间', 'Shipped'], kind: 'period', few: true },
    shipByTo: { words: ['发货时限早于', 'Ship by, before'], kind: 'until', column: 'ship_by' },
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['发货单号、订单号、交易号、运单号', 'Delivery, order, trade or waybill no.'],
      few: true,
    },
    numbers: { words: ['一批单号', 'Numbers'], kind: 'numbers', few: true },
    ids: { words: ['指定的发货单', 'Given deliveries'], kind: 'ids', few: true },
    orderId: {
      words: ['指定的订单', 'Given order'],
      kind: 'id',
      column: 'order_id',
      linked: true,
      few: true,
    },
  },
  columns: [
    { key: 'no', words: ['发货单号', 'Delivery'], sheet: 20 },
    {
      key: 'no',
      words: ['发货单 / 店铺', 'Delivery / shop'],
      page: { width: 'minmax(140px,160fr)', fixed: true },
    },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    { key: 'shop', words: ['店铺', 'Shop'], kind: 'shop', sheet: 20 },
    { key: 'orderNo', words: ['销售单号', 'Sales order'], sheet: 20 },
    { key: 'tid', words: ['交易号', 'Trade no.'], sheet: 22 },
    { key: 'order', words: ['销售订单 / 交易', 'Order / trade'], page: { width: 'minmax(152px,170fr)' } },
    { key: 'status', words: ['状态', 'Status'], codes: deliveryStatusWords, sheet: 10 },
    { key: 'workState', words: ['进度', 'Progress'], codes: workStateWords, sheet: 10 },
    {
      key: 'holds',
      words: ['拦截原因', 'Stopped by'],
      inSheet: ({ status, holdReasons: stops }, language) =>
        status === 'pending' ? stops.map((one) => wordOf(holdReasons, one, language)).join('; ') : '',
      sheet: 20,
    },
    {
      key: 'receiver',
      words: ['收件人', 'Receiver'],
      of: (row) => row.receiverMasked,
      page: { width: 'minmax(146px,150fr)' },
      sheet: 20,
    },
    { key: 'region', words: ['地区', 'Region'], sheet: 20 },
    {
      key: 'goods',
      words: ['商品', 'Goods'],
      page: { width: 'minmax(164px,222fr)' },
      inSheet: (row, language) => goodsText(row.goods, language),
      sheet: 50,
    },
    { key: 'quantity', words: ['件数', 'Pieces'], sheet: 8 },
    {
      key: 'waybill',
      words: ['快递 / 运单', 'Courier / waybill'],
      page: { width: 'minmax(140px,160fr)' },
    },
    { key: 'courier', words: ['快递', 'Courier'], codes: courierCodes, sheet: 12 },
    { key: 'waybillNo', words: ['运单号', 'Waybill'], sheet: 22 },
    {
      key: 'numberError',
      words: ['取号问题', 'Why no number'],
      inSheet: ({ numberState, numberError, numberRefusal }, language) =>
        numberState === 'failed' ? numberError : (numberRefusal?.[language] ?? ''),
      sheet: 30,
    },
    { key: 'packageCount', words: ['包裹数', 'Packages'], sheet: 8 },
    {
      key: 'packageNos',
      words: ['子单号', 'Sub-numbers'],
      of: ({ packageNos }) => packageNos.join(' '),
      sheet: 22,
    },
    {
      key: 'shipBy',
      words: ['发货剩余', 'Ship within'],
      page: { width: '116px', align: 'right', sort: 'shipBy' },
    },
    { key: 'shipBy', words: ['发货时限', 'Ship by'], kind: 'time', sheet: 20 },
    {
      key: 'createdAt',
      words: ['配货时间', 'Released at'],
      kind: 'time',
      page: { width: '116px', align: 'right', sort: 'createdAt' },
      sheet: 20,
    },
    { key: 'createdBy', words: ['配货人', 'Released by'], sheet: 12 },
    { key: 'printedAt', words: ['打印时间', 'Printed at'], kind: 'time', sheet: 20 },
    { key: 'printedBy', words: ['打印人', 'Printed by'], sheet: 12 },
    { key: 'pickedAt', words: ['拣货时间', 'Picked at'], kind: 'time', sheet: 20 },
    { key: 'pickedBy', words: ['拣货人', 'Picked by'], sheet: 12 },
    { key: 'waveNo', words: ['波次', 'Wave'], sheet: 10 },
    { key: 'basket', words: ['篮', 'Basket'], sheet: 8 },
    { key: 'checkedAt', words: ['验货时间', 'Checked at'], kind: 'time', sheet: 20 },
    { key: 'checkedBy', words: ['验货人', 'Checked by'], sheet: 12 },
    { key: 'weighedAt', words: ['称重时间', 'Weighed at'], kind: 'time', sheet: 20 },
    { key: 'weighedBy', words: ['称重人', 'Weighed by'], sheet: 12 },
    { key: 'weightGrams', words: ['重量（克）', 'Weight (g)'], sheet: 10 },
    { key: 'shippedAt', words: ['发货时间', 'Shipped at'], kind: 'time', sheet: 20 },
    { key: 'shippedBy', words: ['发货人', 'Shipped by'], sheet: 12 },
    { key: 'writeBack', words: ['回写', 'Write-back'], codes: writeBackWords, sheet: 14 },
    {
      key: 'actionError',
      words: ['回写出错', 'Write-back error'],
      inSheet: ({ actionError }, language) =>
        actionError === 'number_returning' ? troubleWords(actionError)[language] : actionError,
      sheet: 30,
    },
    { key: 'cancelledAt', words: ['取消时间', 'Cancelled at'], kind: 'time', sheet: 20 },
  ],
})
