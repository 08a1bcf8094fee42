import {
  isMessage,
  type LabelDocument,
  messagesIn,
  type PrintMessage,
  type PrintProtocol,
  printersOf,
} from '../print-protocol-contract.ts'

/** 微信小店打印组件: the results of a task are in the answer to it. A preview opens a window of its own. */
export const weixinPrintClient: PrintProtocol = {
  name: { zh: '微信小店', en: 'WeChat Shop' },
  url: 'ws://127.0.0.1:12705',
  askPrinters: { command: 'getPrinterList' },
  // What the numbers of a printer's status mean is not known, so none counts as switched off.
  readPrinters: ({ printerList }) => printersOf(messagesIn(printerList), '', () => false),
  askPrint: (label, printer) => ({
    ...{ command: 'print', version: '2.0', printer, printType: 1 },
    taskList: [taskOf(label)],
  }),
  askPreview: (label) => ({ command: 'preview', version: '2.0', printType: 1, taskList: [taskOf(label)] }),
  refusalIn: ({ error, errmsg }) => {
    const why = error ?? errmsg
    return typeof why === 'string' && why !== '' && why !== 'ok' ? why : undefined
  },
  resultIn({ command, results }) {
    const [result] = command === 'print' ? messagesIn(results) : []
    if (!result) return undefined
    const message = String(result['failureReason'] ?? '')
    return {
      documentId: String(result['taskID']),
      result: { printed: result['success'] === true, message },
    }
  },
  previewIn({ results }) {
    const [result] = messagesIn(results)
    const why = String(result?.['failureReason'] ?? '')
    if (result?.['success'] === false)
      return { zh: `没有预览：${why || '没有给出原因'}`, en: `No preview: ${why || 'no reason was given'}` }
    return {
      zh: '面单在微信小店打印组件的窗口里',
      en: 'The print client of WeChat Shop shows the label in its own window',
    }
  },
}

/** `printInfo` of the label goes as it is; `customInfo` is the area that is laid over it. */
function taskOf({ documentId, contents: [label, area] }: LabelDocument): PrintMessage {
  const over = isMessage(area) ? { customInfo: { templateUrl: area['templateURL'], data: area['data'] } } : {}
  return {
    taskID: documentId,
    printNum: { curNum: 1, sumNum: 1 },
    splitControl: 0,
    ...(isMessage(label) ? label : {}),
    ...over,
  }
}
