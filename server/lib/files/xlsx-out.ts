import { yuanFromFen } from '../money.ts'
import { toChinaTime } from '../time.ts'
import { zip } from './zip.ts'

/** The content of a cell. `fen` becomes an amount with two decimals; null and '' leave the cell empty. */
export type Cell = string | number | null | { fen: number }
export type SheetColumn = { title: string; width: number; money?: boolean }

/** A part of a sheet: some hundred rows, or one line with a note to the reader. */
export type SheetPart = readonly (readonly Cell[])[] | { note: string }

/** Returns the headers of a file such as 待转入订单 2026-11-24 1432.xlsx. `ascii`: its name for older programs. */
export function xlsxHeaders(title: string, ascii: string, at: Date): Record<string, string> {
  const time = toChinaTime(at).slice(0, 16).replace(':', '')
  const words = encodeURIComponent(`${title} ${time}.xlsx`)
  return {
    'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'content-disposition': `attachment; filename="${ascii}-${time.replaceAll(/[ -]/g, '')}.xlsx"; filename*=UTF-8''${words}`,
    'cache-control': 'no-store',
  }
}

/** Text of the sheet is collected up to this number of characters before it is compressed. */
const pieceLength = 64_000
/** A cell has at most this many characters; longer text is cut. Excel's own limit is 32,767. */
const textMax = 32_000

/**
 * Makes an XLSX file of one sheet as a stream, with one part in memory at a time. The format needs one page of code here; exceljs took
 * seven times the processor time, blocked the process for 400 ms at a time, and buffered without limit for a slow reader (docs/decisions).
 */
export function xlsx(
  name: string,
  columns: readonly SheetColumn[],
  parts: AsyncIterable<SheetPart>,
): AsyncGenerator<Buffer> {
  return zip([
    ...frame(name).map(([path, text]) => ({ name: path, text: [text] })),
    { name: 'xl/worksheets/sheet1.xml', text: sheetXml(columns, parts) },
  ])
}

async function* sheetXml(
  columns: readonly SheetColumn[],
  parts: AsyncIterable<SheetPart>,
): AsyncGenerator<string> {
  const widths = columns.map(
    ({ width }, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  )
  const letters = columns.map((_, at) => letterOf(at))
  yield `${xmlHead}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>`
  yield rowXml(
    columns.map(({ title }) => title),
    1,
    letters,
    style.head,
  )
  let line = 1
  for await (const part of parts) {
    const rows = 'note' in part ? [[part.note]] : part
    let text = ''
    for (const row of rows) {
      line += 1
      text += rowXml(row, line, letters, 'note' in part ? style.note : style.plain)
      // Rows are collected up to `pieceLength`, because many small strings would burden the garbage collection.
      if (text.length > pieceLength) {
        yield text
        text = ''
      }
    }
    yield text
  }
  yield '</sheetData></worksheet>'
}

/** Indexes of the cell formats in the style sheet below. */
const style = { plain: 0, money: 1, head: 2, note: 3 } as const

function rowXml(row: readonly Cell[], line: number, letters: readonly string[], text: number): string {
  const cells = row.map((cell, at) => cellXml(cell, `${letters[at]}${line}`, text))
  return `<row r="${line}">${cells.join('')}</row>`
}

function cellXml(cell: Cell, ref: string, text: number): string {
  if (cell === null || cell === '') return ''
  if (typeof cell === 'number') return `<c r="${ref}"><v>${cell}</v></c>`
  if (typeof cell === 'object') return `<c r="${ref}" s="${style.money}"><v>${yuanFromFen(cell.fen)}</v></c>`
  return `<c r="${ref}" t="inlineStr" s="${text}"><is><t xml:space="preserve">${xmlText(safeText(cell))}</t></is></c>`
}

/** Puts an apostrophe before text that a spreadsheet would read as a formula, also after it was saved as CSV. */
export function safeText(text: string): string {
  const cut = text.length > textMax ? `${text.slice(0, textMax)}…` : text
  return /^[=+\-@\t\r]/.test(cut) ? `'${cut}` : cut
}

/** Removes characters that XML cannot contain, and escapes text that Excel would read as its own escape. */
export function xmlText(text: string): string {
  if (!suspicious.test(text)) return text
  return text
    .toWellFormed()
    .replace(unholdable, '')
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[&<>\r]/g, (letter) => entities[letter] ?? '')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unholdable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const suspicious = /[\u0000-\u001f&<>_\ud800-\udfff\ufffe\uffff]/
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }

/** 0 → A, 26 → AA */
function letterOf(at: number): string {
  return (at >= 26 ? letterOf(Math.floor(at / 26) - 1) : '') + String.fromCharCode(65 + (at % 26))
}

const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** Returns all parts of the file except the rows. */
function frame(name: string): [path: string, text: string][] {
  const title = xmlText(name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31)).replaceAll('"', '&quot;')
  const part = (path: string, type: string) =>
    `<Override PartName="${path}" ContentType="${types}.${type}+xml"/>`
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`
  const files: [string, string][] = [
    [
      '[Content_Types].xml',
      `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${part('/xl/workbook.xml', 'sheet.main')}${part('/xl/worksheets/sheet1.xml', 'worksheet')}${part('/xl/styles.xml', 'styles')}</Types>`,
    ],
    [
      '_rels/.rels',
      `<Relationships xmlns="${packages}/relationships">${relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${title}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `<Relationships xmlns="${packages}/relationships">${relation('rId1', 'worksheet', 'worksheets/sheet1.xml')}${relation('rId2', 'styles', 'styles.xml')}</Relationships>`,
    ],
    ['xl/styles.xml', styles],
  ]
  return files.map(([path, text]) => [path, xmlHead + text])
}

// Number format 2 is "0.00".
const styles = `<styleSheet xmlns="${main}"><fonts count="3"><font><sz val="11"/></font><font><b/><sz val="11"/></font><font><b/><sz val="11"/><color rgb="FFBE2E2E"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf numFmtId="2" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/><xf fontId="2" applyFont="1"/></cellXfs></styleSheet>`
