import { useNavigate } from '@tanstack/react-router'
import { interceptList } from '../../../server/fulfilment/intercepts/lists-contract.ts'
import { orderDrawer } from '../orders/drawer/order-drawer.ts'
import { useMay } from '../ui/base/session.ts'
import { Soon } from '../ui/base/soon.tsx'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import { interceptActions, interceptCells, interceptReturn, interceptStateOf } from './intercepts.tsx'
import type { InterceptRow } from './types.ts'

const config = listOf<InterceptRow>(interceptList, {
  cells: interceptCells,
  actions: interceptActions,
  nameOf: (row) => row.deliveryNo,
  sumOf: (row) => ({ fen: row.amountFen, pieces: row.quantity }),
})

/** 拦截: shipped parcels to get back, the nearest deadline first. */
export default function InterceptsPage() {
  const say = useSay()
  const navigate = useNavigate()
  const may = useMay()
  return (
    <ListPage
      config={config}
      outcomeTitle={['情况', 'State']}
      outcomeWidth={['minmax(164px,200fr)', 'minmax(150px,170fr)']}
      outcome={(row) => {
        const way = interceptReturn(row)
        const remedy =
          way && may('returns.read') && may(way.permission)
            ? { words: say(way.words), run: () => void navigate({ to: '/returns', search: way.search }) }
            : undefined
        return { ...interceptStateOf(row, say), remedy }
      }}
    >
      {({ rows, at, step, close }) => {
        const id = rows[at]?.orderId
        return id && <Soon part={orderDrawer} props={{ id, at, total: rows.length, step, onClose: close }} />
      }}
    </ListPage>
  )
}
