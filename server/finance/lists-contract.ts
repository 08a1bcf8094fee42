import { declareList } from '../core/lists/declare-contract.ts'
import { pair } from '../core/verbs-contract.ts'
import { facet } from '../lib/facets.ts'
import type { ExtraRefundView, SettlementView } from './contract.ts'
import {
  extraRefundKinds,
  extraRefundWords,
  settlementKindNames,
  settlementKinds,
  settlementStatuses,
  settlementStatusWords,
} from './lifecycle.ts'
import type { BillTradeView } from './recon-contract.ts'
import { gapCauseWords, reconciliationStateLabels, reconciliationStates } from './recon-lifecycle.ts'

function settlementKindFacets(value: string): readonly number[] | undefined {
  const known = settlementKindNames.find((name) => name === value)
  return known && [facet('settlementKind', settlementKinds[known].no)]
}

export const settlementList = declareList<SettlementView>()({
  name: 'settlements',
  path: '/settlements',
  title: ['结算单', 'Settlements'],
  permission: 'finance.read',
  summary: 'Settlements',
  tab: 'draft',
  tabs: {
    draft: {
      words: pair(settlementStatusWords.draft),
      groups: ['draft'],
      empty: {
        title: ['没有待审批的结算单', 'No settlements to approve'],
        remedy: [
          '订单确认、退款、额外退款审核后会自动产生。',
          'Confirming orders, refunds and extra refunds make them automatically.',
        ],
      },
    },
    approved: { words: pair(settlementStatusWords.approved), groups: ['approved'] },
    posted: { words: pair(settlementStatusWords.posted), groups: ['posted'] },
    settled: { words: pair(settlementStatusWords.settled), groups: ['settled'] },
    voided: { words: pair(settlementStatusWords.voided), groups: ['voided'] },
    all: { words: ['全部', 'All'], groups: settlementStatuses },
  },
  sorts: ['createdAt'],
  sort: '-createdAt',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    kind: {
      words: ['类型', 'Type'],
      kind: 'choices',
      choices: settlementKinds,
      facets: settlementKindFacets,
    },
    created: { words: ['时间', 'Time'], kind: 'period', range: 'createdAt' },
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
      hint: ['结算单号、订单号、交易号、退款编号', 'Settlement, order, trade or refund no.'],
      few: true,
    },
    numbers: { words: ['一批单号', 'Numbers'], kind: 'numbers', few: true },
    ids: { words: ['指定的结算单', 'Given settlements'], kind: 'ids', few: true },
  },
  columns: [
    { key: 'no', words: ['结算单号', 'Settlement'], sheet: 20 },
    {
      key: 'no',
      words: ['结算单 / 店铺', 'Settlement / shop'],
      page: { width: 'minmax(150px,170fr)', fixed: true },
    },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    { key: 'shop', words: ['店铺', 'Shop'], kind: 'shop', sheet: 20 },
    {
      key: 'kind',
      words: ['类型', 'Type'],
      codes: settlementKinds,
      page: { width: 'minmax(100px,120fr)' },
      sheet: 14,
    },
    { key: 'amount', words: ['金额 ¥', 'Amount ¥'], page: { width: '120px', align: 'right' } },
    { key: 'amountFen', words: ['金额', 'Amount'], kind: 'money', sheet: 14 },
    { key: 'status', words: ['状态', 'Status'], codes: settlementStatusWords, sheet: 10 },
    { key: 'order', words: ['销售订单 / 交易', 'Order / trade'], page: { width: 'minmax(160px,180fr)' } },
    { key: 'orderNo', words: ['销售单号', 'Sales order'], sheet: 20 },
    { key: 'tid', words: ['交易号', 'Trade no.'], sheet: 22 },
    { key: 'source', words: ['来源单号', 'Source'], page: { width: 'minmax(150px,170fr)' }, sheet: 22 },
    { key: 'createdAt', words: ['产生时间', 'Made at'], kind: 'time', sheet: 20 },
    { key: 'createdBy', words: ['产生人', 'Made by'], sheet: 12 },
    { key: 'createdBy', words: ['产生', 'Made by'], page: { width: 'minmax(80px,100fr)' } },
    {
      key: 'createdAt',
      words: ['时间', 'Time'],
      kind: 'time',
      page: { width: '104px', align: 'right', sort: 'createdAt' },
    },
    { key: 'approvedAt', words: ['审批时间', 'Approved at'], kind: 'time', sheet: 20 },
    { key: 'approvedBy', words: ['审批人', 'Approved by'], sheet: 12 },
    { key: 'postedAt', words: ['记账时间', 'Posted at'], kind: 'time', sheet: 20 },
    { key: 'postedBy', words: ['记账人', 'Posted by'], sheet: 12 },
    { key: 'settledAt', words: ['结算时间', 'Settled at'], kind: 'time', sheet: 20 },
    { key: 'settledBy', words: ['结算人', 'Settled by'], sheet: 12 },
    { key: 'voidedAt', words: ['作废时间', 'Voided at'], kind: 'time', sheet: 20 },
    { key: 'voidReason', words: ['作废原因', 'Why voided'], freeText: true, sheet: 24 },
  ],
})

