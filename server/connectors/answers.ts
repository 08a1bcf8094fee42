import type { RefundRef } from './connector.ts'

// What people answer on a platform: to a refund, or in a trade's memo.

export type RefuseInput = RefundRef & {
  reasonId: string
  message: string
  proof: Uint8Array | null
  proofType: string
}
/** `operator`: who agrees, by name; Tmall's review wants it. */
export type AgreeInput = { refunds: (RefundRef & { amountFen: number })[]; code?: string; operator?: string }
/** `code_needed`: the platform sent an SMS code to the shop owner and waits for it. */
export type AgreeAnswer = {
  outcome: 'done' | 'code_needed'
  results: { refundId: string; ok: boolean; message: string }[]
}
export type MemoInput = { tid: string; memo: string; flag: number | null }
