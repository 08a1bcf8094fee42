import { refundKindWords, refundStatusWords } from '../../connectors/words-contract.ts'
import {
  type ColumnDeclaration,
  declareList,
  type ListDeclaration,
  type Shown,
} from '../../core/lists/declare-contract.ts'
import type { RefundRow } from '../contract.ts'
import { reasonWords, refundReasons, stateWords } from '../lifecycle.ts'

const phaseWords = { onsale: ['售中', 'Before receipt'], aftersale: ['售后', 'After receipt'] } as const
const reasonChoices = {
  none: ['可转', 'Convertible'],
  ...Object.fromEntries(refundReasons.map((reason) => [reason, reasonWords[reason]])),
} as const

const decided = ['converted', 'refused', 'processed'] as const

type Columns = readonly ColumnDeclaration<Shown<RefundRow>>[]

/** The columns that the pages of staged refunds and of decided refunds have in common. */
const common: Columns = [
  {
    key: 'no',
    words: ['退款号 / 店铺', 'Refund no. / shop'],
    page: { width: 'minmax(164px,170fr)', fixed: true },
  },
  { key: 'type', words: ['类型', 'Type'], page: { width: 'minmax(142px,142fr)' } },
  {
    key: 'buyer',
    words: ['买家', 'Buyer'],
    of: (row) => row.buyerMasked,
    page: { width: 'minmax(70px,80fr)' },
  },
  { key: 'goods', words: ['商品', 'Goods'], page: { width: 'minmax(172px,230fr)' } },
  {
    key: 'amount',
    words: ['金额 ¥', 'Amount ¥'],
    kind: 'money',
    of: (row) => row.amountFen,
    page: { width: '92px', align: 'right' },
  },
]

const modified: Columns[number] = {
  key: 'modified',
  words: ['修改', 'Modified'],
  kind: 'time',
  of: (row) => row.modifiedAt,
  page: { width: '104px', align: 'right', sort: 'modifiedAt' },
}

