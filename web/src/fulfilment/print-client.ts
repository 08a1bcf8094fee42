// 打印组件: the print client of Cainiao on the clerk's machine. One document a task, so that a failed one never prints others again.

/** Only this address is allowed by the page's security policy. */
const clientUrl = 'ws://127.0.0.1:13528'
/** A client that is not installed refuses at once; one that hangs is given up after this time. */
const answerMs = 5_000

export type Printers = { names: string[]; usual: string }
export type PrintedResult = { printed: boolean; message: string }

/** The connection to the print client. Every promise is rejected with `PrintClientGone` once the connection ends. */
export type PrintClient = {
  printers(): Promise<Printers>
  /** Resolves when the client says that the label came out, or that it did not. */
  print(
    document: { documentId: string; contents: readonly unknown[] },
    printer: string,
  ): Promise<PrintedResult>
  close(): void
}

export class PrintClientGone extends Error {}

type Message = Record<string, unknown>
type Waiting<Result> = { resolve(result: Result): void; reject(error: Error): void }

export function connectPrintClient(url = clientUrl): Promise<PrintClient> {
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
  const ask = (command: Message) => {
    count += 1
    const requestID = String(count)
    socket.send(JSON.stringify({ ...command, requestID, version: '1.0' }))
    return new Promise<Message>((resolve, reject) => answers.set(requestID, { resolve, reject }))
  }
  socket.addEventListener('message', ({ data }) => {
    const message: unknown = JSON.parse(String(data))
    if (!isMessage(message)) return
    const asked = answers.get(String(message['requestID']))
    if (asked) {
      answers.delete(String(message['requestID']))
      asked.resolve(message)
    }
    const result = resultOf(message)
    const task = result && tasks.get(result.task)
    if (!task) return
    tasks.delete(result.task)
    task.resolve(result.ended)
  })
  const client: PrintClient = {
    async printers() {
      const { printers, defaultPrinter } = await ask({ cmd: 'getPrinters' })
      const names = Array.isArray(printers) ? printers.filter(isMessage).map(({ name }) => String(name)) : []
      return { names, usual: String(defaultPrinter ?? '') }
    },
    async print({ documentId, contents }, printer) {
      const ended = new Promise<PrintedResult>((resolve, reject) =>
        tasks.set(documentId, { resolve, reject }),
      )
      // A connection that ends before the answer rejects both promises, and only the first has a caller that waits for it.
      ended.catch(() => {})
      const task = {
        taskID: documentId,
        preview: false,
        printer,
        documents: [{ documentID: documentId, contents }],
      }
      const { status, msg } = await ask({ cmd: 'print', task })
      if (status !== 'failed') return ended
      tasks.delete(documentId)
      return { printed: false, message: String(msg ?? '') }
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

/** Reads the message that ends a task, in the order of either generation; undefined for all others. */
function resultOf(message: Message): { task: string; ended: PrintedResult } | undefined {
  const { cmd, taskStatus } = message
  if (cmd !== 'notifyPrintResult' || (taskStatus !== 'printed' && taskStatus !== 'failed')) return undefined
  const [document] = Array.isArray(message['printStatus']) ? message['printStatus'].filter(isMessage) : []
  const text = String(document?.['msg'] || document?.['detail'] || '')
  return { task: String(message['taskID']), ended: { printed: taskStatus === 'printed', message: text } }
}

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
