import type { Refusal } from '../core/decide.ts'
import type { LocalizedText } from '../lib/localized-text.ts'

/** Receipts and refunds are compared with our settlements; the other kinds have no settlements. */
export const billKinds = ['receipt', 'refund', 'fee', 'transfer', 'other'] as const
export type BillKind = (typeof billKinds)[number]
export const billKindWords: Record<BillKind, LocalizedText> = {
  receipt: { zh: '收款', en: 'Receipt' },
  refund: { zh: '退款', en: 'Refund' },
  fee: { zh: '佣金和费用', en: 'Commission and fees' },
  transfer: { zh: '提现转账', en: 'Withdrawals' },
  other: { zh: '其他', en: 'Other' },
}

/**
 * Patterns on the platform's type text; the first that matches decides. Without a match, a row with a trade number is a payment or a refund
 * by its sign, and a row without one is `other`.
 */
const kindsByWord: readonly [RegExp, BillKind][] = [
  [/提现|充值|转账|转入|转出|余额宝|withdraw|transfer/i, 'transfer'],
  [
    /佣金|服务费|手续费|技术服务|软件服务|扣点|推广|淘客|联盟|保险|运费险|积分|红包|赔付|罚|代扣|commission|fee/i,
    'fee',
  ],
  [/退款|refund/i, 'refund'],
  [/收款|收入|货款|在线支付|交易付款|交易分账|receipt|payment/i, 'receipt'],
]

export function billKindOf(type: string, tid: string, amountFen: number): BillKind {
  const named = kindsByWord.find(([words]) => words.test(type))?.[1]
  if (named !== undefined) return named
  if (tid === '') return 'other'
  return amountFen > 0 ? 'receipt' : 'refund'
}

export const gapCauses = ['not_ours', 'not_theirs', 'amount', 'later_day'] as const
export type GapCause = (typeof gapCauses)[number]
export const gapCauseWords: Record<GapCause, LocalizedText> = {
  not_ours: { zh: '我们没有', en: 'Not in our books' },
  not_theirs: { zh: '平台没有', en: 'Not in the bill' },
  amount: { zh: '金额不同', en: 'The amount differs' },
  later_day: { zh: '不在同一天', en: 'On another day' },
}

/** The states of a trade, also the tabs. `later`: both sides have the same amount on different days. */
export const reconciliationStates = ['open', 'explained', 'later', 'even'] as const
export type ReconciliationState = (typeof reconciliationStates)[number]
export const reconciliationStateLabels: Record<ReconciliationState, LocalizedText> = {
  open: { zh: '有差异', en: 'Differs' },
  explained: { zh: '已说明', en: 'Explained' },
  later: { zh: '隔天', en: 'Another day' },
  even: { zh: '一致', en: 'Reconciled' },
}

export function whyNotExplained(standing: ReconciliationState): Refusal | undefined {
  if (standing === 'open') return undefined
  const { zh, en } = reconciliationStateLabels[standing]
  return standing === 'explained'
    ? { code: 'already', message: { zh: '已说明', en: 'Explained already' } }
    : { code: 'no_difference', message: { zh: `${zh}，没有要说明的`, en: `${en}: nothing to explain` } }
}

export function whyNotReopened(standing: ReconciliationState): Refusal | undefined {
  return standing === 'explained'
    ? undefined
    : { code: 'not_explained', message: { zh: '没有说明', en: 'Not explained' } }
}
