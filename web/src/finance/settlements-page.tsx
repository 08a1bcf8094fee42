import { useQuery } from '@tanstack/react-query'
import { settlementKinds } from '../../../server/finance/lifecycle.ts'
import { settlementList } from '../../../server/finance/lists-contract.ts'
import { get, type Query } from '../api.ts'
import { orderDrawer } from '../orders/drawer/order-drawer.ts'
import { every } from '../ui/base/every.ts'
import { count, Money } from '../ui/base/figures.tsx'
import { Soon } from '../ui/base/soon.tsx'
import { shared } from '../ui/base/words.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import './finance.css'
import { settlementActions, settlementCells, standingOf } from './settlements.tsx'
import type { SettlementRow } from './types.ts'

const config = listOf<SettlementRow>(settlementList, {
  cells: settlementCells,
  views: [
    { name: ['今天', 'today'], search: { tab: 'all', created: 'today' } },
    {
      name: ['要退的', 'going back'],
      search: { tab: 'draft', kind: 'order_refund,return_refund,void_refund,extra_refund,refund_only' },
    },
  ],
  actions: settlementActions,
  nameOf: (row) => row.no,
  sumOf: (row) => ({ fen: row.amountFen }),
})

export default function SettlementsPage() {
  const say = useSay()
  return (
    <ListPage
      config={config}
      note={(query) => <Totals query={query} />}
      outcomeTitle={shared.status}
      outcome={(row) => standingOf(row, say)}
    >
      {({ rows, at, step, close }) => {
        const id = rows[at]?.orderId
        return id && <Soon part={orderDrawer} props={{ id, at, total: rows.length, step, onClose: close }} />
      }}
    </ListPage>
  )
}

/** Totals of the filtered settlements by kind: received, paid back, and the balance. */
function Totals({ query }: { query: Query }) {
  const say = useSay()
  const { data } = useQuery({
    queryKey: ['/settlements', 'totals', query],
    queryFn: () => get('/settlements/totals', query),
    staleTime: 15_000,
    refetchInterval: every(30_000),
    placeholderData: (before) => before,
  })
  if (data?.capped)
    return (
      <div className="totals t2 small">
        {say([
          '超过 50 万张，不合计。选短一点的时间。',
          'More than 500,000: not summed. Choose a shorter period.',
        ])}
      </div>
    )
  const rows = data?.rows ?? []
  const net = rows.reduce((sum, row) => sum + row.amountFen, 0)
  return (
    <dl className="totals small" aria-label={say(['合计', 'Totals'])}>
      {rows.map((row) => (
        <div key={row.kind}>
          <dt className="t3">
            {say(settlementKinds[row.kind])} <span className="num">{count(row.count)}</span>
          </dt>
          <dd>
            <Money fen={row.amountFen} symbol />
          </dd>
        </div>
      ))}
      <div>
        <dt className="t3">{say(['净额', 'Net'])}</dt>
        <dd>
          <b>
            <Money fen={net} symbol />
          </b>
        </dd>
      </div>
    </dl>
  )
}
