import { lazy, Suspense, useState } from 'react'
import { orderList } from '../../../server/orders/list/lists-contract.ts'
import { holdNames } from '../../../server/orders/order/hold-rules.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Soon } from '../ui/base/soon.tsx'
import { Status } from '../ui/base/status.tsx'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { type LocalizedPair, useSay } from '../words.ts'
import { orderWarehousesQuery } from './choice-query.ts'
import { orderDrawer } from './drawer/order-drawer.ts'
import { orderActions } from './order-actions.tsx'
import { orderCells } from './orders.tsx'
import type { OrderRow } from './types.ts'

const CreateDialog = lazy(() => import('./dialogs/create-dialog-page.tsx'))
const ImportDialog = lazy(() => import('./dialogs/import-dialog-page.tsx'))

const config = listOf<OrderRow>(orderList, {
  cells: orderCells,
  warehouses: orderWarehousesQuery,
  views: [{ name: ['今天要发', 'due today'], search: { sort: 'shipBy', tab: 'unconfirmed' } }],
  actions: [
    orderActions.confirm,
    orderActions.send,
    orderActions.unconfirm,
    orderActions.waive,
    orderActions.release,
    orderActions.settle,
    orderActions.restore,
    orderActions.warehouse,
    orderActions.courier,
    orderActions.services,
    orderActions.substitute,
    orderActions.split,
    orderActions.merge,
    orderActions.hold,
    orderActions.memo,
    orderActions.urgent,
    orderActions.lock,
    orderActions.unlock,
    orderActions.shipAfter,
    orderActions.bookPayment,
    orderActions.choose,
    orderActions.gifts,
    orderActions.addGift,
    orderActions.removeGift,
    orderActions.void,
    orderActions.blacklist,
  ],
  nameOf: (row) => row.no,
  sumOf: (row) => ({ fen: row.paymentFen, pieces: row.quantity }),
})

/** Returns in one or two words why the order's next step is not possible. The whole sentence is shown on hover. */
function shortWhy(row: OrderRow): LocalizedPair {
  if (row.openHolds > 0) {
    const { zh, en } = holdNames(row.holdReasons)
    return [zh || '挂起', en === '' ? 'On hold' : `${en.charAt(0).toUpperCase()}${en.slice(1)}`]
  }
  if (row.paidAt === null && !row.cod) return ['未付款', 'Unpaid']
  if (row.status === 'unconfirmed') return ['问题单', 'Problems']
  if (row.short) return ['缺货', 'Short']
  return ['未到计划日', 'Before its day']
}

/** Shows why the order waits. Without a sentence of its own the short reason is shown whole on hover. */
function Waits({ row, why }: { row: OrderRow; why?: string }) {
  const short = useSay()(shortWhy(row))
  return (
    <Status tone="ring">
      <span className="t3" title={why ?? short}>
        {short}
      </span>
    </Status>
  )
}

/** Shows whether the order's next step is possible. The reason why not is shown on hover. */
function NextStep({ row }: { row: OrderRow }) {
  const say = useSay()
  if (row.origin === 'record') return <span className="t3">{say(['只记录', 'Record'])}</span>
  const next =
    row.status === 'unconfirmed'
      ? orderActions.confirm
      : row.status === 'confirmed'
        ? orderActions.send
        : undefined
  if (!next) return row.status === 'released' && row.openHolds > 0 ? <Waits row={row} /> : null
  const why = next.why?.(row, say)
  return why === undefined ? (
    <Status tone="ok">
      {say(next === orderActions.confirm ? ['可确认', 'Ready'] : ['可配货', 'Ready'])}
    </Status>
  ) : (
    <Waits row={row} why={why} />
  )
}

export default function OrdersPage() {
  const [search] = useUrlState()
  const why = useAllowed()('orders.create')
  const [dialog, setDialog] = useState<'create' | 'import'>()
  const close = () => setDialog(undefined)
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[
              { name: 'import', words: ['导入', 'Import'], why, run: () => setDialog('import') },
              {
                name: 'add',
                words: ['手工建单', 'New order'],
                letter: 'N',
                why,
                run: () => setDialog('create'),
              },
            ]}
          />
        }
        outcomeTitle={['下一步', 'Next']}
        outcomeWidth={['130px', '118px']}
        outcome={(row) => ({ first: <NextStep row={row} /> })}
      >
        {({ rows, at, step, close }) => (
          <Soon
            part={orderDrawer}
            props={{ id: search['open'] ?? '', at, total: rows.length, step, onClose: close }}
          />
        )}
      </ListPage>
      <Suspense>
        {dialog === 'create' && <CreateDialog onClose={close} />}
        {dialog === 'import' && <ImportDialog onClose={close} />}
      </Suspense>
    </>
  )
}
