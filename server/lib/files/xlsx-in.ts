import { unzip } from './unzip.ts'
import { type XmlBudget, XmlTags } from './xml-tags.ts'

export type SheetLimits = {
  rows: number
  columns: number
  unpackedBytes: number
  /** At most this many XML tags may be in all parts of the workbook that are read. */
  tags: number
  /** At most this many characters may be in all texts of the workbook that are read. */
  letters: number
}

/**
 * Returns the first sheet of a workbook as texts, including empty rows. Formulas become their last stored values, dates become "2026-11-24
 * 08:30:00". Other parts, such as pictures, are not read. Throws RangeError if the bytes are no workbook or exceed the limits.
 */
export function readXlsx(bytes: Buffer, limits: SheetLimits): string[][] {
  const archive = unzip(bytes, limits.unpackedBytes)
  const budget = { tags: limits.tags, letters: limits.letters }
  const tagsOf = (name: string) => new XmlTags(archive.text(name) ?? '', budget)
  const path = sheetPath(tagsOf('xl/workbook.xml'), tagsOf('xl/_rels/workbook.xml.rels'))
  const sheet = archive.text(path)
  if (sheet === undefined) throw new RangeError('A workbook without a sheet.')
  const string = sharedStrings(archive.text('xl/sharedStrings.xml') ?? '', budget)
  const parts = { string, dates: dateStyles(tagsOf('xl/styles.xml')), columns: limits.columns, budget }
  const tags = new XmlTags(sheet, budget)
  const rows: string[][] = []
  // Reading stops after the cells, because many sheets have a long part after them.
  while (tags.next() && !(tags.closes && tags.name === 'sheetData')) {
    if (!tags.opens || tags.name !== 'row') continue
    const at = Number(tags.attribute('r') ?? rows.length + 1) - 1
    if (!(at >= rows.length) || at >= limits.rows) throw new RangeError('Too many rows.')
    while (rows.length < at) rows.push([])
    rows.push(tags.closes ? [] : cells(tags, parts))
  }
  return rows
}

type Parts = {
  string: (at: number) => string
  dates: ReadonlySet<string>
  columns: number
  budget: XmlBudget
}

/** A cell as spreadsheet programs write nearly all of them. It is read at once, because a sheet may have half a million. */
const usualCell =
  /<c r="([A-Z]{1,3})\d{1,7}"(?: s="(\d{1,6})")?(?: t="(n|s|str|b)")?(?:\/>|><v>([^<&_\0]{0,64})<\/v><\/c>)/y

function cells(tags: XmlTags, parts: Parts): string[] {
  const values: string[] = []
  let at = -1
  // A row whose cells are written otherwise is not tried again and again.
  let misses = 0
  for (;;) {
    const usual = misses < 3 ? tags.take(usualCell) : undefined
    misses = usual ? 0 : misses + 1
    let value: string
    if (usual) {
      const [, column = '', style, type = 'n', text] = usual
      at = columnOf(column)
      if (text === undefined) continue
      parts.budget.tags -= 3
      parts.budget.letters -= text.length
      value = shownText(text, { type, style }, parts)
      if (parts.budget.letters < 0) throw new RangeError('Too much text.')
    } else {
      if (!tags.next()) throw new RangeError('A row that does not end.')
      if (tags.closes && tags.name === 'row') return values
      if (!tags.opens || tags.name !== 'c') continue
      const reference = tags.attribute('r')
      at = reference === undefined ? at + 1 : columnOf(reference)
      if (tags.closes) continue
      value = cellText(tags, parts)
    }
    // Many sheets have formatted empty cells far to the right. They do not count as columns.
    if (value === '') continue
    if (!(at >= 0) || at >= parts.columns) throw new RangeError('Too many columns.')
    while (values.length < at) values.push('')
    values[at] = value
  }
}

function cellText(tags: XmlTags, parts: Parts): string {
  const type = tags.attribute('t') ?? 'n'
  const style = type === 'n' ? tags.attribute('s') : undefined
  let text = ''
  for (;;) {
    if (!tags.next()) throw new RangeError('A cell that does not end.')
    if (tags.closes && tags.name === 'c') break
    if (type === 'inlineStr' && tags.opens && tags.name === 'is') text = tags.closes ? '' : spoken(tags, 'is')
    else if (type !== 'inlineStr' && tags.closes && !tags.opens && tags.name === 'v') text = tags.text()
    else if (tags.name === 'c' || tags.name === 'row') throw new RangeError('A cell in a cell.')
  }
  return type === 'inlineStr' ? text : shownText(text, { type, style }, parts)
}

/** Returns what a cell shows, from its stored value. `style`: of a number. */
function shownText(
  text: string,
  { type, style }: { type: string; style: string | undefined },
  { string, dates, budget }: Parts,
): string {
  if (type === 's') {
    const shown = string(Number(text))
    budget.letters -= shown.length
    return shown
  }
  if (type === 'b') return text === '1' ? 'TRUE' : 'FALSE'
  // An error such as #N/A is read as empty.
  if (type === 'e') return ''
  if (type !== 'n' || text === '') return text
  return dates.has(style ?? '') ? dateText(Number(text)) : numberText(text)
}

