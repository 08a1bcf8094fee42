import { declareList } from '../core/lists/declare-contract.ts'
import { pair } from '../core/verbs-contract.ts'
import type { ReturnView } from './contract.ts'
import {
  parcelStatuses,
  parcelStatusWords,
  receiptWriteBackLabels,
  receiptWriteBacks,
  returnKindWords,
  returnOriginWords,
  returnStatuses,
  returnStatusWords,
} from './lifecycle.ts'
import type { ParcelView } from './parcels/parcel-contract.ts'

const toldChoices = Object.fromEntries(
  receiptWriteBacks.flatMap((one) => (one === '' ? [] : [[one, receiptWriteBackLabels[one]]])),
)

export const returnList = declareList<ReturnView>()({
  name: 'returns',
  path: '/returns',
  title: ['退货单', 'Returns'],
  permission: 'returns.read',
  summary: 'Return orders',
  tab: 'unconfirmed',
  tabs: {
    unconfirmed: {
      words: pair(returnStatusWords.unconfirmed),
      groups: ['unconfirmed'],
      empty: {
        title: ['没有待确认的退货单', 'No returns to confirm'],
        remedy: [
          '已发货订单的退货、换货申请转入后自动产生，也可以按 N 手工建。',
          'Returns and exchanges of shipped orders make them automatically; press N to make one.',
        ],
      },
    },
    confirmed: { words: ['待收货', 'To receive'], groups: ['confirmed'] },
    received: { words: pair(returnStatusWords.received), groups: ['received'] },
    /** Returns with open discrepancies (short, wrong, or refund closed after the receipt), in any status. */
    problem: {
      words: ['有问题', 'Problems'],
      groups: returnStatuses,
      asks: { problem: 'open' },
      empty: {
        title: ['没有问题', 'No problems'],
        remedy: [
          '少收、错收的会留在这里，直到了结。',
          'What came short or wrong stays here until it is settled.',
        ],
      },
    },
    settled: { words: pair(returnStatusWords.settled), groups: ['settled'] },
    voided: { words: pair(returnStatusWords.voided), groups: ['voided'] },
    all: { words: ['全部', 'All'], groups: returnStatuses },
  },
  sorts: ['createdAt'],
  sort: '-createdAt',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    kind: { words: ['类型', 'Type'], kind: 'choices', choices: returnKindWords, column: 'kind' },
    origin: { words: ['来源', 'Made by'], kind: 'choices', choices: returnOriginWords, column: 'origin' },
    warehouse: { words: ['退货仓', 'Warehouse'], kind: 'warehouses', column: 'warehouse_id' },
    /** Whether the waybill is known. */
    waybill: {
      words: ['退回运单', 'Waybill back'],
      kind: 'choices',
      one: true,
      choices: { yes: ['有', 'Known'], no: ['没有', 'Missing'] },
    },
    told: { words: ['回写平台', 'Write-back'], kind: 'choices', choices: toldChoices, column: 'told' },
    problem: {
      words: ['问题', 'Problems'],
      kind: 'choices',
      one: true,
      choices: { open: ['未了结', 'Open'] },
      linked: true,
      few: true,
    },
    created: { words: ['建单时间', 'Made at'], kind: 'period', range: 'createdAt' },
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
      hint: ['退货单号、订单号、交易号、退款编号、运单号', 'Return, order, trade, refund or waybill no.'],
      few: true,
    },
    numbers: { words: ['一批单号', 'Numbers'], kind: 'numbers', few: true },
    ids: { words: ['指定的退货单', 'Given returns'], kind: 'ids', few: true },
  },
  columns: [
    { key: 'no', words: ['退货单号', 'Return'], sheet: 20 },
    {
      key: 'no',
      words: ['退货单 / 店铺', 'Return / shop'],
      page: { width: 'minmax(140px,160fr)', fixed: true },
    },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    { key: 'shop', words: ['店铺', 'Shop'], kind: 'shop', sheet: 20 },
    {
      key: 'kind',
      words: ['类型', 'Type'],
      codes: returnKindWords,
      page: { width: 'minmax(84px,100fr)' },
      sheet: 12,
    },
    { key: 'origin', words: ['来源', 'Made by'], codes: returnOriginWords, sheet: 12 },
    { key: 'status', words: ['状态', 'Status'], codes: returnStatusWords, sheet: 10 },
    { key: 'openProblems', words: ['未了结的问题', 'Open problems'], sheet: 10 },
    { key: 'orderNo', words: ['销售单号', 'Sales order'], sheet: 20 },
    { key: 'tid', words: ['交易号', 'Trade no.'], sheet: 22 },
    { key: 'refundNo', words: ['退款编号', 'Refund no.'], sheet: 22 },
    { key: 'amountFen', words: ['退款金额', 'Refund'], kind: 'money', sheet: 12 },
    { key: 'warehouseName', words: ['退货仓', 'Warehouse'], sheet: 14 },
    { key: 'courier', words: ['快递', 'Courier'], sheet: 10 },
    { key: 'waybillNo', words: ['退回运单', 'Waybill back'], sheet: 20 },
    {
      key: 'goods',
      words: ['商品', 'Goods'],
      page: { width: 'minmax(130px,220fr)' },
      inSheet: (row) => row.lines.map(goodsText).join('；'),
      sheet: 40,
    },
    {
      key: 'receiver',
      words: ['买家', 'Buyer'],
      page: { width: 'minmax(146px,150fr)', compactWidth: 'minmax(70px,80fr)' },
    },
    { key: 'waybill', words: ['退回运单', 'Waybill back'], page: { width: 'minmax(126px,146fr)' } },
    { key: 'order', words: ['销售订单 / 退款', 'Order / refund'], page: { width: 'minmax(154px,170fr)' } },
    { key: 'amount', words: ['退款 ¥', 'Refund ¥'], page: { width: '84px', align: 'right' } },
    { key: 'quantity', words: ['应退', 'Asked'], sheet: 8 },
    { key: 'good', words: ['良品', 'Good'], sheet: 8 },
    { key: 'defective', words: ['次品', 'Defective'], sheet: 8 },
    { key: 'told', words: ['回写平台', 'Write-back'], codes: receiptWriteBackLabels, sheet: 12 },
    { key: 'exchangeOrderNo', words: ['换货单', 'Exchange order'], sheet: 20 },
    { key: 'reason', words: ['原因', 'Reason'], freeText: true, sheet: 24 },
    { key: 'createdAt', words: ['建单时间', 'Made at'], kind: 'time', sheet: 20 },
    {
      key: 'createdAt',
      words: ['建单', 'Made at'],
      kind: 'time',
      page: { width: '98px', align: 'right', sort: 'createdAt' },
    },
    { key: 'receivedAt', words: ['收货时间', 'Received at'], kind: 'time', sheet: 20 },
    { key: 'receivedBy', words: ['收货人', 'Received by'], sheet: 12 },
    { key: 'settledAt', words: ['结算时间', 'Settled at'], kind: 'time', sheet: 20 },
    { key: 'voidReason', words: ['作废原因', 'Why voided'], freeText: true, sheet: 24 },
  ],
})

