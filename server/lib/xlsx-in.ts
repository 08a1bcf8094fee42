import { unzip } from './unzip.ts'

export type SheetLimits = { rows: number; columns: number; unpackedBytes: number }

/**
 * The first sheet of a workbook as texts, empty rows kept: formulas as the values they had when the file was saved, dates as
 * "2026-11-24 08:30:00". Reads only what it needs, so that merged ranges, validations and pictures cost nothing. Throws
 * RangeError on what is no workbook or passes the limits.
 */
export function readXlsx(bytes: Buffer, limits: SheetLimits): string[][] {
  const archive = unzip(bytes, limits.unpackedBytes)
  const sheet = archive.text(sheetPath(archive))
  if (sheet === undefined) throw new RangeError('A workbook without a sheet.')
  const strings = [...elements(archive.text('xl/sharedStrings.xml') ?? '', 'si')].map(({ inside }) =>
    texts(inside),
  )
  const dates = dateStyles(archive.text('xl/styles.xml') ?? '')
  const rows: string[][] = []
  for (const { attributes, inside } of elements(sheet, 'row')) {
    const at = Number(attribute(attributes, 'r') ?? rows.length + 1) - 1
    if (!(at >= rows.length) || at >= limits.rows) throw new RangeError('Too many rows.')
    while (rows.length < at) rows.push([])
    rows.push(cells(inside, { strings, dates, columns: limits.columns }))
  }
  return rows
}

type Parts = { strings: readonly string[]; dates: ReadonlySet<string>; columns: number }

function cells(row: string, { strings, dates, columns }: Parts): string[] {
  const values: string[] = []
  for (const { attributes, inside } of elements(row, 'c')) {
    const reference = attribute(attributes, 'r')
    const at = reference === undefined ? values.length : columnOf(reference)
    const value = cellText(attributes, inside, strings, dates)
    // Formatted and empty cells reach far to the right in many a sheet.
    if (value === '') continue
    if (!(at >= 0) || at >= columns) throw new RangeError('Too many columns.')
    while (values.length < at) values.push('')
    values[at] = value
  }
  return values
}

function cellText(
  attributes: string,
  inside: string,
  strings: readonly string[],
  dates: ReadonlySet<string>,
): string {
  const type = attribute(attributes, 't') ?? 'n'
  if (type === 'inlineStr') return texts(inside)
  const [value] = elements(inside, 'v')
  const text = plain(value?.inside ?? '')
  if (type === 's') return strings[Number(text)] ?? ''
  if (type === 'b') return text === '1' ? 'TRUE' : 'FALSE'
  // #N/A and the like say nothing.
  if (type === 'e') return ''
  if (type !== 'n' || text === '') return text
  return dates.has(attribute(attributes, 's') ?? '') ? dateText(Number(text)) : numberText(text)
}

/** 29.899999999999999 is how a workbook keeps 29.9, and 6.9E+12 how it keeps a barcode. */
function numberText(text: string): string {
  const value = Number(text)
  if (!Number.isFinite(value)) return text
  return Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(15)))
}

/** Days since 30 December 1899. */
function dateText(days: number): string {
  const at = new Date(Date.UTC(1899, 11, 30) + Math.round(days * 86_400) * 1000)
  if (!Number.isFinite(at.getTime())) return String(days)
  const text = at.toISOString().slice(0, 19).replace('T', ' ')
  return text.endsWith(' 00:00:00') ? text.slice(0, 10) : text
}

/** Cell styles that show a number as a date. */
function dateStyles(styles: string): Set<string> {
  const custom = new Map<string, string>()
  for (const { attributes } of elements(styles, 'numFmt'))
    custom.set(attribute(attributes, 'numFmtId') ?? '', attribute(attributes, 'formatCode') ?? '')
  const [formats] = elements(styles, 'cellXfs')
  const found = new Set<string>()
  let at = 0
  for (const { attributes } of elements(formats?.inside ?? '', 'xf')) {
    const id = attribute(attributes, 'numFmtId') ?? ''
    const code = custom.get(id)?.replace(/"[^"]*"|\[[^\]]*\]|\\./g, '')
    if (code === undefined ? isDateFormat(Number(id)) : /[ymdh]/i.test(code)) found.add(String(at))
    at += 1
  }
  return found
}

/** Built in ones, those of Chinese and Japanese versions among them. */
const isDateFormat = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)

/** The first sheet in the order of the tabs. */
function sheetPath(archive: { text(name: string): string | undefined }): string {
  const [first] = elements(archive.text('xl/workbook.xml') ?? '', 'sheet')
  const id = first && attribute(first.attributes, 'id')
  for (const { attributes } of elements(archive.text('xl/_rels/workbook.xml.rels') ?? '', 'Relationship')) {
    if (attribute(attributes, 'Id') !== id) continue
    const target = attribute(attributes, 'Target') ?? ''
    return target.startsWith('/') ? target.slice(1) : `xl/${target}`
  }
  return 'xl/worksheets/sheet1.xml'
}

/** "AB12" → 27 */
function columnOf(reference: string): number {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0] ?? ''
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}

/** All text of a string, phonetic hints left out. */
function texts(inside: string): string {
  const spoken = [...elements(inside, 'rPh')].reduce(
    (rest, { inside: hint }) => rest.replace(hint, ''),
    inside,
  )
  return [...elements(spoken, 't')].map((part) => plain(part.inside)).join('')
}

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function plain(text: string): string {
  return text
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,4}));/gi, (whole, decimal, hex, name) => {
      if (name) return named[name] ?? whole
      const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
      return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
        ? String.fromCodePoint(code)
        : ''
    })
    .replace(/_x([0-9A-F]{4})_/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll('\0', '')
}

function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|[\\s:])${name}="([^"]*)"`).exec(attributes)
  return found?.[1] === undefined ? undefined : plain(found[1])
}

/**
 * Elements of this name, one after the other, whatever their prefix; one that is not closed ends the search. A single pass,
 * also over what was made to be slow to read.
 */
function* elements(xml: string, name: string): Generator<{ attributes: string; inside: string }> {
  const open = new RegExp(`<((?:\\w{1,20}:)?)${name}(?=[\\s/>])`, 'g')
  for (let found = open.exec(xml); found; found = open.exec(xml)) {
    const headEnd = xml.indexOf('>', open.lastIndex)
    if (headEnd < 0) return
    const attributes = xml.slice(open.lastIndex, headEnd)
    open.lastIndex = headEnd + 1
    if (attributes.endsWith('/')) {
      yield { attributes, inside: '' }
      continue
    }
    const close = `</${found[1]}${name}>`
    const end = xml.indexOf(close, headEnd)
    if (end < 0) return
    yield { attributes, inside: xml.slice(headEnd + 1, end) }
    open.lastIndex = end + close.length
  }
}
