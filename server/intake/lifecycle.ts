/** The lifecycles of staged trades and refunds, and the rules of conversion. Pure: server and pages use them. */
import type { Doubt, TradeLine, TradeStatus } from '../connectors/connector.ts'
import type { LocalizedPair } from '../lib/localized-text.ts'

export const tradeStates = ['fetching', 'staged', 'converted', 'processed'] as const
export type TradeState = (typeof tradeStates)[number]

export const refundStates = ['staged', 'converted', 'processed', 'refusing', 'refused'] as const
export type RefundState = (typeof refundStates)[number]

/** The labels of the states of trades and refunds. */
export const stateWords: Record<TradeState | RefundState, LocalizedPair> = {
  fetching: ['取明细中', 'Fetching detail'],
  staged: ['待转入', 'Staged'],
  converted: ['已转单', 'Converted'],
  processed: ['已处理', 'Processed'],
  refusing: ['拒绝中', 'Refusing'],
  refused: ['已拒绝', 'Refused'],
}

type Rule<State> = { from: readonly State[]; to: State }

export const tradeEvents = {
  stage: { from: ['fetching'], to: 'staged' },
  convert: { from: ['staged'], to: 'converted' },
  process: { from: ['fetching', 'staged'], to: 'processed' },
  unprocess: { from: ['processed'], to: 'fetching' },
} as const satisfies Record<string, Rule<TradeState>>

export const refundEvents = {
  convert: { from: ['staged'], to: 'converted' },
  process: { from: ['staged'], to: 'processed' },
  unprocess: { from: ['processed'], to: 'staged' },
  startRefusing: { from: ['staged'], to: 'refusing' },
  finishRefusing: { from: ['refusing'], to: 'refused' },
  failRefusing: { from: ['refusing'], to: 'staged' },
  /**
   * A refund is opened again by a later version that is open and differs from the version on which the decision was made. A converted one is
   * opened by a version that is paid and of unknown kind.
   */
  reopen: { from: ['processed', 'refused', 'converted'], to: 'staged' },
} as const satisfies Record<string, Rule<RefundState>>

/** The states in which a refund can be refused. A converted refund stays converted, and its order changes with the platform's next version. */
export const refusableStates: readonly RefundState[] = [...refundEvents.startRefusing.from, 'converted']

/** Reasons why a trade cannot be converted. Their positions are stored as facets, so new ones are added at the end. */
export const tradeReasons = [
  'fetching',
  'unknown_status',
  'closed',
  'not_paid',
  'final_unpaid',
  'platform_hold',
  'shipped_elsewhere',
  'refund_open',
  'all_refunded',
  'before_go_live',
  'duplicate',
  'doubtful',
] as const
export type TradeReason = (typeof tradeReasons)[number]

export type TradeFacts = {
  status: TradeStatus
  cod: boolean
  finalUnpaid: boolean
  holds: readonly string[]
  linesApplied: number
  linesRefunded: number
  lineCount: number
  openRefunds: number
  rest: TradeRest
  /** Unclear values that no person has accepted. */
  doubts: readonly Doubt[]
  paidAt: Date | null
  orderedAt: Date | null
}

/**
 * The field of an unclear line status. Conversion leaves out a line with it. The name is ours, because lines of every platform can have it.
 */
export const lineStatusField = 'line_status'

/** True for a line that conversion takes. `lineConverts` in `trades/left-behind.ts` is the same in SQL. */
export const converts = ({ refund, status }: Pick<TradeLine, 'refund' | 'status'>): boolean =>
  refund !== 'succeeded' && (status === 'paid' || status === 'unpaid' || status === 'partly_shipped')

/** The lines that conversion could take: `some`; otherwise why it takes none. All of them are over, at least one left, or their status is unknown. */
export const tradeRests = ['some', 'shipped', 'unknown', 'over'] as const
export type TradeRest = (typeof tradeRests)[number]

/** `restOfTrade` in `trades/left-behind.ts` is the same in SQL. */
export function restOf(lines: readonly Pick<TradeLine, 'refund' | 'status'>[]): TradeRest {
  if (lines.some(converts)) return 'some'
  const kept = lines.filter(({ refund, status }) => refund !== 'succeeded' && !isClosed(status))
  if (kept.some(({ status }) => status !== 'unknown')) return 'shipped'
  return kept.length > 0 || lines.length === 0 ? 'unknown' : 'over'
}

const isClosed = (status: TradeStatus) => status === 'closed_unpaid' || status === 'closed_refunded'

export type ShopFacts = { goLiveAt: Date; convertUnpaid: boolean }

/**
 * The reason is the first rule that applies; none: the trade may be converted. Two reasons are decided elsewhere: `fetching` while the
 * detail is missing (`trades/convert-verdict.ts`), and `duplicate` if an order has the trade number already (`flows/convert-trade.ts`).
 */
const rules: readonly [TradeReason, (trade: TradeFacts, shop: ShopFacts) => boolean][] = [
  ['unknown_status', (trade) => trade.status === 'unknown'],
  ['closed', (trade) => isClosed(trade.status)],
  ['final_unpaid', (trade) => trade.finalUnpaid],
  ['not_paid', (trade, shop) => trade.status === 'unpaid' && !trade.cod && !shop.convertUnpaid],
  // This comes before `shipped_elsewhere`, because a record-only order would show the guessed status as a fact.
  ['unknown_status', (trade) => trade.doubts.some(({ field }) => field === lineStatusField)],
  ['doubtful', (trade) => trade.doubts.length > 0],
  [
    'shipped_elsewhere',
    (trade) =>
      trade.status === 'shipped' ||
      trade.status === 'finished' ||
      // One part was shipped, and the rest is refunded or closed.
      (trade.status === 'partly_shipped' && trade.rest !== 'some') ||
      trade.rest === 'shipped',
  ],
  ['platform_hold', (trade) => trade.holds.length > 0],
  ['refund_open', (trade) => trade.linesApplied > 0 || trade.openRefunds > 0],
  ['all_refunded', (trade) => trade.lineCount > 0 && trade.linesRefunded >= trade.lineCount],
  // The trade is paid, and each of its lines is closed or refunded.
  ['closed', (trade) => trade.rest === 'over'],
  ['unknown_status', (trade) => trade.rest === 'unknown'],
  ['before_go_live', (trade, shop) => (trade.paidAt ?? trade.orderedAt ?? shop.goLiveAt) < shop.goLiveAt],
]

