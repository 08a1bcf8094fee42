import {
  type FieldOption,
  fieldWords,
  namedFields,
  type PaperField,
  type PaperTemplate,
  signedFields,
} from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { code128, quiet } from './code128.ts'
import { type PaperData, type PaperItem, round, textHeight } from './items.ts'
import { widthOf, wrap } from './measure.ts'

export type PaperChecks = {
  /** The smallest text in points; 0: there is none. */
  leastPt: number
  /** Rows of the list, how many of them fit on the first sheet, and how many are left out. */
  rows: number
  rowsFit: number
  leftOut: number
  /** Fields whose text is cut. */
  cut: PaperField[]
  /** Fields for which there is no room. */
  lost: PaperField[]
  /** Fields of a free layout that are printed over another one. */
  over: PaperField[]
  /** A barcode whose bars are too thin for a printer of 203 dpi, or that cannot be written. */
  badCode: boolean
}

export type Box = { x: number; y: number; w: number; h: number }

/** The width of the thinnest bar that a printer of 203 dpi prints: two of its dots. */
const leastModuleMm = 0.25
const gap = 1.2

export type OnPaper = { template: PaperTemplate; data: PaperData; checks: PaperChecks }

/** The part of a paper that is printed on: all but its margins. */
export function innerOf({ widthMm, heightMm }: PaperTemplate) {
  const margin = Math.min(widthMm, heightMm) >= 100 ? 5 : 2
  return { x: margin, w: widthMm - 2 * margin, top: margin, bottom: heightMm - margin }
}

/** A half field shares its row with the next one if that is half too. */
export function rowsOf(fields: readonly FieldOption[]): FieldOption[][] {
  const rows: FieldOption[][] = []
  for (const field of fields) {
    const last = rows.at(-1)
    if (field.half && last?.length === 1 && last[0]?.half) last.push(field)
    else rows.push([field])
  }
  return rows
}

type Place = {
  template: PaperTemplate
  data: PaperData
  inner: { x: number; w: number; bottom: number }
  top: number
  checks: PaperChecks
}

export function layRows(rows: FieldOption[][], place: Place): { items: PaperItem[]; y: number } {
  const { template, inner, checks } = place
  const items: PaperItem[] = []
  let y = place.top
  for (const row of rows) {
    const w = row.length === 2 ? (inner.w - 2) / 2 : inner.w
    const laid = row.map((field, at) => {
      const box = { x: round(inner.x + at * (w + 2)), y: round(y), w: round(w), h: 0 }
      const align = at === 1 ? ('right' as const) : ('left' as const)
      return layField(field, box, { template, checks, align, text: textOf(field.key, template, place.data) })
    })
    items.push(...laid.flatMap((one) => one.items))
    y = round(y + Math.max(...laid.map(({ height }) => height)) + gap)
  }
  return { items, y }
}

type FieldInBox = {
  template: PaperTemplate
  checks: PaperChecks
  align: 'left' | 'right'
  text: string
}

const longFields: ReadonlySet<PaperField> = new Set(['text', 'receiver', 'buyerMessage', 'sellerMemo'])
const mostLines = (key: PaperField) => (longFields.has(key) ? 4 : 2)

/** Lays out one field. The height of `box` is 0 where the field has the height of its text. */
export function layField(
  { key, size, bold }: FieldOption,
  box: Box,
  { template, checks, align, text }: FieldInBox,
): { items: PaperItem[]; height: number } {
  if (key === 'barcode') {
    const modules = code128(text)
    if (!modules) {
      checks.badCode = true
      return { items: [], height: 0 }
    }
    const count = modules.reduce((sum, width) => sum + width, 0) + 2 * quiet
    const module = Math.min(box.w / count, 0.5)
    if (module < leastModuleMm) checks.badCode = true
    const w = round(module * count)
    const x = align === 'right' ? round(box.x + box.w - w) : box.x
    const h = box.h || size
    return { items: [{ kind: 'code', x, y: box.y, w, h, text, modules }], height: h }
  }
  if (signedFields.has(key)) {
    const name = `${fieldWords[key][template.options.language]} `
    const w = Math.min(round(widthOf(name, size, bold)), box.w)
    const height = box.h || round(textHeight(size) + 5)
    const y = round(box.y + height - textHeight(size))
    const line = {
      kind: 'bar' as const,
      x: round(box.x + w),
      y: round(box.y + height),
      w: round(box.w - w),
      h: 0.2,
    }
    const label = {
      kind: 'text' as const,
      x: box.x,
      y,
      w,
      h: textHeight(size),
      text: name.trim(),
      pt: size,
      bold,
    }
    return { items: [{ ...label, align: 'left' }, line], height }
  }
  const most = box.h > 0 ? Math.max(1, Math.floor((box.h + 0.01) / textHeight(size))) : mostLines(key)
  const { lines, cut } = wrap(text, { width: box.w, pt: size, bold, most })
  if (cut) checks.cut.push(key)
  const items = lines.map((line, at): PaperItem => {
    const y = round(box.y + textHeight(size, at))
    return { kind: 'text', x: box.x, y, w: box.w, h: textHeight(size), text: line, pt: size, bold, align }
  })
  return { items, height: textHeight(size, lines.length) }
}

export function textOf(key: PaperField, { options }: PaperTemplate, { values }: PaperData): string {
  const own = key === 'text' ? options.text : key === 'sender' ? options.sender : ''
  const value = own || (values[key] ?? '')
  if (signedFields.has(key)) return '_'
  return value !== '' && namedFields.has(key) ? `${fieldWords[key][options.language]} ${value}` : value
}
