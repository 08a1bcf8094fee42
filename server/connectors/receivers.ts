import type { Call } from './connector.ts'

/** A trade with the token by which the platform identifies its masked receiver. */
export type MaskedTrade = { tid: string; token: string }

/** The receiver check: finds the masked receivers that are the same. Undefined on a connector: the platform has no such request. */
export type ReceiverSource = {
  /** The most trades of one call. */
  most: number
  /**
   * Returns the trades in groups: trades of the same group may be shipped in one parcel, trades of different groups may not. Only trades of
   * the same call can be compared. A trade that the platform does not answer for is in no group.
   */
  together(call: Call, trades: readonly MaskedTrade[]): Promise<string[][]>
}
