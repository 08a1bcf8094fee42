import {
  type FieldOption,
  forPresent,
  type PaperTemplate,
} from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { innerOf, layRows, type OnPaper, type PaperChecks, rowsOf, textOf } from './field-layout.ts'
import { layFree } from './free-layout.ts'
import { type PaperData, type PaperItem, round, textHeight } from './items.ts'
import { layList } from './list-layout.ts'

export type Paper = {
  widthMm: number
  heightMm: number
  sheets: PaperItem[][]
  checks: PaperChecks
}

/** Lays out a paper: a pure function of template and data, which the editor shows and the printer gets. */
export function layoutPaper(given: PaperTemplate, data: PaperData): Paper {
  const template = data.isPresent ? forPresent(given) : given
  const { widthMm, heightMm } = template
  const checks: PaperChecks = {
    ...{ leastPt: 0, rows: data.lines.length, rowsFit: 0, leftOut: 0 },
    ...{ cut: [], lost: [], over: [], badCode: false },
  }
  const shown = template.options.fields.filter(
    ({ key, on }) => on && (key === 'goods' || textOf(key, template, data) !== ''),
  )
  const sheets = template.options.free
    ? layFree(shown, { template, data, checks })
    : layInRows(shown, { template, data, checks })
  if (sheets.length > 1)
    for (const [page, items] of sheets.entries()) items.push(pageNumber(page, sheets.length, template))
  checks.cut = [...new Set(checks.cut)]
  checks.leastPt = Math.min(
    ...sheets.flat().map((item) => (item.kind === 'text' ? item.pt : Number.POSITIVE_INFINITY)),
  )
  if (!Number.isFinite(checks.leastPt)) checks.leastPt = 0
  return { widthMm, heightMm, sheets, checks }
}

/**
 * The fields are printed below each other in the order of the template, two half ones beside each other; the list goes on on further
 * sheets, and the fields after it are on the last one.
 */
function layInRows(shown: readonly FieldOption[], on: OnPaper): PaperItem[][] {
  const { template, data, checks } = on
  const inner = innerOf(template)
  const at = shown.findIndex(({ key }) => key === 'goods')
  const head = rowsOf(at < 0 ? shown : shown.slice(0, at))
  const foot = rowsOf(at < 0 ? [] : shown.slice(at + 1))
  const lay = (rows: FieldOption[][], top: number) => layRows(rows, { template, data, inner, top, checks })
  const first = lay(head, inner.top)
  const sheets: PaperItem[][] = [first.items]
  let y = first.y
  if (at >= 0) {
    const footHeight = lay(foot, 0).y
    const list = layList(template, data.lines, { ...inner, top: y, footHeight, margin: inner.top })
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
  return sheets
}

function pageNumber(page: number, pages: number, { widthMm, heightMm, options }: PaperTemplate): PaperItem {
  const text = options.language === 'zh' ? `第 ${page + 1} / ${pages} 页` : `Page ${page + 1} / ${pages}`
  const h = textHeight(8)
  const place = { x: 0, y: round(heightMm - h - 0.5), w: widthMm - 5, h }
  return { kind: 'text', ...place, text, pt: 8, bold: false, align: 'right' }
}