type Line = { title: string; spec: string; skuCode: string; quantity: number }
function goodsText({ title, spec, skuCode, quantity }: Line): string {
  return `${[title, spec, skuCode].filter(Boolean).join(' ')} × ${quantity}`
}

export const parcelList = declareList<ParcelView>()({
  name: 'unclaimed-parcels',
  path: '/unclaimed-parcels',
  title: ['无主件', 'Unclaimed parcels'],
  permission: 'returns.read',
  summary: 'Parcels that nobody knows the owner of',
  tab: 'unclaimed',
  tabs: {
    unclaimed: {
      words: pair(parcelStatusWords.unclaimed),
      groups: ['unclaimed'],
      empty: {
        title: ['没有无主件', 'No unclaimed parcels'],
        remedy: [
          '收货时查不到退货单的包裹登记在这里，对上退货单自动认领。',
          'Parcels without a return are registered here, and claimed once their return appears.',
        ],
      },
    },
    stocked: { words: pair(parcelStatusWords.stocked), groups: ['stocked'] },
    claimed: { words: pair(parcelStatusWords.claimed), groups: ['claimed'] },
    all: { words: ['全部', 'All'], groups: parcelStatuses },
  },
  sorts: ['createdAt'],
  sort: '-createdAt',
  filters: {
    warehouse: { words: ['仓库', 'Warehouse'], kind: 'warehouses', column: 'warehouse_id' },
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['无主件、退货单、运单号', 'Parcel, return or waybill no.'],
    },
    ids: { words: ['指定的无主件', 'Given parcels'], kind: 'ids', few: true },
  },
  columns: [
    {
      key: 'no',
      words: ['无主件 / 仓库', 'Parcel / warehouse'],
      page: { width: 'minmax(140px,160fr)', fixed: true },
    },
    { key: 'waybill', words: ['运单 / 备注', 'Waybill / note'], page: { width: 'minmax(140px,170fr)' } },
    { key: 'goods', words: ['商品', 'Goods'], page: { width: 'minmax(200px,300fr)' } },
    { key: 'quantity', words: ['件数', 'Pieces'], page: { width: '80px', align: 'right' } },
    { key: 'return', words: ['退货单', 'Return'], page: { width: 'minmax(130px,150fr)' } },
    {
      key: 'createdAt',
      words: ['登记', 'Registered'],
      kind: 'time',
      page: { width: '104px', align: 'right', sort: 'createdAt' },
    },
  ],
})
