import { useEffect, useRef } from 'react'
import type { PrintedResult } from '../../../../server/carriers/print-protocol-contract.ts'
import { errorText, get, post } from '../../api.ts'
import { say } from '../../words.ts'
import { nextDocuments, printInBrowser } from '../browser-prints.ts'
import { printClient, printersNow } from '../desk/print-runner.ts'
import { PrintClientGone } from '../print-client.ts'
import { runPrintJob } from '../print-run.ts'
import { leftOutText } from '../print-words.ts'
import { printerSetting } from '../printer-setting.ts'
import { stationWords as words } from './station-words.ts'
import type { StationParcel } from './use-station.ts'

// 后置打印: the label prints by itself when the last piece is checked.

const lookMs = 150
/** A source that does not give a number within this time is left to the clerk. */
const patienceMs = 30_000

/** `why`: the reason why the label did not come out; undefined: it did, empty: the scan has said why. */
type Ended = {
  why: string | undefined
  /**
   * The browser printed it and does not know whether it came out. The label in the clerk's hand shows it, of several packages the last one, so
   * its scan settles the job.
   */
  unsure?: { sheets: readonly string[]; job: string }
}

/** Prints the label of each parcel that asks for it, once. */
export function useLabelAtLast(
  parcel: StationParcel | null,
  onEnd: (parcel: StationParcel, why: string | undefined) => void,
): { beforeScan: (code: string) => Promise<unknown> | undefined } {
  const printing = useRef<string>(undefined)
  const busy = useRef(false)
  const unsure = useRef<Ended['unsure']>(undefined)
  const ended = useRef(onEnd)
  ended.current = onEnd
  useEffect(() => {
    if (!parcel) printing.current = undefined
    if (!parcel?.labelNow || printing.current === parcel.deliveryId) return
    printing.current = parcel.deliveryId
    busy.current = true
    void labelOf(parcel.deliveryId).then((end) => {
      busy.current = false
      unsure.current = end.unsure
      ended.current(parcel, end.why)
    })
  }, [parcel])
  return {
    /** A label that did not come out is tried again with the answer to the scan. Returns a promise if the scan has to wait for it. */
    beforeScan(code) {
      if (busy.current) return undefined
      const sheet = unsure.current
      const last = 1 + (sheet?.sheets.indexOf(code.toUpperCase()) ?? -1)
      if (sheet && last > 0 && last < sheet.sheets.length) return undefined
      unsure.current = undefined
      printing.current = undefined
      return sheet && last > 0 ? post('/print-jobs/:id/settle', { last }, { id: sheet.job }) : undefined
    },
  }
}

async function labelOf(deliveryId: string): Promise<Ended> {
  try {
    const number = await numberOf(deliveryId)
    return 'why' in number ? number : await printLabel(deliveryId, number.sheets)
  } catch (error) {
    return { why: error instanceof PrintClientGone ? say(words.noClient) : errorText(error) }
  }
}

/** Waits for the number of the delivery. Returns the numbers of its labels. */
async function numberOf(deliveryId: string): Promise<{ sheets: string[] } | { why: string }> {
  for (const began = Date.now(); Date.now() - began < patienceMs; ) {
    const { rows } = await get('/deliveries', { ids: deliveryId, tab: 'all' })
    const [row] = rows
    if (row?.waybillNo) return { sheets: row.packageNos.length > 0 ? row.packageNos : [row.waybillNo] }
    if (row?.numberState === 'failed') return { why: row.numberError }
    // It was not asked for, and the scan said why.
    if (row?.numberState === '') return { why: '' }
    await new Promise((settle) => setTimeout(settle, lookMs))
  }
  return { why: say(words.noNumberYet) }
}

/** Returns why labels of the ended job were left out, such as a stop of the order after the scan; undefined: none was. */
async function leftOut(job: string): Promise<string | undefined> {
  const { rows } = await get('/print-jobs/:id', { id: job })
  return leftOutText(rows, say) || undefined
}

async function printLabel(deliveryId: string, sheets: readonly string[]): Promise<Ended> {
  // A connection that broke off since the last label is made again.
  await printersNow().catch(() => undefined)
  const client = await printClient()
  const printer = printerSetting.read()
  const { job, results } = await post('/print-jobs', { ids: [deliveryId], printer, reason: '' })
  if (job === null) return { why: say(results[0]?.message ?? words.notPrinted) }
  const id = { id: job }
  let why = ''
  let count = 0
  const onResult = ({ printed, message }: PrintedResult) => {
    why = printed ? '' : message
    count += printed ? 1 : 0
  }
  const end = await runPrintJob(
    client,
    {
      next: nextDocuments(job),
      printSheets: printInBrowser,
    },
    { printer, isStopped: () => false, onResult },
  )
  if (end === 'done') return { why: count >= sheets.length ? undefined : await leftOut(job) }
  if (end === 'gone') return { why: say(words.unsure) }
  if (end === 'asked') return { why: say(words.fromBrowser), unsure: { sheets, job } }
  await post('/print-jobs/:id/settle', { last: 0 }, id)
  await post('/print-jobs/:id/stop', {}, id)
  return { why }
}
