import type { RowAction } from '../../ui/act/actions.ts'
import { count, Money, Time } from '../../ui/base/figures.tsx'
import { Status } from '../../ui/base/status.tsx'
import { span, useNow } from '../../ui/base/time.ts'
import { shared } from '../../ui/base/words.ts'
import type { Column } from '../../ui/list/data-list.tsx'
import type { Field } from '../../ui/list/filters.ts'
import { type ListConfig, ListPage } from '../../ui/list/list-page.tsx'
import { useSay } from '../../words.ts'
import { ShopLabel, Two } from '../cells.tsx'
import { platformStatusText } from '../platform-status-words.ts'
import type { QueueRow } from '../types.ts'
import { fetchErrorText, tradeStatusWords, tradeTypeWords, intakeWords as words } from '../words.ts'
import { followDownload } from './follow-download.ts'

const yesNo = [
  { value: 'true', label: ['是', 'Yes'] },
  { value: 'false', label: ['否', 'No'] },
] as const

const fields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  { key: 'isNew', label: ['新交易', 'New'], kind: 'options', options: yesNo },
  {
    key: 'buyer',
    label: ['买家', 'Buyer'],
    kind: 'text',
    hint: ['完整昵称，或列表里显示的样子', 'The whole nick, or as the list shows it'],
  },
  {
    key: 'receiver',
    label: words.receiver,
    kind: 'text',
    hint: ['完整姓名，或列表里显示的样子', 'The whole name, or as the list shows it'],
  },
  {
    key: 'status',
    label: ['平台状态', 'Platform status'],
    kind: 'options',
    options: Object.entries(tradeStatusWords).flatMap(([value, label]) =>
      value === 'unknown' ? [] : [{ value, label }],
    ),
  },
  {
    key: 'type',
    label: ['类型', 'Type'],
    kind: 'options',
    options: Object.entries(tradeTypeWords).map(([value, label]) => ({ value, label })),
  },
  { key: 'modified', label: ['修改时间', 'Modified'], kind: 'period' },
  { key: 'waitingTo', label: ['排队早于', 'In the queue since before'], kind: 'until' },
  { key: 'failed', label: ['下载失败过', 'Failed before'], kind: 'options', options: yesNo },
  { key: 'q', label: ['搜索', 'Search'], kind: 'text', hint: ['交易号', 'Trade no.'] },
  { key: 'tids', label: ['单号', 'Numbers'], kind: 'numbers' },
]

function TypeWord({ type }: { type: string }) {
  const say = useSay()
  const found = Object.entries(tradeTypeWords).find(([name]) => name === type)?.[1]
  return <>{found ? say(found) : type}</>
}

function Tries({ row }: { row: QueueRow }) {
  const say = useSay()
  if (row.tries === 0) return <span className="t3">–</span>
  const text = [count(row.tries), row.error && fetchErrorText(row.error, say)].filter(Boolean).join(' · ')
  return (
    <div className="cut t2" title={text}>
      {text}
    </div>
  )
}

function Waiting({ since }: { since: string }) {
  return <span className="num">{span(useNow() - Date.parse(since))}</span>
}

const columns: readonly Column<QueueRow>[] = [
  {
    key: 'tid',
    title: words.tradeNoShop,
    width: 'minmax(170px,200fr)',
    fixed: true,
    cell: (row, compact) =>
      compact ? row.tid : <Two first={row.tid} second={<ShopLabel id={row.shopId} />} />,
  },
  {
    key: 'shop',
    title: shared.shop,
    width: 'minmax(120px,140fr)',
    only: 'compact',
    cell: (row) => (
      <div className="cut">
        <ShopLabel id={row.shopId} short />
      </div>
    ),
  },
  {
    key: 'buyer',
    title: ['买家', 'Buyer'],
    width: 'minmax(100px,120fr)',
    cell: (row) => <div className="cut">{row.buyerMasked}</div>,
  },
  {
    key: 'receiver',
    title: words.receiver,
    width: 'minmax(100px,120fr)',
    cell: (row) => <div className="cut">{row.receiverMasked}</div>,
  },
  {
    key: 'type',
    title: ['类型', 'Type'],
    width: 'minmax(80px,90fr)',
    cell: (row) => (
      <span className="t2">
        <TypeWord type={row.type} />
      </span>
    ),
  },
  {
    key: 'status',
    title: ['平台状态', 'Status'],
    width: 'minmax(96px,110fr)',
    cell: (row) => (
      <div className="cut t2">
        <PlatformStatus status={row.platformStatus} />
      </div>
    ),
  },
  {
    key: 'payment',
    title: words.paid,
    width: '90px',
    align: 'right',
    cell: (row) => (row.paymentFen === null ? <span className="t3">–</span> : <Money fen={row.paymentFen} />),
  },
  {
    key: 'modified',
    title: ['修改时间', 'Modified'],
    width: '100px',
    align: 'right',
    cell: (row) => (
      <span className="t2">
        <Time at={row.modifiedAt} />
      </span>
    ),
  },
  {
    key: 'waiting',
    title: ['已等', 'Waiting'],
    width: '80px',
    align: 'right',
    cell: (row) => <Waiting since={row.waitingSince} />,
  },
  {
    key: 'tries',
    title: ['次数 / 错误', 'Tries / error'],
    width: 'minmax(96px,150fr)',
    cell: (row) => <Tries row={row} />,
  },
]

function PlatformStatus({ status }: { status: string }) {
  return <>{platformStatusText(status, useSay())}</>
}

const actions: readonly RowAction<QueueRow>[] = [
  {
    path: '/download-queue/download',
    words: ['下载', 'Download'],
    letter: 'D',
    permission: 'queue.write',
    done: ['{n} 条正在下载', '{n} being downloaded'],
    after: (rows) => void followDownload(rows),
  },
  {
    path: '/download-queue/remove',
    words: words.remove,
    letter: 'R',
    permission: 'queue.write',
    danger: true,
    done: ['移除 {n} 条', '{n} removed'],
    confirm: [
      '移除 {n} 条。下一次交易下载会重新列出它们。',
      'Remove {n}. The next list run brings them back.',
    ],
  },
]

const config: ListConfig<QueueRow> = {
  name: 'download-queue',
  path: '/download-queue',
  title: words.queue,
  tabs: [
    {
      key: 'waiting',
      title: ['等待中', 'Waiting'],
      empty: {
        title: ['队列空了', 'The queue is empty'],
        remedy: ['列表里的交易都取到了明细。', 'Every listed trade has its detail.'],
      },
    },
  ],
  fields,
  columns,
  sort: '',
  actions,
  nameOf: (row) => row.tid,
}

/** 待下载订单: trades that are in a list of the platform and whose detail is not downloaded yet. */
export default function QueuePage() {
  const say = useSay()
  return (
    <ListPage
      config={config}
      outcomeTitle={['情况', 'State']}
      outcome={(row) => ({
        first: row.urgent ? (
          <Status tone="move">{say(['下载中', 'Downloading'])}</Status>
        ) : (
          <Status tone="ring">{say(row.isNew ? ['新交易', 'New'] : ['有改动', 'Changed'])}</Status>
        ),
      })}
    />
  )
}
