import { stockList } from '../../../server/inventory/lists-contract.ts'
import { Soon, soon } from '../ui/base/soon.tsx'
import { Status } from '../ui/base/status.tsx'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import { Pieces, SkuCell } from './sku.tsx'
import type { StockRow } from './types.ts'

const stockDrawer = soon(() => import('./stock-drawer-page.tsx'))

function StockState({ row }: { row: StockRow }) {
  const say = useSay()
  if (row.short > 0)
    return <Status tone="bad">{say(['缺 {n} 件', '{n} {n|piece|pieces} short'], { n: row.short })}</Status>
  if (row.available === 0) return <Status tone="warn">{say(['已占完', 'Used up'])}</Status>
  return <Status tone="ok">{say(['有货', 'In stock'])}</Status>
}

const config = listOf<StockRow>(stockList, {
  cells: {
    sku: (row, compact) => <SkuCell sku={row} compact={compact} />,
    onHand: (row) => <Pieces of={row.onHand} />,
    reserved: (row) => <Pieces of={row.reserved} />,
    locked: (row) => <Pieces of={row.locked} />,
    inTransit: (row) => <Pieces of={row.inTransit} />,
    available: (row) => <Pieces of={row.available} strong />,
    state: (row) => <StockState row={row} />,
  },
  actions: [],
  nameOf: (row) => row.code,
})

export default function StockPage() {
  return (
    <ListPage config={config}>
      {({ rows, step, close }) => <Soon part={stockDrawer} props={{ rows, step, onClose: close }} />}
    </ListPage>
  )
}