const side = { width: '110px', align: 'right' } as const

export const billTradeList = declareList<BillTradeView>()({
  name: 'bill-trades',
  path: '/bill-trades',
  title: ['平台对账', 'Bills'],
  permission: 'finance.read',
  summary: 'Trades on both sides',
  tab: 'open',
  tabs: {
    open: {
      words: pair(reconciliationStateLabels.open),
      groups: ['open'],
      empty: {
        title: ['没有差异', 'Nothing differs'],
        remedy: [
          '按 I 导入平台账单，和结算单逐笔比对。',
          "Press I to import a platform's bill; it is held against the settlements.",
        ],
      },
    },
    explained: { words: pair(reconciliationStateLabels.explained), groups: ['explained'] },
    later: { words: pair(reconciliationStateLabels.later), groups: ['later'] },
    even: { words: pair(reconciliationStateLabels.even), groups: ['even'] },
    all: { words: ['全部', 'All'], groups: reconciliationStates },
  },
  sorts: ['at'],
  sort: '-at',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    cause: { words: ['原因', 'Cause'], kind: 'choices', choices: gapCauseWords, column: 'cause' },
    /** Trades with a payment or refund on this day, in the bill or in our settlements; requires exactly one shop. */
    day: { words: ['有钱动的那天', 'Money moved on'], kind: 'day', linked: true, few: true },
    at: { words: ['时间', 'Time'], kind: 'period', range: 'at' },
    q: { words: ['交易号', 'Trade no.'], kind: 'text', few: true },
    numbers: { words: ['一批交易号', 'Numbers'], kind: 'numbers', column: 'tid', few: true },
    ids: { words: ['指定的', 'Given ones'], kind: 'ids', linked: true, few: true },
  },
  columns: [
    { key: 'tid', words: ['交易号', 'Trade no.'], sheet: 22 },
    {
      key: 'tid',
      words: ['交易 / 店铺', 'Trade / shop'],
      page: { width: 'minmax(160px,180fr)', fixed: true },
    },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    { key: 'shop', words: ['店铺', 'Shop'], kind: 'shop', sheet: 20 },
    { key: 'at', words: ['时间', 'Time'], kind: 'time', sheet: 20 },
    { key: 'billInFen', words: ['平台收款', 'Bill in'], kind: 'money', sheet: 14 },
    { key: 'billOutFen', words: ['平台退款', 'Bill out'], kind: 'money', sheet: 14 },
    { key: 'feeFen', words: ['平台费用', 'Fees'], kind: 'money', sheet: 14 },
    { key: 'ownInFen', words: ['我们收款', 'Own in'], kind: 'money', sheet: 14 },
    { key: 'ownOutFen', words: ['我们退款', 'Own out'], kind: 'money', sheet: 14 },
    { key: 'gapFen', words: ['差额', 'Gap'], kind: 'money', sheet: 14 },
    {
      key: 'cause',
      words: ['原因', 'Cause'],
      codes: gapCauseWords,
      page: { width: 'minmax(100px,110fr)' },
      sheet: 14,
    },
    { key: 'standing', words: ['情况', 'Standing'], codes: reconciliationStateLabels, sheet: 10 },
    { key: 'explainedWhy', words: ['说明', 'Explained'], freeText: true, sheet: 30 },
    { key: 'explainedBy', words: ['说明人', 'Explained by'], sheet: 12 },
    { key: 'bill', words: ['平台 ¥', 'Bill ¥'], page: side },
    { key: 'own', words: ['我们 ¥', 'Ours ¥'], page: side },
    { key: 'gap', words: ['差额 ¥', 'Gap ¥'], page: side },
    {
      key: 'fee',
      words: ['费用 ¥', 'Fees ¥'],
      kind: 'money',
      of: (row) => row.feeFen,
      page: { width: '90px', align: 'right' },
    },
    {
      key: 'at',
      words: ['时间', 'Time'],
      kind: 'time',
      page: { width: '104px', align: 'right', sort: 'at' },
    },
  ],
})

