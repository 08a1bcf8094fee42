import {
  codesText,
  flagWords,
  goodsText,
  tradeStatusWords,
  tradeTypeWords,
} from '../../connectors/words-contract.ts'
import { declareList, type FilterOf } from '../../core/lists/declare-contract.ts'
import { either, facet, has, hashFacet, hasOrNot } from '../../lib/facets.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import type { TradeOut, TradeRow } from '../contract.ts'
import { reasonWords, stateWords, tradeReasons, tradeStates } from '../lifecycle.ts'

/** The reasons that the page offers, the frequent ones first; `none`: convertible. */
const reasonChoices = {
  none: ['可转', 'Ready'],
  refund_open: reasonWords.refund_open,
  platform_hold: reasonWords.platform_hold,
  final_unpaid: reasonWords.final_unpaid,
  not_paid: reasonWords.not_paid,
  shipped_elsewhere: reasonWords.shipped_elsewhere,
  before_go_live: reasonWords.before_go_live,
  unknown_status: reasonWords.unknown_status,
  closed: reasonWords.closed,
  all_refunded: reasonWords.all_refunded,
  duplicate: reasonWords.duplicate,
  doubtful: reasonWords.doubtful,
} as const

const reasons: readonly string[] = ['none', ...tradeReasons]

/** The facet has the position of the reason; `none` is 0. */
function reasonFacets(value: string): readonly number[] | undefined {
  const at = reasons.indexOf(value)
  return at < 0 ? undefined : [facet('reason', at)]
}

/** 待转入订单. Filters are combined with "and", the values of one with "or". */
export const tradeList = declareList<TradeRow, TradeOut>()({
  name: 'staged-trades',
  path: '/staged-trades',
  title: ['待转入订单', 'Staged trades'],
  permission: 'trades.read',
  summary: 'Staged trades and trade history',
  tab: 'staged',
  tabs: {
    staged: {
      words: ['待转入', 'To convert'],
      groups: ['staged'],
      empty: {
        title: ['没有待转入的交易', 'No trades to convert'],
        remedy: [
          '新交易由计划任务下载；也可以按 D 现在下载。',
          'Tasks download new trades; press D to download now.',
        ],
      },
    },
    blocked: {
      // "Of them", because this tab is a part of the first one; two equal counts would look like separate groups.
      words: ['其中不可转', 'Of them, not convertible'],
      groups: ['staged'],
      asks: { blocked: 'true' },
      empty: {
        title: ['没有不可转的交易', 'Everything can be converted'],
        remedy: ['待转入的都能转。', 'Nothing stands in the way.'],
      },
    },
    fetching: {
      words: ['取明细中', 'Fetching'],
      groups: ['fetching'],
      // A staged trade whose newer detail fails is among the failing ones.
      wider: { failing: tradeStates },
      empty: {
        title: ['没有在取明细的交易', 'No details are being fetched'],
        remedy: ['明细都到了。', 'All details are here.'],
      },
    },
    processed: {
      words: ['已处理', 'Processed'],
      groups: ['processed'],
      empty: {
        title: ['没有标为已处理的交易', 'Nothing was marked processed'],
        remedy: [
          '标为已处理的交易不再进来，可在这里撤销。',
          'What is marked processed stays out; it can be undone here.',
        ],
      },
    },
    history: { words: ['已转', 'Converted'], groups: ['converted'], unseen: true },
  },
  sorts: ['paidAt', 'shipBy', 'stateAt'],
  sort: '-paidAt',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    platform: { words: ['平台', 'Platform'], kind: 'platforms' },
    status: {
      words: ['平台状态', 'Status'],
      kind: 'choices',
      choices: tradeStatusWords,
      facet: 'tradeStatus',
    },
    paid: { words: ['付款', 'Paid'], kind: 'period', range: 'paidAt' },
    shipByTo: { words: ['发货时限早于', 'Ship by, before'], kind: 'until', range: 'shipBy' },
    type: { words: ['类型', 'Type'], kind: 'choices', choices: tradeTypeWords, facet: 'tradeType' },
    reason: {
      words: ['能否转单', 'Convertible'],
      kind: 'choices',
      choices: reasonChoices,
      facets: reasonFacets,
    },
    flag: {
      words: ['旗标', 'Flag'],
      kind: 'choices',
      choices: flagWords,
      facets: (value) => (value in flagWords ? [facet('flag', Number(value))] : undefined),
    },
    hasMessage: {
      words: ['买家留言', 'Message'],
      kind: 'yesNo',
      facets: hasOrNot(has.message, has.noMessage),
    },
    hasMemo: { words: ['卖家备注', 'Memo'], kind: 'yesNo', facets: hasOrNot(has.memo, has.noMemo) },
    hasRefund: {
      words: ['退款', 'Refund'],
      kind: 'yesNo',
      facets: either([facet('refund', 1), facet('refund', 2)], [facet('refund', 0)]),
    },
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
    q: {
      words: ['搜索', 'Search'],
      kind: 'text',
      hint: [
        '交易号、手机号或后四位、收件人、昵称、商品',
        'Trade no., phone or its last four, receiver, nick, goods',
      ],
    },
    tids: { words: ['单号', 'Numbers'], kind: 'numbers', column: 'tid', few: true },
    /** Trades whose detail request has failed so often that a person should look. */
    failing: {
      words: ['明细取失败', 'Detail keeps failing'],
      kind: 'choices',
      one: true,
      choices: { true: ['是', 'Yes'] },
      few: true,
    },
    blocked: { words: ['不可转', 'Not convertible'], kind: 'yesNo', linked: true },
    ids: { words: ['指定的交易', 'Given trades'], kind: 'ids', linked: true, few: true },
  },
  columns: [
    { key: 'tid', words: ['交易号', 'Trade no.'], sheet: 22 },
    {
      key: 'tid',
      words: ['交易号 / 店铺', 'Trade no. / shop'],
      page: { width: 'minmax(172px,164fr)', only: 'normal', fixed: true },
    },
    { key: 'no', words: ['交易号', 'Trade no.'], page: { width: '104px', only: 'compact', fixed: true } },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    {
      key: 'shop',
      words: ['店铺', 'Shop'],
      kind: 'shop',
      page: { width: 'minmax(80px,112fr)', only: 'compact' },
      sheet: 20,
    },
    { key: 'state', words: ['状态', 'State'], codes: stateWords, sheet: 10 },
    { key: 'status', words: ['平台状态', 'Platform status'], codes: tradeStatusWords, sheet: 14 },
    { key: 'type', words: ['类型', 'Type'], codes: tradeTypeWords, sheet: 10 },
    { key: 'reason', words: ['不可转原因', 'Why not convertible'], codes: reasonWords, sheet: 16 },
    { key: 'orderedAt', words: ['下单时间', 'Ordered at'], kind: 'time', sheet: 20 },
    {
      key: 'receiver',
      words: ['收件人', 'Receiver'],
      page: { width: 'minmax(130px,156fr)', compactWidth: 'minmax(54px,60fr)' },
    },
    {
      key: 'goods',
      words: ['商品', 'Goods'],
      page: { width: 'minmax(190px,222fr)', compactWidth: 'minmax(190px,245fr)' },
    },
    {
      key: 'message',
      words: ['买家留言 / 备注', 'Message / memo'],
      page: { width: 'minmax(108px,172fr)', compactWidth: 'minmax(110px,165fr)' },
    },
    {
      key: 'payment',
      words: ['实付 ¥', 'Paid ¥'],
      kind: 'money',
      of: (row) => row.paymentFen,
      page: { width: '84px', align: 'right' },
    },
    {
      key: 'paidAt',
      words: ['付款时间', 'Paid at'],
      kind: 'time',
      page: { width: '96px', align: 'right', sort: 'paidAt' },
      sheet: 20,
    },
    {
      key: 'shipBy',
      words: ['发货剩余', 'Ship within'],
      page: { width: '106px', compactWidth: '94px', align: 'right', sort: 'shipBy' },
    },
    { key: 'shipBy', words: ['发货时限', 'Ship by'], kind: 'time', sheet: 20 },
    { key: 'paymentFen', words: ['实付', 'Paid'], kind: 'money', sheet: 12 },
    { key: 'postFeeFen', words: ['运费', 'Freight'], kind: 'money', sheet: 10 },
    { key: 'discountFen', words: ['优惠', 'Discount'], kind: 'money', sheet: 10 },
    { key: 'cod', words: ['货到付款', 'Cash on delivery'], sheet: 10 },
    { key: 'quantity', words: ['件数', 'Pieces'], sheet: 8 },
    {
      key: 'goods',
      words: ['商品', 'Goods'],
      inSheet: (row, language) => goodsText(row.goods, language),
      sheet: 50,
    },
    { key: 'codes', words: ['商家编码', 'Outer codes'], inSheet: (row) => codesText(row.goods), sheet: 24 },
    { key: 'buyerMasked', words: ['买家', 'Buyer'], sheet: 12 },
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
    { key: 'modifiedAt', words: ['平台更新时间', 'Changed at'], kind: 'time', sheet: 20 },
    { key: 'stateAt', words: ['到此状态', 'In this state since'], kind: 'time', sheet: 20 },
    { key: 'stateBy', words: ['操作人', 'By'], sheet: 12 },
    { key: 'orderNo', words: ['销售单号', 'Sales order'], sheet: 20 },
  ],
})

