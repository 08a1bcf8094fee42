import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

export const PRINT_CLIENTS = ['cainiao', 'pinduoduo'] as const
export type PrintClientKind = (typeof PRINT_CLIENTS)[number]
const PORTS: Record<PrintClientKind, number> = { cainiao: 13528, pinduoduo: 5000 }

/**
 * A print client (打印组件) of Cainiao or Pinduoduo that a clerk has on her machine: JSON commands over a websocket on loopback. Cainiao's
 * for Windows and its newer versions send their messages in different orders; `newer` chooses. The printed labels are kept in `printed`.
 */
export interface PrintClient {
  url: string
  /** Document ids in the order in which their labels came out. */
  printed: string[]
  /** The data of the custom area of each printed label, by document id. */
  areas: Map<string, Fields>
  /** Number of documents that arrived. */
  arrived: number
  /** Faults of the documents to come. */
  faults: PrintFaults
  close(): Promise<void>
}

export interface PrintFaults {
  /** No printer is installed. */
  noPrinter?: boolean
  /** Documents that fail after they were rendered, by their place in the order of arrival, from 1. */
  jamAt?: number
  /** The connection ends after this document came out of the printer, before the client says so. */
  dieAfter?: number
}

const PRINTER = '热敏打印机 76×130'

type Kind = { kind?: PrintClientKind; newer?: boolean }

export function startPrintClient({
  kind = 'cainiao',
  port = PORTS[kind],
  newer = false,
}: Kind & { port?: number } = {}): Promise<PrintClient> {
  // The pictures of previews are served beside the websocket; a real client has a port of its own for them.
  const pictures = createServer((_asked, answer) => {
    answer.writeHead(200, { 'content-type': 'image/svg+xml' }).end(PICTURE)
  })
  const server = new WebSocketServer({ server: pictures })
  const client: PrintClient = {
    url: '',
    printed: [],
    areas: new Map(),
    arrived: 0,
    faults: {},
    close: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate()
        server.close(() => pictures.close(() => resolve()))
        pictures.closeAllConnections()
      }),
  }
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const asked: unknown = JSON.parse(String(data))
      if (isFields(asked)) answer(asked, socket)
    })
  })

  function answer(asked: Fields, socket: WebSocket): void {
    const { cmd, requestID } = asked
    const send = (message: Fields) => socket.send(JSON.stringify(message))
    if (cmd === 'getPrinters') {
      const printers = client.faults.noPrinter ? [] : [{ name: PRINTER, status: 'enable', type: 'thermal' }]
      send({
        cmd,
        requestID,
        status: 'success',
        msg: 'no error',
        errorCode: 0,
        defaultPrinter: PRINTER,
        printers,
      })
    } else if (cmd === 'print' && isFields(asked['task']) && asked['task']['preview'] === true)
      preview(
        client,
        { task: asked['task'], requestID, newer, program: kind === 'pinduoduo' ? asked : undefined },
        socket,
      )
    else if (cmd === 'print' && isFields(asked['task']))
      kind === 'cainiao'
        ? print(client, { task: asked['task'], requestID, newer }, socket)
        : printPinduoduo(client, { task: asked['task'], requestID, program: asked }, socket)
    else send({ cmd, requestID, status: 'failed', msg: 'unknown command', errorCode: 1 })
  }

  return new Promise((resolve, reject) => {
    pictures.once('error', reject)
    pictures.once('listening', () => {
      const address = pictures.address()
      client.url = `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`
      resolve(client)
    })
    pictures.listen(port, '127.0.0.1')
  })
}

const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 76 130" width="304" height="520"><rect width="76" height="130" fill="#fff" stroke="#000"/><text x="4" y="14" font-size="8">电子面单</text><text x="4" y="30" font-size="12">300-A1 08</text></svg>'

/** Draws a label and prints nothing: a first answer without an address, and a second one with it. */
function preview(
  client: PrintClient,
  { task, requestID, newer, program }: Task & { program: Fields | undefined },
  socket: WebSocket,
): void {
  const send = (message: Fields) => socket.send(JSON.stringify(message))
  const taskID = String(task['taskID'])
  const documents = Array.isArray(task['documents']) ? task['documents'].filter(isFields) : []
  const wrong = program && whyNotPrinted(program, documents)
  if (wrong !== undefined) {
    send({ cmd: 'print', requestID, taskID, status: 'failed', msg: wrong, errorCode: 11 })
    return
  }
  if (newer) send({ cmd: 'notifyTaskResult', taskId: taskID, status: 'initial' })
  send({ cmd: 'print', requestID, taskID, status: 'success', previewURL: '' })
  const url = `${client.url.replace('ws:', 'http:')}/preview/${encodeURIComponent(taskID)}.svg`
  const picture =
    task['previewType'] === 'image' ? { previewURL: '', previewImage: [url] } : { previewURL: url }
  send({ cmd: 'print', requestID, taskID, status: 'success', ...picture })
}

