import {
  drawnFields,
  type FieldOption,
  fieldWords,
  namedFields,
  type OwnText,
  ownTexts,
  type PaperField,
  type PaperTemplate,
  signedFields,
} from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { code128, quiet } from './code128.ts'
import { type PaperData, type PaperItem, round, textHeight } from './items.ts'
import { widthOf, wrap } from './measure.ts'
import { qrOf, qrQuiet } from './qr.ts'

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

const longFields: ReadonlySet<PaperField> = new Set([
  'text',
  'text2',
  'text3',
  'receiver',
  'buyerMessage',
  'sellerMemo',
])
const mostLines = (key: PaperField) => (longFields.has(key) ? 4 : 2)

type Drawn = Pick<FieldInBox, 'checks' | 'align' | 'text'>

function layDrawn(
  { key, size }: Pick<FieldOption, 'key' | 'size'>,
  box: Box,
  drawn: Drawn,
): { items: PaperItem[]; height: number } {
  const height = box.h || size
  const item =
    key === 'barcode'
      ? layBarcode({ ...box, h: height }, drawn)
      : key === 'qr'
        ? layQr({ ...box, h: height }, drawn)
        : { kind: 'picture' as const, ...box, h: height, url: drawn.text }
  return item ? { items: [item], height } : { items: [], height: 0 }
}

/** As wide as its bars need to be, at the side of its box. */
const aside = (box: Box, w: number, align: Drawn['align']) =>
  align === 'right' ? round(box.x + box.w - w) : box.x

function layBarcode(box: Box, { checks, align, text }: Drawn): PaperItem | undefined {
  const modules = code128(text)
  if (!modules) {
    checks.badCode = true
    return undefined
  }
  const count = modules.reduce((sum, width) => sum + width, 0) + 2 * quiet
  const module = Math.min(box.w / count, 0.5)
  if (module < leastModuleMm) checks.badCode = true
  const w = round(module * count)
  return { kind: 'code', x: aside(box, w, align), y: box.y, w, h: box.h, text, modules }
}

/** A square, as large as its box. */
function layQr(box: Box, { checks, align, text }: Drawn): PaperItem | undefined {
  const rows = qrOf(text)
  if (!rows) return undefined
  const side = round(Math.min(box.w, box.h))
  if (side / (rows.length + 2 * qrQuiet) < leastModuleMm) checks.badCode = true
  return { kind: 'qr', x: aside(box, side, align), y: box.y, w: side, h: side, text, rows }
}

/** Lays out one field. The height of `box` is 0 where the field has the height of its text. */
export function layField(
  { key, size, bold }: FieldOption,
  box: Box,
  { template, checks, align, text }: FieldInBox,
): { items: PaperItem[]; height: number } {
  if (drawnFields.has(key)) return layDrawn({ key, size }, box, { checks, align, text })
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
  if (signedFields.has(key)) return '_'
  if (key === 'picture') return options.picture ?? ''
  const own = isOwn(key) ? (options[key] ?? '') : ''
  const value = own || (values[key === 'qr' ? 'barcode' : key] ?? '')
  return value !== '' && namedFields.has(key) ? `${fieldWords[key][options.language]} ${value}` : value
}

const isOwn = (key: PaperField): key is OwnText => Object.hasOwn(ownTexts, key)
