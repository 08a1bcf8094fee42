import { PlatformError } from '../../lib/platform-error.ts'
import type { MemoInput } from '../answers.ts'
import type { Call } from '../connector.ts'
import { callFxg } from './client.ts'
import { flags } from './trades.ts'

/** 500 in the platform's present SDKs, 60 in older ones; error 50056 says the same. */
const longestMemo = 500

/** order/addOrderRemark: replaces the remark. The flag stays if none is given. */
export async function updateMemo(call: Call, { tid, memo, flag }: MemoInput): Promise<void> {
  if ([...memo].length > longestMemo)
    throw new PlatformError(
      'rejected',
      'memo_too_long',
      `A remark may have ${longestMemo} characters at most.`,
    )
  const star = flags.indexOf(flag ?? -1)
  await callFxg(call, 'order/addOrderRemark', {
    order_id: tid,
    remark: memo,
    ...(star < 0 ? {} : { is_add_star: 'true', star: String(star) }),
  })
}
