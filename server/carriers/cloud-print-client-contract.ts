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
}

/** The protocol of a print client with these commands. One document a task, so that a failed one never prints others again. */
export const cloudPrintClient = ({
  name,
  url,
  result = 'notifyPrintResult',
  program = {},
}: Own): PrintProtocol => ({
  name,
  url,
  askPrinters: { cmd: 'getPrinters', version },
  readPrinters: ({ printers, defaultPrinter }) =>
    printersOf(messagesIn(printers), defaultPrinter, ({ status }) => status === 'disable'),
  askPrint: (label, printer) => ({
    ...{ cmd: 'print', version, ...program },
    task: { ...taskOf(label), preview: false, printer },
  }),
  askPreview: (label) => ({
    ...{ cmd: 'print', version, ...program },
    task: { ...taskOf(label), preview: true, previewType: 'image', printer: '' },
  }),
  refusalIn: ({ status, msg }) => (status === 'failed' ? String(msg ?? '') : undefined),
  resultIn: (message) => resultIn(message, result),
  previewIn,
})

const version = '1.0'

const taskOf = ({ documentId, contents }: LabelDocument) => ({
  taskID: documentId,
  documents: [{ documentID: documentId, contents }],
})

/** Reads the message that ends a task, in the order of either generation; undefined for all others. */
function resultIn(
  message: PrintMessage,
  command: string,
): { documentId: string; result: PrintedResult } | undefined {
  const { cmd, taskStatus } = message
  if (cmd !== command || (taskStatus !== 'printed' && taskStatus !== 'failed')) return undefined
  const [document] = messagesIn(message['printStatus'])
  const text = String(document?.['msg'] || document?.['detail'] || '')
  return {
    documentId: String(message['taskID']),
    result: { printed: taskStatus === 'printed', message: text },
  }
}

/** Reads the address of a preview. The first answer to a preview has none. `previewImage` is one address or a list of them. */
function previewIn({ previewImage, previewURL }: PrintMessage): LabelPreview | undefined {
  const [picture]: unknown[] = Array.isArray(previewImage) ? previewImage : [previewImage]
  if (isAddress(picture)) return { url: picture, isPicture: true }
  return isAddress(previewURL) ? { url: previewURL, isPicture: false } : undefined
}

const isAddress = (value: unknown): value is string => typeof value === 'string' && /^https?:\/\//.test(value)
