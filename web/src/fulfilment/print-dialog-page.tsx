import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { errorText, get, post } from '../api.ts'
import { useOneAtATime } from '../phone/use-in-turn.ts'
import { Button } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { shared } from '../ui/base/words.ts'
import { Choice, TextField } from '../ui/form/form.tsx'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { nextDocuments, printInBrowser, usePrintClient } from './browser-prints.ts'
import type { PrintClient } from './print-client.ts'
import { runPrintJob } from './print-run.ts'
import {
  allOut,
  leftOutText,
  lookingForClient,
  namesOfClients,
  noAnswer,
  type Refused,
  reasonsOf,
} from './print-words.ts'
import { printerSetting } from './printer-setting.ts'
import type { DeliveryRow, PrintingJob as Job, PrintJob, PrintDialogState as State } from './types.ts'

const titleWords: LocalizedPair = ['打印面单', 'Print labels']

/** 打印面单: hands the labels of these deliveries to the print client on this machine, one after another. */
export default function PrintDialog(props: { rows: readonly DeliveryRow[]; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const { client, hangUp, reconnect } = usePrintClient()
  const run = usePrinting(props.rows, reconnect)
  const close = () => {
    props.onClose()
    // The label that the print client has got comes out; without the connection its result would be lost.
    const late = setTimeout(() => {
      hangUp()
      toast('warn', say(noAnswer))
    }, lastLabelMs)
    void run.close().finally(() => {
      clearTimeout(late)
      hangUp()
      return queries.invalidateQueries({ queryKey: ['/deliveries'] })
    })
  }
  const title = say(titleWords)
  const open = client.data?.connected
  return (
    <Dialog
      title={title}
      label={title}
      onClose={close}
      foot={<Foot run={run} client={open} onClose={close} />}
    >
      {client.isFetching && <p role="status">{say(lookingForClient, { names: namesOfClients(say) })}</p>}
      {client.error && !client.isFetching && (
        <Note tone="bad">
          {say(
            [
              '没连上打印组件。打开这台电脑上的{names}打印组件，再点重试。',
              'No print client answers. Start that of {names} on this computer, then retry.',
            ],
            { names: namesOfClients(say) },
          )}{' '}
          <Button size="small" onClick={() => void client.refetch()}>
            {say(['重试', 'Retry'])}
          </Button>
        </Note>
      )}
      {client.data && run.state.step === 'choose' && (
        <ChooseFields run={run} printers={client.data.printers} count={props.rows.length} />
      )}
      {run.state.step !== 'choose' && <Progress run={run} />}
      {run.error !== undefined && <Note tone="bad">{run.error}</Note>}
    </Dialog>
  )
}

/** How long a closed dialog waits for the result of the label that the print client has got. After it, nothing says whether it came out. */
const lastLabelMs = 10_000

type Printing = ReturnType<typeof usePrinting>

/** The print job of a dialog: begun once, and gone on with after a jam or a break. `reconnect`: undefined if no client answers. */
function usePrinting(rows: readonly DeliveryRow[], reconnect: () => Promise<PrintClient | undefined>) {
  const [state, setState] = useState<State>({ step: 'choose' })
  const [refused, setRefused] = useState<readonly Refused[]>([])
  const [error, setError] = useState<string>()
  const printer = printerSetting.use()
  const [reason, setReason] = useState('')
  // Only this package is printed; empty: all.
  const [onlyPackage, setOnlyPackage] = useState('')
  const stopped = useRef(false)
  const closed = useRef(false)
  const begun = useRef<string>(undefined)
  const { isBusy, one, ended } = useOneAtATime((cause) => {
    setError(errorText(cause))
    // The documents that were handed out may have been printed: the clerk settles them as after a break.
    setState((now) =>
      now.step === 'printing' ? { ...now, step: 'ended', end: 'gone', message: '', lastSheet: 0 } : now,
    )
  })
  const go = async (client: PrintClient, job: Job, printed: number) => {
    // Closed while the job was being made: nothing is handed out.
    if (closed.current) return
    stopped.current = false
    await runJob(client, job, printed, { printer, show: setState, isStopped: () => stopped.current })
  }
  const start = async (client: PrintClient) => {
    const ids = rows.map(({ id }) => id)
    const packages = onlyPackage === '' ? {} : { packages: [Number(onlyPackage)] }
    const { job, results } = await post('/print-jobs', { ids, printer, reason, ...packages })
    setRefused(results.filter(({ done }) => !done))
    if (job === null) return
    begun.current = job
    // A merged shipment has one label, so there may be fewer labels than deliveries.
    const { rows: documents } = await get('/print-jobs/:id', { id: job })
    await go(client, { id: job, total: documents.length }, 0)
  }
  const goOn = async (job: Job, connected: PrintClient | undefined, last: number | undefined) => {
    setError(undefined)
    const client = connected ?? (await reconnect())
    if (!client) return
    if (last !== undefined) await post('/print-jobs/:id/settle', { last }, { id: job.id })
    const { rows: documents } = await get('/print-jobs/:id', { id: job.id })
    await go(client, job, documents.filter((one) => one.state === 'printed').length)
  }
  return {
    ...{ state, isBusy, refused, error, printer, reason, setReason, onlyPackage, setOnlyPackage },
    packages: rows.length === 1 ? (rows[0]?.packageCount ?? 1) : 1,
    setPrinter: printerSetting.set,
    start: (client: PrintClient) => one(() => start(client)),
    /** Goes on after a jam, with the open client. */
    goOn: (client: PrintClient) => state.step === 'ended' && one(() => goOn(state.job, client, undefined)),
    /** Goes on after a break, with a client that is connected now. `last`: the place of the last label that came out. */
    goOnAfter: (last: number) => state.step === 'ended' && one(() => goOn(state.job, undefined, last)),
    stop: () => {
      stopped.current = true
    },
    /** Ends the job after the label that is being printed: labels that were not handed out are printed by another job, without a reason. */
    async close() {
      stopped.current = true
      closed.current = true
      await ended()
      if (begun.current !== undefined)
        await post('/print-jobs/:id/stop', {}, { id: begun.current }).catch(toastError)
    },
  }
}

type Run = {
  printer: string
  show: (state: State) => void
  isStopped: () => boolean
}

/** Prints the labels of the job that are left, and shows how far it is and how it ended. */
async function runJob(client: PrintClient, job: Job, already: number, run: Run): Promise<void> {
  let printed = already
  let message = ''
  let last = 0
  let lastSheet = 0
  run.show({ step: 'printing', job, printed })
  const end = await runPrintJob(
    client,
    {
      next: nextDocuments(job.id),
      async printSheets(documents) {
        lastSheet = documents.at(-1)?.seq ?? 0
        await printInBrowser(documents)
      },
    },
    {
      ...{ printer: run.printer, isStopped: run.isStopped },
      onResult(result) {
        if (result.printed) last = result.seq
        else message = result.message
        printed += result.printed ? 1 : 0
        run.show({ step: 'printing', job, printed })
      },
    },
  )
  // The documents handed out after a jam or a stop were never sent to the print client, so that the clerk need not be asked.
  if (end === 'failed' || end === 'stopped') await post('/print-jobs/:id/settle', { last }, { id: job.id })
  const rows =
    end === 'done' && printed < job.total ? (await get('/print-jobs/:id', { id: job.id })).rows : []
  run.show({ step: 'ended', job, printed, end, message, lastSheet, rows })
}

function ChooseFields(props: { run: Printing; printers: { names: string[]; usual: string }; count: number }) {
  const say = useSay()
  const { run, printers } = props
  const again = run.refused.filter((one) => one.code === 'printed_already').length
  const others = run.refused.filter((one) => one.code !== 'printed_already')
  return (
    <>
      {printers.names.length === 0 && (
        <p className="t2 small">
          {say([
            '快递100 的面单由浏览器打，打印机在浏览器的对话框里选。',
            'Labels of 快递100 are printed by the browser, whose dialog has the printer.',
          ])}
        </p>
      )}
      <Choice
        label={say(['打印机', 'Printer'])}
        value={printers.names.includes(run.printer) ? run.printer : ''}
        options={[
          { value: '', label: say(['默认：{name}', 'Default: {name}'], { name: printers.usual }) },
          ...printers.names.map((name) => ({ value: name, label: name })),
        ]}
        onChange={run.setPrinter}
      />
      {again > 0 && (
        <TextField
          label={say(
            [
              '{n} 张打过或在没打完的打印里，重打的原因',
              '{n} were printed or wait in a print job; why again?',
            ],
            { n: again },
          )}
          value={run.reason}
          maxLength={200}
          autoFocus
          onChange={run.setReason}
        />
      )}
      {run.packages > 1 && (
        <Choice
          label={say(['打第几个包裹', 'Which package'])}
          value={run.onlyPackage}
          options={[
            { value: '', label: say(['全部 {n} 张', 'All {n}'], { n: run.packages }) },
            ...Array.from({ length: run.packages }, (_, at) => ({
              value: String(at + 1),
              label: `${at + 1}/${run.packages}`,
            })),
          ]}
          onChange={run.setOnlyPackage}
        />
      )}
      {others.length > 0 && <Note tone="warn">{reasonsOf(others, say)}</Note>}
      <p className="t2 small">
        {say(
          [
            '共 {n} 单，按列表顺序一张一张打。',
            '{n} {n|delivery|deliveries}, one label after another in the order of the list.',
          ],
          {
            n: props.count,
          },
        )}
      </p>
    </>
  )
}

function Progress({ run }: { run: Printing }) {
  const say = useSay()
  if (run.state.step === 'choose') return null
  const { job, printed } = run.state
  const figures = { printed, total: job.total }
  const leftOut = run.state.step === 'ended' ? leftOutText(run.state.rows ?? [], say) : ''
  return (
    <>
      <p role="status" className="num">
        {run.state.step === 'ended' && run.state.end === 'done'
          ? say(['打完了，{printed} 张', 'All printed: {printed}'], figures)
          : say(['已打 {printed} / {total}', '{printed} of {total} printed'], figures)}
      </p>
      {run.refused.length > 0 && <Note tone="warn">{reasonsOf(run.refused, say)}</Note>}
      {leftOut !== '' && <Note tone="warn">{leftOut}</Note>}
      <progress max={job.total} value={printed} style={{ width: '100%' }} />
      {run.state.step === 'ended' && run.state.end === 'failed' && (
        <Note tone="bad">
          {say(
            [
              '第 {n} 张没打出来：{why}。处理好打印机，继续打。',
              'Label {n} did not come out: {why}. Mend the printer, then go on.',
            ],
            {
              n: printed + 1,
              why: run.state.message,
            },
          )}
        </Note>
      )}
      {run.state.step === 'ended' && run.state.end === 'gone' && <LastLabel run={run} job={job.id} />}
      {run.state.step === 'ended' && run.state.end === 'asked' && (
        <LastLabel run={run} job={job.id} lastSheet={run.state.lastSheet} />
      )}
    </>
  )
}

/**
 * After a break the clerk names the last label in her hand. `lastSheet`: up to this place the browser has printed labels, and does not
 * know whether they came out.
 */
function LastLabel(props: { run: Printing; job: string; lastSheet?: number }) {
  const say = useSay()
  const { run } = props
  const found = useQuery({
    queryKey: ['print-jobs', props.job],
    queryFn: () => get('/print-jobs/:id', { id: props.job }),
    gcTime: 0,
  })
  const { lastSheet } = props
  const unsure = (found.data?.rows ?? []).filter(
    ({ state, seq }) => state === 'spooled' && (lastSheet === undefined || seq <= lastSheet),
  )
  const [last, setLast] = useState('')
  if (unsure.length === 0) return null
  return (
    <>
      {lastSheet !== undefined && (
        <Button kind="primary" busy={run.isBusy} onClick={() => run.goOnAfter(lastSheet)}>
          {say(allOut, { n: unsure.length })}
        </Button>
      )}
      <Choice
        label={say(
          lastSheet === undefined
            ? [
                '打印组件断了。手里最后一张面单是',
                'The print client disconnected. The last label in your hand is',
              ]
            : ['没有都出来：手里最后一张面单是', 'Not all came out: the last label in your hand is'],
        )}
        value={last}
        options={[
          { value: '', label: say(['选择…', 'Choose…']) },
          {
            value: String((unsure[0]?.seq ?? 1) - 1),
            label: say(['这几张都没出来', 'None of these came out']),
          },
          ...unsure.map(({ seq, waybillNo, n, packageCount }: PrintJob['rows'][number]) => ({
            value: String(seq),
            label: packageCount > 1 ? `${waybillNo} (${n}/${packageCount})` : waybillNo,
          })),
        ]}
        onChange={setLast}
      />
      <GoOnAfterBreak run={run} last={last} kind={lastSheet === undefined ? 'primary' : 'plain'} />
    </>
  )
}

function GoOnAfterBreak({ run, last, kind }: { run: Printing; last: string; kind: 'primary' | 'plain' }) {
  const say = useSay()
  return (
    <Button
      kind={kind}
      busy={run.isBusy}
      why={last === '' ? say(['先选最后一张', 'Choose the last label first']) : undefined}
      onClick={() => run.goOnAfter(Number(last))}
    >
      {say(['继续打', 'Go on'])}
    </Button>
  )
}

function Foot(props: { run: Printing; client: PrintClient | undefined; onClose: () => void }) {
  const say = useSay()
  const { run, client, onClose } = props
  const { state } = run
  if (state.step === 'printing') return <Button onClick={run.stop}>{say(['停', 'Stop'])}</Button>
  const canGoOn = state.step === 'ended' && (state.end === 'failed' || state.end === 'stopped')
  const again = state.step === 'choose' && run.refused.some(({ code }) => code === 'printed_already')
  const why =
    again && run.reason.trim() === ''
      ? say(['先写重打的原因', 'Say why they are printed again first'])
      : undefined
  return (
    <>
      <Button onClick={onClose}>{say(state.step === 'ended' ? ['关闭', 'Close'] : shared.cancel)}</Button>
      {client && state.step === 'choose' && (
        <Button
          kind="primary"
          why={why}
          busy={run.isBusy}
          autoFocus={!again}
          onClick={() => run.start(client)}
        >
          {say(['打印', 'Print'])}
        </Button>
      )}
      {client && canGoOn && (
        <Button kind="primary" busy={run.isBusy} onClick={() => run.goOn(client)}>
          {say(['继续打', 'Go on'])}
        </Button>
      )}
    </>
  )
}
