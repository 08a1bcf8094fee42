import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'
import { runList } from '../../../server/core/tasks/lists-contract.ts'
import { get } from '../api.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { actorText } from '../ui/base/actor.ts'
import { Button, Segments } from '../ui/base/button.tsx'
import { Empty, ErrorNote, LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { count } from '../ui/base/figures.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Status, type Tone } from '../ui/base/status.tsx'
import { clockSeconds, dayStart, shortTime, span, stretch } from '../ui/base/time.ts'
import { DataList } from '../ui/list/data-list.tsx'
import { listOf } from '../ui/list/declared.tsx'
import { Chips } from '../ui/list/filter-bar.tsx'
import { toQuery } from '../ui/list/filters.ts'
import { ListFoot } from '../ui/list/list-foot.tsx'
import { useRows } from '../ui/list/rows.ts'
import { useUrlState } from '../ui/list/search-params.ts'
import { PageHead, Tabs } from '../ui/list/tabs.tsx'
import { type Say, useSay } from '../words.ts'
import { ShopName } from './shop-name.tsx'
import { TaskTable } from './task-table.tsx'
import type { DaySum, RunRow, TaskRow } from './types.ts'
import { WindowStrip } from './window-strip.tsx'
import { kindTabs, reportText, runAnswers, schedulesText, skipWords } from './words.ts'
import '../overview/overview.css'
import './tasks.css'
import { refusalText } from '../ui/act/batch-words.ts'

const RunDialog = lazy(() => import('./run-dialog-page.tsx'))

const { columns, fields: declared } = listOf<RunRow>(runList, {
  cells: {
    started: (run) => <span className="num">{startText(run.startedAt ?? run.requestedAt)}</span>,
    kind: (run) => <KindName run={run} />,
    shop: (run) => <ShopName id={run.shopId} />,
    window: (run) => <span className="num">{windowText(run)}</span>,
    failed: (run) => <span className={run.failed > 0 ? 'ink-bad' : ''}>{count(run.failed)}</span>,
    took: (run) => (
      <span className="t2">{run.durationMs === null ? runSince(run) : span(run.durationMs)}</span>
    ),
    outcome: (run) => <Outcome run={run} />,
  },
  actions: [],
  nameOf: (run) => run.id,
})
/** The filters of the runs. In the address the shop has the same name as on every other page. */
const fields = declared.flatMap((field) =>
  field.linked ? [] : [field.key === 'shopId' ? { ...field, key: 'shop' } : field],
)

/** The tab of the address, and the kind of tasks that it shows; undefined: all kinds. */
function useTab() {
  const [search] = useUrlState()
  const tab =
    kindTabs.find((each) => each.key === (search['tab'] ?? search['kind'])) ??
    (search['kind'] ? kindTabs.at(-1) : kindTabs[0])
  // A link may name a kind without a tab of its own. That kind then filters the tab of all kinds.
  return { tab, kind: tab?.key === 'all' ? search['kind'] : tab?.key }
}

export default function TasksPage() {
  const why = useAllowed()('tasks.run')
  const [search] = useUrlState()
  const [running, setRunning] = useState(false)
  const { tab, kind } = useTab()
  const tasks = useQuery({
    queryKey: ['/tasks', kind],
    queryFn: () => get('/tasks', { kind }),
    refetchInterval: every(10_000),
  })
  return (
    <div className="page">
      <TasksHead tasks={kind ? (tasks.data?.rows ?? []) : []} why={why} onRun={() => setRunning(true)} />
      {search['as'] === 'tasks' ? (
        <TaskTable tasks={tasks.data?.rows} />
      ) : (
        <>
          {kind !== 'auto_convert_trades' && <WindowStrip stream={tab?.stream ?? 'trades'} />}
          <Runs onRun={() => why === undefined && setRunning(true)} />
        </>
      )}
      <Suspense>
        {running && tasks.data && <RunDialog tasks={tasks.data.rows} onClose={() => setRunning(false)} />}
      </Suspense>
    </div>
  )
}

/** `tasks`: those of the tab's kind, whose schedule is shown. */
function TasksHead(props: { tasks: readonly TaskRow[]; why: string | undefined; onRun: () => void }) {
  const say = useSay()
  const { tasks, why, onRun } = props
  const [search, setSearch] = useUrlState()
  return (
    <PageHead
      title={say(['计划任务', 'Tasks'])}
      tabs={
        <Tabs
          label={say(['任务', 'Tasks'])}
          tabs={kindTabs}
          value={useTab().tab?.key ?? ''}
          onChange={(key) => setSearch({ tab: key, kind: '', open: '' })}
        />
      }
    >
      {tasks.length > 0 && (
        <span className="small">
          <Status tone={tasks.some(({ enabled }) => enabled) ? 'ok' : 'ring'}>
            <span className="t2">{schedulesText(tasks, say)}</span>
          </Status>
        </span>
      )}
      <Segments
        label={say(['看法', 'Show'])}
        value={search['as'] === 'tasks' ? 'tasks' : 'runs'}
        options={[
          { value: 'runs', label: say(['运行', 'Runs']) },
          { value: 'tasks', label: say(['设置', 'Settings']) },
        ]}
        onChange={(as) => setSearch({ as })}
      />
      <PageActs acts={[{ name: 'run', words: ['立即运行…', 'Run now…'], letter: 'R', why, run: onRun }]} />
    </PageHead>
  )
}

/** The runs of the filter, newest first. The details of the open one are below its row; without one, those of the last failed run. */
function Runs({ onRun }: { onRun: () => void }) {
  const say = useSay()
  const navigate = useNavigate()
  const [search, setSearch] = useUrlState()
  const [focus, setFocus] = useState<string>()
  const { tab, kind } = useTab()
  const query = useMemo(() => {
    const { shop, ...filter } = toQuery(fields, search)
    return { ...filter, shopId: shop === undefined ? shop : String(shop), kind }
  }, [search, kind])
  const sum = useQuery({
    queryKey: ['/task-runs', 'counts', query],
    queryFn: () => get('/task-runs/counts', query),
    refetchInterval: every(15_000),
  })
  const list = useRows<RunRow>('/task-runs', query, { pollMs: 5000 })
  const open = search['open']
  const shown = open ?? list.rows.find((each) => each.state === 'failed')?.id
  return (
    <>
      <div className="filter-bar">
        <Chips fields={fields} />
        <span className="push t2 small num">{sum.data && daySum(sum.data, say)}</span>
      </div>
      <DataList
        label={say(['运行', 'Runs'])}
        list={list}
        columns={tab?.key === 'all' ? columns : columns.filter((column) => column.key !== 'kind')}
        rowHeight={36}
        focus={focus}
        onFocus={setFocus}
        onOpen={(run) => setSearch({ open: open === run.id ? '' : run.id })}
        rowTone={(run) => (run.state === 'failed' ? 'error' : '')}
        expanded={(run) =>
          run.id === shown ? (
            <RunDetail
              run={run}
              onAuthorise={() => void navigate({ to: `/shops/${run.shopId ?? ''}` })}
              onRun={onRun}
            />
          ) : null
        }
        empty={
          list.error ? (
            <LoadError error={list.error} onRetry={list.refetch} />
          ) : (
            <Empty
              title={say(['还没有运行过', 'No runs yet'])}
              remedy={say(['到点自动运行，也可以按 R 立即运行。', 'It runs at its time, or now with R.'])}
            />
          )
        }
      />
      <ListFoot rows={list.rows.length} matching={undefined} />
    </>
  )
}

const runsIn = ({ states }: DaySum) => Object.values(states).reduce((total, each) => total + each, 0)

function daySum(sum: DaySum, say: Say): string {
  return say(['今天 {all} 次，失败 {failed} 次', 'Today {all} runs, {failed} failed'], {
    all: count(runsIn(sum)),
    failed: count(sum.states['failed'] ?? 0),
  })
}

function startText(at: string): string {
  return Date.parse(at) < dayStart(Date.now()) ? shortTime(at) : clockSeconds(at)
}

function runSince(run: RunRow): string {
  return run.startedAt === null ? '–' : span(Date.now() - Date.parse(run.startedAt))
}

function KindName({ run }: { run: RunRow }) {
  return <div className="cut">{[useSay()(run.kindName), run.taskName].filter(Boolean).join(' · ')}</div>
}

function windowText(run: RunRow): string {
  const from = run.windowFrom ?? run.askedFrom
  const to = run.windowTo ?? run.askedTo
  if (from === null || to === null) return '–'
  return stretch(from, to)
}

const tones: Record<RunRow['state'], Tone> = {
  queued: 'ring',
  running: 'move',
  done: 'ok',
  failed: 'bad',
  stopped: 'idle',
  lost: 'warn',
}

function Outcome({ run }: { run: RunRow }) {
  const say = useSay()
  const words: Record<RunRow['state'], string> = {
    queued: say(['排队中', 'Queued']),
    running: run.stopRequested ? say(['正在停', 'Stopping']) : say(['进行中', 'Running']),
    done:
      run.failed > 0
        ? say(['完成，{n} 条待重取', 'Done, {n} to fetch again'], { n: run.failed })
        : say(['完成', 'Done']),
    failed:
      run.errorCode === 'reauthorise'
        ? say(['授权失效', 'Authorisation ended'])
        : run.errorCode === 'rate_limited'
          ? say(['限流', 'Rate limited'])
          : say(['失败', 'Failed']),
    stopped: say(['已停', 'Stopped']),
    lost: say(['中断，已重来', 'Interrupted, run again']),
  }
  return (
    <Status tone={run.state === 'done' && run.failed > 0 ? 'warn' : tones[run.state]}>
      {words[run.state]}
    </Status>
  )
}

/** Details of a run. For a failed one: what happened, whether anything is lost, what to do. For others: what was skipped and why. */
function RunDetail({ run, onAuthorise, onRun }: { run: RunRow; onAuthorise: () => void; onRun: () => void }) {
  const say = useSay()
  if (run.state === 'failed') {
    const answers = runAnswers(run, say)
    return (
      <ErrorNote {...answers}>
        {answers.act === 'authorise' && (
          <Button size="small" kind="primary" onClick={onAuthorise}>
            {say(['去授权', 'Authorise'])}
          </Button>
        )}
        {answers.act === 'run' && (
          <Button size="small" onClick={onRun}>
            {say(['立即运行…', 'Run now…'])}
          </Button>
        )}
      </ErrorNote>
    )
  }
  const skipped = Object.entries(run.skipped).map(
    ([reason, n]) => `${skipWords[reason] ? say(skipWords[reason]) : refusalText(reason, say)} ${count(n)}`,
  )
  return (
    <p className="t2 num">
      {[
        say(['请求 {n} 次', '{n} {n|request|requests}'], { n: count(run.requests) }),
        skipped.length > 0
          ? say(['跳过：{why}', 'Skipped: {why}'], { why: skipped.join(say(['、', ', '])) })
          : '',
        run.requestedBy ? say(['{by} 手工运行', 'Run by {by}'], { by: actorText(run.requestedBy, say) }) : '',
        say(['编号 {id}', 'no. {id}'], { id: run.id }),
        reportText(run.report, say),
      ]
        .filter(Boolean)
        .join(' · ')}
    </p>
  )
}
