import { lazy, Suspense, useMemo, useState } from 'react'
import { pair } from '../../../server/core/verbs-contract.ts'
import { holdNames } from '../../../server/orders/order/hold-rules.ts'
import { statusWords } from '../../../server/orders/order/lifecycle.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Soon } from '../ui/base/soon.tsx'
import { Status } from '../ui/base/status.tsx'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { type LocalizedPair, useSay } from '../words.ts'
import { useWarehouseField } from './choice-query.ts'
import { orderDrawer } from './drawer/order-drawer.ts'
import { orderActions } from './order-actions.tsx'
import { orderColumns, orderFields } from './orders.tsx'
import type { OrderRow } from './types.ts'

const CreateDialog = lazy(() => import('./dialogs/create-dialog-page.tsx'))
const ImportDialog = lazy(() => import('./dialogs/import-dialog-page.tsx'))

const base: ListConfig<OrderRow> = {
  name: 'orders',
  path: '/orders',
  title: ['销售订单', 'Sales orders'],
  tabs: [
    {
      key: 'all',
      title: ['全部', 'All'],
      empty: {
        title: ['还没有销售订单', 'No sales orders yet'],
        remedy: ['在待转入订单里转单，订单会出现在这里。', 'Convert staged trades; the orders show up here.'],
      },
    },
    { key: 'unconfirmed', title: ['未确认', 'Unconfirmed'] },
    {
      key: 'problem',
      title: ['问题单', 'Problems'],
      empty: {
        title: ['没有问题单', 'No problems'],
        remedy: [
          '自动确认不通过的订单会在这里，带全部原因。规则在「策略 · 自动确认」里设。',
          'Orders that the rules did not confirm show up here with every reason. Rules are under Strategy.',
        ],
      },
    },
    {
      key: 'held',
      title: ['已挂起', 'On hold'],
      empty: {
        title: ['没有挂起的订单', 'Nothing is on hold'],
        remedy: [
          '有退款申请或被人挂起的订单会在这里。',
          'Orders with an open refund, or held by a person, show up here.',
        ],
      },
    },
    {
      key: 'differs',
      title: ['有差异', 'Changed'],
      empty: {
        title: ['没有差异', 'No differences'],
        remedy: [
          '转单后平台改了地址、备注等，会在这里等人看。',
          'Changes on the platform after conversion wait here.',
        ],
      },
    },
    {
      key: 'short',
      title: ['缺货', 'Short'],
      empty: {
        title: ['没有缺货的订单', 'Nothing is short'],
        remedy: [
          '库存不够占用的订单会在这里，到货后按付款先后自动占用。',
          'Orders that stock does not suffice for wait here; goods that come in go to who paid first.',
        ],
      },
    },
    {
      key: 'presale',
      title: ['预售', 'Presale'],
      empty: {
        title: ['没有预售的订单', 'No presale orders'],
        remedy: [
          '定了计划发货日的订单会在这里，到日子才能通知配货。',
          'Orders with a planned ship date wait here until that day.',
        ],
      },
    },
    { key: 'confirmed', title: ['已确认', 'Confirmed'] },
    { key: 'released', title: ['已通知配货', 'Released'] },
    { key: 'shipped', title: pair(statusWords.shipped) },
    { key: 'completed', title: pair(statusWords.completed) },
    { key: 'voided', title: ['已作废', 'Voided'] },
  ],
  fields: orderFields,
  views: [{ name: ['今天要发', 'due today'], search: { sort: 'shipBy', tab: 'unconfirmed' } }],
  columns: orderColumns,
  sort: '-createdAt',
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
  exports: true,
}

/** Returns the obstacle in one or two words. The whole sentence is shown on hover. */
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
  if (!next) return null
  const why = next.why?.(row, say)
  return why === undefined ? (
    <Status tone="ok">
      {say(next === orderActions.confirm ? ['可确认', 'Ready'] : ['可配货', 'Ready'])}
    </Status>
  ) : (
    <Status tone="ring">
      <span className="t3" title={why}>
        {say(shortWhy(row))}
      </span>
    </Status>
  )
}

export default function OrdersPage() {
  const [search] = useUrlState()
  const warehouse = useWarehouseField()
  const config = useMemo<ListConfig<OrderRow>>(
    () => ({ ...base, fields: [...orderFields, warehouse] }),
    [warehouse],
  )
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
