import { type PrintClient, PrintClientGone, type PrintedResult } from './print-client.ts'

export type NextDocument = {
  seq: number
  documentId: string
  source: string
  contents: readonly unknown[]
}
type SeqResult = PrintedResult & { seq: number }

/** The server's side of a print job. */
export type JobCalls = {
  next(results: readonly SeqResult[], most: number): Promise<readonly NextDocument[]>
}

/** Labels that the print client gets at once: few, because after a lost connection a person looks for the last printed one among them. */
const atOnce = 5

export type RunEnd = 'done' | 'stopped' | 'failed' | 'gone'

/**
 * Prints the documents of a job one after another and reports each result with the next request. It ends at the first label that failed,
 * so that the clerk can mend the printer; documents that were handed out and not printed stay spooled.
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
      for (const document of documents) {
        if (isStopped()) {
          end = 'stopped'
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
