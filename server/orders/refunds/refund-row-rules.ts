import type { RefundKind, RefundPhase, RefundStatus } from '../../connectors/connector.ts'
import type { Act, FactKind, Match, NoticeEffect, Original, RefundRule } from './refund-rules.ts'

export const before: readonly Original[] = ['unconfirmed', 'confirmed', 'released']
export const inOffice: readonly Original[] = ['unconfirmed', 'confirmed']
export const gone: readonly Original[] = ['shipped_unwritten', 'shipped', 'completed']
export const moneyOnly: readonly RefundKind[] = ['money_only']
export const goodsOnly: readonly RefundKind[] = ['exchange', 'reship', 'repair']
export const comesBack: readonly RefundKind[] = ['return', 'exchange', 'repair']
export const staysThere: readonly RefundKind[] = ['refund_only', 'reship', 'other']
export const over: readonly RefundStatus[] = ['refused', 'closed']
export const paidBack: readonly RefundStatus[] = ['succeeded']
export const anyPhase: readonly RefundPhase[] = ['onsale', 'aftersale']
export const onsale: readonly RefundPhase[] = ['onsale']
export const aftersale: readonly RefundPhase[] = ['aftersale']

type Given = Pick<Match, 'originals' | 'kinds' | 'statuses'> &
  Partial<Pick<Match, 'phases' | 'goods'> & { notice: NoticeEffect }>
/**
 * The notice's effect for each effect of converting. A refund that cannot be converted also holds the order, because its money may have
 * been paid.
 */
const noticeOf = { hold: 'hold', refuse: 'hold', reduce: 'until_taken', release: 'lift' } as const
/** Makes a rule with defaults: any phase, the goods stay, and the notice has the effect of the conversion. */
export const rule = (
  id: string,
  given: Given,
  act: Act,
  [zh, en]: readonly [zh: string, en: string],
): RefundRule => ({
  id,
  phases: anyPhase,
  goods: 'stay',
  notice: act.effect === 'money' || act.effect === 'record' ? 'note' : noticeOf[act.effect],
  ...given,
  ...act,
  zh,
  en,
})
export const hold: Act = { effect: 'hold' }
export const lift: Act = { effect: 'release' }
export const record: Act = { effect: 'record' }
export const reduce: Act = { effect: 'reduce', fact: 'order_refund' }
export const money = (fact: FactKind): Act => ({ effect: 'money', fact })
export const refuse = (code: Extract<Act, { effect: 'refuse' }>['code']): Act => ({ effect: 'refuse', code })
