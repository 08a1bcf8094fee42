import type { Call } from './connector.ts'

/** By what the platform knows a receiver of whom it shows masks only. */
export type MaskedTrade = { tid: string; token: string }

/** Whose masked receivers are one and the same; absent: the platform cannot be asked. */
export type ReceiverSource = {
  /** Trades of one call at most. */
  most: number
  /**
   * The trades in groups: those of one may leave in one parcel, those of two may not. Only what was asked at once can be compared. What the
   * platform says nothing of is in no group.
   */
  together(call: Call, trades: readonly MaskedTrade[]): Promise<string[][]>
}
