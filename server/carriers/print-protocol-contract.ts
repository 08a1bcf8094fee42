import type { LocalizedText } from '../lib/localized-text.ts'

// 打印组件: how the pages speak to the print client of a source on the clerk's machine. Pure, because the pages read it.

export type PrintMessage = Record<string, unknown>

/** One label: its own data first, then the custom area that is laid over it, if there is one. */
export type LabelDocument = { documentId: string; contents: readonly unknown[] }

/** `usual`: the default one; empty: the client names none. `off`: the printers among them that are switched off or gone. */
export type Printers = { names: string[]; usual: string; off: string[] }
export type PrintedResult = { printed: boolean; message: string }
/** The picture of a label at the print client, or its document (PDF). */
export type LabelPreview = { url: string; isPicture: boolean }

/** Messages go over a websocket. Each request gets a number (`requestID`), which its answer repeats. */
export type PrintProtocol = {
  name: LocalizedText
  url: string
  askPrinters: PrintMessage
  readPrinters(answer: PrintMessage): Printers
  askPrint(label: LabelDocument, printer: string): PrintMessage
  askPreview(label: LabelDocument): PrintMessage
  /** Returns why this answer to a request refuses it; undefined: it does not. */
  refusalIn(answer: PrintMessage): string | undefined
  /** Returns the result of the label that this message ends, by its `documentId`; undefined: it ends none. */
  resultIn(message: PrintMessage): { documentId: string; result: PrintedResult } | undefined
  /** Returns the preview in this answer, or the reason why there is none; undefined: a later answer has it. */
  previewIn(answer: PrintMessage): LabelPreview | LocalizedText | undefined
}

export const messagesIn = (value: unknown): PrintMessage[] =>
  Array.isArray(value) ? value.filter(isMessage) : []

export const isMessage = (value: unknown): value is PrintMessage =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns the printers of these rows; `isOff` says which of them is switched off. */
export const printersOf = (
  rows: readonly PrintMessage[],
  usual: unknown,
  isOff: (row: PrintMessage) => boolean,
): Printers => {
  const namesOf = (some: readonly PrintMessage[]) => some.map(({ name }) => String(name))
  return { names: namesOf(rows), usual: String(usual ?? ''), off: namesOf(rows.filter(isOff)) }
}
