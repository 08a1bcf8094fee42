import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { get, post } from '../../api.ts'
import { queries } from '../../queries.ts'
import { Progress } from '../../ui/act/bulk-bar.tsx'
import { Button } from '../../ui/base/button.tsx'
import { every } from '../../ui/base/every.ts'
import { count } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { platformErrorText } from '../../ui/base/platform-error.ts'
import { useAllowed } from '../../ui/base/session.ts'
import { Dot } from '../../ui/base/status.tsx'
import { browserSetting } from '../../ui/base/store.ts'
import { span } from '../../ui/base/time.ts'
import { shared } from '../../ui/base/words.ts'
import { listWords } from '../../ui/list/list-words.ts'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import { allOut, leftOutText } from '../print-words.ts'
import type { NumberRun, OpenPrintJob } from '../types.ts'
import { dismiss, giveUp, goOn, type PrintRun, stop, usePrintRun } from './print-runner.ts'

/** Below the batches: how far requests for numbers and print jobs are, with what the clerk has to settle. */
export function JobStrips() {
  const may = useAllowed()('fulfilment.ship') === undefined
  if (!may) return null
  return (
    <>
      <NumberStrip />
      <PrintStrip />
      <OpenJobs />
    </>
  )
}

function Strip(props: { label: string; children: ReactNode; end: ReactNode }) {
  return (
    <section className="job-strip" aria-label={props.label}>
      {props.children}
      <span className="row push">{props.end}</span>
    </section>
  )
}

const Link = (props: { onClick: () => void; children: ReactNode }) => (
  <button type="button" className="link" onClick={props.onClick}>
    {props.children}
  </button>
)

const nothingToStop: LocalizedPair = [
  '已经全部送出，停不了，等结果',
  'All were sent already; wait for the answers',
]
const numberWords: LocalizedPair = ['取号', 'Numbers']
/** The run that the user has closed, by its start. */
const closedRun = browserSetting('numbers.closed', '')

function NumberStrip() {
  const say = useSay()
  const [reasons, setReasons] = useState(false)
  const { data } = useQuery({
    queryKey: ['number-runs'],
    queryFn: () => get('/number-runs/last'),
    refetchInterval: (asked) => every((asked.state.data?.run?.open ?? 0) > 0 ? 1_000 : 5_000)(asked),
  })
  const closed = closedRun.use()
  const run = data?.run
  useReadWhenMoved(run?.open ?? 0)
  const halt = useMutation({
    mutationFn: () => post('/number-runs/stop', {}),
    onSuccess: ({ stopped }) => {
      if (stopped === 0) toast('warn', say(nothingToStop))
      return queries.invalidateQueries()
    },
    onError: toastError,
  })
  if (!run || (run.open === 0 && closed === run.startedAt)) return null
  const done = run.taken + run.failed
  const label = say(numberWords)
  return (
    <Strip
      label={label}
      end={
        run.open > 0 ? (
          <>
            <span className="t3">{say(['取到即进「待打印」', 'they move to To print as they come'])}</span>
            <Link onClick={() => halt.mutate()}>{say(listWords.stop)}</Link>
          </>
        ) : (
          <Link onClick={() => closedRun.set(run.startedAt)}>{say(['收起', 'Close'])}</Link>
        )
      }
    >
      <span>{label}</span>
      <Progress done={done} total={run.total} label={label} />
      <span className="num">{`${count(done)} / ${count(run.total)}`}</span>
      <span className="num t2">{say(listWords.succeeded, { n: count(run.taken) })}</span>
      {run.failed > 0 && (
        <Link onClick={() => setReasons(true)}>
          {say(['拒绝 {n}，看原因', '{n} refused: why'], { n: count(run.failed) })}
        </Link>
      )}
      <TimeLeft run={run} />
      {reasons && <Reasons run={run} onClose={() => setReasons(false)} />}
    </Strip>
  )
}

/** Reads the list again while numbers come in. */
function useReadWhenMoved(open: number): void {
  const before = useRef(open)
  useEffect(() => {
    if (before.current === open) return
    before.current = open
    void queries.invalidateQueries({ queryKey: ['/deliveries'] })
  }, [open])
}

