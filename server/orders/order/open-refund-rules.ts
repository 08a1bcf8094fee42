import type { RefundKind, RefundStatus } from '../../connectors/connector.ts'

// Which refunds keep goods from leaving. Pure: the table of refunds is made of the same words.

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
