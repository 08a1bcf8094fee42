import type { WebSocket } from 'ws'
import {
  dies,
  type Fields,
  fieldsIn,
  isFields,
  JAM,
  PRINTER,
  type PrintClient,
  printOne,
} from './printing.ts'

/** The print client of 微信小店: the results of a task are in the answer to it. */
export function answerWeixin(client: PrintClient, asked: Fields, socket: WebSocket): void {
  const { command, requestID } = asked
  const send = (message: Fields) => socket.send(JSON.stringify({ command, requestID, ...message }))
  const tasks = fieldsIn(asked['taskList'])
  if (command === 'getPrinterList') {
    const printer = { name: PRINTER, displayName: PRINTER, status: 3 }
    send({ printerList: client.faults.noPrinter ? [] : [printer] })
  } else if (command === 'getAppInfo') send({ appInfo: { version: '1.2.0' } })
  else if (command === 'preview') send({ results: tasks.map((task) => preview(asked, task)) })
  else if (command !== 'print') send({ error: 'unknown command' })
  else {
    const results = tasks.map((task) => print(client, asked, task))
    if (dies(client)) socket.terminate()
    else send({ results })
  }
}

function print(client: PrintClient, asked: Fields, task: Fields): Fields {
  const taskID = String(task['taskID'])
  const wrong = whyNot(asked, task)
  if (wrong !== undefined) return { taskID, success: false, failureReason: wrong }
  const area = isFields(task['customInfo']) ? task['customInfo']['data'] : undefined
  const isOut = printOne(client, taskID, area)
  return { taskID, success: isOut, failureReason: isOut ? '' : JAM }
}

/** Opens a window; a preview needs no printer. */
function preview(asked: Fields, task: Fields): Fields {
  const wrong = whyNot({ ...asked, printer: '' }, task)
  return { taskID: String(task['taskID']), success: wrong === undefined, failureReason: wrong ?? '' }
}

function whyNot(
  { version, printType, printer }: Fields,
  { printInfo, printNum }: Fields,
): string | undefined {
  if (version !== '2.0') return 'version不支持'
  if (printType !== 1) return 'printType不支持'
  if (typeof printer !== 'string') return '请选择打印机'
  if (typeof printInfo !== 'string' || !printInfo.startsWith('wx:')) return '面单数据无法解密'
  const whole = isFields(printNum) && Number(printNum['curNum']) > 0 && Number(printNum['sumNum']) > 0
  return whole ? undefined : 'printNum不正确'
}