/** Returns the text of a string up to its end tag, without phonetic hints. */
function spoken(tags: XmlTags, end: 'is' | 'si'): string {
  let text = ''
  let hints = 0
  while (tags.next() && !(tags.closes && tags.name === end)) {
    if (tags.name === 'rPh') hints += (tags.opens ? 1 : 0) - (tags.closes ? 1 : 0)
    else if (hints === 0 && tags.name === 't' && tags.closes && !tags.opens) text += tags.text()
  }
  return text
}

/** A workbook may have at most this many strings. It keeps the strings of all its sheets in one part, more than one sheet can show. */
const stringsMax = 1_000_000

/** A string as programs write nearly all of them, without parts of its own. */
const usualString = /<si><t(?: xml:space="preserve")?>[^<]{0,2000}<\/t><\/si>/y

/**
 * Finds the positions of the strings once, and decodes a string when a cell first uses it, because other sheets may have far more strings.
 */
function sharedStrings(xml: string, budget: XmlBudget): (at: number) => string {
  const ends: number[] = []
  const begins: number[] = []
  const tags = new XmlTags(xml, budget)
  for (let isBetween = true; ; ) {
    const usual = isBetween ? tags.take(usualString) : undefined
    if (usual) {
      budget.tags -= 3
      begins.push(usual.index + '<si>'.length)
      ends.push(usualString.lastIndex)
    } else {
      if (!tags.next()) break
      isBetween = tags.name === 'si' && tags.closes
      if (tags.name !== 'si') continue
      if (tags.opens) begins.push(tags.end)
      if (tags.closes) ends.push(tags.end)
    }
    if (begins.length > stringsMax) throw new RangeError('Too many strings.')
  }
  const read = new Map<number, string>()
  return (at) => {
    const known = read.get(at)
    if (known !== undefined) return known
    const text = spoken(new XmlTags(xml.slice(begins[at] ?? 0, ends[at] ?? 0), budget), 'si')
    read.set(at, text)
    return text
  }
}

/**
 * Returns a number as it was entered. A workbook stores 29.9 as 29.899999999999999, and a barcode as 6.9E+12. A number of more
 * than fifteen digits has lost its last ones in the file. It is returned as 1.23e+15, which no reader takes for the number that was entered.
 */
function numberText(text: string): string {
  const value = Number(text)
  if (!Number.isFinite(value)) return text
  if (Math.abs(value) >= 1e15) return value.toExponential()
  return Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(15)))
}

/** Converts days since 30 December 1899 to a date. */
function dateText(days: number): string {
  const at = new Date(Date.UTC(1899, 11, 30) + Math.round(days * 86_400) * 1000)
  if (!Number.isFinite(at.getTime())) return String(days)
  const text = at.toISOString().slice(0, 19).replace('T', ' ')
  return text.endsWith(' 00:00:00') ? text.slice(0, 10) : text
}

/** Excel accepts no longer number format. */
const formatMax = 255

/** Excel allows 65,490 cell styles in a workbook. */
const stylesMax = 65_490

/** Returns the cell styles that show a number as a date. */
function dateStyles(tags: XmlTags): Set<string> {
  const custom = new Map<string, boolean>()
  const found = new Set<string>()
  let inside = false
  let at = 0
  while (tags.next()) {
    if (tags.name === 'cellXfs') inside = tags.opens && !tags.closes
    else if (tags.opens && tags.name === 'numFmt')
      custom.set(tags.attribute('numFmtId') ?? '', showsTime(tags.attribute('formatCode') ?? ''))
    else if (inside && tags.opens && tags.name === 'xf') {
      if (at >= stylesMax) throw new RangeError('Too many styles.')
      const id = tags.attribute('numFmtId') ?? ''
      if (custom.get(id) ?? isDateFormat(Number(id))) found.add(String(at))
      at += 1
    }
  }
  return found
}

const showsTime = (format: string) =>
  /[ymdh]/i.test(format.slice(0, formatMax).replace(/"[^"]*"|\[[^\]]*\]|\\./g, ''))

/** True for the built-in date formats, also of Chinese and Japanese versions. */
const isDateFormat = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)

/** The relations of a workbook are its sheets and a few other parts. */
const relationsMax = 10_000

/** Returns the path of the sheet with the first tab. */
function sheetPath(workbook: XmlTags, relations: XmlTags): string {
  let id: string | undefined
  while (id === undefined && workbook.next())
    if (workbook.opens && workbook.name === 'sheet') id = workbook.attribute('id') ?? ''
  for (let seen = 0; id && relations.next(); seen += 1) {
    if (seen > relationsMax) throw new RangeError('Too many relations.')
    if (!relations.opens || relations.name !== 'Relationship' || relations.attribute('Id') !== id) continue
    const target = relations.attribute('Target') ?? ''
    return target.startsWith('/') ? target.slice(1) : `xl/${target}`
  }
  return 'xl/worksheets/sheet1.xml'
}

/** Returns the column's index: "AB12" → 27 */
function columnOf(reference: string): number {
  let column = 0
  for (let at = 0; at < 3; at += 1) {
    const letter = reference.charCodeAt(at) - 64
    if (!(letter >= 1 && letter <= 26)) break
    column = column * 26 + letter
  }
  return column - 1
}
