import { useNavigate } from '@tanstack/react-router'
import { orderDrawer } from '../orders/drawer/order-drawer.ts'
import { useMay } from '../ui/base/session.ts'
import { Soon } from '../ui/base/soon.tsx'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import {
  interceptActions,
  interceptColumns,
  interceptFields,
  interceptReturn,
  interceptStanding,
} from './intercepts.tsx'
import type { InterceptRow } from './types.ts'

const config: ListConfig<InterceptRow> = {
  name: 'intercepts',
  path: '/intercepts',
  title: ['拦截', 'Intercepts'],
  tabs: [
    {
      key: 'pull',
      title: ['仓库拦下', 'Pull out'],
      empty: {
        title: ['没有要拦的包裹', 'No parcel to pull out'],
        remedy: [
          '已出库、还没回写的订单有人退款，会停止回写并出现在这里。',
          'When money is asked back for what has left and the platform does not know, it shows up here.',
        ],
      },
    },
    {
      key: 'recall',
      title: ['快递追回', 'Ask the courier'],
      empty: {
        title: ['没有要追回的包裹', 'No parcel to ask for'],
        remedy: ['已回写的订单整件退款，会出现在这里。', 'Shipped goods that are asked back show up here.'],
      },
    },
    { key: 'ended', title: ['已了结', 'Ended'] },
    { key: 'all', title: ['全部', 'All'] },
  ],
  fields: interceptFields,
  columns: interceptColumns,
  sort: 'deadline',
  actions: interceptActions,
  nameOf: (row) => row.deliveryNo,
  sumOf: (row) => ({ fen: row.amountFen, pieces: row.quantity }),
}

/** 拦截: shipped parcels to get back, the nearest deadline first. */
export default function InterceptsPage() {
  const say = useSay()
  const navigate = useNavigate()
  const mayRead = useMay()('returns.read')
  return (
    <ListPage
      config={config}
      outcomeTitle={['情况', 'State']}
      outcomeWidth={['minmax(164px,200fr)', 'minmax(150px,170fr)']}
      outcome={(row) => {
        const way = mayRead ? interceptReturn(row) : undefined
        const remedy = way && {
          words: say(way.words),
          run: () => void navigate({ to: '/returns', search: way.search }),
        }
        return { ...interceptStanding(row, say), remedy }
      }}
    >
      {({ rows, at, step, close }) => {
        const id = rows[at]?.orderId
        return id && <Soon part={orderDrawer} props={{ id, at, total: rows.length, step, onClose: close }} />
      }}
    </ListPage>
  )
}
