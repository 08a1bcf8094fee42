import type { PaperColumn, PaperField } from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { lineHeight, mmOfPt } from './measure.ts'

/** An item of a sheet, in millimetres from its upper left corner. */
export type PaperItem = { x: number; y: number; w: number; h: number } & (
  | { kind: 'text'; text: string; pt: number; bold: boolean; align: 'left' | 'right' }
  /** A black bar, such as a line below the head of a list. */
  | { kind: 'bar' }
  /** An empty box to be ticked. */
  | { kind: 'box' }
  /** A barcode: widths of bars and gaps in modules. */
  | { kind: 'code'; text: string; modules: readonly number[] }
  /** A QR code: rows of its modules, true is black. */
  | { kind: 'qr'; text: string; rows: readonly (readonly boolean[])[] }
  | { kind: 'picture'; url: string }
)

export type PaperLine = Partial<Record<PaperColumn, string>>
/** What one paper says. Fields without a text are left out. */
export type PaperData = {
  values: Partial<Record<PaperField, string>>
  lines: readonly PaperLine[]
  /** True: the order is a present. */
  isPresent?: boolean
}

export const round = (mm: number) => Math.round(mm * 100) / 100
export const textHeight = (pt: number, lines = 1) => round(pt * mmOfPt * lineHeight * lines)