export type TradeFilter = FilterOf<typeof tradeList>
export type TradeTab = keyof typeof tradeList.tabs
export type TradeSort = (typeof tradeList.sorts)[number]

const elsewhere = Object.fromEntries(
  Object.entries(tradeList.tabs).map(([name, tab]) => [name, { ...tab, unseen: true as const }]),
)

/** 历史订单: the same trades after conversion, on a page of their own. */
export const tradeHistory = declareList<TradeRow, TradeOut>()({
  ...tradeList,
  name: 'trade-history',
  title: ['历史订单', 'Trade history'],
  routesOf: 'staged-trades',
  tab: 'history',
  tabs: {
    ...elsewhere,
    history: {
      words: ['已转', 'Converted'],
      groups: ['converted'],
      empty: {
        title: ['还没有转过的交易', 'Nothing was converted yet'],
        remedy: ['在待转入订单里转单，之后在这里查。', 'Convert in Staged trades; then they are found here.'],
      },
    },
  },
  sort: '-stateAt',
  columns: [
    ...tradeList.columns.filter((column) => !(column.key === 'shipBy' && 'page' in column)),
    { key: 'order', words: ['销售订单', 'Sales order'], page: { width: 'minmax(142px,142fr)' } },
    { key: 'by', words: ['转单人', 'By'], page: { width: 'minmax(64px,90fr)' } },
    {
      key: 'at',
      words: ['转单时间', 'Converted at'],
      kind: 'time',
      of: (row) => row.stateAt,
      page: { width: '124px', align: 'right', sort: 'stateAt' },
    },
  ],
})
