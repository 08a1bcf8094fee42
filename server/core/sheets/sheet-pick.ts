import { AppError } from '../../errors.ts'
import { readSheet } from './sheet-in.ts'

/** The accepted headers of each field. The first one is our own. */
export type Heads<Name extends string> = Record<Name, readonly string[]>

export type SheetAsk<Name extends string = string> = {
  bytes: Uint8Array
  heads: Heads<Name>
  needed: readonly Name[]
  /** The header row is the first of this many rows that has all needed columns. Some files begin with lines about themselves. */
  headWithin: number
  /** True: each cell is wanted, by the place of its column ("0", "1" …), and no row is taken for the head. */
  all?: boolean
}

export type SheetRow<Name extends string> = {
  /** The row's number in the sheet; the header is row 1. */
  row: number
  cells: Partial<Record<Name, string>>
}

/** Returns the rows by field name, without empty cells, empty rows and unknown columns. */
export function pickRows<Name extends string>(ask: SheetAsk<Name>): SheetRow<Name>[] {
  const { heads, needed, headWithin } = ask
  const sheet = readSheet(Buffer.from(ask.bytes.buffer, ask.bytes.byteOffset, ask.bytes.byteLength))
  if (ask.all) return everyCell(sheet) as SheetRow<Name>[]
  const names = Object.keys(heads).filter((name): name is Name => name in heads)
  const bare = (text: string) => text.toLowerCase().replace(/[\s*＊_（）()]/g, '')
  const columnsOf = (head: readonly string[]) =>
    head.map((text) => names.find((name) => heads[name].some((known) => bare(known) === bare(text))))
  const isHead = (row: readonly string[]) => needed.every((name) => columnsOf(row).includes(name))
  const headAt = Math.max(0, sheet.slice(0, headWithin).findIndex(isHead))
  const columns = columnsOf(sheet[headAt] ?? [])
  const missing = needed.filter((name) => !columns.includes(name)).map((name) => heads[name][0] ?? name)
  if (missing.length > 0) {
    const detail = {
      zh: `第一行缺少列：${missing.join('、')}`,
      en: `the first row lacks columns: ${missing.join(', ')}`,
    }
    throw new AppError('sheet_unreadable', { detail }, 'file')
  }
  return sheet.slice(headAt + 1).flatMap((cells, at) => {
    const found: Partial<Record<Name, string>> = {}
    cells.forEach((text, column) => {
      const name = columns[column]
      if (name !== undefined && text !== '') found[name] = text
    })
    return Object.keys(found).length > 0 ? [{ row: headAt + at + 2, cells: found }] : []
  })
}

function everyCell(sheet: readonly (readonly string[])[]): SheetRow<string>[] {
  return sheet.flatMap((texts, at) => {
    const cells = Object.fromEntries([...texts.entries()].filter(([, text]) => text !== ''))
    return Object.keys(cells).length > 0 ? [{ row: at + 1, cells }] : []
  })
}
