import type { RefundRef } from './connector.ts'

// The inputs and results of our answers to a refund, and of the memo of a trade.

export type RefuseInput = RefundRef & {
  reasonId: string
  message: string
  proof: Uint8Array | null
  proofType: string
}
/** `operator`: name of the user who agrees; Tmall's review requires it. */
export type AgreeInput = { refunds: (RefundRef & { amountFen: number })[]; code?: string; operator?: string }
/** `code_needed`: the platform sent an SMS code to the shop owner and waits for it. */
export type AgreeAnswer = {
  outcome: 'done' | 'code_needed'
  results: { refundId: string; ok: boolean; message: string }[]
}
export type MemoInput = { tid: string; memo: string; flag: number | null }
