import { lazy, Suspense, useState } from 'react'
import { orderDrawer } from '../orders/drawer/order-drawer.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Soon } from '../ui/base/soon.tsx'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { deliveryActions, deliveryColumns, deliveryFields, standingOf } from './deliveries.tsx'
import type { DeliveryRow } from './types.ts'

const PasteDialog = lazy(() => import('./paste-dialog-page.tsx'))

const config: ListConfig<DeliveryRow> = {
  name: 'deliveries',
  path: '/deliveries',
  title: ['发货', 'Shipping'],
  tabs: [
    {
      key: 'pending',
      title: ['待发货', 'To ship'],
      empty: {
        title: ['没有待发货的', 'Nothing to ship'],
        remedy: [
          '在销售订单的已确认里按 S 通知配货。',
          'Press S under confirmed sales orders to release them.',
        ],
      },
    },
    { key: 'shipped', title: ['已发货', 'Shipped'] },
    {
      key: 'failed',
      title: ['回写失败', 'Write-back failed'],
      empty: {
        title: ['回写都成功', 'Every write-back succeeded'],
        remedy: [
          '平台拒绝的发货会在这里，更正后按 T 重新回写。',
          'What the platform refuses shows up here: correct it and press T.',
        ],
      },
    },
    { key: 'cancelled', title: ['已取消', 'Cancelled'] },
    { key: 'all', title: ['全部', 'All'] },
  ],
  fields: deliveryFields,
  views: [{ name: ['快到时限', 'due soon'], search: { sort: 'shipBy', tab: 'pending' } }],
  columns: deliveryColumns,
  sort: '-createdAt',
  actions: [
    deliveryActions.ship,
    deliveryActions.again,
    deliveryActions.takeWaybill,
    deliveryActions.waybill,
    deliveryActions.unrelease,
    deliveryActions.unship,
  ],
  nameOf: (row) => row.no,
}

const pasteWords: LocalizedPair = ['批量填运单', 'Waybills in bulk']

/** 发货: what waits in the warehouse, what has left, and what the platform would not hear of. */
export default function DeliveriesPage() {
  const say = useSay()
  const [pasting, setPasting] = useState(false)
  const why = useAllowed()('fulfilment.ship')
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[
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
        outcomeWidth={['minmax(150px,180fr)', 'minmax(130px,150fr)']}
        outcome={(row) => standingOf(row, say)}
      >
        {({ rows, at, step, close }) => {
          const id = rows[at]?.orderId
          return (
            id && <Soon part={orderDrawer} props={{ id, at, total: rows.length, step, onClose: close }} />
          )
        }}
      </ListPage>
      <Suspense>{pasting && <PasteDialog onClose={() => setPasting(false)} />}</Suspense>
    </>
  )
}