/** Prints a task and sends the client's messages about it, in the order of its generation. */
function print(client: PrintClient, { task, requestID, newer }: Task, socket: WebSocket): void {
  const send = (message: Fields) => socket.send(JSON.stringify(message))
  const taskID = String(task['taskID'])
  const documents = Array.isArray(task['documents']) ? task['documents'].filter(isFields) : []
  if (documents.length === 0) {
    send({ cmd: 'print', requestID, taskID, status: 'failed', msg: 'document not found', errorCode: 11 })
    return
  }
  if (newer) send({ cmd: 'notifyTaskResult', taskId: taskID, status: 'initial' })
  send({ cmd: 'print', requestID, taskID, status: 'success', previewURL: '' })
  const printStatus = documents.map((document) => {
    const result = printOne(client, document)
    if (newer)
      send({
        ...{ cmd: 'notifyDocResult', taskId: taskID, documentId: result.documentID },
        ...{ status: 'rendered', code: 0 },
      })
    return { ...result, printer: PRINTER }
  })
  if (!newer) send({ cmd: 'notifyPrintResult', taskID, taskStatus: 'rendered', printStatus: [] })
  if (client.arrived === client.faults.dieAfter) {
    socket.terminate()
    return
  }
  const failed = printStatus.some(({ status }) => status === 'failed')
  if (newer)
    for (const { documentID, status, msg } of printStatus)
      send({
        cmd: 'notifyDocResult',
        taskId: taskID,
        documentId: documentID,
        status: status === 'failed' ? status : 'printed',
        detail: msg,
      })
  send({ cmd: 'notifyPrintResult', taskID, taskStatus: failed ? 'failed' : 'printed', printStatus })
  if (newer)
    send({ cmd: 'notifyTaskResult', taskId: taskID, status: failed ? 'completeFailed' : 'completeSuccess' })
}

function printOne(client: PrintClient, document: Fields) {
  client.arrived += 1
  const documentID = String(document['documentID'])
  const failed = client.arrived === client.faults.jamAt
  if (!failed) {
    client.printed.push(documentID)
    const [, area] = Array.isArray(document['contents']) ? document['contents'].filter(isFields) : []
    if (isFields(area?.['data'])) client.areas.set(documentID, area['data'])
  }
  return { documentID, status: failed ? 'failed' : 'success', msg: failed ? '打印机缺纸' : '' }
}

/** Pinduoduo's client: it wants the program's name and its own print data, and its last message names no request. */
function printPinduoduo(
  client: PrintClient,
  { task, requestID, program }: { task: Fields; requestID: unknown; program: Fields },
  socket: WebSocket,
): void {
  const send = (message: Fields) => socket.send(JSON.stringify(message))
  const taskID = String(task['taskID'])
  const documents = Array.isArray(task['documents']) ? task['documents'].filter(isFields) : []
  const wrong = whyNotPrinted(program, documents)
  if (wrong !== undefined) {
    send({ cmd: 'print', requestID, taskID, status: 'failed', msg: wrong, errorCode: 11 })
    return
  }
  send({ cmd: 'print', requestID, taskID, status: 'success', previewURL: '' })
  const printStatus = documents.map((document) => ({ ...printOne(client, document), detail: '' }))
  if (client.arrived === client.faults.dieAfter) {
    socket.terminate()
    return
  }
  const firstFailedDocSN = printStatus.findIndex(({ status }) => status === 'failed') + 1
  send({
    ...{ cmd: 'PrintResultNotify', printer: PRINTER, taskID, firstFailedDocSN },
    ...{ taskStatus: firstFailedDocSN > 0 ? 'failed' : 'printed', printStatus },
  })
}

function whyNotPrinted(program: Fields, documents: readonly Fields[]): string | undefined {
  if (!program['ERPId'] || !program['ISVName']) return '缺少ERPId或ISVName'
  if (documents.length === 0 || documents.length > 10) return 'documents数量限制为1到10'
  return documents.every(isPinduoduoLabel) ? undefined : '面单数据无法解密'
}

function isPinduoduoLabel({ contents }: Fields): boolean {
  const [label] = Array.isArray(contents) ? contents.filter(isFields) : []
  return ['encryptedData', 'signature', 'templateUrl', 'ver'].every((key) => typeof label?.[key] === 'string')
}

type Task = { task: Fields; requestID: unknown; newer: boolean }
type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
