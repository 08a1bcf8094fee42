import { mergeable, mergeList } from '../../../server/orders/merge/lists-contract.ts'
import { shipmentVerbs } from '../../../server/orders/verbs-contract.ts'
import { ReceiverCell, ShopLabel } from '../intake/cells.tsx'
import { actionsOn } from '../ui/act/actions.ts'
import { shortNo } from '../ui/base/figures.tsx'
import { Soon } from '../ui/base/soon.tsx'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { useSay } from '../words.ts'
import { orderDrawer } from './drawer/order-drawer.ts'
import type { MergeRow } from './types.ts'

function Together({ row }: { row: MergeRow }) {
  const numbers = mergeable(row).map(({ no }) => no)
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
    mergeable(row).length > 1 ? undefined : say(['没有两单能一起发', 'No two of them may leave together']),
})

const config = listOf<MergeRow>(mergeList, {
  counted: false,
  cells: {
    receiver: ({ orders: [first] }, compact) => first && <ReceiverCell row={first.order} compact={compact} />,
    shop: ({ orders: [first] }) => first && <ShopLabel id={first.order.shopId} />,
    together: (row) => <Together row={row} />,
    apart: (row) => <Apart row={row} />,
  },
  actions: [merging],
  nameOf: ({ orders: [first] }) => first?.order.receiverMasked ?? '',
})

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
