import { already, type Refusal, wrongStatus } from '../core/decide.ts'
import type { LocalizedText } from '../lib/localized-text.ts'

/** The lifecycle of a return. Pure: server, API and buttons use it. Only `transition` writes the status. */

export const returnStatuses = ['unconfirmed', 'confirmed', 'received', 'settled', 'voided'] as const
export type ReturnStatus = (typeof returnStatuses)[number]

export const returnStatusWords: Record<ReturnStatus, LocalizedText> = {
  unconfirmed: { zh: '未确认', en: 'Unconfirmed' },
  confirmed: { zh: '已确认', en: 'Confirmed' },
  received: { zh: '已收货', en: 'Received' },
  settled: { zh: '已结算', en: 'Settled' },
  voided: { zh: '已作废', en: 'Voided' },
}

export const returnKinds = ['return', 'exchange', 'refused'] as const
export type ReturnKind = (typeof returnKinds)[number]

export const returnKindWords: Record<ReturnKind, LocalizedText> = {
  return: { zh: '退货退款', en: 'Return' },
  exchange: { zh: '换货', en: 'Exchange' },
  refused: { zh: '拒收', en: 'Refused parcel' },
}

export const returnOrigins = ['refund', 'person', 'parcel'] as const
export type ReturnOrigin = (typeof returnOrigins)[number]

export const returnOriginWords: Record<ReturnOrigin, LocalizedText> = {
  refund: { zh: '平台退款', en: 'Refund' },
  person: { zh: '手工', en: 'By hand' },
  parcel: { zh: '包裹退回', en: 'Parcel came back' },
}

export const exchangeTimes = ['confirmed', 'received'] as const
export type ExchangeTime = (typeof exchangeTimes)[number]

export const exchangeTimeWords: Record<ExchangeTime, LocalizedText> = {
  confirmed: { zh: '确认后马上换发', en: 'At once, when confirmed' },
  received: { zh: '收到退货后换发', en: 'When the goods are back' },
}

export const receiptWriteBacks = ['', 'waiting', 'done', 'failed', 'forced', 'manual', 'none'] as const
export type ReceiptWriteBack = (typeof receiptWriteBacks)[number]

export const receiptWriteBackLabels: Record<ReceiptWriteBack, LocalizedText> = {
  '': { zh: '未到', en: 'Not yet' },
  waiting: { zh: '回写中', en: 'Being told' },
  done: { zh: '已回写', en: 'Told' },
  failed: { zh: '回写失败', en: 'Telling failed' },
  forced: { zh: '强制成功', en: 'Forced' },
  manual: { zh: '手工完成', en: 'Done by hand' },
  none: { zh: '不用回写', en: 'Nothing to tell' },
}

/** Texts of write-back failures for the person who handles them: the fact, then the remedy. */
export const writeBackFailureLabels = {
  unsupported: {
    zh: '这个平台不能回写收货。到平台后台确认收货',
    en: 'This platform hears of no receipts: confirm it in its backend',
  },
  other: {
    zh: '平台拒绝了，多为买家还没填退货运单。看平台回写，更正后按 T 重新回写',
    en: 'The platform refused, often since the buyer gave no waybill. See Write-back, then press T',
  },
} satisfies Record<string, LocalizedText>

export type ReturnFacts = {
  status: ReturnStatus
  kind: ReturnKind
  refundNo: string
  refundStatus: string
  exchangeOrderNo: string
  hasWarehouse: boolean
  openProblems: number
  good: number
  defective: number
}

/** True if none of the goods that were asked for came back, and no person has to decide on that any more. */
const isNothingBack = ({ openProblems, good, defective }: ReturnFacts) =>
  openProblems === 0 && good + defective === 0

const refundEnded: readonly string[] = ['succeeded', 'closed']

const guards = {
  no_warehouse: {
    holds: (one) => !one.hasWarehouse,
    zh: '没有退货仓。选好退货仓再收货',
    en: 'No return warehouse. Choose one, then receive',
  },
  refund_open: {
    holds: (one) => one.kind !== 'exchange' && one.refundNo !== '' && !refundEnded.includes(one.refundStatus),
    zh: '平台还没退款成功。退款成功后自动结算',
    en: 'The platform has not paid the refund yet. It is settled automatically once it has',
  },
  exchange_open: {
    holds: (one) =>
      one.kind === 'exchange' &&
      one.exchangeOrderNo === '' &&
      !refundEnded.includes(one.refundStatus) &&
      !isNothingBack(one),
    zh: '还没有换货单。生成换货单后自动结算',
    en: 'Its exchange order is not made yet. It is settled automatically once it is',
  },
} as const satisfies Record<string, LocalizedText & { holds: (one: ReturnFacts) => boolean }>
export type ReturnGuard = keyof typeof guards

