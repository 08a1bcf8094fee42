import { printClients } from '../../../server/carriers/print-clients-contract.ts'
import {
  isMessage,
  type LabelDocument,
  type LabelPreview,
  type PrintedResult,
  type Printers,
  type PrintMessage,
  type PrintProtocol,
} from '../../../server/carriers/print-protocol-contract.ts'
import type { LocalizedText } from '../../../server/lib/localized-text.ts'

// 打印组件: the print clients of the platforms on the clerk's machine, each with its own protocol.

type PrintSource = keyof typeof printClients
const isPrintSource = (source: string): source is PrintSource => Object.hasOwn(printClients, source)
/** A client that is not installed refuses at once; one that does not open, or does not name its printers, is given up after this time. */
const answerMs = 5_000

/** A label with the source whose print client prints it. */
export type LabelOfSource = LabelDocument & { source: string }

/** The connection to the print client. Every promise is rejected with `PrintClientGone` once the connection ends. */
export type PrintClient = {
  printers(): Promise<Printers>
  /** Resolves when the client says that the label came out, or that it did not. */
  print(document: LabelOfSource, printer: string): Promise<PrintedResult>
  /** Draws the label and prints nothing. A text says why there is no picture. */
  preview(document: LabelOfSource): Promise<LabelPreview | LocalizedText | string>
  /** Ends the connection at once. Answers that have not come are rejected. */
  close(): void
}

export class PrintClientGone extends Error {}

type Waiting<Result> = {
  resolve(result: Result): void
  reject(error: Error): void
  /** True for the message that is waited for; undefined: the first one is. */
  isLast?: ((result: Result) => boolean) | undefined
}

/**
 * Connects the clients of all sources that run on this machine; rejected if there is none, unless the browser prints some labels
 * (`withoutAny`). Each prints the labels of its source, on the printer of the same name. A label whose client does not run is not printed,
 * for the reason that `missing` gives. `addressOf`: where the client of a source answers.
 */
export async function connectPrintClients(
  missing: (source: string) => string,
  withoutAny: () => Promise<boolean> = async () => false,
  addressOf: (source: PrintSource) => string = (source) => printClients[source].url,
): Promise<PrintClient> {
  const open = new Map<string, PrintClient>()
  const connect = async (source: PrintSource) => {
    const client = await connectPrintClient(source, addressOf(source))
    open.set(source, client)
    return client
  }
  await Promise.any(await allEnded(Object.keys(printClients).filter(isPrintSource).map(connect))).catch(
    async () => {
      if (!(await withoutAny())) throw new PrintClientGone('No print client answers.')
    },
  )
  const clientOf = async (source: string) =>
    open.get(source) ?? (isPrintSource(source) ? await connect(source).catch(() => undefined) : undefined)
  return {
    async printers() {
      const asked = await allEnded([...open.values()].map((client) => client.printers()))
      // One client that is silent does not hide the printers of the others.
      const found = asked.length === 0 ? [] : await withoutFailed(asked)
      const unique = (of: 'names' | 'off') => [...new Set(found.flatMap((one) => one[of]))]
      const usual = found.map((one) => one.usual).find((name) => name !== '') ?? ''
      return { names: unique('names'), usual, off: unique('off') }
    },
    async print(document, printer) {
      const client = await clientOf(document.source)
      return client ? client.print(document, printer) : { printed: false, message: missing(document.source) }
    },
    async preview(document) {
      const client = await clientOf(document.source)
      return client ? client.preview(document) : missing(document.source)
    },
    close: () => open.forEach((client) => void client.close()),
  }
}

/** Waits for all of them; returns them as they are, ended. */
async function allEnded<T>(all: readonly Promise<T>[]): Promise<readonly Promise<T>[]> {
  await Promise.allSettled(all)
  return all
}

/** Returns the results of those that succeeded; rejected with the first reason if none did. */
async function withoutFailed<T>(ended: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(ended)
  const found = results.filter((one) => one.status === 'fulfilled').map(({ value }) => value)
  if (found.length === 0) await Promise.all(ended)
  return found
}

/** The connection to the print client of one source. Its `print` takes labels of this source. */
export function connectPrintClient(
  source: PrintSource,
  url: string = printClients[source].url,
  patienceMs = answerMs,
): Promise<PrintClient> {
  const protocol: PrintProtocol = printClients[source]
  const socket = new WebSocket(url)
  const answers = new Map<string, Waiting<PrintMessage>>()
  const tasks = new Map<string, Waiting<PrintedResult>>()
  let count = 0
  const gone = () => {
    const error = new PrintClientGone('The print client is gone.')
    for (const one of [...answers.values(), ...tasks.values()]) one.reject(error)
    answers.clear()
    tasks.clear()
  }
  const close = () => {
    socket.close()
    gone()
  }
  const ask = (request: PrintMessage, isLast?: (answer: PrintMessage) => boolean) => {
    // A message over a connection that has ended is dropped without an error.
    if (socket.readyState !== WebSocket.OPEN) throw new PrintClientGone('The print client is gone.')
    count += 1
    const requestID = String(count)
    socket.send(JSON.stringify({ ...request, requestID }))
    return new Promise<PrintMessage>((resolve, reject) => answers.set(requestID, { resolve, reject, isLast }))
  }
  socket.addEventListener('message', ({ data }) => {
    const message: unknown = JSON.parse(String(data))
    if (!isMessage(message)) return
    const asked = answers.get(String(message['requestID']))
    if (asked && (asked.isLast?.(message) ?? true)) {
      answers.delete(String(message['requestID']))
      asked.resolve(message)
    }
    const ended = protocol.resultIn(message)
    const task = ended && tasks.get(ended.documentId)
    if (!task) return
    tasks.delete(ended.documentId)
    task.resolve(ended.result)
  })
  const client: PrintClient = {
    async printers() {
      const late = setTimeout(close, patienceMs)
      try {
        return protocol.readPrinters(await ask(protocol.askPrinters))
      } finally {
        clearTimeout(late)
      }
    },
    async print(document, printer) {
      const { documentId } = document
      const ended = new Promise<PrintedResult>((resolve, reject) =>
        tasks.set(documentId, { resolve, reject }),
      )
      // A connection that ends before the answer rejects both promises, and only the first has a caller that waits for it.
      ended.catch(() => {})
      const refusal = protocol.refusalIn(await ask(protocol.askPrint(document, printer)))
      if (refusal === undefined) return ended
      tasks.delete(documentId)
      return { printed: false, message: refusal }
    },
    async preview(document) {
      const answer = await ask(
        protocol.askPreview(document),
        (one) => protocol.refusalIn(one) !== undefined || protocol.previewIn(one) !== undefined,
      )
      return protocol.refusalIn(answer) ?? protocol.previewIn(answer) ?? ''
    },
    close,
  }
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => socket.close(), patienceMs)
    socket.addEventListener('open', () => {
      clearTimeout(late)
      resolve(client)
    })
    socket.addEventListener('close', () => {
      clearTimeout(late)
      gone()
      reject(new PrintClientGone('The print client does not answer.'))
    })
  })
}
