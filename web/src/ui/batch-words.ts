import { reasonWords } from '../../../server/intake/lifecycle.ts'
import type { Say, Words } from '../words.ts'

/** Bulk actions by their names in the API. */
export const batchNames: Record<string, Words> = {
  'trades.convert': ['批量转单', 'Batch convert'],
  'trades.process': ['批量标为已处理', 'Batch mark processed'],
  'trades.unprocess': ['批量撤销已处理', 'Batch undo processed'],
  'trades.remove': ['批量移除', 'Batch remove'],
  'queue.download': ['批量下载', 'Batch download'],
  'queue.remove': ['批量移除', 'Batch remove'],
  'refunds.convert': ['批量转退单', 'Batch convert refunds'],
  'refunds.process': ['批量标退单已处理', 'Batch mark refunds processed'],
  'refunds.unprocess': ['批量撤销已处理', 'Batch undo processed'],
  'orders.void': ['批量作废', 'Batch void'],
  'orders.restore': ['批量恢复', 'Batch restore'],
  'orders.hold': ['批量挂起', 'Batch hold'],
  'orders.release_hold': ['批量解除挂起', 'Batch release'],
}

const refusalWords: Record<string, Words> = {
  already: ['已转过', 'Converted before'],
  already_converted: ['已转过', 'Converted before'],
  not_found: ['已不在', 'No longer there'],
  outside_scope: ['没有这家店铺的权限', 'No access to this shop'],
  wrong_state: ['状态已变', 'Its state has changed'],
  failed: ['出错', 'Failed'],
  forbidden: ['没有权限', 'Permission missing'],
  stopped: ['已停止', 'Stopped'],
}

/** What a refusal's code means; the remedy comes with it where there is one. */
export function refusalText(code: string, say: Say): string {
  const reason = Object.entries(reasonWords).find(([name]) => name === code)?.[1]
  if (reason) return say(reason)
  const words = refusalWords[code]
  return words ? say(words) : code
}

export function remedyText(code: string, say: Say): string {
  const reason = Object.entries(reasonWords).find(([name]) => name === code)?.[1]
  return reason ? say([reason.zhRemedy, reason.enRemedy]) : ''
}

export function batchName(action: string, say: Say): string {
  const words = batchNames[action]
  return words ? say(words) : action
}
