import { ActorName } from '../../ui/base/actor-name.tsx'
import { Time } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { Soon, soon } from '../../ui/base/soon.tsx'
import type { Column } from '../../ui/list/data-list.tsx'
import { type ListConfig, ListPage } from '../../ui/list/list-page.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import type { TradeRow } from '../types.ts'
import { intakeWords as words } from '../words.ts'
import { tradeColumns, tradeFields } from './trades.tsx'

const tradeDrawer = soon(() => import('./trade-drawer-page.tsx'))

const columns: readonly Column<TradeRow>[] = [
  ...tradeColumns.filter((column) => column.key !== 'shipBy'),
  {
    key: 'order',
    title: ['销售订单', 'Sales order'],
    width: 'minmax(142px,142fr)',
    cell: (row) =>
      row.orderId ? (
        <PageLink to="/orders" search={{ open: row.orderId }}>
          {row.orderNo}
        </PageLink>
      ) : (
        '–'
      ),
  },
  {
    key: 'by',
    title: ['转单人', 'By'],
    width: 'minmax(64px,90fr)',
    cell: (row) => <ActorName name={row.stateBy} />,
  },
  {
    key: 'at',
    title: ['转单时间', 'Converted at'],
    width: '124px',
    align: 'right',
    sort: 'stateAt',
    cell: (row) => (
      <span className="t2">
        <Time at={row.stateAt} />
      </span>
    ),
  },
]

const config: ListConfig<TradeRow> = {
  name: 'trade-history',
  path: '/staged-trades',
  title: words.history,
  tabs: [
    {
      key: 'history',
      title: ['已转', 'Converted'],
      empty: {
        title: ['还没有转过的交易', 'Nothing was converted yet'],
        remedy: ['在待转入订单里转单，之后在这里查。', 'Convert in Staged trades; then they are found here.'],
      },
    },
  ],
  fields: tradeFields,
  columns,
  fixed: { tab: 'history' },
  sort: '-stateAt',
  actions: [],
  nameOf: (row) => row.tid,
}

/** 历史订单: trades that became sales orders. */
export default function TradeHistoryPage() {
  const [search] = useUrlState()
  return (
    <ListPage config={config}>
      {({ rows, step, close }) => (
        <Soon part={tradeDrawer} props={{ id: search['open'] ?? '', rows, step, onClose: close }} />
      )}
    </ListPage>
  )
}
