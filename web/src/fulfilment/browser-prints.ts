import { isPlainLabel } from '../../../server/carriers/plain-label-contract.ts'
import { post } from '../api.ts'
import { queries } from '../queries.ts'
import { say } from '../words.ts'
import { laidOver } from './laid-over.ts'
import { accountsQuery } from './papers/paper-queries.ts'
import { connectPrintClients, type PrintClient } from './print-client.ts'
import type { NextDocument, SeqResult } from './print-run.ts'
import { missingClient } from './print-words.ts'

/** Connects the print clients of this machine. None has to be there if the browser itself prints the labels of some account. */
export const connectPrinting = (): Promise<PrintClient> =>
  connectPrintClients((source) => say(missingClient(source)), browserPrints)

async function browserPrints(): Promise<boolean> {
  const { rows } = await queries.fetchQuery(accountsQuery)
  return rows.some(({ source }) => isPlainLabel(source))
}

/** Reports results of a print job, and takes its next documents as the print clients get them. */
export async function nextDocuments(
  id: string,
  results: readonly SeqResult[],
  most: number,
): Promise<NextDocument[]> {
  const body = { results: [...results], most }
  return laidOver((await post('/print-jobs/:id/next', body, { id })).documents)
}

/** Opens the browser's print dialog for these labels, and settles when it is closed. */
export async function printInBrowser(documents: readonly NextDocument[]): Promise<void> {
  const { printPlainLabels } = await import('./plain-labels.tsx')
  await printPlainLabels(documents)
}
