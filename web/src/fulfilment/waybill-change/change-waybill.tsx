import { lazy, type ReactNode, Suspense } from 'react'
import { whyNotChanged } from '../../../../server/fulfilment/write-back/change-rules.ts'
import { changeFailureWords } from '../../../../server/fulfilment/write-back/change-words-contract.ts'
import { changeVerbs } from '../../../../server/fulfilment/write-back/verbs-contract.ts'
import { actionsOn } from '../../ui/act/actions.ts'
import type { Say } from '../../words.ts'
import type { DeliveryRow } from '../types.ts'

const ChangeWaybillDialog = lazy(() => import('./change-waybill-dialog-page.tsx'))

/** 改运单 of a parcel that has left. */
export const changeWaybill = actionsOn<DeliveryRow>()(changeVerbs.changeWaybill, {
  namesRows: true,
  letter: 'C',
  tabs: ['shipped', 'failed', 'all'],
  why: (row, say) => {
    const refusal = whyNotChanged(row)
    return refusal && say(refusal.message)
  },
  input: (props) => (
    <Suspense>
      <ChangeWaybillDialog {...props} />
    </Suspense>
  ),
})

type ShownRow = Pick<DeliveryRow, 'shownWaybill' | 'writeBack' | 'errorCode'>

/** The state of a delivery with the waybill that its platform still shows after 改运单, which matters most, and what to do if it refused the new one. */
export function withShown<State extends { first: ReactNode; second?: string }>(
  state: State,
  row: ShownRow,
  say: Say,
): State | (State & { second: string }) {
  if (row.shownWaybill === '') return state
  const failure = changeFailureWords[row.errorCode] ?? changeFailureWords['other']
  const parts = [
    say(['改运单：平台上还是 {no}', 'Changed: the platform still shows {no}'], { no: row.shownWaybill }),
    state.second,
    row.writeBack === 'failed' && failure && say(failure),
  ]
  return { ...state, second: parts.filter(Boolean).join(say(['。', '. '])) }
}
