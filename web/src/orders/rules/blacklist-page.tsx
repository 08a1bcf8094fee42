import { orderVerbs } from '../../../../server/orders/verbs-contract.ts'
import { actionsOn } from '../../ui/act/actions.ts'
import { ActorName } from '../../ui/base/actor-name.tsx'
import { CutText, QuietTime, Time } from '../../ui/base/figures.tsx'
import type { Column } from '../../ui/list/data-list.tsx'
import { type ListConfig, ListPage } from '../../ui/list/list-page.tsx'
import { useSay } from '../../words.ts'
import { blacklistWords } from '../dialogs/buyer-dialogs.tsx'
import type { BlacklistRow } from '../types.ts'

const columns: readonly Column<BlacklistRow>[] = [
  {
    key: 'masked',
    title: ['买家', 'Buyer'],
    width: 'minmax(180px,220fr)',
    fixed: true,
    cell: (row) => [row.masked, row.region].filter(Boolean).join(' · '),
  },
  {
    key: 'kind',
    title: ['按什么认', 'Known by'],
    width: 'minmax(100px,120fr)',
    cell: (row) => <Kind kind={row.kind} />,
  },
  {
    key: 'reason',
    title: ['原因', 'Reason'],
    width: 'minmax(180px,300fr)',
    cell: (row) => <CutText text={row.reason} />,
  },
  {
    key: 'until',
    title: ['到', 'Until'],
    width: '110px',
    align: 'right',
    cell: (row) => <Until at={row.until} />,
  },
  {
    key: 'by',
    title: ['拉黑人', 'By'],
    width: 'minmax(90px,100fr)',
    cell: (row) => <ActorName name={row.createdBy} />,
  },
  {
    key: 'at',
    title: ['时间', 'At'],
    width: '104px',
    align: 'right',
    cell: (row) => <QuietTime at={row.createdAt} />,
  },
]

function Kind({ kind }: { kind: BlacklistRow['kind'] }) {
  return <>{useSay()(blacklistWords[kind])}</>
}

/** The end date of a blacklist entry. After it the entry stops no order. */
function Until({ at }: { at: string | null }) {
  const say = useSay()
  if (at === null) return <span className="t3">{say(['一直', 'For ever'])}</span>
  return Date.parse(at) < Date.now() ? (
    <span className="t3">{say(['已到期', 'Ended'])}</span>
  ) : (
    <Time at={at} />
  )
}

const removing = actionsOn<BlacklistRow>()(orderVerbs.unblacklist, {
  letter: 'V',
  danger: true,
  confirm: ['把 {n} 条移出黑名单。', 'Take {n} off the blacklist.'],
})

const config: ListConfig<BlacklistRow> = {
  name: 'blacklist',
  path: '/blacklist',
  title: ['黑名单', 'Blacklist'],
  tabs: [
    {
      key: 'all',
      title: ['全部', 'All'],
      empty: {
        title: ['黑名单是空的', 'Nobody is on the blacklist'],
        remedy: ['在销售订单里选中，按「拉黑」。', 'Choose orders in the list and press Blacklist.'],
      },
    },
  ],
  counted: false,
  fields: [],
  columns,
  sort: '',
  actions: [removing],
  nameOf: (row) => row.masked,
}

/** 黑名单: buyers whose orders a review check stops. */
export default function BlacklistPage() {
  return <ListPage config={config} />
}
