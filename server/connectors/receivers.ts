import type { Call } from './connector.ts'

/** A trade, with the token by which the platform identifies its masked receiver. */
export type MaskedTrade = { tid: string; token: string }

/** Finds out which masked receivers are the same. Undefined on a connector: the platform cannot be asked. */
export type ReceiverSource = {
  most: number
  /**
   * Returns the trades in groups. Trades of one group may be shipped in one parcel, trades of different groups may not. Only trades of the
   * same call can be compared. A trade without an answer of the platform is in no group.
   */
  together(call: Call, trades: readonly MaskedTrade[]): Promise<string[][]>
}
