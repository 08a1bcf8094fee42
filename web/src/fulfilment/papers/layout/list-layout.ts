import {
  columnWords,
  type PaperColumn,
  type PaperTemplate,
} from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { type PaperItem, type PaperLine, round, textHeight } from './items.ts'
import { mmOfPt, widthOf, wrap } from './measure.ts'

/** Columns of a fixed width, in ems of the list's text; the others share the rest, by their parts. */
const fixed: Partial<Record<PaperColumn, number>> = {
  ...{ place: 2.2, bin: 6.4, quantity: 3.2, price: 5.6, baskets: 6.5, box: 2 },
  ...{ waybill: 12, weight: 5.5 },
}
const parts: Partial<Record<PaperColumn, number>> = { code: 2, name: 4, spec: 2.5, orderNo: 3 }
const rightColumns: ReadonlySet<PaperColumn> = new Set<PaperColumn>(['quantity', 'price', 'weight'])
/** Columns that are read at a distance: always bold. */
const boldColumns: ReadonlySet<PaperColumn> = new Set<PaperColumn>(['bin', 'quantity'])

type Column = { key: PaperColumn; x: number; w: number }
type Frame = { x: number; w: number; bottom: number; top: number; footHeight: number; margin: number }
type Row = { items: PaperItem[]; height: number }

/**
 * Lays out the list below `top`, as far as the fields below it leave room. A list that is too long goes on on further sheets, whose head it
 * repeats, or says in its last line how many rows are left out.
 */
export function layList(
  template: PaperTemplate,
  lines: readonly PaperLine[],
  frame: Frame,
): { sheets: PaperItem[][]; y: number; rowsFit: number; leftOut: number } {
  const columns = columnsOf(template, frame)
  const head = headRow(template, columns, frame)
  const rows = lines.map((line) => bodyRow(template, columns, line))
  const goesOn = template.options.overflow === 'pages'
  const sheets: PaperItem[][] = [[]]
  let y = frame.top
  let done = 0
  let rowsFit = 0
  const begin = () => {
    sheets.at(-1)?.push(...moved(head.items, y))
    y = round(y + head.height)
  }
  begin()
  for (const row of rows) {
    const isLast = done === rows.length - 1
    const room = frame.bottom - (isLast || !goesOn ? frame.footHeight : 0)
    if (y + row.height > room + 0.01) {
      if (!goesOn) break
      if (done > 0 && sheets.at(-1)?.length !== head.items.length) {
        if (sheets.length === 1) rowsFit = done
        sheets.push([])
        y = frame.margin
        begin()
      }
    }
    sheets.at(-1)?.push(...moved(row.items, y))
    y = round(y + row.height)
    done += 1
  }
  if (sheets.length === 1) rowsFit = done
  const leftOut = rows.length - done
  if (leftOut > 0) {
    const rest = restRow(template, leftOut, frame)
    // The note takes the place of the last row if there is no other room for it.
    while (done > 0 && y + rest.height > frame.bottom - frame.footHeight + 0.01) {
      done -= 1
      const row = rows[done]
      if (!row) break
      sheets[0]?.splice(-row.items.length)
      y = round(y - row.height)
    }
    const note = restRow(template, rows.length - done, frame)
    sheets[0]?.push(...moved(note.items, y))
    return { sheets, y: round(y + note.height + 1), rowsFit: done, leftOut: rows.length - done }
  }
  return { sheets, y: round(y + 1), rowsFit, leftOut: 0 }
}

const moved = (items: readonly PaperItem[], by: number): PaperItem[] =>
  items.map((item) => ({ ...item, y: round(item.y + by) }))

function columnsOf({ options }: PaperTemplate, { x, w }: Frame): Column[] {
  const keys = options.columns.filter(({ on }) => on).map(({ key }) => key)
  const em = options.listSize * mmOfPt
  const set = keys.reduce((sum, key) => sum + (fixed[key] ?? 0) * em, 0)
  const all = keys.reduce((sum, key) => sum + (parts[key] ?? 0), 0)
  // Without a column that can grow the fixed ones are stretched over the whole width.
  const stretch = all === 0 && set > 0 ? w / set : Math.min(1, w / Math.max(set, 0.01))
  const left = Math.max(0, w - set * stretch)
  let at = x
  return keys.map((key) => {
    const width = key in fixed ? (fixed[key] ?? 0) * em * stretch : (left * (parts[key] ?? 0)) / all
    const column = { key, x: round(at), w: round(width - 1) }
    at += width
    return column
  })
}

const alignOf = (key: PaperColumn) => (rightColumns.has(key) ? ('right' as const) : ('left' as const))

function headRow(template: PaperTemplate, columns: readonly Column[], { x, w }: Frame): Row {
  const pt = template.options.listSize
  const h = textHeight(pt)
  const items = columns.map(({ key, ...place }): PaperItem => {
    const text = key === 'box' ? '' : columnWords[key][template.options.language]
    return { kind: 'text', ...place, y: 0, h, text, pt, bold: false, align: alignOf(key) }
  })
  const line: PaperItem = { kind: 'bar', x, y: round(h + 0.4), w: round(w), h: 0.3 }
  return {
    items: [...items.filter((item) => item.kind !== 'text' || item.text !== ''), line],
    height: round(h + 1.2),
  }
}

function bodyRow({ options }: PaperTemplate, columns: readonly Column[], line: PaperLine): Row {
  const pt = options.listSize
  let most = 1
  const items = columns.flatMap(({ key, x, w }): PaperItem[] => {
    if (key === 'box') {
      const side = round(Math.min(w, textHeight(pt)) - 0.6)
      return [{ kind: 'box', x: round(x + w - side), y: 0.3, w: side, h: side }]
    }
    const bold = options.listBold || boldColumns.has(key)
    // A second line is better than a number that is cut.
    const wrapped = wrap(line[key] ?? '', { width: w, pt, bold, most: 2 })
    most = Math.max(most, wrapped.lines.length)
    return wrapped.lines.map((text, at) => {
      const y = textHeight(pt, at)
      return { kind: 'text', x, y, w, h: textHeight(pt), text, pt, bold, align: alignOf(key) }
    })
  })
  const height = round(textHeight(pt, most) + 1)
  const first = columns[0]
  const last = columns.at(-1)
  if (first && last)
    items.push({
      kind: 'bar',
      x: first.x,
      y: round(height - 0.5),
      w: round(last.x + last.w + 1 - first.x),
      h: 0.1,
    })
  return { items, height }
}

function restRow({ options }: PaperTemplate, count: number, { x, w }: Frame): Row {
  const pt = options.listSize
  const text = options.language === 'zh' ? `还有 ${count} 行，见拣货单` : `${count} more, see the pick list`
  const h = textHeight(pt)
  const width = round(Math.min(w, widthOf(text, pt, true) + 1))
  return { items: [{ kind: 'text', x, y: 0, w: width, h, text, pt, bold: true, align: 'left' }], height: h }
}
