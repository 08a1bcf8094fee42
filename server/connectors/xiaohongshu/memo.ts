import type { MemoInput } from '../answers.ts'
import type { Call } from '../connector.ts'
import { askXiaohongshu } from './client.ts'
import { orderOf } from './orders.ts'
import { flagIn } from './trades.ts'
import { operator } from './unverified.ts'

/** order.modifySellerMarkInfo replaces note and flag together, so a flag that must stay is asked for first. */
export async function updateMemo(call: Call, { tid, memo, flag }: MemoInput): Promise<void> {
  const wanted = flag ?? flagIn((await orderOf(call, tid)).order)
  await askXiaohongshu(call, 'order.modifySellerMarkInfo', {
    orderId: tid,
    sellerMarkNote: memo,
    operator,
    // 1 灰 to 6 紫.
    sellerMarkPriority: wanted + 1,
  })
}
