import { type PrintClient, startPrintClient } from '../sandbox/print-client.ts'
import { until } from '../server/testing/until.ts'

/** Starts a print client at its usual port, which the pages know. Another test file that has the port at the same time is waited for. */
export async function aPrintClient(
  options: Parameters<typeof startPrintClient>[0] = {},
): Promise<PrintClient> {
  const started: PrintClient[] = []
  await until(async () => {
    const client = await startPrintClient(options).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
    })
    if (client) started.push(client)
    return client !== undefined
  }, 200_000)
  const [client] = started
  if (!client) throw new Error('No print client was started.')
  return client
}
