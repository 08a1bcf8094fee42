import type { Static } from 'typebox'
import type { platformAction } from '../../../server/core/outbox/contract.ts'
import type { Json } from '../ui/base/json.ts'
import { platformErrorText } from '../ui/base/platform-error.ts'
import type { LocalizedPair, Say } from '../words.ts'

export type Action = Json<Static<typeof platformAction>>

const waitWords: Record<Exclude<Action['waitsFor'], ''>, LocalizedPair> = {
  paused: [
    '店铺已暂停或要重新授权，恢复后自动继续',
    'Its shop is stopped or must be authorised again; then it goes on',
  ],
  banned: [
    '平台限流中，到时自动继续',
    'The platform takes no more calls for now; it continues automatically',
  ],
  away: ['平台没有响应，恢复后自动继续', 'The platform does not answer; it goes on as soon as it does'],
}

/** Returns why the action waits, the platform's answer, or the reason that a user gave. */
export function actionText(row: Action, say: Say): string {
  if (row.waitsFor !== '') return say(waitWords[row.waitsFor])
  // Its error is the number that the platform has.
  if (row.errorCode === 'other_waybill' && row.error !== '')
    return say(['平台上是另一个运单号：{no}', 'The platform has another waybill: {no}'], { no: row.error })
  return platformErrorText(row.error, say) || row.settledReason
}
