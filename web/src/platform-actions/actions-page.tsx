import { ShopName } from '../tasks/shop-name.tsx'
import type { FormProps, RowAction } from '../ui/act/actions.ts'
import { ActorName } from '../ui/base/actor-name.tsx'
import { Segments } from '../ui/base/button.tsx'
import { Time } from '../ui/base/figures.tsx'
import { Soon, soon } from '../ui/base/soon.tsx'
import { nearTime } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import type { Field } from '../ui/list/filters.ts'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import { type Action, ActionState, ActionSubject, actionText } from './actions.tsx'
import { actionKindWords } from './kind-words.ts'
import '../overview/overview.css'

const actionDrawer = soon(() => import('./action-drawer-page.tsx'))

const fields: readonly Field[] = [
  { key: 'shopId', label: shared.shop, kind: 'shops' },
  {
    key: 'kind',
    label: ['动作', 'Action'],
    kind: 'options',
    options: Object.entries(actionKindWords).map(([value, label]) => ({ value, label })),
  },
  {
    key: 'needsPerson',
    label: ['要人核实', 'Needs a person'],
    kind: 'options',
    options: [{ value: 'true', label: shared.yes }],
  },
]

const columns: readonly Column<Action>[] = [
  {
    key: 'created',
    title: ['时间', 'Time'],
    width: '120px',
    fixed: true,
    cell: (row) => <Time at={row.createdAt} />,
  },
  {
    key: 'kind',
    title: ['动作', 'Action'],
    width: 'minmax(120px,140fr)',
    cell: (row) => <KindName row={row} />,
  },
  {
    key: 'shop',
    title: shared.shop,
    width: 'minmax(180px,220fr)',
    cell: (row) => <ShopName id={row.shopId} />,
  },
  {
    key: 'subject',
    title: ['对象', 'Subject'],
    width: 'minmax(200px,300fr)',
    cell: (row) => (
      <div className="cut">
        <ActionSubject row={row} /> <span className="t2">{row.subjectDetail}</span>
      </div>
    ),
  },
  {
    key: 'by',
    title: ['谁', 'By'],
    width: 'minmax(80px,100fr)',
    cell: (row) => <ActorName name={row.createdBy} />,
  },
  { key: 'attempt', title: ['次数', 'Tries'], width: '64px', align: 'right', cell: (row) => row.attempt },
  {
    key: 'next',
    title: ['再试', 'Next'],
    width: '110px',
    align: 'right',
    cell: (row) => (
      <span className="t2">
        <Time at={row.nextAt} say={nearTime} />
      </span>
    ),
  },
]

function KindName({ row }: { row: Action }) {
  return <div className="cut">{useSay()(row.kindName)}</div>
}

const settled = (row: Action, say: Say) =>
  row.state === 'failed' || row.state === 'unknown'
    ? undefined
    : say(['只有失败或结果不明的可以处理', 'Only what failed or is unclear can be settled'])

type Asked = FormProps<'/platform-actions/retry', Action>

const askReason = (asked: Asked, title: LocalizedPair, act: LocalizedPair) => (
  <ReasonDialog
    title={title}
    act={act}
    count={asked.count}
    onSubmit={(reason) => asked.onSubmit({ reason })}
    onClose={asked.onClose}
  />
)

const actions: readonly RowAction<Action>[] = [
  {
    path: '/platform-actions/retry',
    words: ['再试', 'Try again'],
    letter: 'T',
    permission: 'actions.write',
    done: ['{n} 条马上再试', '{n} are tried again now'],
    tabs: ['failed', 'unknown', 'all'],
    why: settled,
    input: (asked) => askReason(asked, ['再试 {n} 条', 'Try {n} again'], ['再试 {n} 条', 'Try {n} again']),
  },
  {
    path: '/platform-actions/manual',
    words: ['已在平台手工完成', 'Done by hand'],
    letter: 'M',
    permission: 'actions.write',
    done: ['{n} 条记为手工完成', '{n} noted as done by hand'],
    tabs: ['failed', 'unknown', 'all'],
    why: settled,
    input: (asked) =>
      askReason(asked, ['{n} 条记为手工完成', 'Note {n} as done by hand'], ['记为手工完成', 'Note as done']),
  },
  {
    path: '/platform-actions/force',
    words: ['强制成功', 'Force'],
    letter: 'O',
    permission: 'actions.write',
    danger: true,
    done: ['{n} 条强制为成功', '{n} forced'],
    tabs: ['failed', 'unknown', 'all'],
    why: settled,
    input: (asked) =>
      askReason(asked, ['强制 {n} 条为成功', 'Force {n} to succeeded'], ['强制成功', 'Force']),
  },
]

const config: ListConfig<Action> = {
  name: 'platform-actions',
  path: '/platform-actions',
  title: ['平台回写', 'Write-back'],
  tabKey: 'state',
  tabs: [
    {
      key: 'failed',
      title: ['失败', 'Failed'],
      empty: {
        title: ['没有失败的回写', 'No write-back failed'],
        remedy: [
          '失败的会列在这里，写明平台的答复。',
          "Failures are listed here with the platform's answer.",
        ],
      },
    },
    {
      key: 'unknown',
      title: ['结果不明', 'Unclear'],
      empty: {
        title: ['没有结果不明的', 'Nothing is unclear'],
        remedy: [
          '发出去没有回音的先核实，核实不了的在这里等人。',
          'What got no answer is looked at first; the rest waits here.',
        ],
      },
    },
    { key: 'pending', title: ['等待', 'Waiting'] },
    { key: 'sending', title: ['发送中', 'Sending'] },
    { key: 'succeeded', title: ['成功', 'Succeeded'] },
  ],
  fields,
  fixed: { stock: 'without' },
  columns,
  sort: '',
  actions,
  nameOf: (row) => row.subjectNo || row.subjectId,
}

const stockConfig: ListConfig<Action> = { ...config, fixed: { stock: 'only' } }

/** 平台回写: the platform actions and their results. Those of the stock sync are shown separately, because they are sent all day. */
export default function PlatformActionsPage() {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const stock = search['stock'] === 'only'
  const about = say(['看什么', 'What to see'])
  return (
    <ListPage
      key={stock ? 'stock' : 'rest'}
      config={stock ? stockConfig : config}
      head={
        <Segments
          label={about}
          value={stock ? 'only' : 'without'}
          options={[
            { value: 'without', label: say(['订单与售后', 'Orders and after-sales']) },
            { value: 'only', label: say(['库存', 'Stock']) },
          ]}
          onChange={(value) => setSearch({ stock: value === 'only' ? 'only' : '', open: '' })}
        />
      }
      outcomeTitle={['结果', 'Outcome']}
      outcomeWidth={['minmax(220px,260fr)', 'minmax(180px,200fr)']}
      outcome={(row) => ({ first: <ActionState row={row} />, second: actionText(row, say) })}
    >
      {({ rows, loading, at, step, close }) => (
        <Soon
          part={actionDrawer}
          props={{ row: rows[at], loading, at, total: rows.length, step, onClose: close, actions }}
        />
      )}
    </ListPage>
  )
}
