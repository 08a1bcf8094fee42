import type { RefundKind, RefundStatus } from '../../connectors/connector.ts'

// Refunds that keep goods from being shipped. Pure: the refund rules are built from the same lists.

export const anyKind: readonly RefundKind[] = [
  'refund_only',
  'return',
  'exchange',
  'reship',
  'repair',
  'other',
  'money_only',
]
export const aboutGoods: readonly RefundKind[] = anyKind.filter((kind) => kind !== 'money_only')
export const open: readonly RefundStatus[] = ['applied', 'agreed']
export const isOpen = (status: RefundStatus): boolean => open.includes(status)
