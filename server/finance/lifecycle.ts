/** 部分退款, an internal document, money only. Pure: server, API and buttons read it. */

export const extraRefundStatuses = ['draft', 'approved', 'voided'] as const
export type ExtraRefundStatus = (typeof extraRefundStatuses)[number]

type Words = { zh: string; en: string }

export const extraRefundWords: Record<ExtraRefundStatus, Words> = {
  draft: { zh: '待审核', en: 'Draft' },
  approved: { zh: '已审核', en: 'Approved' },
  voided: { zh: '已作废', en: 'Voided' },
}

type Rule = Words & { from: readonly ExtraRefundStatus[]; to: ExtraRefundStatus }

export const extraRefundEvents = {
  approve: { from: ['draft'], to: 'approved', zh: '审核', en: 'Approve' },
  void: { from: ['draft'], to: 'voided', zh: '作废', en: 'Void' },
} as const satisfies Record<string, Rule>
export type ExtraRefundEvent = keyof typeof extraRefundEvents

export type Verdict =
  | { ok: true; to: ExtraRefundStatus }
  | { ok: false; code: 'already' | 'wrong_status'; message: Words }

export function allowed(status: ExtraRefundStatus, event: ExtraRefundEvent): Verdict {
  const rule: Rule = extraRefundEvents[event]
  const words = extraRefundWords[status]
  if (status === rule.to)
    return { ok: false, code: 'already', message: { zh: words.zh, en: `${words.en} already` } }
  if (rule.from.includes(status)) return { ok: true, to: rule.to }
  return {
    ok: false,
    code: 'wrong_status',
    message: { zh: `${words.zh}，不能${rule.zh}`, en: `${words.en}: cannot ${rule.en.toLowerCase()}` },
  }
}

export const extraRefundKinds = {
  compensation: { zh: '补偿', en: 'Compensation' },
  price_difference: { zh: '补差价', en: 'Price difference' },
  return_freight: { zh: '退运费', en: 'Return freight' },
  deposit: { zh: '定金', en: 'Deposit' },
  cashback: { zh: '返现', en: 'Cashback' },
  goods: { zh: '货款', en: 'Goods' },
  other: { zh: '其他', en: 'Other' },
} as const satisfies Record<string, Words>
export type ExtraRefundKind = keyof typeof extraRefundKinds

export const extraRefundKindNames = [
  'compensation',
  'price_difference',
  'return_freight',
  'deposit',
  'cashback',
  'goods',
  'other',
] as const satisfies readonly ExtraRefundKind[]
