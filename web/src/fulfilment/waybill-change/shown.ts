import { changeFailureWords } from '../../../../server/fulfilment/write-back/change-words-contract.ts'
import type { Say } from '../../words.ts'
import type { DeliveryRow } from '../types.ts'

type ShownRow = Pick<DeliveryRow, 'shownWaybill' | 'writeBack' | 'errorCode' | 'platformWaybill'>

/** The state of a delivery with the waybill that its platform still shows after 改运单, which matters most, and what to do if it refused the new one. */
export function withShown<State extends { second?: string }>(
  state: State,
  row: ShownRow,
  say: Say,
): State | (State & { second: string }) {
  if (row.shownWaybill === '') return state
  const failure = changeFailureWords[row.errorCode] ?? changeFailureWords['other']
  const parts = [
    row.writeBack === 'manual'
      ? say(['改运单转手工，之前平台上是 {no}', 'Changed there by hand: the platform showed {no} before'], {
          no: row.shownWaybill,
        })
      : row.errorCode === 'other_waybill' && row.platformWaybill !== ''
        ? say(['改运单：平台上是另一个 {no}', 'Changed: the platform shows yet another, {no}'], {
            no: row.platformWaybill,
          })
        : say(['改运单：平台上还是 {no}', 'Changed: the platform still shows {no}'], {
            no: row.shownWaybill,
          }),
    state.second,
    row.writeBack === 'failed' && failure && say(failure),
  ]
  return { ...state, second: parts.filter(Boolean).join(say(['。', '. '])) }
}
