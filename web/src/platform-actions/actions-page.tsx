import { actionList } from '../../../server/core/outbox/lists-contract.ts'
import { ShopName } from '../tasks/shop-name.tsx'
import type { FormProps, RowAction } from '../ui/act/actions.ts'
import { ActorName } from '../ui/base/actor-name.tsx'
import { Segments } from '../ui/base/button.tsx'
import { Time } from '../ui/base/figures.tsx'
import { Soon, soon } from '../ui/base/soon.tsx'
import { nearTime } from '../ui/base/time.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import { type Action, actionText } from './action-text.ts'
import { ActionState, ActionSubject } from './actions.tsx'
import '../overview/overview.css'

const actionDrawer = soon(() => import('./action-drawer-page.tsx'))

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
    words: ['手工完成', 'Done by hand'],
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

const config = listOf<Action>(actionList, {
  fixed: { stock: 'without' },
  cells: {
    created: (row) => <Time at={row.createdAt} />,
    shop: (row) => <ShopName id={row.shopId} />,
    subject: (row) => (
      <div className="cut">
        <ActionSubject row={row} /> <span className="t2">{row.subjectDetail}</span>
      </div>
    ),
    by: (row) => <ActorName name={row.createdBy} />,
    next: (row) => (
      <span className="t2">
        <Time at={row.nextAt} say={nearTime} />
      </span>
    ),
  },
  actions,
  nameOf: (row) => row.subjectNo || row.subjectId,
})

const stockConfig: typeof config = { ...config, fixed: { stock: 'only' } }

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
