import { isPlainLabel } from '../../../server/carriers/plain-label-contract.ts'
import type { PrintedResult } from '../../../server/carriers/print-protocol-contract.ts'
import { type PrintClient, PrintClientGone } from './print-client.ts'

export type NextDocument = {
  seq: number
  documentId: string
  source: string
  contents: readonly unknown[]
}
type SeqResult = PrintedResult & { seq: number }

/** The server's side of a print job. */
export type JobCalls = {
  next: (results: SeqResult[], most: number) => Promise<readonly NextDocument[]>
  /** Opens the browser's print dialog for labels that no print client prints, and settles when it is closed. */
  printSheets(documents: readonly NextDocument[]): Promise<void>
}

/** Labels that the print client gets at once: few, because after a lost connection a person looks for the last printed one among them. */
const atOnce = 5
/** The most labels of one dialog of the browser, and how many are handed out at once for it. */
const mostSheets = 100
const sheetsAtOnce = 20

/** `asked`: the browser has printed labels and does not know which came out, so that the clerk names the last one. */
export type RunEnd = 'done' | 'stopped' | 'failed' | 'gone' | 'asked'

/**
 * Prints the documents of a job one after another and reports each result with the next request. It ends at the first label that failed,
 * so that the clerk can mend the printer; documents that were handed out and not printed stay spooled. Labels that the browser prints are
 * put into one dialog as long as they follow each other.
 */
export async function runPrintJob(
  client: PrintClient,
  job: JobCalls,
  {
    printer,
    isStopped,
    onResult,
  }: { printer: string; isStopped: () => boolean; onResult: (one: SeqResult) => void },
): Promise<RunEnd> {
  let results: SeqResult[] = []
  let end: RunEnd = 'done'
  try {
    while (end === 'done') {
      const documents = await job.next(results, atOnce)
      results = []
      if (documents.length === 0) return 'done'
      for (const [at, document] of documents.entries()) {
        if (isStopped()) {
          end = 'stopped'
          break
        }
        if (isPlainLabel(document.source)) {
          const sheets = await sheetsFrom(job, results.splice(0), documents.slice(at))
          await job.printSheets(sheets)
          end = 'asked'
          break
        }
        const result = { seq: document.seq, ...(await client.print(document, printer)) }
        results.push(result)
        onResult(result)
        if (!result.printed) {
          end = 'failed'
          break
        }
      }
    }
  } catch (error) {
    if (!(error instanceof PrintClientGone)) throw error
    end = 'gone'
  }
  await job.next(results, 0)
  return end
}

/** Returns the plain labels at the head of these documents, with those that follow in the job. Reports the results of the labels before them. */
async function sheetsFrom(
  job: JobCalls,
  results: SeqResult[],
  documents: readonly NextDocument[],
): Promise<NextDocument[]> {
  const sheets = [...documents]
  let unreported = results
  while (sheets.every(({ source }) => isPlainLabel(source)) && sheets.length < mostSheets) {
    const more = await job.next(unreported, sheetsAtOnce)
    unreported = []
    sheets.push(...more)
    if (more.length === 0) break
  }
  if (unreported.length > 0) await job.next(unreported, 0)
  const other = sheets.findIndex(({ source }) => !isPlainLabel(source))
  return other < 0 ? sheets : sheets.slice(0, other)
}
