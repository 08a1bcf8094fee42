import { useQuery } from '@tanstack/react-query'
import { isPlainLabel } from '../../../server/carriers/plain-label-contract.ts'
import { post } from '../api.ts'
import { queries } from '../queries.ts'
import { say } from '../words.ts'
import type { Printed } from './papers/label-areas.ts'
import { accountsQuery } from './papers/paper-queries.ts'
import { connectPrintClients, type PrintClient } from './print-client.ts'
import type { JobCalls, NextDocument } from './print-run.ts'
import { missingClient } from './print-words.ts'

/** Connects the print clients of this machine. None has to be there if the browser itself prints the labels of some account. */
export const connectPrinting = (): Promise<PrintClient> =>
  connectPrintClients((source) => say(missingClient(source)), browserPrints)

async function browserPrints(): Promise<boolean> {
  const { rows } = await queries.fetchQuery(accountsQuery)
  return rows.some(({ source }) => isPlainLabel(source))
}

/** Lays the custom areas of our templates over these labels. The templates are loaded only where something is laid over a label. */
export const laidOver = async <Document extends Printed>(documents: Document[]): Promise<Document[]> =>
  documents.some(({ contents }) => contents[1])
    ? (await import('./papers/label-areas.ts')).withAreas(documents)
    : documents

/** Reports results of a print job, and takes its next documents as the print clients get them. */
export const nextDocuments =
  (id: string): JobCalls['next'] =>
  async (results, most) =>
    laidOver((await post('/print-jobs/:id/next', { results, most }, { id })).documents)

/** Opens the browser's print dialog for these labels, and settles when it is closed. */
export async function printInBrowser(documents: readonly NextDocument[]): Promise<void> {
  const { printPlainLabels } = await import('./plain-labels.tsx')
  await printPlainLabels(documents)
}

/** Connects the print client and asks for its printers. The connection ends with the dialog, also if that closes before the answer. */
async function openClient({ signal }: { signal: AbortSignal }) {
  const connected = await connectPrinting()
  signal.addEventListener('abort', connected.close)
  if (signal.aborted) connected.close()
  try {
    return { connected, printers: await connected.printers() }
  } catch (error) {
    connected.close()
    throw error
  }
}

/** The print client of an open dialog. `reconnect`: undefined if no client answers. */
export function usePrintClient() {
  const client = useQuery({
    ...{ queryKey: ['print-client'], retry: false, gcTime: 0, staleTime: Number.POSITIVE_INFINITY },
    queryFn: openClient,
  })
  const hangUp = () => client.data?.connected.close()
  const reconnect = async () => {
    hangUp()
    const { data, error } = await client.refetch()
    return error ? undefined : data?.connected
  }
  return { client, hangUp, reconnect }
}
