import type { VerbTable } from '../core/verbs-contract.ts'

const permission = 'inventory.upload'

export const stockSyncVerbs = {
  resync: {
    path: '/stock-uploads/resync',
    permission,
    summary: 'Calculate and tell now, even if nothing changed',
    words: ['重推', 'Resync'],
    done: ['{n} 个已排队重推', '{n} are told again'],
    bulk: { name: 'stock_uploads.resync', words: ['批量重推库存', 'Resync stock'] },
    audit: { 'stock_upload.resync': ['重推库存', 'Stock told again'] },
  },
  pause: {
    path: '/stock-uploads/pause',
    permission,
    summary: 'Tell nothing more; the platform keeps what it shows',
    words: ['暂停', 'Pause'],
    done: ['{n} 个已暂停', '{n} paused'],
    bulk: { name: 'stock_uploads.pause', words: ['批量暂停库存同步', 'Pause stock upload'] },
    audit: { 'stock_upload.pause': ['暂停库存同步', 'Stock upload paused'] },
  },
  resume: {
    path: '/stock-uploads/resume',
    permission,
    summary: 'Tell again',
    words: ['恢复', 'Resume'],
    done: ['{n} 个已恢复', '{n} resumed'],
    bulk: { name: 'stock_uploads.resume', words: ['批量恢复库存同步', 'Resume stock upload'] },
    audit: { 'stock_upload.resume': ['恢复库存同步', 'Stock upload resumed'] },
  },
  rule: {
    path: '/stock-uploads/rule',
    permission,
    summary: 'Give listings a rule of their own, or take it away',
    words: ['设规则', 'Set rule'],
    done: ['{n} 个换了规则', '{n} have the rule'],
    bulk: { name: 'stock_uploads.set_rule', words: ['批量设置库存规则', 'Set the rule of stock upload'] },
    audit: { 'stock_upload.rule': ['设置库存规则', 'Stock rule set'] },
  },
} as const satisfies VerbTable
