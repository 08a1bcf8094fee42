import { useSyncExternalStore } from 'react'
import type { Printers } from '../../../../server/carriers/print-protocol-contract.ts'
import { errorText, get, post } from '../../api.ts'
import { queries } from '../../queries.ts'
import { browserSetting } from '../../ui/base/store.ts'
import { connectPrinting, nextDocuments, printInBrowser } from '../browser-prints.ts'
import type { PrintClient } from '../print-client.ts'
import { type RunEnd, runPrintJob } from '../print-run.ts'
import type { PrintJob } from '../types.ts'

/** The print job that this browser works on. It goes on while other pages are open; a reload ends it, and the server keeps the rest. */
export type PrintRun = {
  id: string
  printer: string
  total: number
  printed: number
  state: 'printing' | RunEnd
  /** Why the last label did not come out, or why the job ended early. */
  message: string
  /** The place of the last label in the browser's print dialog; 0: the browser has printed none. */
  lastSheet: number
  /** The labels of the ended job, if not all are printed. */
  rows: PrintJob['rows']
}

type Snapshot = {
  run: PrintRun | undefined
  /** What a printer said when its last label did not come out, by the printer's name. */
  failures: Readonly<Record<string, string>>
}

/** 'yes': labels of the same goods are printed one after another. */
export const togetherSetting = browserSetting('print.together', 'yes')

const watchers = new Set<() => void>()
const watch = (watcher: () => void) => {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}
let now: Snapshot = { run: undefined, failures: {} }
let stopping = false
/** True while the unsure labels of a job are settled, before it prints. */
let starting = false
let following: { id: string; printer: string }[] = []
let connected: Promise<PrintClient> | undefined

const change = (next: Partial<Snapshot>) => {
  now = { ...now, ...next }
  for (const watcher of watchers) watcher()
}

export const usePrintRun = (): Snapshot => useSyncExternalStore(watch, () => now)

/** Connects the print clients once; after a lost connection they are connected again. */
export function printClient(): Promise<PrintClient> {
  connected ??= connectPrinting().catch((error: unknown) => {
    connected = undefined
    throw error
  })
  return connected
}

export async function printersNow(): Promise<Printers> {
  try {
    return await (await printClient()).printers()
  } catch (error) {
    connected = undefined
    throw error
  }
}

/** Closes the connection, unless labels are being printed. */
export function letGo(): void {
  if (isBusy()) return
  void connected?.then((client) => client.close()).catch(() => undefined)
  connected = undefined
}

const isBusy = () => starting || now.run?.state === 'printing'

const leaveQueue = (id: string) => {
  following = following.filter((one) => one.id !== id)
}

/** Prints a job; after the job that is being printed, if there is one. */
export function begin(id: string, printer: string): void {
  if (isBusy()) following = [...following, { id, printer }]
  else void go(id, printer)
}

/** Goes on with a job. `last`: the label in the clerk's hand after a lost connection, by its place; undefined: nothing is unsure. */
export async function goOn(id: string, printer: string, last?: number): Promise<void> {
  if (isBusy()) return
  leaveQueue(id)
  starting = true
  try {
    if (last !== undefined) await post('/print-jobs/:id/settle', { last }, { id })
  } finally {
    starting = false
  }
  await go(id, printer)
}

/** Stops the job: the labels that were not handed out are printed by another job, without a reason. */
export async function stop(id: string): Promise<void> {
  leaveQueue(id)
  if (now.run?.id === id && now.run.state === 'printing') {
    stopping = true
    return
  }
  await post('/print-jobs/:id/stop', {}, { id })
  if (now.run?.id === id) change({ run: undefined })
  await readAgain()
}

/** Gives up a job with unsure labels. `last`: the label in the clerk's hand, by its place; the later ones did not come out. */
export async function giveUp(id: string, last: number): Promise<void> {
  await post('/print-jobs/:id/settle', { last }, { id })
  await stop(id)
}

export const dismiss = () => change({ run: undefined })

const readAgain = () =>
  Promise.all([
    queries.invalidateQueries({ queryKey: ['/deliveries'] }),
    queries.invalidateQueries({ queryKey: ['print-jobs'] }),
  ])

async function go(id: string, printer: string): Promise<void> {
  stopping = false
  const run: Omit<PrintRun, 'state'> = {
    ...{ id, printer, total: 0, printed: 0, message: '', lastSheet: 0, rows: [] },
  }
  change({ run: { ...run, state: 'printing' } })
  try {
    const { rows } = await get('/print-jobs/:id', { id })
    run.total = rows.length
    run.printed = rows.filter(({ state }) => state === 'printed').length
    change({ run: { ...run, state: 'printing' } })
    const end = await print(run)
    if (end === 'done' && run.printed < run.total) run.rows = (await get('/print-jobs/:id', { id })).rows
    change({ run: { ...run, state: end } })
  } catch (error) {
    // The labels that were handed out may have been printed: the clerk settles them as after a lost connection.
    connected = undefined
    change({ run: { ...run, state: 'gone', message: errorText(error) } })
  }
  await readAgain()
  const [next, ...rest] = following
  if (!next || now.run?.state !== 'done') return
  following = rest
  await go(next.id, next.printer)
}

async function print(run: Omit<PrintRun, 'state'>): Promise<RunEnd> {
  const { id, printer } = run
  const client = await printClient()
  let last = 0
  const end = await runPrintJob(
    client,
    {
      next: nextDocuments(id),
      async printSheets(documents) {
        run.lastSheet = documents.at(-1)?.seq ?? 0
        await printInBrowser(documents)
      },
    },
    {
      printer,
      isStopped: () => stopping,
      onResult(result) {
        if (result.printed) {
          last = result.seq
          run.printed += 1
        } else run.message = result.message
        const { [printer]: _before, ...others } = now.failures
        change({
          run: { ...run, state: 'printing' },
          failures: result.printed ? others : { ...others, [printer]: result.message },
        })
      },
    },
  )
  if (end === 'gone') connected = undefined
  // The documents handed out after a jam or a stop never came to the print client, so that the clerk need not be asked.
  if (end === 'failed' || end === 'stopped') await post('/print-jobs/:id/settle', { last }, { id })
  if (end === 'stopped') await post('/print-jobs/:id/stop', {}, { id })
  return end
}