type Rule = LocalizedText & {
  from: readonly ReturnStatus[]
  to: ReturnStatus
  unless: readonly ReturnGuard[]
}

export const returnEvents = {
  confirm: { from: ['unconfirmed'], to: 'confirmed', unless: [], zh: '确认', en: 'Confirm' },
  unconfirm: { from: ['confirmed'], to: 'unconfirmed', unless: [], zh: '反确认', en: 'Unconfirm' },
  receive: { from: ['confirmed'], to: 'received', unless: ['no_warehouse'], zh: '收货', en: 'Receive' },
  settle: {
    from: ['received'],
    to: 'settled',
    unless: ['refund_open', 'exchange_open'],
    zh: '结算',
    en: 'Settle',
  },
  void: { from: ['unconfirmed', 'confirmed'], to: 'voided', unless: [], zh: '作废', en: 'Void' },
  revive: { from: ['voided'], to: 'unconfirmed', unless: [], zh: '恢复', en: 'Revive' },
} as const satisfies Record<string, Rule>
export type ReturnEvent = keyof typeof returnEvents

/** Returns why the transition is refused: a stable code, and a text with the fact and the remedy; undefined: it is allowed. */
export function whyNotReturn(one: ReturnFacts, event: ReturnEvent): Refusal | undefined {
  const rule: Rule = returnEvents[event]
  const status = returnStatusWords[one.status]
  if (one.status === rule.to || (event === 'receive' && one.status === 'settled')) return already(status)
  if (!rule.from.includes(one.status)) return wrongStatus(status, rule)
  const guard = rule.unless.find((code) => guards[code].holds(one))
  if (!guard) return undefined
  const { zh, en } = guards[guard]
  return { code: guard, message: { zh, en } }
}

/**
 * Returns why the return cannot be received; undefined: it can. Receiving also confirms an unconfirmed return (快速入库), so that unpacking
 * does not wait for a clerk.
 */
export function whyNotReceived(one: ReturnFacts): Refusal | undefined {
  return whyNotReturn(one.status === 'unconfirmed' ? { ...one, status: 'confirmed' } : one, 'receive')
}

/**
 * True if a received return is settled automatically: its refund has ended, its exchange order exists, or nothing was paid. Other
 * returns are settled by a person.
 */
export function settlesAutomatically(one: ReturnFacts & { unpaid: boolean }): boolean {
  if (whyNotReturn(one, 'settle')) return false
  if (one.kind === 'exchange') return one.exchangeOrderNo !== '' || refundEnded.includes(one.refundStatus)
  return one.unpaid || one.refundNo !== ''
}

export function whyNotEdited(status: ReturnStatus): Refusal | undefined {
  if (status === 'unconfirmed' || status === 'confirmed') return undefined
  return wrongStatus(returnStatusWords[status], { zh: '修改', en: 'be changed' })
}

/** An exchange on receipt sends the pieces that came back, so it waits until nothing about the receipt is open. */
export function whyNoExchange(one: ReturnFacts & { exchangeWhen: ExchangeTime }): Refusal | undefined {
  const refuse = (code: string, zh: string, en: string): Refusal => ({ code, message: { zh, en } })
  if (one.kind !== 'exchange') return refuse('wrong_kind', '不是换货', 'It is no exchange')
  if (one.exchangeOrderNo !== '') return refuse('already', '已生成换货单', 'Its exchange order exists')
  if (one.status === 'voided') return refuse('wrong_status', '已作废，不能换发', 'Voided: nothing is sent')
  if (one.status === 'unconfirmed')
    return refuse('wrong_status', '未确认。确认后再换发', 'Unconfirmed. Confirm it first')
  if (one.status === 'confirmed' && one.exchangeWhen === 'received')
    return refuse('goods_not_back', '退货还没收到。收货后换发，或改成马上换发', 'The goods are not back yet')
  if (one.refundStatus === 'closed')
    return refuse('refund_closed', '退款已关闭，不换发', 'Its refund was closed: nothing is sent')
  if (one.exchangeWhen === 'received' && one.openProblems > 0)
    return refuse(
      'problems_open',
      '收货有问题没了结。了结后换发收到的件数',
      'Settle the problems of its receipt first',
    )
  if (one.exchangeWhen === 'received' && isNothingBack(one))
    return refuse(
      'nothing_back',
      '要换的货一件也没收到，不换发',
      'None of the goods came back: nothing is sent',
    )
  return undefined
}

