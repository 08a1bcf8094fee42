import type { WebSocket } from 'ws'
import {
  dies,
  type Fields,
  fieldsIn,
  isFields,
  JAM,
  PRINTER,
  type PrintClient,
  type PrintClientKind,
  printOne,
} from './printing.ts'

// The commands of Cainiao's print client, which those of Pinduoduo, 抖店 and 快手 have too.

interface Connection {
  socket: WebSocket
  kind: PrintClientKind
  newer: boolean
  gateway: string
}

/** A task with its whole request and the request's number. */
type Task = Connection & { task: Fields; asked: Fields; requestID: unknown }

export async function answerCloud(client: PrintClient, asked: Fields, connection: Connection): Promise<void> {
  const { cmd, requestID } = asked
  const send = sender(connection)
  const task = asked['task']
  if (cmd === 'getPrinters') {
    const printers = client.faults.noPrinter ? [] : [{ name: PRINTER, status: 'enable', type: 'thermal' }]
    send({
      ...{ cmd, requestID, status: 'success', msg: 'no error', errorCode: 0 },
      ...{ defaultPrinter: PRINTER, printers },
    })
  } else if (cmd !== 'print' || !isFields(task))
    send({ cmd, requestID, status: 'failed', msg: 'unknown command', errorCode: 1 })
  else {
    const whole: Task = { ...connection, task, asked, requestID }
    const wrong = await whyNotPrinted(whole)
    if (wrong !== undefined)
      send({
        ...{ cmd, requestID, taskID: String(task['taskID']) },
        ...{ status: 'failed', msg: wrong, errorCode: 11 },
      })
    else if (task['preview'] === true) preview(client, whole)
    else if (connection.kind === 'pinduoduo') printPinduoduo(client, whole)
    else if (connection.kind === 'kuaishou') printKuaishou(client, whole)
    else print(client, whole)
  }
}

const sender =
  ({ socket }: Pick<Connection, 'socket'>) =>
  (message: Fields) =>
    socket.send(JSON.stringify(message))

/** Draws a label and prints nothing: a first answer without an address, and a second one with it. */
function preview(client: PrintClient, of: Task): void {
  const { task, requestID, newer } = of
  const send = sender(of)
  const taskID = String(task['taskID'])
  if (newer) send({ cmd: 'notifyTaskResult', taskId: taskID, status: 'initial' })
  send({ cmd: 'print', requestID, taskID, status: 'success', previewURL: '' })
  const url = `${client.url.replace('ws:', 'http:')}/preview/${encodeURIComponent(taskID)}.svg`
  const picture =
    task['previewType'] === 'image' ? { previewURL: '', previewImage: [url] } : { previewURL: url }
  send({ cmd: 'print', requestID, taskID, status: 'success', ...picture })
}

/** Prints a task and sends the client's messages about it, in the order of the client's version (`newer`). */
function print(client: PrintClient, of: Task): void {
  const { task, requestID, newer, socket } = of
  const send = sender(of)
  const taskID = String(task['taskID'])
  if (newer) send({ cmd: 'notifyTaskResult', taskId: taskID, status: 'initial' })
  send({ cmd: 'print', requestID, taskID, status: 'success', previewURL: '' })
  const printStatus = fieldsIn(task['documents']).map((document) => {
    const result = printDocument(client, document)
    if (newer)
      send({
        ...{ cmd: 'notifyDocResult', taskId: taskID, documentId: result.documentID },
        ...{ status: 'rendered', code: 0 },
      })
    return { ...result, printer: PRINTER }
  })
  if (!newer) send({ cmd: 'notifyPrintResult', taskID, taskStatus: 'rendered', printStatus: [] })
  if (dies(client)) {
    socket.terminate()
    return
  }
  const failed = printStatus.some(({ status }) => status === 'failed')
  if (newer)
    for (const { documentID, status, msg } of printStatus)
      send({
        ...{ cmd: 'notifyDocResult', taskId: taskID, documentId: documentID },
        ...{ status: status === 'failed' ? status : 'printed', detail: msg },
      })
  send({ cmd: 'notifyPrintResult', taskID, taskStatus: failed ? 'failed' : 'printed', printStatus })
  if (newer)
    send({ cmd: 'notifyTaskResult', taskId: taskID, status: failed ? 'completeFailed' : 'completeSuccess' })
}

function printDocument(client: PrintClient, document: Fields) {
  const documentID = String(document['documentID'])
  const [, area] = fieldsIn(document['contents'])
  const isOut = printOne(client, documentID, area?.['data'] ?? area?.['customData'])
  return { documentID, status: isOut ? 'success' : 'failed', msg: isOut ? '' : JAM }
}

