import { lazy, Suspense, useState } from 'react'
import { parcelList } from '../../../server/returns/lists-contract.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import ParcelDrawer from './parcel-drawer-page.tsx'
import { parcelCells, standingOf, stockParcel } from './parcels.tsx'
import type { ParcelRow } from './types.ts'

const ParcelDialog = lazy(() => import('./parcel-dialog-page.tsx'))

const config = listOf<ParcelRow>(parcelList, {
  cells: parcelCells,
  actions: [stockParcel],
  nameOf: (row) => row.no,
})

/** 无主件: parcels that came back and whose return is not known. */
export default function ParcelsPage() {
  const say = useSay()
  const allowed = useAllowed()
  const [registering, setRegistering] = useState(false)
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[
              {
                name: 'add',
                words: ['登记无主件', 'Register'],
                letter: 'N',
                primary: true,
                why: allowed('returns.receive'),
                run: () => setRegistering(true),
              },
            ]}
          />
        }
        outcomeTitle={['情况', 'State']}
        outcome={(row) => standingOf(row, say)}
      >
        {({ rows, at, step, close }) => {
          const row = rows[at]
          return row && <ParcelDrawer row={row} at={at} total={rows.length} step={step} onClose={close} />
        }}
      </ListPage>
      <Suspense>{registering && <ParcelDialog onClose={() => setRegistering(false)} />}</Suspense>
    </>
  )
}
