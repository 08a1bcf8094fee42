import { isOpen } from '../../../../server/orders/order/open-refund-rules.ts'
import { goodsOnly } from '../../../../server/orders/refunds/refund-row-rules.ts'
import type { ConnectorOut } from '../../../../server/shops/contract.ts'
import type { RefundRow } from '../types.ts'

export type AgreementEffect = 'money' | 'goods' | 'none'

/**
 * Returns the effect of agreeing to a refund now, by the rules of refund-actions.ts. `goods`: its goods may come back, and the platform pays
 * once they are here. `none`: it cannot be agreed to.
 */
export function agreementEffect(
  { status, kind, constraint }: Pick<RefundRow, 'status' | 'kind' | 'constraint'>,
  platform: Pick<ConnectorOut, 'goodsFirst' | 'agreesToReturns' | 'paysReturnsThere' | 'cannot'> | undefined,
): AgreementEffect {
  if (!isOpen(status) || constraint !== '' || platform?.cannot['agreeRefund']) return 'none'
  if (status === 'agreed' && goodsOnly.includes(kind)) return 'none'
  if (status === 'agreed' && kind === 'return' && platform?.paysReturnsThere) return 'none'
  if (status === 'agreed' || kind === 'refund_only' || kind === 'money_only') return 'money'
  if (platform?.goodsFirst) return 'none'
  return platform?.agreesToReturns ? 'goods' : 'money'
}