function TimeLeft({ run }: { run: NumberRun }) {
  const say = useSay()
  const done = run.taken + run.failed
  if (run.open === 0 || done === 0) return null
  const left = ((Date.now() - Date.parse(run.startedAt)) / done) * run.open
  return <span className="t3 num">{say(listWords.left, { span: span(left) })}</span>
}

function reasonText({ code, message }: NumberRun['reasons'][number], say: Say): string {
  if (code === 'stopped') return say(['取号停了，没有发出', 'Stopped before it was sent'])
  return message === '' ? say(['没有取到', 'No number came']) : platformErrorText(message, say)
}

function Reasons({ run, onClose }: { run: NumberRun; onClose: () => void }) {
  const say = useSay()
  const title = say(['{n} 单没取到号', '{n} got no number'], { n: count(run.failed) })
  return (
    <Dialog
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <Button autoFocus onClick={onClose}>
          {say(shared.close)}
        </Button>
      }
    >
      <ul className="reason-list">
        {run.reasons.map((one) => (
          <li key={`${one.code} ${one.message}`} className="row">
            <Dot tone="warn" />
            <span>{reasonText(one, say)}</span>
            <b className="num">{count(one.count)}</b>
            <PageLink
              to="/print-desk"
              search={{ tab: 'number', ids: one.ids.join(',') }}
              className="link push"
              onClick={onClose}
            >
              {say(['看这些单', 'See them'])}
            </PageLink>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

const printWords: LocalizedPair = ['打印', 'Printing']
const giveUpWords: LocalizedPair = ['不打了', 'Give up']

/** The job that this browser prints, or has just ended. */
function PrintStrip() {
  const say = useSay()
  const { run } = usePrintRun()
  if (!run || run.state === 'stopped') return null
  const printer = run.printer || say(['默认打印机', 'default printer'])
  return (
    <Strip label={say(printWords)} end={<PrintEnd run={run} />}>
      <span>
        {say(printWords)} <span className="t3">{printer}</span>
      </span>
      <Progress done={run.printed} total={run.total} label={say(printWords)} />
      <span className="num" role="status">
        {run.state === 'done'
          ? say(['打完了，{n} 张', 'All printed: {n}'], { n: count(run.printed) })
          : `${count(run.printed)} / ${count(run.total)}`}
      </span>
      {run.state === 'done' && <span className="ink-warn cut">{leftOutText(run.rows, say)}</span>}
      {run.state === 'failed' && (
        <span className="ink-bad cut">
          {say(['第 {n} 张没打出来：{why}', 'Label {n} did not come out: {why}'], {
            n: run.printed + 1,
            why: run.message,
          })}
        </span>
      )}
      {run.state === 'gone' && (
        <>
          <span className="ink-bad cut">
            {run.message || say(['打印组件断了', 'The print client disconnected'])}
          </span>
          <LastLabel id={run.id} printer={run.printer} />
        </>
      )}
      {run.state === 'asked' && <LastLabel id={run.id} printer={run.printer} lastSheet={run.lastSheet} />}
    </Strip>
  )
}

function PrintEnd({ run }: { run: PrintRun }) {
  const say = useSay()
  const halt = () => void stop(run.id).catch(toastError)
  if (run.state === 'done') return <Link onClick={dismiss}>{say(['收起', 'Close'])}</Link>
  if (run.state === 'printing') return <Link onClick={halt}>{say(listWords.stop)}</Link>
  if (run.state !== 'failed') return null
  return (
    <>
      <Button size="small" onClick={() => void goOn(run.id, run.printer).catch(toastError)}>
        {say(['继续打', 'Go on'])}
      </Button>
      <Link onClick={halt}>{say(giveUpWords)}</Link>
    </>
  )
}

/** Jobs that a reload or another machine has left with labels in them. */
function OpenJobs() {
  const { run } = usePrintRun()
  const { data } = useQuery({
    queryKey: ['print-jobs'],
    queryFn: () => get('/print-jobs'),
    refetchInterval: every(15_000),
  })
  return (data?.rows ?? [])
    .filter(({ id }) => id !== run?.id)
    .map((job) => <OpenJob key={job.id} job={job} busy={run?.state === 'printing'} />)
}

function OpenJob({ job, busy }: { job: OpenPrintJob; busy: boolean }) {
  const say = useSay()
  const label = say(['没打完的打印', 'Unfinished printing'])
  return (
    <Strip
      label={label}
      end={
        <>
          {job.spooled === 0 && !busy && (
            <Button size="small" onClick={() => void goOn(job.id, job.printer).catch(toastError)}>
              {say(['继续打', 'Go on'])}
            </Button>
          )}
          {job.spooled === 0 && (
            <Link onClick={() => void stop(job.id).catch(toastError)}>{say(giveUpWords)}</Link>
          )}
        </>
      }
    >
      <span>
        {label} <span className="t3">{job.printer || say(['默认打印机', 'default printer'])}</span>
      </span>
      <Progress done={job.printed} total={job.total} label={label} />
      <span className="num">{`${count(job.printed)} / ${count(job.total)}`}</span>
      {job.spooled > 0 && (
        <>
          <span className="ink-warn num">
            {say(['未确定 {n}', '{n} not sure'], { n: count(job.spooled) })}
          </span>
          {!busy && <LastLabel id={job.id} printer={job.printer} />}
        </>
      )}
    </Strip>
  )
}

/**
 * After a lost connection or a reload the clerk names the last label in her hand; then the rest is printed, or given up. `lastSheet`: up to this place the
 * browser has printed labels, and does not know whether they came out.
 */
function LastLabel({ id, printer, lastSheet }: { id: string; printer: string; lastSheet?: number }) {
  const say = useSay()
  const { data } = useQuery({
    queryKey: ['print-jobs', id],
    queryFn: () => get('/print-jobs/:id', { id }),
    gcTime: 0,
  })
  const unsure = (data?.rows ?? []).filter(
    ({ state, seq }) => state === 'spooled' && (lastSheet === undefined || seq <= lastSheet),
  )
  const [last, setLast] = useState('')
  const label = say(['手里最后一张面单是', 'The last label in your hand is'])
  const go = (at: number | undefined) => void goOn(id, printer, at).catch(toastError)
  if (!data) return null
  if (unsure.length === 0)
    return (
      <>
        <Button size="small" onClick={() => go(undefined)}>
          {say(['继续打', 'Go on'])}
        </Button>
        <Link onClick={() => void stop(id).catch(toastError)}>{say(giveUpWords)}</Link>
      </>
    )
  const why = last === '' ? say(['先选最后一张', 'Choose the last label first']) : undefined
  return (
    <>
      {lastSheet !== undefined && (
        <Button size="small" kind="primary" onClick={() => go(lastSheet)}>
          {say(allOut, { n: count(unsure.length) })}
        </Button>
      )}
      <label className="row">
        <span>{label}</span>
        <select className="input" value={last} onChange={(event) => setLast(event.target.value)}>
          <option value="">{say(['选择…', 'Choose…'])}</option>
          <option value={String((unsure[0]?.seq ?? 1) - 1)}>
            {say(['这几张都没出来', 'None of these came out'])}
          </option>
          {unsure.map(({ seq, waybillNo, n, packageCount }) => (
            <option key={seq} value={String(seq)}>
              {packageCount > 1 ? `${waybillNo} (${n}/${packageCount})` : waybillNo}
            </option>
          ))}
        </select>
      </label>
      <Button
        size="small"
        kind={lastSheet === undefined ? 'primary' : 'plain'}
        why={why}
        onClick={() => go(Number(last))}
      >
        {say(['继续打', 'Go on'])}
      </Button>
      <Button
        size="small"
        kind="quiet"
        why={why}
        onClick={() => void giveUp(id, Number(last)).catch(toastError)}
      >
        {say(giveUpWords)}
      </Button>
    </>
  )
}
