import { anyKind } from '../order/open-refund-rules.ts'
import { paidBack, record, rule } from './refund-row-rules.ts'
import { type Original, type RefundRule, refundRule } from './refund-rules.ts'

const knownBeforeVoided = rule(
  'voided_known',
  { originals: ['voided'], kinds: anyKind, statuses: paidBack },
  record,
  [
    '作废前就在订单上的退款结束了：只记录',
    'A refund that was on the order before it was voided has ended: recorded only',
  ],
)

/**
 * Returns the rule for a refund that was applied to its order before. On a voided order its result is still recorded; otherwise a
 * restored order would show the refund as open.
 */
export function knownRefundRule(refund: Parameters<typeof refundRule>[0], original: Original): RefundRule {
  const row = refundRule(refund, original)
  return row.effect === 'refuse' && row.code === 'original_voided' ? knownBeforeVoided : row
}
