import {
  type FieldOption,
  fieldWords,
  namedFields,
  type PaperField,
  type PaperTemplate,
  signedFields,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { code128, quiet } from './code128.ts'
import { type PaperData, type PaperItem, round, textHeight } from './items.ts'
import { layList } from './list-layout.ts'
import { widthOf, wrap } from './measure.ts'

export type Paper = {
  widthMm: number
  heightMm: number
  sheets: PaperItem[][]
  checks: PaperChecks
}
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
  /** A barcode whose bars are too thin for a printer of 203 dpi, or that cannot be written. */
  badCode: boolean
}

type Box = { x: number; y: number; w: number; h: number }

/** The width of the thinnest bar that a printer of 203 dpi prints: two of its dots. */
const leastModuleMm = 0.25
const gap = 1.2

/**
 * Lays out a paper: a pure function of template and data. The fields are printed below each other in the order of the template, two half ones
 * beside each other; the list goes on on further sheets, and the fields after it are on the last one.
 */
export function layoutPaper(template: PaperTemplate, data: PaperData): Paper {
  const { widthMm, heightMm, options } = template
  const margin = Math.min(widthMm, heightMm) >= 100 ? 5 : 2
  const inner = { x: margin, w: widthMm - 2 * margin, bottom: heightMm - margin }
  const shown = options.fields.filter(
    ({ key, on }) => on && (key === 'goods' || textOf(key, template, data) !== ''),
  )
  const at = shown.findIndex(({ key }) => key === 'goods')
  const head = rowsOf(at < 0 ? shown : shown.slice(0, at))
  const foot = rowsOf(at < 0 ? [] : shown.slice(at + 1))
  const checks: PaperChecks = {
    ...{ leastPt: 0, rows: data.lines.length, rowsFit: 0, leftOut: 0, cut: [], lost: [], badCode: false },
  }
  const lay = (rows: FieldOption[][], top: number) => layRows(rows, { template, data, inner, top, checks })
  const first = lay(head, margin)
  const sheets: PaperItem[][] = [first.items]
  let y = first.y
  if (at >= 0) {
    const footHeight = lay(foot, 0).y
    const list = layList(template, data.lines, { ...inner, top: y, footHeight, margin })
    sheets.push(...list.sheets.slice(1))
    first.items.push(...(list.sheets[0] ?? []))
    y = list.y
    Object.assign(checks, { rowsFit: list.rowsFit, leftOut: list.leftOut })
    const last = lay(foot, y)
    sheets.at(-1)?.push(...last.items)
    y = last.y
  }
  if (y > inner.bottom + 0.01)
    for (const field of (foot.length > 0 ? foot : head).at(-1) ?? []) checks.lost.push(field.key)
  if (sheets.length > 1)
    for (const [page, items] of sheets.entries()) items.push(pageNumber(page, sheets.length, template))
  checks.cut = [...new Set(checks.cut)]
  checks.leastPt = Math.min(
    ...sheets.flat().map((item) => (item.kind === 'text' ? item.pt : Number.POSITIVE_INFINITY)),
  )
  if (!Number.isFinite(checks.leastPt)) checks.leastPt = 0
  return { widthMm, heightMm, sheets, checks }
}

/** A half field shares its row with the next one if that is half too. */
function rowsOf(fields: readonly FieldOption[]): FieldOption[][] {
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

function layRows(rows: FieldOption[][], place: Place): { items: PaperItem[]; y: number } {
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

type FieldPlace = {
  template: PaperTemplate
  checks: PaperChecks
  align: 'left' | 'right'
  text: string
}

function layField(
  { key, size, bold }: FieldOption,
  box: Box,
  { template, checks, align, text }: FieldPlace,
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
    return { items: [{ kind: 'code', x, y: box.y, w, h: size, text, modules }], height: size }
  }
  if (signedFields.has(key)) {
    const name = `${fieldWords[key][template.options.language]} `
    const w = Math.min(round(widthOf(name, size, bold)), box.w)
    const height = round(textHeight(size) + 5)
    const y = round(box.y + 5)
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
  const most = key === 'text' || key === 'receiver' || key === 'buyerMessage' || key === 'sellerMemo' ? 4 : 2
  const { lines, cut } = wrap(text, { width: box.w, pt: size, bold, most })
  if (cut) checks.cut.push(key)
  const items = lines.map((line, at): PaperItem => {
    const y = round(box.y + textHeight(size, at))
    return { kind: 'text', x: box.x, y, w: box.w, h: textHeight(size), text: line, pt: size, bold, align }
  })
  return { items, height: textHeight(size, lines.length) }
}

function textOf(key: PaperField, { options }: PaperTemplate, { values }: PaperData): string {
  const own = key === 'text' ? options.text : key === 'sender' ? options.sender : ''
  const value = own || (values[key] ?? '')
  if (signedFields.has(key)) return '_'
  return value !== '' && namedFields.has(key) ? `${fieldWords[key][options.language]} ${value}` : value
}

function pageNumber(page: number, pages: number, { widthMm, heightMm, options }: PaperTemplate): PaperItem {
  const text = options.language === 'zh' ? `第 ${page + 1} / ${pages} 页` : `Page ${page + 1} / ${pages}`
  const h = textHeight(8)
  const place = { x: 0, y: round(heightMm - h - 0.5), w: widthMm - 5, h }
  return { kind: 'text', ...place, text, pt: 8, bold: false, align: 'right' }
}
