import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../api.ts'
import { outcomeText } from '../ui/act/batch-words.ts'
import { type Batch, useBatch } from '../ui/act/batches.ts'
import { Progress } from '../ui/act/bulk-bar.tsx'
import { BatchPanel } from '../ui/act/results-panel.tsx'
import { ActorName } from '../ui/base/actor-name.tsx'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { count, Time } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { span } from '../ui/base/time.ts'
import { type Column, DataList } from '../ui/list/data-list.tsx'
import { ListFoot } from '../ui/list/list-foot.tsx'
import { listWords } from '../ui/list/list-words.ts'
import { useRows } from '../ui/list/rows.ts'
import { useUrlState } from '../ui/list/search-params.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { toastError } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'

const stateWords: Record<Batch['state'], LocalizedPair> = {
  running: ['进行中', 'Running'],
  stopping: ['正在停', 'Stopping'],
  done: ['完成', 'Done'],
  stopped: ['已停止', 'Stopped'],
}
const tones: Record<Batch['state'], Tone> = { running: 'move', stopping: 'warn', done: 'ok', stopped: 'idle' }

const columns: readonly Column<Batch>[] = [
  { key: 'no', title: ['批号', 'No.'], width: '110px', fixed: true, cell: (batch) => batch.no },
  {
    key: 'action',
    title: ['动作', 'Action'],
    width: 'minmax(120px,180fr)',
    cell: (batch) => <ActionName batch={batch} />,
  },
  {
    key: 'by',
    title: ['谁', 'By'],
    width: 'minmax(90px,110fr)',
    cell: (batch) => <ActorName name={batch.createdBy} />,
  },
  { key: 'at', title: ['开始', 'Started'], width: '120px', cell: (batch) => <Time at={batch.createdAt} /> },
  {
    key: 'took',
    title: ['用时', 'Took'],
    width: '80px',
    align: 'right',
    cell: (batch) => (
      <span className="t2">
        {batch.startedAt &&
          span(Date.parse(batch.endedAt ?? new Date().toISOString()) - Date.parse(batch.startedAt))}
      </span>
    ),
  },
  {
    key: 'progress',
    title: ['进度', 'Progress'],
    // For a bar and two numbers of five digits.
    width: 'minmax(220px,240fr)',
    cell: (batch) => (
      <div className="row">
        <Progress done={batch.done} total={batch.total} label={batch.no} />
        <span className="num t2">{`${count(batch.done)} / ${count(batch.total)}`}</span>
      </div>
    ),
  },
  {
    key: 'ok',
    title: ['成功', 'Done'],
    width: '80px',
    align: 'right',
    cell: (batch) => count(batch.succeeded),
  },
  {
    key: 'refused',
    title: ['失败', 'Refused'],
    width: '80px',
    align: 'right',
    cell: (batch) => <span className={batch.refused > 0 ? 'ink-warn' : ''}>{count(batch.refused)}</span>,
  },
  {
    key: 'reasons',
    title: ['原因', 'Reasons'],
    width: 'minmax(170px,260fr)',
    cell: (batch) => <Reasons batch={batch} />,
  },
  {
    key: 'state',
    title: ['状态', 'State'],
    width: 'minmax(110px,110fr)',
    fixed: true,
    cell: (batch) => <State batch={batch} />,
  },
]

function ActionName({ batch }: { batch: Batch }) {
  return <div className="cut">{useSay()(batch.actionName)}</div>
}

function Reasons({ batch }: { batch: Batch }) {
  const say = useSay()
  const taken = batch.taken > 0 ? [say(listWords.taken, { n: count(batch.taken) })] : []
  const text = [
    ...batch.reasons.flatMap(textsOf).map((text) => `${outcomeText(text, say)} ${count(text.count)}`),
    ...taken,
  ].join(say(['、', ', ']))
  return (
    <div className="cut t2" title={text}>
      {text}
    </div>
  )
}

/** Returns the texts of a reason's refusals with their counts; without texts the code with its count. */
function textsOf({ messages, ...reason }: Batch['reasons'][number]): Told[] {
  return messages.length > 0 ? messages : [reason]
}
type Told = { code?: string; message: Batch['reasons'][number]['message']; count: number }

function State({ batch }: { batch: Batch }) {
  const say = useSay()
  const queries = useQueryClient()
  const stop = useMutation({
    mutationFn: () => post('/batches/:id/stop', {}, { id: batch.id }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/batches'] }),
    onError: toastError,
  })
  return (
    <div className="row">
      <Status tone={tones[batch.state]}>{say(stateWords[batch.state])}</Status>
      {batch.state === 'running' && (
        <button type="button" className="link push" onClick={() => stop.mutate()}>
          {say(listWords.stop)}
        </button>
      )}
    </div>
  )
}

/** 批量操作: running and finished bulk actions. Opening one shows the outcome of each row. */
export default function BatchesPage() {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const [focus, setFocus] = useState<string>()
  const list = useRows<Batch>('/batches', {}, { pollMs: 2000 })
  const open = useBatch(search['open'])
  return (
    <div className="page">
      <PageHead
        title={say(['批量操作', 'Batches'])}
        sub={say(['在后台做，关掉页面也不停', 'Done in the background, whether or not a page is open'])}
      />
      <DataList
        label={say(['批量操作', 'Batches'])}
        list={list}
        columns={columns}
        rowHeight={40}
        focus={focus}
        onFocus={setFocus}
        onOpen={(batch) => setSearch({ open: batch.id }, { push: true })}
        empty={
          list.error ? (
            <LoadError error={list.error} onRetry={list.refetch} />
          ) : (
            <Empty
              title={say(['还没有批量操作', 'No batches yet'])}
              remedy={say([
                '在列表里选中多条，或改选全部，再按动作。',
                'Select rows of a list, or everything that matches, and act.',
              ])}
            />
          )
        }
      />
      <ListFoot rows={list.rows.length} matching={undefined} />
      {open && (
        <BatchPanel
          action={open.action}
          batch={open}
          onClose={() => setSearch({ open: '' })}
          onRetried={(id) => setSearch({ open: id })}
        />
      )}
    </div>
  )
}
