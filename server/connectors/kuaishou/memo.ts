import { PlatformError } from '../../lib/platform-error.ts'
import type { MemoInput } from '../answers.ts'
import type { Call } from '../connector.ts'
import { sendToKuaishou } from './client.ts'
import { numberOf } from './fields.ts'
import { orderOf } from './orders.ts'
import { noteOf } from './trades.ts'
import { noFlag } from './unverified.ts'

const longestNote = 200

/**
 * open.seller.order.note.add appends a note, whose flag becomes the order's. So the newest one is read first: a note that says the same is not written
 * twice, and without a flag the one that is there stays.
 */
export async function updateMemo(call: Call, { tid, memo, flag }: MemoInput): Promise<void> {
  if ([...memo].length > longestNote)
    throw new PlatformError('rejected', 'memo_too_long', `A note may have ${longestNote} characters at most.`)
  const now = noteOf((await orderOf(call, tid)).order)
  const wanted = flag ?? now.flag
  if (now.sellerMemo === memo && now.flag === wanted) return
  await sendToKuaishou(call, 'open.seller.order.note.add', {
    orderId: numberOf(tid),
    note: memo,
    flag: wanted === 0 ? noFlag : wanted,
  })
}
