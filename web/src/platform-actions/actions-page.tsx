import { Link } from '@tanstack/react-router'
import type { Static } from 'typebox'
import type { platformAction } from '../../../server/outbox/contract.ts'
import { ShopName } from '../tasks/shop-name.tsx'
import type { RowAction } from '../ui/actions.ts'
import { ActorName } from '../ui/actor-name.tsx'
import { ReasonDialog } from '../ui/confirm.tsx'
import type { Column } from '../ui/data-list.tsx'
import { Time } from '../ui/figures.tsx'
import type { Field } from '../ui/filters.ts'
import type { Json } from '../ui/json.ts'
import { type ListConfig, ListPage } from '../ui/list-page.tsx'
import { platformErrorText } from '../ui/platform-error.ts'
import { Status, type Tone } from '../ui/status.tsx'
import { nearTime } from '../ui/time.ts'
import { shared } from '../ui/words.ts'
import { type Say, useSay, type Words } from '../words.ts'
import '../overview/overview.css'

type Action = Json<Static<typeof platformAction>>

const stateWords: Record<Action['state'], Words> = {
  pending: ['等待发送', 'Waiting'],
  sending: ['发送中', 'Sending'],
  succeeded: ['成功', 'Succeeded'],
  failed: ['失败', 'Failed'],
  unknown: ['结果不明，在核实', 'Unclear, being looked at'],
  forced: ['强制成功', 'Forced'],
  manual: ['手工完成', 'Done by hand'],
  withdrawn: ['已撤回', 'Withdrawn'],
}
const waitWords: Record<Exclude<Action['waitsFor'], ''>, Words> = {
  paused: [
    '店铺已暂停或要重新授权，恢复后自动继续',
    'Its shop is stopped or must be authorised again; then it goes on',
  ],
  banned: ['平台限流中，到时自动继续', 'The platform takes no more calls for now; it goes on by itself'],
  away: ['平台没有响应，恢复后自动继续', 'The platform does not answer; it goes on as soon as it does'],
}
const tones: Record<Action['state'], Tone> = {
  pending: 'ring',
  sending: 'move',
  succeeded: 'ok',
  failed: 'bad',
  unknown: 'warn',
  forced: 'idle',
  manual: 'idle',
  withdrawn: 'void',
}

const fields: readonly Field[] = [{ key: 'shopId', label: shared.shop, kind: 'shops' }]

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
    width: 'minmax(130px,160fr)',
    cell: (row) => <Subject row={row} />,
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

const subjects: Record<
  string,
  {
    words: Words
    to: '/staged-refunds' | '/orders' | '/deliveries' | '/stock-uploads'
    search: (id: string) => Record<string, string>
  }
> = {
  staged_refund: {
    words: ['看退单', 'See the refund'],
    to: '/staged-refunds',
    search: (id) => ({ open: id }),
  },
  sales_order: {
    words: ['看订单', 'See the order'],
    to: '/orders',
    search: (id) => ({ tab: 'all', open: id }),
  },
  delivery: {
    words: ['看发货单', 'See the delivery'],
    to: '/deliveries',
    search: (id) => ({ tab: 'all', ids: id }),
  },
  listing_item: { words: ['看库存同步', 'See its stock'], to: '/stock-uploads', search: (id) => ({ q: id }) },
}

/** What it is about, one click away; its number stands there. */
function Subject({ row }: { row: Action }) {
  const say = useSay()
  const known = subjects[row.subjectType]
  if (!known) return <div className="cut t2">{row.subjectId}</div>
  return (
    <Link to={known.to} search={known.search(row.subjectId)}>
      {say(known.words)}
    </Link>
  )
}

const settled = (row: Action, say: Say) =>
  row.state === 'failed' || row.state === 'unknown'
    ? undefined
    : say(['只有失败或结果不明的可以处理', 'Only what failed or is unclear can be settled'])

type Asked = Parameters<NonNullable<RowAction<Action>['input']>>[0]

const askReason = (asked: Asked, title: Words, act: Words) => (
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
  columns,
  sort: '',
  actions,
  nameOf: (row) => row.subjectId,
}

/** 平台回写: everything that we do on the platforms, and what became of it. */
export default function PlatformActionsPage() {
  const say = useSay()
  return (
    <ListPage
      config={config}
      outcomeTitle={['结果', 'Outcome']}
      outcomeWidth={['minmax(220px,260fr)', 'minmax(180px,200fr)']}
      outcome={(row) => ({
        first: (
          <Status tone={row.needsPerson ? 'bad' : tones[row.state]}>
            {row.needsPerson ? say(['要人核实', 'Needs a person']) : say(stateWords[row.state])}
          </Status>
        ),
        second:
          row.waitsFor === ''
            ? platformErrorText(row.error, say) || row.settledReason
            : say(waitWords[row.waitsFor]),
      })}
    />
  )
}
