import { ShopName } from '../../tasks/shop-name.tsx'
import type { RowAction } from '../../ui/act/actions.ts'
import { QuietTime } from '../../ui/base/figures.tsx'
import { Soon, soon } from '../../ui/base/soon.tsx'
import { Status } from '../../ui/base/status.tsx'
import { shared } from '../../ui/base/words.ts'
import type { Column } from '../../ui/list/data-list.tsx'
import type { Field } from '../../ui/list/filters.ts'
import { type ListConfig, ListPage } from '../../ui/list/list-page.tsx'
import { useSay } from '../../words.ts'
import { ParkedNo, type ParkedRow, parkedKindWords, parkedReasonText } from './parked.tsx'
import '../../overview/overview.css'

const parkedDrawer = soon(() => import('./parked-drawer-page.tsx'))

const fields: readonly Field[] = [{ key: 'shop', label: shared.shop, kind: 'shops' }]

const columns: readonly Column<ParkedRow>[] = [
  {
    key: 'id',
    title: ['号码', 'Number'],
    width: 'minmax(170px,200fr)',
    fixed: true,
    cell: (row) => (
      <div className="cut">
        <ParkedNo row={row} />
      </div>
    ),
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
    cell: (row) => <QuietTime at={row.firstSeen} />,
  },
  {
    key: 'last',
    title: ['最近', 'Latest'],
    width: '104px',
    align: 'right',
    cell: (row) => <QuietTime at={row.lastSeen} />,
  },
]

function Reason({ text }: { text: string }) {
  return <Status tone="bad">{parkedReasonText(text, useSay())}</Status>
}

function Kind({ kind }: { kind: ParkedRow['kind'] }) {
  return <>{useSay()(parkedKindWords[kind])}</>
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
  title: ['异常数据', 'Unreadable data'],
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
    { key: 'settled', title: ['已解决', 'Settled'] },
  ],
  fields,
  columns,
  sort: '',
  actions: [retry],
  nameOf: (row) => row.platformId,
}

/** Parked items: documents of a platform that could not be read. They are kept sealed, so that they can be read again. */
export default function ParkedPage() {
  return (
    <ListPage
      config={config}
      outcomeTitle={['原因', 'Reason']}
      outcomeWidth={['minmax(260px,400fr)', 'minmax(220px,360fr)']}
      outcome={(row) => ({ first: <Reason text={row.reason} /> })}
    >
      {({ rows, loading, at, step, close }) => (
        <Soon
          part={parkedDrawer}
          props={{ row: rows[at], loading, at, total: rows.length, step, onClose: close, retry }}
        />
      )}
    </ListPage>
  )
}
