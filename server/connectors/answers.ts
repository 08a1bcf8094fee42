import type { RefundRef } from './connector.ts'

export type RefuseInput = RefundRef & {
  reasonId: string
  message: string
  proof: Uint8Array | null
  proofType: string
}
/** `operator`: the name of the user who agrees; the review by Tmall requires it. */
export type AgreeInput = { refunds: (RefundRef & { amountFen: number })[]; code?: string; operator?: string }
/** `code_needed`: the platform has sent an SMS code to the shop owner and waits for it. */
export type AgreeAnswer = {
  outcome: 'done' | 'code_needed'
  results: { refundId: string; ok: boolean; message: string }[]
}
export type MemoInput = { tid: string; memo: string; flag: number | null }
