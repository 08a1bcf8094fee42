import { PlatformError } from '../../lib/platform-error.ts'
import type { MemoInput } from '../answers.ts'
import type { Call } from '../connector.ts'
import { callPaipai, sellerOf } from './client.ts'
import { labels, tradeDetail } from './trades.ts'

/** Characters of dealNote. */
const longestNote = 254

/**
 * deal/modifySellerNote: replaces the note and its label. Whether a label that is not sent stays is not known, so the present one is sent.
 */
export async function updateMemo(call: Call, { tid, memo, flag }: MemoInput): Promise<void> {
  if ([...memo].length > longestNote)
    throw new PlatformError('rejected', 'memo_too_long', `A note may have ${longestNote} characters at most.`)
  const label = labels[flag ?? (await presentFlag(call, tid))] ?? ''
  await callPaipai(call, 'deal/modifySellerNote', {
    ...sellerOf(call),
    dealCode: tid,
    dealNote: memo,
    dealNoteType: label,
  })
}

async function presentFlag(call: Call, tid: string): Promise<number> {
  const detail = await tradeDetail(call, tid)
  if (detail && 'trade' in detail) return detail.trade.flag
  throw new PlatformError('rejected', 'trade_not_found', 'The deal cannot be read.')
}
