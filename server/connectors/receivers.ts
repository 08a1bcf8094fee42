import { PlatformError } from '../lib/platform-error.ts'
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

/**
 * Reads groups of trade numbers, such as "1111,2222", and leaves out trades that were not asked about. @throws {PlatformError} if the answer has no
 * trade, or one twice: then it is too unreliable to decide about shipping.
 */
export function groupsIn(texts: readonly unknown[], trades: readonly MaskedTrade[]): string[][] {
  const asked = new Set(trades.map(({ tid }) => tid))
  const groups = texts.map((text) =>
    String(text)
      .split(',')
      .map((tid) => tid.trim())
      .filter((tid) => asked.has(tid)),
  )
  const named = groups.flat()
  if (named.length === 0 || new Set(named).size < named.length)
    throw new PlatformError('retry', 'bad_answer', 'The platform did not say which trades go together.')
  return groups.filter((group) => group.length > 0)
}
