import { shipFailureWords, uncheckedOutcomeLabels } from '../../../server/fulfilment/lifecycle.ts'
import { platformErrorText } from '../ui/base/platform-error.ts'
import type { Say } from '../words.ts'
import type { DeliveryRow } from './types.ts'

type Told = Pick<
  DeliveryRow,
  | 'writeBack'
  | 'errorCode'
  | 'actionError'
  | 'waybillNo'
  | 'platformWaybill'
  | 'shownWaybill'
  | 'keptNo'
  | 'keptError'
  | 'unasked'
>

/**
 * Returns the text below the state of a shipped delivery: the reason and remedy of a failed write-back, else the platform's words about a
 * send that goes on, else the result of the refund check. A write-back that a person ended has no failure any more.
 */
export function writeBackNote(row: Told, say: Say): string {
  const unchecked =
    row.unasked === '' || row.unasked === 'clear' ? '' : say(uncheckedOutcomeLabels[row.unasked])
  if (row.writeBack === 'forced' || row.writeBack === 'manual') return unchecked
  const said = platformErrorText(row.actionError, say)
  // After 改运单 the remedy is another one (`waybill-change/shown.ts`).
  const failed = row.writeBack === 'failed' && !row.shownWaybill
  return (failed && (keptText(row, say) ?? remedyOf(row, said, say))) || said || unchecked
}

/** If we have no text of our own for the failure, the platform's text is shown. */
function remedyOf(row: Told, said: string, say: Say): string {
  const failure = shipFailureWords[row.errorCode] ?? shipFailureWords['other']
  if (failure === undefined) return ''
  if (failure === shipFailureWords['other'] && said !== '')
    return say(
      [
        '平台拒绝：{said}。更正后重试，或到平台手工发',
        'The platform refused: {said}. Correct it and retry, or ship there by hand',
      ],
      { said },
    )
  const both =
    row.errorCode === 'other_waybill'
      ? say(['我们 {ours}，平台 {theirs}。', 'Ours {ours}, theirs {theirs}. '], {
          ours: row.waybillNo,
          theirs: row.platformWaybill || say(['没有显示', 'none shown']),
        })
      : ''
  return `${both}${say(failure)}`
}

/** Why the platform refused the waybill, if the number that was taken before could not be given back. */
function keptText({ errorCode, keptNo, keptError }: Told, say: Say): string | undefined {
  if (keptNo === '' || (errorCode !== 'waybill_invalid' && errorCode !== 'courier_code')) return undefined
  return say(
    [
      '平台不接受这个运单号：之前取的 {no} 没退成（{said}）。在平台退掉它，再重新回写；用的就是它，撤销发货改回来',
      'The platform refuses this waybill: {no}, taken before, could not be given back ({said}). Cancel it there and write back again; if the parcel bears it, undo and type it',
    ],
    { no: keptNo, said: platformErrorText(keptError, say) },
  )
}
