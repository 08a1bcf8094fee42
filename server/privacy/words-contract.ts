import type { OpenDocument } from './contract.ts'

/** 中文 and English of the documents that prevent an erasure. */
export const openKindWords: Record<OpenDocument['kind'], readonly [string, string]> = {
  order: ['销售订单', 'order'],
  trade: ['交易', 'trade'],
  queue: ['待下载订单', 'queued trade'],
  refund: ['退单', 'refund'],
  extra_refund: ['额外退款', 'extra refund'],
  return: ['退货单', 'return'],
  action: ['平台回写', 'write-back'],
}
