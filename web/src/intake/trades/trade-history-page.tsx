import { tradeHistory } from '../../../../server/intake/trades/lists-contract.ts'
import { ActorName } from '../../ui/base/actor-name.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { Soon, soon } from '../../ui/base/soon.tsx'
import { listOf } from '../../ui/list/declared.tsx'
import { ListPage } from '../../ui/list/list-page.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import type { TradeRow } from '../types.ts'
import { tradeCells } from './trades.tsx'

const tradeDrawer = soon(() => import('./trade-drawer-page.tsx'))

const config = listOf<TradeRow>(tradeHistory, {
  cells: {
    ...tradeCells,
    order: (row) =>
      row.orderId ? (
        <PageLink to="/orders" search={{ open: row.orderId }}>
          {row.orderNo}
        </PageLink>
      ) : (
        '–'
      ),
    by: (row) => <ActorName name={row.stateBy} />,
  },
  fixed: { tab: 'history' },
  actions: [],
  nameOf: (row) => row.tid,
})

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
