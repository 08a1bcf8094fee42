import { lazy, Suspense, useState } from 'react'
import { deliveryList } from '../../../server/fulfilment/lists-contract.ts'
import { orderDrawer } from '../orders/drawer/order-drawer.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Soon } from '../ui/base/soon.tsx'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { type LocalizedPair, useSay } from '../words.ts'
import { deliveryActions, deliveryCells, deliveryState } from './deliveries.tsx'
import { paperActions } from './papers/paper-actions.tsx'
import type { DeliveryRow } from './types.ts'
import { changeWaybill } from './waybill-change/change-waybill.tsx'
import { withShown } from './waybill-change/shown.ts'

const HandoverDialog = lazy(() => import('./papers/handover-dialog-page.tsx'))
const PasteDialog = lazy(() => import('./paste-dialog-page.tsx'))

const config = listOf<DeliveryRow>(deliveryList, {
  cells: deliveryCells,
  views: [{ name: ['快到时限', 'due soon'], search: { sort: 'shipBy', tab: 'pending' } }],
  actions: [
    deliveryActions.ship,
    deliveryActions.again,
    deliveryActions.takeWaybill,
    deliveryActions.takeNumbers,
    deliveryActions.packages,
    deliveryActions.print,
    paperActions.papers,
    paperActions.labelAndPapers,
    deliveryActions.waybill,
    deliveryActions.giveBack,
    deliveryActions.unrelease,
    changeWaybill,
    deliveryActions.unship,
  ],
  nameOf: (row) => row.no,
  isMoving: (row) => row.numberState === 'asked',
})

const handoverWords: LocalizedPair = ['交接单', 'Handover manifest']
const pasteWords: LocalizedPair = ['批量填运单', 'Waybills in bulk']

/** 发货: deliveries in the warehouse, shipped ones, and those whose write-back the platform refused. */
export default function DeliveriesPage() {
  const say = useSay()
  const [pasting, setPasting] = useState(false)
  const [handing, setHanding] = useState(false)
  const isShipped = useUrlState()[0]['tab'] === 'shipped'
  const why = useAllowed()('fulfilment.ship')
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[
              ...(isShipped
                ? [{ name: 'handover', words: handoverWords, letter: 'H', run: () => setHanding(true) }]
                : []),
              {
                name: 'import',
                words: pasteWords,
                letter: 'I',
                primary: true,
                why,
                run: () => setPasting(true),
              },
            ]}
          />
        }
        outcomeTitle={['情况', 'State']}
        outcomeWidth={['minmax(150px,230fr)', 'minmax(130px,150fr)']}
        outcome={(row) => withShown(deliveryState(row, say), row, say)}
      >
        {({ rows, at, step, close }) => {
          const id = rows[at]?.orderId
          return (
            id && <Soon part={orderDrawer} props={{ id, at, total: rows.length, step, onClose: close }} />
          )
        }}
      </ListPage>
      <Suspense>
        {pasting && <PasteDialog onClose={() => setPasting(false)} />}
        {handing && <HandoverDialog onClose={() => setHanding(false)} />}
      </Suspense>
    </>
  )
}
