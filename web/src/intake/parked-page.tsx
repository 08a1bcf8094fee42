import { ShopName } from '../tasks/shop-name.tsx'
import type { RowAction } from '../ui/actions.ts'
import type { Column } from '../ui/data-list.tsx'
import { Time } from '../ui/figures.tsx'
import type { Field } from '../ui/filters.ts'
import { type ListConfig, ListPage } from '../ui/list-page.tsx'
import { Status } from '../ui/status.tsx'
import { shared } from '../ui/words.ts'
import { useSay, type Words } from '../words.ts'
import '../overview/overview.css'

type ParkedRow = {
  id: string
  shopId: string
  kind: 'trade' | 'refund'
  platformId: string
  reason: string
  firstSeen: string
  lastSeen: string
  times: number
}

const fields: readonly Field[] = [{ key: 'shop', label: shared.shop, kind: 'shops' }]

const columns: readonly Column<ParkedRow>[] = [
  {
    key: 'id',
    title: ['号码', 'Number'],
    width: 'minmax(170px,200fr)',
    fixed: true,
    cell: (row) => <div className="cut">{row.platformId || '–'}</div>,
  },
  {
    key: 'shop',
    title: shared.shop,
    width: 'minmax(180px,220fr)',
    cell: (row) => <ShopName id={row.shopId} />,
  },
  { key: 'kind', title: ['类型', 'Type'], width: '90px', cell: (row) => <Kind kind={row.kind} /> },
  { key: 'times', title: ['次数', 'Times'], width: '70px', align: 'right', cell: (row) => row.times },
  {
    key: 'first',
    title: ['第一次', 'First'],
    width: '104px',
    align: 'right',
    cell: (row) => (
      <span className="t2">
        <Time at={row.firstSeen} />
      </span>
    ),
  },
  {
    key: 'last',
    title: ['最近', 'Latest'],
    width: '104px',
    align: 'right',
    cell: (row) => (
      <span className="t2">
        <Time at={row.lastSeen} />
      </span>
    ),
  },
]

// Our own words for what was missing; anything longer is shown as it was written.
const reasonWords: Record<string, Words> = {
  'no tid': ['没有交易号', 'No trade number'],
  'no order_sn': ['没有订单号', 'No order number'],
  'no refund id': ['没有退款号', 'No refund number'],
  'no modified time': ['没有修改时间', 'No modified time'],
  'no lines': ['没有商品', 'No lines'],
  'too many lines': ['商品行太多', 'Too many lines'],
}

function Reason({ text }: { text: string }) {
  const say = useSay()
  const words = reasonWords[text]
  return (
    <Status tone="bad">
      <span title={text}>{words ? say(words) : text}</span>
    </Status>
  )
}

function Kind({ kind }: { kind: ParkedRow['kind'] }) {
  return <>{useSay()(kind === 'trade' ? ['交易', 'Trade'] : ['退款', 'Refund'])}</>
}

const retry: RowAction<ParkedRow> = {
  path: '/parked-items/retry',
  words: ['重读', 'Read again'],
  letter: 'R',
  permission: 'trades.download',
  done: ['{n} 条读懂了', '{n} could be read'],
}

const config: ListConfig<ParkedRow> = {
  name: 'parked-items',
  path: '/parked-items',
  title: ['看不懂的数据', 'Items that could not be read'],
  tabs: [
    {
      key: 'open',
      title: ['没读懂', 'Unread'],
      empty: {
        title: ['平台的数据都读懂了', 'Everything could be read'],
        remedy: [
          '读不懂的会封存在这里，不会丢，也不挡别的。',
          'What cannot be read is kept here sealed and holds up nothing.',
        ],
      },
    },
  ],
  counted: false,
  fields,
  columns,
  sort: '',
  actions: [retry],
  nameOf: (row) => row.platformId,
}

/** What a platform sent and nobody understood: kept sealed, with the reason, to be read again. */
export default function ParkedPage() {
  return (
    <ListPage
      config={config}
      outcomeTitle={['原因', 'Reason']}
      outcomeWidth={['minmax(260px,400fr)', 'minmax(220px,360fr)']}
      outcome={(row) => ({ first: <Reason text={row.reason} /> })}
    />
  )
}
