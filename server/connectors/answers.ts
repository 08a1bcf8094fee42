import type { RefundKind, RefundRef } from './connector.ts'

export type RefuseInput = RefundRef & {
  reasonId: string
  message: string
  proof: Uint8Array | null
  proofType: string
  /** The address of a picture, on a platform that takes evidence by its address. */
  proofUrl?: string
}
/** `operator`: the name of the user who agrees; the review by Tmall requires it. */
export type AgreeInput = {
  refunds: (RefundRef & { amountFen: number; kind?: RefundKind })[]
  code?: string
  operator?: string
}
/** `code_needed`: the platform has sent an SMS code to the shop owner and waits for it. */
export type AgreeAnswer = {
  outcome: 'done' | 'code_needed'
  results: { refundId: string; ok: boolean; message: string }[]
}
/** `flag` null: it stays. A platform without flags leaves it out; then it is kept here only. */
export type MemoInput = { tid: string; memo: string; flag: number | null }
