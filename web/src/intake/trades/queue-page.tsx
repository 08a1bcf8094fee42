import { queueList } from '../../../../server/intake/downloads/lists-contract.ts'
import type { RowAction } from '../../ui/act/actions.ts'
import { count } from '../../ui/base/figures.tsx'
import { Status } from '../../ui/base/status.tsx'
import { span, useNow } from '../../ui/base/time.ts'
import { listOf } from '../../ui/list/declared.tsx'
import { ListPage } from '../../ui/list/list-page.tsx'
import { useSay } from '../../words.ts'
import { ShopLabel, Two } from '../cells.tsx'
import type { QueueRow } from '../types.ts'
import { fetchErrorText, platformStatusText, intakeWords as words } from '../words.ts'
import { followDownload } from './follow-download.ts'

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

const cells = {
  tid: (row: QueueRow, compact: boolean) =>
    compact ? row.tid : <Two first={row.tid} second={<ShopLabel id={row.shopId} />} />,
  status: (row: QueueRow) => <PlatformStatus row={row} />,
  waiting: (row: QueueRow) => <Waiting since={row.waitingSince} />,
  tries: (row: QueueRow) => <Tries row={row} />,
}

function PlatformStatus({ row }: { row: QueueRow }) {
  return <div className="cut t2">{platformStatusText(row, useSay())}</div>
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

const config = listOf<QueueRow>(queueList, { cells, actions, nameOf: (row) => row.tid })

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