export const extraRefundList = declareList<ExtraRefundView>()({
  name: 'extra-refunds',
  path: '/extra-refunds',
  title: ['额外退款', 'Extra refunds'],
  permission: 'refunds.read',
  summary: 'Extra refunds, newest first',
  tab: 'draft',
  tabKey: 'status',
  tabs: {
    draft: {
      words: pair(extraRefundWords.draft),
      groups: ['draft'],
      empty: {
        title: ['没有待审核的额外退款', 'No extra refunds to approve'],
        remedy: ['在退单或订单里按 E 登记。', 'Press E on a refund or order to book one.'],
      },
    },
    approved: { words: pair(extraRefundWords.approved), groups: ['approved'] },
    voided: { words: pair(extraRefundWords.voided), groups: ['voided'] },
  },
  sorts: [],
  sort: '-id',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops', column: 'shop_id' },
    orderId: {
      words: ['指定的订单', 'Given order'],
      kind: 'id',
      column: 'order_id',
      linked: true,
      few: true,
    },
    ids: { words: ['指定的', 'Given ones'], kind: 'ids', linked: true, few: true },
  },
  columns: [
    { key: 'no', words: ['单号', 'No.'], page: { width: 'minmax(140px,150fr)', fixed: true }, sheet: 20 },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    { key: 'shop', words: ['店铺', 'Shop'], kind: 'shop', sheet: 20 },
    { key: 'order', words: ['销售订单', 'Sales order'], page: { width: 'minmax(140px,150fr)' } },
    { key: 'orderNo', words: ['销售单号', 'Sales order'], sheet: 20 },
    { key: 'refundNo', words: ['退款编号', 'Refund no.'], sheet: 22 },
    {
      key: 'kind',
      words: ['类型', 'Type'],
      codes: extraRefundKinds,
      page: { width: 'minmax(116px,120fr)' },
      sheet: 12,
    },
    {
      key: 'amount',
      words: ['金额 ¥', 'Amount ¥'],
      kind: 'money',
      of: (row) => row.amountFen,
      page: { width: '100px', align: 'right' },
    },
    { key: 'amountFen', words: ['金额', 'Amount'], kind: 'money', sheet: 14 },
    {
      key: 'reason',
      words: ['原因', 'Reason'],
      freeText: true,
      page: { width: 'minmax(160px,260fr)' },
      sheet: 30,
    },
    { key: 'status', words: ['状态', 'Status'], codes: extraRefundWords, sheet: 10 },
    { key: 'by', words: ['登记', 'Booked by'], page: { width: 'minmax(90px,100fr)' } },
    { key: 'createdBy', words: ['登记人', 'Booked by'], sheet: 12 },
    {
      key: 'at',
      words: ['登记时间', 'Booked at'],
      kind: 'time',
      of: (row) => row.createdAt,
      page: { width: '104px', align: 'right' },
      sheet: 20,
    },
    { key: 'decidedBy', words: ['审核人', 'Decided by'], sheet: 12 },
    { key: 'decidedAt', words: ['审核时间', 'Decided at'], kind: 'time', sheet: 20 },
  ],
})