/** Returns the reason why the trade cannot be converted; empty: it can. */
export function whyNotConvertible(trade: TradeFacts, shop: ShopFacts): TradeReason | '' {
  return rules.find(([, holds]) => holds(trade, shop))?.[0] ?? ''
}

/**
 * Paid goods of staged trades with these reasons count as sold: the conversion is only delayed, and shops must not offer the goods again.
 * With any other reason we do not ship the goods, or do not know it yet.
 */
export const demandReasons: (TradeReason | '')[] = [
  '',
  'refund_open',
  'platform_hold',
  'doubtful',
  'unknown_status',
]
/** Statuses of trades whose goods are needed. The goods of a trade with cash on delivery are needed in any status. */
export const demandStatuses: TradeStatus[] = ['paid', 'partly_shipped']

/** Returns the note with which the system marks the trade processed; null: it does not mark it. */
export function processedBySystem(
  trade: TradeFacts,
): 'closed_unpaid' | 'closed_refunded' | 'all_refunded' | null {
  if (trade.status === 'closed_unpaid') return 'closed_unpaid'
  if (trade.status === 'closed_refunded') return 'closed_refunded'
  if (trade.lineCount > 0 && trade.linesRefunded >= trade.lineCount && trade.doubts.length === 0)
    return 'all_refunded'
  const isOpen = trade.status === 'paid' || trade.status === 'unpaid'
  const isAsked = trade.linesApplied > 0 || trade.openRefunds > 0
  if (isOpen && trade.rest === 'over' && !isAsked && trade.doubts.length === 0) return 'closed_refunded'
  return null
}

/** Reasons why a refund cannot be converted. */
export const refundReasons = ['no_original', 'original_fetching', 'unknown_status', 'doubtful'] as const
export type RefundReason = (typeof refundReasons)[number]

type ReasonText = { zh: string; en: string; zhRemedy: string; enRemedy: string }

/** The texts of the reasons: first the fact, then the remedy. */
export const reasonWords: Record<TradeReason | RefundReason, ReasonText> = {
  fetching: {
    zh: '取明细中',
    en: 'Fetching detail',
    zhRemedy: '明细到了自动可转',
    enRemedy: 'Convertible once the detail is here',
  },
  unknown_status: {
    zh: '状态未识别',
    en: 'Unknown status',
    zhRemedy: '保留不动，等平台更新；只有商品行不认识的，可以采用后转单，那一行先不带过去',
    enRemedy: 'Kept as it is until the platform tells more; a mere line can be left behind, by taking that',
  },
  closed: { zh: '交易已关闭', en: 'Trade closed', zhRemedy: '无需处理', enRemedy: 'Nothing to do' },
  not_paid: { zh: '未付款', en: 'Not paid', zhRemedy: '付款后自动可转', enRemedy: 'Convertible once paid' },
  final_unpaid: {
    zh: '尾款未付',
    en: 'Final payment open',
    zhRemedy: '付清尾款后自动可转',
    enRemedy: 'Convertible once the final payment is made',
  },
  platform_hold: {
    zh: '平台暂停发货',
    en: 'Held by platform',
    zhRemedy: '等平台放行，无需处理',
    enRemedy: 'Wait for the platform; nothing to do',
  },
  shipped_elsewhere: {
    zh: '已在别处发货',
    en: 'Shipped elsewhere',
    zhRemedy: '只能手工转为记录，不动库存',
    enRemedy: 'By hand only, as a record without stock',
  },
  refund_open: {
    zh: '退款申请中',
    en: 'Refund open',
    zhRemedy: '处理退款或等它关闭',
    enRemedy: 'Handle it or wait until it closes',
  },
  all_refunded: { zh: '已全部退款', en: 'Fully refunded', zhRemedy: '无需处理', enRemedy: 'Nothing to do' },
  before_go_live: {
    zh: '早于上线时间',
    en: 'Before go-live',
    zhRemedy: '留给旧系统；要接单先改上线时间',
    enRemedy: 'Left to the old system; change the go-live time to take it',
  },
  duplicate: {
    zh: '有同号的手工或导入单',
    en: 'Its number is taken by an order of our own',
    zhRemedy: '作废那张单并转单，或标记已处理',
    enRemedy: 'Void that order and convert, or mark processed',
  },
  doubtful: {
    zh: '内容存疑',
    en: 'In doubt',
    zhRemedy: '打开核对没读懂的内容，采用后可转',
    enRemedy: 'Look at what could not be read; convertible once its values are taken',
  },
  no_original: {
    zh: '没有原单',
    en: 'No original',
    zhRemedy: '原单到了自动可转',
    enRemedy: 'Convertible once the original is here',
  },
  original_fetching: {
    zh: '原单取明细中',
    en: 'Original is being fetched',
    zhRemedy: '明细到了自动可转',
    enRemedy: 'Convertible once its detail is here',
  },
}
