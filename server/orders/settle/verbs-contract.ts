import { pair, type VerbTable } from '../../core/verbs-contract.ts'
import { settlementEvents } from '../../finance/lifecycle.ts'

export const settleVerbs = {
  revive: {
    path: '/settlements/revive',
    permission: 'finance.approve',
    summary: 'Take back that documents were voided',
    words: pair(settlementEvents.revive),
    done: ['已恢复 {n} 张', '{n} revived'],
    bulk: { name: 'settlements.revive', words: ['批量恢复结算单', 'Revive settlements'] },
    audit: { 'settlement.revive': ['恢复结算单', 'Settlement revived'] },
  },
  approveExtraRefunds: {
    path: '/extra-refunds/approve',
    permission: 'refunds.extra_approve',
    summary: 'Approve drafts',
    words: ['审核通过', 'Approve'],
    done: ['审核 {n} 笔', '{n} approved'],
    bulk: { name: 'extra_refunds.approve', words: ['批量审核额外退款', 'Approve extra refunds'] },
  },
  voidExtraRefunds: {
    path: '/extra-refunds/void',
    permission: 'refunds.extra',
    summary: 'Void drafts',
    words: ['作废', 'Void'],
    done: ['作废 {n} 笔', '{n} voided'],
    bulk: { name: 'extra_refunds.void', words: ['批量作废额外退款', 'Void extra refunds'] },
  },
} as const satisfies VerbTable
