import { isOpen } from '../../../../server/orders/order/open-refund-rules.ts'
import { goodsOnly } from '../../../../server/orders/refunds/refund-row-rules.ts'
import type { ConnectorOut } from '../../../../server/shops/contract.ts'
import type { RefundRow } from '../types.ts'

/** Agreements that pay nothing now. */
export type GoodsAgreement = 'return' | 'exchange' | 'repair' | 'reship'
export const goodsAgreements: readonly GoodsAgreement[] = ['return', 'exchange', 'repair', 'reship']
export type AgreementEffect = 'money' | GoodsAgreement | 'none'

/**
 * Returns the effect of agreeing to a refund now, by the rules of refund-actions.ts. `return`: its goods may come back, and the platform pays
 * once they are here. `exchange`, `repair`, `reship`: no money is ever paid. `none`: it cannot be agreed to.
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
  if (kind === 'exchange' || kind === 'repair' || kind === 'reship') return kind
  return platform?.agreesToReturns ? 'return' : 'money'
}