/** Pinduoduo's client: its last message names no request. */
function printPinduoduo(client: PrintClient, of: Task): void {
  const { task, requestID, socket } = of
  const send = sender(of)
  const taskID = String(task['taskID'])
  send({ cmd: 'print', requestID, taskID, status: 'success', previewURL: '' })
  const printStatus = fieldsIn(task['documents']).map((document) => ({
    ...printDocument(client, document),
    detail: '',
  }))
  if (dies(client)) {
    socket.terminate()
    return
  }
  const firstFailedDocSN = printStatus.findIndex(({ status }) => status === 'failed') + 1
  send({
    ...{ cmd: 'PrintResultNotify', printer: PRINTER, taskID, firstFailedDocSN },
    ...{ taskStatus: firstFailedDocSN > 0 ? 'failed' : 'printed', printStatus },
  })
}

/** The client of 快手: one last message, which names the request and the waybill of each document. */
function printKuaishou(client: PrintClient, of: Task): void {
  const { task, requestID, socket } = of
  const send = sender(of)
  const taskID = String(task['taskID'])
  send({ cmd: 'print', requestID, taskID, status: 'success', msg: '' })
  const printStatus = fieldsIn(task['documents']).map((document) => {
    const { documentID, status, msg } = printDocument(client, document)
    return { documentID, waybillCode: document['waybillCode'] ?? '', status, detail: msg || null }
  })
  if (dies(client)) {
    socket.terminate()
    return
  }
  const failed = printStatus.filter(({ status }) => status === 'failed').length
  const taskStatus = failed === 0 ? 'printed' : failed < printStatus.length ? 'partPrinted' : 'failed'
  const status = failed === 0 ? 'success' : 'failed'
  send({ cmd: 'notifyPrintResult', requestID, taskID, status, msg: '', taskStatus, printStatus })
}

/** Each client wants the print data of its own platform, and Pinduoduo's also the program's name. Undefined: the task has them. */
async function whyNotPrinted({ kind, task, asked, gateway }: Task): Promise<string | undefined> {
  const documents = fieldsIn(task['documents'])
  if (documents.length === 0) return 'document not found'
  const labels = documents.map(({ contents }) => fieldsIn(contents)[0] ?? {})
  const lacks = (...keys: string[]) =>
    labels.some((label) => keys.some((key) => typeof label[key] !== 'string' || label[key] === ''))
  if (kind === 'pinduoduo') {
    if (!asked['ERPId'] || !asked['ISVName']) return '缺少ERPId或ISVName'
    if (documents.length > 10) return 'documents数量限制为1到10'
    return lacks('encryptedData', 'signature', 'templateUrl', 'ver') ? '面单数据无法解密' : undefined
  }
  if (kind === 'kuaishou') {
    if (documents.length > 10) return 'documents数量限制为1到10'
    if (documents.some(({ ksOrderFlag }) => ksOrderFlag !== true)) return 'ksOrderFlag不正确'
    if (documents.some(({ contents }) => hasForeignArea(fieldsIn(contents)))) return '自定义区缺少customData'
    return lacks('encryptedData', 'signature', 'key', 'ver', 'templateURL') ? '面单数据无法解密' : undefined
  }
  if (kind === 'xiaohongshu') return lacks('encryptedData', 'signature') ? '面单数据无法解密' : undefined
  if (kind !== 'doudian') return undefined
  if (lacks('params', 'encryptedData', 'signature', 'templateURL')) return '面单数据无法解密'
  for (const { params } of labels) {
    const wrong = await whyNoKey(String(params), gateway)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

/** The area over a label of 快手 has its data under a name of its own. */
const hasForeignArea = ([, area]: Fields[]) =>
  area !== undefined && (!isFields(area['customData']) || typeof area['templateURL'] !== 'string')

/** The client of 抖店 asks the platform for the key of the label, with the query that came beside it. */
async function whyNoKey(params: string, gateway: string): Promise<string | undefined> {
  const names = ['access_token', 'app_key', 'method', 'param_json', 'timestamp', 'v', 'sign']
  const query = new URLSearchParams(params)
  const missing = names.find((name) => !query.get(name))
  if (missing !== undefined) return `params缺少${missing}`
  if (query.get('method') !== 'logistics.getShopKey') return 'params的method不正确'
  if (gateway === '') return undefined
  const answer = await fetch(`${gateway}/logistics/getShopKey?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-open-no-old-err-code': '1' },
    body: query.get('param_json') ?? '',
  })
  const { code, sub_msg: why } = (await answer.json()) as { code: number; sub_msg: string }
  return code === 10000 ? undefined : `获取密钥失败：${why}`
}
