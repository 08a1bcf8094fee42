import { shipmentVerbs } from '../../../server/orders/verbs-contract.ts'
import { ReceiverCell, ShopLabel } from '../intake/cells.tsx'
import { actionsOn } from '../ui/act/actions.ts'
import { Money, shortNo } from '../ui/base/figures.tsx'
import { Soon } from '../ui/base/soon.tsx'
import type { Column } from '../ui/list/data-list.tsx'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { useSay } from '../words.ts'
import { orderDrawer } from './drawer/order-drawer.ts'
import type { MergeRow } from './types.ts'

const free = ({ orders }: MergeRow) => orders.filter(({ why }) => why === null).map(({ order }) => order)

const columns: readonly Column<MergeRow>[] = [
  {
    key: 'receiver',
    title: ['收件人', 'Receiver'],
    width: 'minmax(160px,200fr)',
    fixed: true,
    cell: ({ orders: [first] }, compact) => first && <ReceiverCell row={first.order} compact={compact} />,
  },
  {
    key: 'shop',
    title: ['店铺', 'Shop'],
    width: 'minmax(140px,150fr)',
    cell: ({ orders: [first] }) => first && <ShopLabel id={first.order.shopId} />,
  },
  {
    key: 'together',
    title: ['能合的单', 'Can be merged'],
    width: 'minmax(220px,320fr)',
    cell: (row) => <Together row={row} />,
  },
  {
    key: 'pieces',
    title: ['件数', 'Pieces'],
    width: '64px',
    align: 'right',
    cell: (row) => free(row).reduce((sum, { quantity }) => sum + quantity, 0),
  },
  {
    key: 'fen',
    title: ['实付 ¥', 'Paid ¥'],
    width: '96px',
    align: 'right',
    cell: (row) => <Money fen={free(row).reduce((sum, { paymentFen }) => sum + paymentFen, 0)} />,
  },
  {
    key: 'apart',
    title: ['不能合的', 'Not with them'],
    width: 'minmax(200px,320fr)',
    cell: (row) => <Apart row={row} />,
  },
]

function Together({ row }: { row: MergeRow }) {
  const numbers = free(row).map(({ no }) => no)
  return (
    <div className="cut" title={numbers.join(' + ')}>
      {numbers.map((no, at) => (at === 0 ? no : shortNo(no, 4))).join(' + ')}
    </div>
  )
}

/** The orders that cannot be merged, each with the reason. */
function Apart({ row }: { row: MergeRow }) {
  const say = useSay()
  const text = row.orders
    .flatMap(({ order, why }) => (why ? `${order.no} ${say(why.message)}` : []))
    .join(say(['；', '; ']))
  return (
    <div className="cut t2" title={text}>
      {text}
    </div>
  )
}

const merging = actionsOn<MergeRow>()(shipmentVerbs.mergeWithCandidates, {
  batch: undefined,
  done: ['{n} 个收件人的单已合成包裹', 'Orders of {n} {n|receiver|receivers} merged'],
  letter: 'Y',
  primary: true,
  why: (row, say) =>
    free(row).length > 1 ? undefined : say(['没有两单能一起发', 'No two of them may leave together']),
})

const config: ListConfig<MergeRow> = {
  name: 'merges',
  path: '/order-merges',
  title: ['合单建议', 'To be merged'],
  tabs: [
    {
      key: 'ready',
      title: ['可合单', 'Can be merged'],
      empty: {
        title: ['没有可合的单', 'Nothing to merge'],
        remedy: [
          '同一收件人有几张没发的单时会在这里。自动合单在「计划任务」里打开。',
          'Receivers of several open orders show up here. Switch automatic merging on under Tasks.',
        ],
      },
    },
    {
      key: 'all',
      title: ['全部', 'All'],
      empty: {
        title: ['没有同一收件人的几张单', 'No receiver has several open orders'],
        remedy: ['合不了的也在这里，写着原因。', 'What cannot be merged is here as well, with the reason.'],
      },
    },
  ],
  counted: false,
  fields: [],
  columns,
  sort: '',
  actions: [merging],
  nameOf: ({ orders: [first] }) => first?.order.receiverMasked ?? '',
}

/** 合单建议: receivers with several open orders. */
export default function MergesPage() {
  const [search] = useUrlState()
  return (
    <ListPage config={config}>
      {({ rows, at, step, close }) => (
        <Soon
          part={orderDrawer}
          props={{ id: search['open'] ?? '', at, total: rows.length, step, onClose: close }}
        />
      )}
    </ListPage>
  )
}
