import Type, { type Static, type TObject } from 'typebox'
import Value from 'typebox/value'
import { connectorFor } from '../connectors/index.ts'
import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { type ColumnDeclaration, type Language, shownOf } from '../core/lists/declare-contract.ts'
import type { List } from '../core/lists/define.ts'
import { runsQuery } from '../core/tasks/contract.ts'
import type { TaskKind } from '../core/tasks/kinds.ts'
import { listRuns } from '../core/tasks/lists.ts'
import { AppError } from '../errors.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import type { KeyRing } from '../lib/seal.ts'
import { listShops } from '../shops/shops.ts'
import type { Permission } from '../users/permissions.ts'
import { clock, type ExportColumn, type House, runColumns } from './export-columns.ts'
import { yes } from './export-words.ts'
import type { Cell, SheetColumn } from './sheet.ts'

/** The rows of one query. */
const pageRows = 500

export type ExportParts = { db: Database; ring: KeyRing; scope: Scope; language: Language }

export type ExportList = {
  /** The name in the address: /api/exports/<name>.xlsx */
  name: string
  /** The permission needed besides `export`. */
  permission: Permission
  title: LocalizedText
  query: TObject
  columns(language: Language): SheetColumn[]
  /** Yields the rows page by page. Throws before the first page if the filter is invalid. */
  pages(parts: ExportParts, query: unknown): AsyncGenerator<Cell[][]>
}

type Page<Row> = { rows: Row[]; next: string | null }
type Read<Row> = (after: string | undefined) => Promise<Page<Row>>

function exportList<Schema extends TObject, Row>(
  list: Pick<ExportList, 'name' | 'permission' | 'title'> & {
    query: Schema
    columns: readonly ExportColumn<Row>[]
    open: (parts: ExportParts, query: Static<Schema>) => Promise<Read<Row>>
  },
): ExportList {
  const { query: schema, columns, open, ...rest } = list
  return {
    ...rest,
    query: schema,
    columns: (language) =>
      columns.map(({ width, money, ...words }) => ({
        title: words[language],
        width,
        ...(money ? { money } : {}),
      })),
    async *pages(parts, query) {
      if (!Value.Check(schema, query)) throw new AppError('invalid_input', { detail: 'query' })
      const house: House = { language: parts.language, shops: await shopNames(parts) }
      const read = await open(parts, query)
      let after: string | undefined
      do {
        const page: Page<Row> = await read(after)
        yield page.rows.map((row) => columns.map((column) => column.value(row, house)))
        after = page.next ?? undefined
      } while (after !== undefined)
    },
  }
}

async function shopNames({ db, scope, language }: ExportParts): Promise<House['shops']> {
  const shops = await listShops(db, scope)
  return new Map(
    shops.map(({ id, name, platform, variant }) => {
      const connector = connectorFor(platform)
      const words = connector?.variants.find((one) => one.id === variant) ?? connector?.name
      return [id, { name, platform: words?.[language] ?? platform }]
    }),
  )
}

const extra = {
  sort: Type.Optional(Type.String({ maxLength: 20 })),
  language: Type.Optional(Type.Unsafe<Language>({ type: 'string', enum: ['zh', 'en'] })),
}
const closed = { additionalProperties: false }

const runs = <Shop>(kinds: readonly TaskKind<Shop>[]) => {
  const { after: _, limit: __, ...filters } = runsQuery.properties
  return exportList({
    name: 'task-runs',
    permission: 'tasks.read',
    title: { zh: '任务运行', en: 'Task runs' },
    query: Type.Object({ ...filters, ...extra }, closed),
    columns: runColumns,
    open: async ({ db, scope }, { sort: _, language: __, ...filter }) => {
      return (after) =>
        listRuns(db, kinds, { ...filter, limit: pageRows, ...(after === undefined ? {} : { after }) }, scope)
    },
  })
}

/** Returns the sheet of a declared list; empty if none of its columns is in a sheet. */
function sheetOf(list: List): ExportList[] {
  const { name, permission, title, columns, sorts } = list.declared
  const inSheet = columns.filter(({ sheet }) => sheet !== undefined)
  if (inSheet.length === 0) return []
  const query = Type.Object({ ...list.filter.properties, ...extra }, closed)
  return [
    exportList({
      ...{ name, permission, title: { zh: title[0], en: title[1] }, query },
      columns: inSheet.map(sheetColumn),
      open: async ({ db, scope }, { sort, language: _, ...filter }) => {
        const asked = sorts.length > 0 ? { ...filter, sort } : filter
        return async (after) => {
          const { rows, next } = await list.sheetPage({ db, scope }, asked, { limit: pageRows, after })
          return { rows: rows.map(Object), next }
        }
      },
    }),
  ]
}

function sheetColumn(column: ColumnDeclaration): ExportColumn<object> {
  const { words, kind, sheet: width = 10, inSheet = column.of } = column
  const base = { zh: words[0], en: words[1], width, ...(kind === 'money' ? { money: true } : {}) }
  return {
    ...base,
    value(row, { language, shops }) {
      if (kind === 'shop' || kind === 'platform') {
        const shop = shops.get(String(Reflect.get(row, 'shopId') ?? ''))
        return (kind === 'shop' ? shop?.name : shop?.platform) ?? ''
      }
      return cellOf(kind, shownOf(column, row, language, inSheet), language)
    },
  }
}

function cellOf(kind: ColumnDeclaration['kind'], value: unknown, language: Language): Cell {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return clock(value)
  if (typeof value === 'number') return kind === 'money' ? { fen: value } : value
  if (typeof value === 'boolean') return value ? yes[language] : ''
  return String(value)
}

export function exportLists<Shop>(
  lists: readonly List[],
  kinds: readonly TaskKind<Shop>[],
): readonly ExportList[] {
  return [...lists.flatMap(sheetOf), runs(kinds)]
}