const sheet: Columns = [
  { key: 'refundNo', words: ['退款编号', 'Refund no.'], sheet: 22 },
  { key: 'tid', words: ['交易号', 'Trade no.'], sheet: 22 },
  { key: 'oid', words: ['子订单号', 'Line no.'], sheet: 22 },
  { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
  { key: 'shop', words: ['店铺', 'Shop'], kind: 'shop', sheet: 20 },
  { key: 'state', words: ['状态', 'State'], codes: stateWords, sheet: 10 },
  { key: 'status', words: ['平台状态', 'Platform status'], codes: refundStatusWords, sheet: 14 },
  { key: 'kind', words: ['类型', 'Kind'], codes: refundKindWords, sheet: 12 },
  { key: 'phase', words: ['阶段', 'Phase'], codes: phaseWords, sheet: 10 },
  { key: 'amountFen', words: ['退款金额', 'Amount'], kind: 'money', sheet: 12 },
  { key: 'quantity', words: ['件数', 'Pieces'], sheet: 8 },
  {
    key: 'goods',
    words: ['商品', 'Goods'],
    of: (row) => [row.title, row.spec].filter(Boolean).join(' '),
    sheet: 40,
  },
  { key: 'outerId', words: ['商家编码', 'Outer code'], sheet: 18 },
  { key: 'buyerReason', words: ['退款原因', "Buyer's reason"], freeText: true, sheet: 20 },
  { key: 'description', words: ['说明', 'Description'], freeText: true, sheet: 30 },
  { key: 'carrier', words: ['退货物流', 'Carrier'], sheet: 14 },
  { key: 'waybillNo', words: ['退货单号', 'Waybill'], sheet: 20 },
  { key: 'buyerMasked', words: ['买家', 'Buyer'], sheet: 12 },
  { key: 'createdAt', words: ['申请时间', 'Applied at'], kind: 'time', sheet: 20 },
  { key: 'modifiedAt', words: ['平台更新时间', 'Changed at'], kind: 'time', sheet: 20 },
  { key: 'deadline', words: ['答复期限', 'Deadline'], kind: 'time', sheet: 20 },
  { key: 'reason', words: ['不可转原因', 'Why not convertible'], codes: reasonWords, sheet: 16 },
  { key: 'error', words: ['出错', 'Error'], sheet: 20 },
  { key: 'outcome', words: ['处理结果', 'Outcome'], sheet: 14 },
  { key: 'stateAt', words: ['到此状态', 'In this state since'], kind: 'time', sheet: 20 },
  { key: 'stateBy', words: ['操作人', 'By'], sheet: 12 },
  { key: 'orderNo', words: ['销售单号', 'Sales order'], sheet: 20 },
]

export const refundList = declareList<RefundRow>()({
  name: 'staged-refunds',
  path: '/staged-refunds',
  title: ['待转入退单', 'Staged refunds'],
  permission: 'refunds.read',
  summary: 'Staged refunds and refund history',
  tab: 'open',
  tabs: {
    open: {
      words: ['待处理', 'Open'],
      groups: ['staged'],
      empty: {
        title: ['没有待处理的退款', 'No open refunds'],
        remedy: [
          '新退款由计划任务下载；也可以按 D 现在下载。',
          'Tasks download new ones; press D to download now.',
        ],
      },
    },
    due: {
      words: ['4 小时内到期', 'Due in 4 h'],
      groups: ['staged'],
      asks: { due: 'soon' },
      empty: {
        title: ['4 小时内没有到期的退款', 'Nothing is due within 4 hours'],
        remedy: [
          '到期不处理平台视为同意，快到期的会出现在这里。',
          'Silence means consent; what is due shows up here.',
        ],
      },
    },
    no_original: {
      words: ['没有原单', 'No original'],
      groups: ['staged'],
      asks: { reason: 'no_original' },
      empty: {
        title: ['每笔退款都找到了原单', 'Every refund has its original'],
        remedy: ['原单没到的退款会在这里等。', 'Refunds that came first wait here.'],
      },
    },
    refusing: {
      words: ['拒绝中', 'Refusing'],
      groups: ['refusing'],
      empty: {
        title: ['没有正在写回的拒绝', 'No refusal is being written back'],
        remedy: ['失败的会回到待处理。', 'Failed ones go back to open.'],
      },
    },
    processed: {
      words: ['已处理', 'Processed'],
      groups: ['processed'],
      empty: {
        title: ['没有标为已处理的退款', 'Nothing was marked processed'],
        remedy: ['在待处理里按 P 标记。', 'Press P on an open one.'],
      },
    },
    history: { words: ['历史', 'History'], groups: decided, sort: '-stateAt', unseen: true },
  },
  sorts: ['deadline', 'modifiedAt', 'stateAt'],
  sort: 'deadline',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    platform: { words: ['平台', 'Platform'], kind: 'platforms' },
    status: {
      words: ['平台状态', 'Status'],
      kind: 'choices',
      choices: refundStatusWords,
      facet: 'refundStatus',
    },
    kind: { words: ['类型', 'Type'], kind: 'choices', choices: refundKindWords, facet: 'refundKind' },
    phase: { words: ['阶段', 'Phase'], kind: 'choices', choices: phaseWords, facet: 'refundPhase' },
    reason: {
      words: ['不可转原因', 'Why not convertible'],
      kind: 'choices',
      choices: reasonChoices,
      linked: true,
    },
    due: {
      words: ['到期', 'Due'],
      kind: 'choices',
      one: true,
      choices: { soon: ['4 小时内', 'Within 4 h'] },
      linked: true,
    },
    modified: { words: ['修改时间', 'Modified'], kind: 'period', column: 'modified_at' },
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: ['退款号、交易号、订单号', 'Refund, trade or order no.'],
    },
    refundNos: { words: ['退款号', 'Refund numbers'], kind: 'numbers', column: 'refund_no' },
    tids: { words: ['交易号', 'Trade numbers'], kind: 'numbers', column: 'tid' },
    ids: { words: ['指定的退单', 'Given refunds'], kind: 'ids', linked: true, few: true },
  },
  columns: [
    ...common,
    {
      key: 'deadline',
      words: ['剩余时间', 'Due in'],
      page: { width: '92px', align: 'right', sort: 'deadline' },
    },
    modified,
    { key: 'order', words: ['原单', 'Original'], page: { width: 'minmax(128px,130fr)' } },
    ...sheet,
  ],
})

/** Returns the tabs as ones that only requests can name. */
const unseen = (tabs: ListDeclaration['tabs']) =>
  Object.fromEntries(Object.entries(tabs).map(([key, tab]) => [key, { ...tab, unseen: true as const }]))

/** The decided refunds have a page and a sheet of their own, over the same requests. */
export const refundHistoryList = declareList<RefundRow>()({
  ...refundList,
  name: 'refund-history',
  title: ['历史退单', 'Refund history'],
  routesOf: 'staged-refunds',
  tab: 'history',
  tabs: {
    ...unseen(refundList.tabs),
    history: {
      words: ['历史', 'History'],
      groups: decided,
      empty: {
        title: ['还没有处理过的退款', 'No refund was decided yet'],
        remedy: [
          '转退单、拒绝或标为已处理之后在这里查。',
          'Converted, refused and processed refunds are found here.',
        ],
      },
    },
  },
  sort: '-stateAt',
  columns: [
    ...common,
    modified,
    { key: 'order', words: ['销售订单', 'Sales order'], page: { width: 'minmax(130px,160fr)' } },
    {
      key: 'at',
      words: ['处理时间', 'Decided at'],
      kind: 'time',
      of: (row) => row.stateAt,
      page: { width: '100px', align: 'right', sort: 'stateAt' },
    },
    ...sheet,
  ],
})
