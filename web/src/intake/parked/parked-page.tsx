import { parkedList } from '../../../../server/intake/parked/lists-contract.ts'
import { ShopName } from '../../tasks/shop-name.tsx'
import type { RowAction } from '../../ui/act/actions.ts'
import { Soon, soon } from '../../ui/base/soon.tsx'
import { Status } from '../../ui/base/status.tsx'
import { listOf } from '../../ui/list/declared.tsx'
import { ListPage } from '../../ui/list/list-page.tsx'
import { useSay } from '../../words.ts'
import { ParkedNo, type ParkedRow, parkedReasonText } from './parked.tsx'
import '../../overview/overview.css'

const parkedDrawer = soon(() => import('./parked-drawer-page.tsx'))

function Reason({ text }: { text: string }) {
  return <Status tone="bad">{parkedReasonText(text, useSay())}</Status>
}

const retry: RowAction<ParkedRow> = {
  path: '/parked-items/retry',
  words: ['重读', 'Read again'],
  letter: 'R',
  permission: 'trades.download',
  done: ['{n} 条读懂了', '{n} could be read'],
}

const config = listOf<ParkedRow>(parkedList, {
  cells: {
    id: (row) => (
      <div className="cut">
        <ParkedNo row={row} />
      </div>
    ),
    shop: (row) => <ShopName id={row.shopId} />,
  },
  actions: [retry],
  nameOf: (row) => row.platformId,
})

/** Parked items: documents of a platform that could not be read. They are kept sealed, so that they can be read again. */
export default function ParkedPage() {
  return (
    <ListPage
      config={config}
      outcomeTitle={['原因', 'Reason']}
      outcomeWidth={['minmax(260px,400fr)', 'minmax(220px,360fr)']}
      outcome={(row) => ({ first: <Reason text={row.reason} /> })}
    >
      {({ rows, loading, at, step, close }) => (
        <Soon
          part={parkedDrawer}
          props={{ row: rows[at], loading, at, total: rows.length, step, onClose: close, retry }}
        />
      )}
    </ListPage>
  )
}
