import type { LocalizedText } from '../../lib/localized-text.ts'
import type { Call, TradeDetail, TradePage, TradeStatus } from '../connector.ts'
import { entryOf } from '../fields.ts'
import type { Page, Window } from '../lists.ts'
import { callPlatform } from './client.ts'
import { notWritten } from './not-written.ts'

/** The platform's trade statuses, with ours. A status that is not in the table is `unknown`, and its original text is kept. */
const statuses: Readonly<Record<string, TradeStatus>> = {}

/** The platform's own status in the words of its clerks; undefined: a new one. */
export const statusWords = (_status: string): LocalizedText | undefined =>
  notWritten(
    'trades.ts',
    'statusWords says each status of the platform as a clerk reads it, in both languages',
  )

/** Returns one page of the trades that changed in [from, to). `mode: 'count'` asks only for their number. */
export async function listChanged(call: Call, window: Window, page: Page): Promise<TradePage> {
  const { body } = await callPlatform(call, 'trades.list', {
    from: window.from.toISOString(),
    to: window.to.toISOString(),
    page: String(page.number),
    size: String(page.size),
  })
  return notWritten('trades.ts', `listChanged reads a page of trades from ${Object.keys(body).join(', ')}`)
}

/** Returns the whole trade; undefined if the shop has no such trade. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  const { text } = await callPlatform(call, 'trades.get', { tid })
  return parseTrade(text)
}

/**
 * Parses a trade. Never throws: an unreadable trade becomes a `BadItem`, and a guessed value is a doubt (`note` of fields.ts). The lines
 * and the freight must sum to the payment (`lineMoney` of line-money.ts).
 */
function parseTrade(_raw: string): TradeDetail {
  const status = entryOf(statuses, '') ?? 'unknown'
  return notWritten(
    'trades.ts',
    `parseTrade reads a trade; one whose status is not in the table is ${status}`,
  )
}
