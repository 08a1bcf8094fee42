import { lazy, Suspense, useMemo, useState } from 'react'
import { pair } from '../../../server/core/verbs-contract.ts'
import { parcelStatusWords } from '../../../server/returns/lifecycle.ts'
import { useWarehouseField } from '../inventory/query.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import ParcelDrawer from './parcel-drawer-page.tsx'
import { parcelColumns, standingOf, stockParcel } from './parcels.tsx'
import type { ParcelRow } from './types.ts'

const ParcelDialog = lazy(() => import('./parcel-dialog-page.tsx'))

const config: Omit<ListConfig<ParcelRow>, 'fields'> = {
  name: 'unclaimed-parcels',
  path: '/unclaimed-parcels',
  title: ['无主件', 'Unclaimed parcels'],
  tabs: [
    {
      key: 'unclaimed',
      title: pair(parcelStatusWords.unclaimed),
      empty: {
        title: ['没有无主件', 'No unclaimed parcels'],
        remedy: [
          '收货时查不到退货单的包裹登记在这里，对上退货单自动认领。',
          'Parcels without a return are registered here, and claimed once their return appears.',
        ],
      },
    },
    { key: 'stocked', title: pair(parcelStatusWords.stocked) },
    { key: 'claimed', title: pair(parcelStatusWords.claimed) },
    { key: 'all', title: ['全部', 'All'] },
  ],
  columns: parcelColumns,
  sort: '-createdAt',
  actions: [stockParcel],
  nameOf: (row) => row.no,
}

/** 无主件: parcels that came back and whose return is not known. */
export default function ParcelsPage() {
  const say = useSay()
  const allowed = useAllowed()
  const [registering, setRegistering] = useState(false)
  const warehouse = useWarehouseField()
  const full = useMemo<ListConfig<ParcelRow>>(
    () => ({
      ...config,
      fields: [
        warehouse,
        {
          key: 'q',
          label: ['搜索', 'Search'],
          kind: 'text',
          hint: ['无主件、退货单、运单号', 'Parcel, return or waybill no.'],
        },
        { key: 'ids', label: ['指定的无主件', 'Given parcels'], kind: 'numbers' },
      ],
    }),
    [warehouse],
  )
  return (
    <>
      <ListPage
        config={full}
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
