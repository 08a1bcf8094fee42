import {
  type LabelDocument,
  type LabelPreview,
  messagesIn,
  type PrintedResult,
  type PrintMessage,
  type PrintProtocol,
  printersOf,
} from './print-protocol-contract.ts'

// The commands of 菜鸟's print client, which those of other platforms have too. Pure, because the pages read it.

type Own = Pick<PrintProtocol, 'name' | 'url'> & {
  /** The command of the message that ends a task; default: that of 菜鸟. */
  result?: string
  /** Sent beside each task. */
  program?: Readonly<Record<string, string>>
  /** Makes the document of a label, without its number; default: its contents as they are. */
  documentOf?: (label: LabelDocument) => PrintMessage
}

/** The protocol of a print client with these commands. One document a task, so that a failed one never prints others again. */
export const cloudPrintClient = ({
  name,
  url,
  result = 'notifyPrintResult',
  program = {},
  documentOf = ({ contents }) => ({ contents }),
}: Own): PrintProtocol => ({
  name,
  url,
  askPrinters: { cmd: 'getPrinters', version },
  readPrinters: ({ printers, defaultPrinter }) =>
    printersOf(messagesIn(printers), defaultPrinter, ({ status }) => status === 'disable'),
  askPrint: (label, printer) => ({
    ...{ cmd: 'print', version, ...program },
    task: { ...taskOf(label, documentOf), preview: false, printer },
  }),
  askPreview: (label) => ({
    ...{ cmd: 'print', version, ...program },
    task: { ...taskOf(label, documentOf), preview: true, previewType: 'image', printer: '' },
  }),
  refusalIn: ({ status, msg }) => (status === 'failed' ? String(msg ?? '') : undefined),
  resultIn: (message) => resultIn(message, result),
  previewIn,
})

const version = '1.0'

const taskOf = (label: LabelDocument, documentOf: (label: LabelDocument) => PrintMessage) => ({
  taskID: label.documentId,
  documents: [{ documentID: label.documentId, ...documentOf(label) }],
})

/** `partPrinted`: some documents of the task; of its one document its own status says whether it came out. */
const endings: readonly string[] = ['printed', 'failed', 'partPrinted']

/** Reads the message that ends a task, in the order of either generation; undefined for all others. */
function resultIn(
  message: PrintMessage,
  command: string,
): { documentId: string; result: PrintedResult } | undefined {
  const { cmd } = message
  // The documents of one client have a blank behind a status.
  const taskStatus = String(message['taskStatus']).trim()
  if (cmd !== command || !endings.includes(taskStatus)) return undefined
  const [document] = messagesIn(message['printStatus'])
  const printed = taskStatus === 'partPrinted' ? document?.['status'] === 'success' : taskStatus === 'printed'
  const text = String(document?.['msg'] || document?.['detail'] || '')
  return {
    documentId: String(message['taskID']),
    result: { printed, message: text },
  }
}

/** Reads the address of a preview. The first answer to a preview has none. `previewImage` is one address or a list of them. */
function previewIn({ previewImage, previewURL }: PrintMessage): LabelPreview | undefined {
  const [picture]: unknown[] = Array.isArray(previewImage) ? previewImage : [previewImage]
  if (isAddress(picture)) return { url: picture, isPicture: true }
  return isAddress(previewURL) ? { url: previewURL, isPicture: false } : undefined
}

const isAddress = (value: unknown): value is string => typeof value === 'string' && /^https?:\/\//.test(value)
