import type { VerbTable } from '../core/verbs-contract.ts'

export const documentVerbs = {
  approve: {
    path: '/stock-documents/approve',
    permission: 'inventory.approve',
    summary: 'Approve drafts',
    words: ['审核', 'Approve'],
    done: ['审核 {n} 张', '{n} approved'],
  },
  post: {
    path: '/stock-documents/post',
    permission: 'inventory.write',
    summary: 'Post what is approved; transfers go out',
    words: ['过账', 'Post'],
    done: ['过账 {n} 张', '{n} posted'],
  },
  receive: {
    path: '/stock-documents/receive',
    permission: 'inventory.write',
    summary: 'Take transfers in',
    words: ['收货', 'Receive'],
    done: ['收货 {n} 张', '{n} received'],
  },
  void: {
    path: '/stock-documents/void',
    permission: 'inventory.write',
    summary: 'Void what has moved nothing yet',
    words: ['作废', 'Void'],
    done: ['作废 {n} 张', '{n} voided'],
  },
  release: {
    path: '/stock-documents/release',
    permission: 'inventory.write',
    summary: 'Unlock what locks hold, all or in part',
    words: ['释放锁定', 'Release'],
    done: ['释放 {n} 张', '{n} released'],
    audit: { 'stock_lock.release': ['释放锁定', 'Lock released'] },
  },
} as const satisfies VerbTable

export const countVerbs = {
  end: {
    path: '/count-tasks/end',
    permission: 'inventory.write',
    summary: 'End counting tasks; their differences become drafts of stock-takes',
    words: ['结束盘点', 'End the count'],
    done: ['结束 {n} 个盘点', '{n} {n|count|counts} ended'],
  },
} as const satisfies VerbTable
