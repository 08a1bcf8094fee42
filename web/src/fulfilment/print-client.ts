import { printClients } from '../../../server/carriers/print-clients-contract.ts'

// 打印组件: the print clients of the platforms on the clerk's machine. One document a task, so that a failed one never prints others again.

type PrintSource = keyof typeof printClients
const isPrintSource = (source: string): source is PrintSource => Object.hasOwn(printClients, source)
/** A client that is not installed refuses at once; one that hangs is given up after this time. */
const answerMs = 5_000

/** `off`: the printers among them that are switched off or gone. */
export type Printers = { names: string[]; usual: string; off: string[] }
export type PrintedResult = { printed: boolean; message: string }

export type LabelDocument = { documentId: string; source: string; contents: readonly unknown[] }
/** The picture of a label at the print client, or its document (PDF). */
export type LabelPreview = { url: string; isPicture: boolean }

/** The connection to the print client. Every promise is rejected with `PrintClientGone` once the connection ends. */
export type PrintClient = {
  printers(): Promise<Printers>
  /** Resolves when the client says that the label came out, or that it did not. */
  print(document: LabelDocument, printer: string): Promise<PrintedResult>
  /** Draws the label and prints nothing. A text says why there is no picture. */
  preview(document: LabelDocument): Promise<LabelPreview | string>
  close(): void
}

export class PrintClientGone extends Error {}

type Message = Record<string, unknown>
type Waiting<Result> = {
  resolve(result: Result): void
  reject(error: Error): void
  /** True for the message that is waited for; undefined: the first one is. */
  isLast?: ((result: Result) => boolean) | undefined
}

/**
 * Connects the clients of all sources that run on this machine; rejected if there is none, unless the browser prints some labels
 * (`withoutAny`). Each prints the labels of its source, on the printer of the same name. A label whose client does not run is not printed,
 * for the reason that `missing` gives.
 */
export async function connectPrintClients(
  missing: (source: string) => string,
  withoutAny: () => Promise<boolean> = async () => false,
): Promise<PrintClient> {
  const open = new Map<string, PrintClient>()
  const connect = async (source: PrintSource) => {
    const client = await connectPrintClient(source)
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
      const found = await Promise.all([...open.values()].map((client) => client.printers()))
      const unique = (of: 'names' | 'off') => [...new Set(found.flatMap((one) => one[of]))]
      return { names: unique('names'), usual: found[0]?.usual ?? '', off: unique('off') }
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

/** The connection to the print client of one source. Its `print` takes labels of this source. */
export function connectPrintClient(
  source: PrintSource,
  url: string = printClients[source].url,
): Promise<PrintClient> {
  const socket = new WebSocket(url)
  const answers = new Map<string, Waiting<Message>>()
  const tasks = new Map<string, Waiting<PrintedResult>>()
  let count = 0
  const gone = () => {
    const error = new PrintClientGone('The print client is gone.')
    for (const one of [...answers.values(), ...tasks.values()]) one.reject(error)
    answers.clear()
    tasks.clear()
  }
  const ask = (command: Message, isLast?: (message: Message) => boolean) => {
    // A message over a connection that has ended is dropped without an error.
    if (socket.readyState !== WebSocket.OPEN) throw new PrintClientGone('The print client is gone.')
    count += 1
    const requestID = String(count)
    socket.send(JSON.stringify({ ...command, requestID, version: '1.0' }))
    return new Promise<Message>((resolve, reject) => answers.set(requestID, { resolve, reject, isLast }))
  }
  const taskOf = ({ documentId, contents }: LabelDocument) => ({
    taskID: documentId,
    documents: [{ documentID: documentId, contents }],
  })
  socket.addEventListener('message', ({ data }) => {
    const message: unknown = JSON.parse(String(data))
    if (!isMessage(message)) return
    const asked = answers.get(String(message['requestID']))
    if (asked && (asked.isLast?.(message) ?? true)) {
      answers.delete(String(message['requestID']))
      asked.resolve(message)
    }
    const result = resultOf(message, printClients[source].result)
    const task = result && tasks.get(result.task)
    if (!task) return
    tasks.delete(result.task)
    task.resolve(result.ended)
  })
  const client: PrintClient = {
    async printers() {
      const { printers, defaultPrinter } = await ask({ cmd: 'getPrinters' })
      const known = Array.isArray(printers) ? printers.filter(isMessage) : []
      const namesOf = (some: readonly Message[]) => some.map(({ name }) => String(name))
      const off = known.filter(({ status }) => status === 'disable')
      return { names: namesOf(known), usual: String(defaultPrinter ?? ''), off: namesOf(off) }
    },
    async print(document, printer) {
      const { documentId } = document
      const ended = new Promise<PrintedResult>((resolve, reject) =>
        tasks.set(documentId, { resolve, reject }),
      )
      // A connection that ends before the answer rejects both promises, and only the first has a caller that waits for it.
      ended.catch(() => {})
      const task = { ...taskOf(document), preview: false, printer }
      const { status, msg } = await ask({ cmd: 'print', ...printClients[source].program, task })
      if (status !== 'failed') return ended
      tasks.delete(documentId)
      return { printed: false, message: String(msg ?? '') }
    },
    async preview(document) {
      const task = { ...taskOf(document), preview: true, previewType: 'image', printer: '' }
      const answer = await ask(
        { cmd: 'print', ...printClients[source].program, task },
        (message) => message['status'] === 'failed' || previewIn(message) !== undefined,
      )
      return previewIn(answer) ?? String(answer['msg'] ?? '')
    },
    close: () => socket.close(),
  }
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => socket.close(), answerMs)
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

/** Reads the address of a preview. The first answer to a preview has none. `previewImage` is one address or a list of them. */
function previewIn({ previewImage, previewURL }: Message): LabelPreview | undefined {
  const [picture]: unknown[] = Array.isArray(previewImage) ? previewImage : [previewImage]
  if (isAddress(picture)) return { url: picture, isPicture: true }
  return isAddress(previewURL) ? { url: previewURL, isPicture: false } : undefined
}

const isAddress = (value: unknown): value is string => typeof value === 'string' && /^https?:\/\//.test(value)

/** Reads the message that ends a task, in the order of either generation; undefined for all others. */
function resultOf(message: Message, result: string): { task: string; ended: PrintedResult } | undefined {
  const { cmd, taskStatus } = message
  if (cmd !== result || (taskStatus !== 'printed' && taskStatus !== 'failed')) return undefined
  const [document] = Array.isArray(message['printStatus']) ? message['printStatus'].filter(isMessage) : []
  const text = String(document?.['msg'] || document?.['detail'] || '')
  return { task: String(message['taskID']), ended: { printed: taskStatus === 'printed', message: text } }
}

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