export const discrepancies = {
  short: {
    zh: '少收',
    en: 'Short',
    remedy: {
      zh: '少的到了再收一次；不会来了就写明怎么处理，了结',
      en: 'Receive the rest when it comes; else say how it was settled',
    },
  },
  wrong: {
    zh: '错收',
    en: 'Wrong goods',
    remedy: {
      zh: '货没有入库，先放一边：退回买家或做调整单入库，再写明并了结',
      en: 'They were set apart and are not in stock: send them back or adjust them in, then say so',
    },
  },
  refund_closed: {
    zh: '货已收到，退款却关闭了',
    en: 'Received, but its refund was closed',
    remedy: {
      zh: '联系买家：让他重新申请，或把货寄回，再写明并了结',
      en: 'Ask the buyer to apply again, or send the goods back, then say so',
    },
  },
} as const satisfies Record<string, LocalizedText & { remedy: LocalizedText }>

/** The remedy for wrong goods that are in stock since their unclaimed parcel was: an adjustment in would count them twice. */
export const wrongInStockRemedy: LocalizedText = {
  zh: '已随无主件入库：退回买家就做调整单调出，留下就不用调，再写明并了结',
  en: 'They are in stock with their parcel: adjust them out if you send them back, then say so',
}
export type Discrepancy = keyof typeof discrepancies
export const discrepancyNames = ['short', 'wrong', 'refund_closed'] as const satisfies readonly Discrepancy[]

export const returnEventLabels: Record<string, LocalizedText> = {
  ...returnEvents,
  created: { zh: '建单', en: 'Made' },
  refund_moved: { zh: '平台退款转到另一张退货单', en: 'Its refund moved to another return' },
  adopted: { zh: '对上平台退款', en: 'Joined with its refund' },
  refund: { zh: '平台退款有变', en: 'Its refund changed' },
  edited: { zh: '修改', en: 'Changed' },
  receipt: { zh: '入库', en: 'Goods came in' },
  problem: { zh: '收货有问题', en: 'Problem found' },
  problem_settled: { zh: '问题了结', en: 'Problem settled' },
  claimed: { zh: '认领无主件', en: 'Unclaimed parcel matched' },
  exchanged: { zh: '生成换货单', en: 'Exchange order made' },
  exchange_stopped: {
    zh: '退款关闭了或不再是换货，没发出的换货单挂起',
    en: 'The refund is closed or no exchange any more: its order is held',
  },
  told_done: { zh: '已回写平台收货', en: 'The platform knows of the receipt' },
  told_failed: { zh: '回写平台失败', en: 'Telling the platform failed' },
  told_forced: { zh: '回写强制成功', en: 'Telling forced' },
  told_manual: { zh: '回写手工完成', en: 'Told by hand' },
}

export const parcelStatuses = ['unclaimed', 'stocked', 'claimed'] as const
export type ParcelStatus = (typeof parcelStatuses)[number]

export const parcelStatusWords: Record<ParcelStatus, LocalizedText> = {
  unclaimed: { zh: '待认领', en: 'Unclaimed' },
  stocked: { zh: '已入库待认领', en: 'Stocked, unclaimed' },
  claimed: { zh: '已认领', en: 'Claimed' },
}

const parcelEvents = {
  stock: { from: ['unclaimed'], to: 'stocked', zh: '入库', en: 'put into stock' },
  claim: { from: ['unclaimed', 'stocked'], to: 'claimed', zh: '认领', en: 'claim' },
} as const satisfies Record<string, LocalizedText & { from: readonly ParcelStatus[]; to: ParcelStatus }>
export type ParcelEvent = keyof typeof parcelEvents

export function whyNotParcel(status: ParcelStatus, event: ParcelEvent): Refusal | undefined {
  const rule = parcelEvents[event]
  if (rule.from.some((one) => one === status)) return undefined
  const words = parcelStatusWords[status]
  return status === rule.to ? already(words) : wrongStatus(words, rule)
}

/**
 * Void reasons that the system writes; people write a text of their own. A return with one of these reasons may be revived, because no
 * person has decided that nothing comes back.
 */
export const ownVoidReasons = {
  refund_closed: { zh: '退款已关闭', en: 'Its refund was closed' },
  money_only: { zh: '买家改成只退款，不退货了', en: 'The buyer now wants only money' },
  parcel_pulled: { zh: '包裹已拦下', en: 'Its parcel was pulled out' },
  unshipped: { zh: '撤销了发货，货没有出去', en: 'Its shipping was undone: nothing left' },
}
export type OwnVoidReason = keyof typeof ownVoidReasons
