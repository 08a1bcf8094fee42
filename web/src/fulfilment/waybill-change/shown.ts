import { changeFailureWords } from '../../../../server/fulfilment/write-back/change-words-contract.ts'
import type { Say } from '../../words.ts'
import type { DeliveryRow } from '../types.ts'

type ShownRow = Pick<DeliveryRow, 'shownWaybill' | 'writeBack' | 'errorCode' | 'platformWaybill'>

/**
 * The state of a delivery with the waybill that its platform still shows after 改运单, which matters most, and what to do if it refused the new one. The
 * number comes first, since the line is cut at its end.
 */
export function withShown<State extends { second?: string }>(
  state: State,
  row: ShownRow,
  say: Say,
): State | (State & { second: string }) {
  if (row.shownWaybill === '') return state
  const failure = changeFailureWords[row.errorCode] ?? changeFailureWords['other']
  const parts = [
    row.writeBack === 'manual'
      ? say(['{no} 之前在平台上，改运单手工完成', '{no} was on the platform; changed there by hand'], {
          no: row.shownWaybill,
        })
      : row.errorCode === 'other_waybill' && row.platformWaybill !== ''
        ? say(['{no} 在平台上，是另一个运单', '{no} is on the platform, yet another waybill'], {
            no: row.platformWaybill,
          })
        : say(['{no} 还在平台上，改运单没完', '{no} is still on the platform; the change is under way'], {
            no: row.shownWaybill,
          }),
    state.second,
    row.writeBack === 'failed' && failure && say(failure),
  ]
  return { ...state, second: parts.filter(Boolean).join(say(['。', '. '])) }
}
