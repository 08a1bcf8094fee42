import { lazy, Suspense } from 'react'
import { whyNotChanged } from '../../../../server/fulfilment/write-back/change-rules.ts'
import { changeVerbs } from '../../../../server/fulfilment/write-back/verbs-contract.ts'
import { actionsOn } from '../../ui/act/actions.ts'
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
