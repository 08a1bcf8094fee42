import { connectorFor } from '../../connectors/index.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { ReturnView } from '../contract.ts'

type Receipt = Pick<ReturnView, 'kind' | 'refundNo' | 'refundStatus'>

/** True if the platform has a call that confirms the receipt of the goods. */
export const takesReceipts = (platform: string): boolean =>
  connectorFor(platform)?.actions.reportReturn !== undefined

/**
 * True if the buyer waits for the receipt. It is not so for exchanges, refused parcels and returns without a refund, and not after the
 * refund has ended.
 */
export const awaitsReceipt = ({ kind, refundNo, refundStatus }: Receipt): boolean =>
  kind === 'return' && refundNo !== '' && refundStatus !== 'succeeded' && refundStatus !== 'closed'

/** Names the step of a person in place of a write-back that the platform has no call for; undefined: there is none. */
export const receiptNote = (
  row: Receipt & Pick<ReturnView, 'told'>,
  platform: string,
): LocalizedText | undefined =>
  row.told === 'none' && awaitsReceipt(row) ? connectorFor(platform)?.cannot.reportReturn : undefined
