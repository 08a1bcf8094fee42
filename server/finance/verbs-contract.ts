import { pair, type VerbTable } from '../core/verbs-contract.ts'
import { settlementEvents } from './lifecycle.ts'

export const settlementVerbs = {
  approve: {
    path: '/settlements/approve',
    permission: 'finance.approve',
    summary: 'Approve drafts',
    words: pair(settlementEvents.approve),
    done: ['已审批 {n} 张', '{n} approved'],
    bulk: { name: 'settlements.approve', words: ['批量审批结算单', 'Approve settlements'] },
  },
  unapprove: {
    path: '/settlements/unapprove',
    permission: 'finance.approve',
    summary: 'Take approvals back',
    words: pair(settlementEvents.unapprove),
    done: ['已反审批 {n} 张', '{n} are drafts again'],
    bulk: { name: 'settlements.unapprove', words: ['批量反审批结算单', 'Take approvals back'] },
    audit: { 'settlement.unapprove': ['反审批结算单', 'Approval of a settlement taken back'] },
  },
  post: {
    path: '/settlements/post',
    permission: 'finance.post',
    summary: 'Post what is approved',
    words: pair(settlementEvents.post),
    done: ['已记账 {n} 张', '{n} posted'],
    bulk: { name: 'settlements.post', words: ['批量记账结算单', 'Post settlements'] },
  },
  settle: {
    path: '/settlements/settle',
    permission: 'finance.post',
    summary: 'Settle what is posted',
    words: pair(settlementEvents.settle),
    done: ['已结算 {n} 张', '{n} settled'],
    bulk: { name: 'settlements.settle', words: ['批量结算', 'Settle settlements'] },
  },
  void: {
    path: '/settlements/void',
    permission: 'finance.approve',
    summary: 'Void drafts',
    words: pair(settlementEvents.void),
    done: ['已作废 {n} 张', '{n} voided'],
    bulk: { name: 'settlements.void', words: ['批量作废结算单', 'Void settlements'] },
  },
} as const satisfies VerbTable

const permission = 'finance.reconcile'

export const billVerbs = {
  explain: {
    path: '/bill-trades/explain',
    permission,
    summary: 'Say why differences are right',
    words: ['说明', 'Explain'],
    done: ['已说明 {n} 笔', '{n} explained'],
    bulk: { name: 'bill_trades.explain', words: ['批量说明差异', 'Explain differences'] },
    audit: { 'bill_trade.explain': ['说明对账差异', 'Difference explained'] },
  },
  reopen: {
    path: '/bill-trades/reopen',
    permission,
    summary: 'Take explanations back',
    words: ['撤销说明', 'Take back'],
    done: ['已撤销 {n} 笔的说明', '{n} are open again'],
    bulk: { name: 'bill_trades.reopen', words: ['批量撤销说明', 'Take explanations back'] },
    audit: { 'bill_trade.reopen': ['撤销差异说明', 'Explanation taken back'] },
  },
} as const satisfies VerbTable
