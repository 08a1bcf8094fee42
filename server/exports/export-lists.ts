import Type, { type TObject } from 'typebox'
import Value from 'typebox/value'
import { connectorFor } from '../connectors/index.ts'
import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { type ColumnDeclaration, type Language, shownOf } from '../core/lists/declare-contract.ts'
import type { List } from '../core/lists/define.ts'
import { AppError } from '../errors.ts'
import type { Cell, SheetColumn } from '../lib/files/xlsx-out.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { withoutPhones } from '../lib/mask.ts'
import { toChinaTime } from '../lib/time.ts'
import { listShops } from '../shops/shops.ts'
import type { Permission } from '../users/permissions.ts'

/** The rows of one query. */
const pageRows = 500

export type ExportParts = { db: Database; scope: Scope; language: Language }

export type ExportList = {
  /** The name in the address: /api/exports/<name>.xlsx */
  name: string
  /** The permission needed besides `export`. */
  permission: Permission
  title: LocalizedText
  query: TObject
  /** `query`: a valid one, whose first page was read. */
  columns(language: Language, query?: unknown): SheetColumn[]
  /** Yields the rows page by page. Throws before the first page if the filter is invalid. */
  pages(parts: ExportParts, query: unknown): AsyncGenerator<Cell[][]>
}

const extra = {
  sort: Type.Optional(Type.String({ maxLength: 20 })),
  language: Type.Optional(Type.Unsafe<Language>({ type: 'string', enum: ['zh', 'en'] })),
}

/** Returns the sheets of the lists that have a column for one. */
export const exportLists = (lists: readonly List[]): ExportList[] =>
  lists.flatMap((list) => (list.declared.columns.some(isInSheet) ? [sheetOf(list)] : []))

const isInSheet = ({ sheet }: ColumnDeclaration) => sheet !== undefined

function sheetOf(list: List): ExportList {
  const { name, permission, title, columns, sorts } = list.declared
  const inSheet = columns.filter(isInSheet)
  const query = Type.Object({ ...list.filter.properties, ...extra }, { additionalProperties: false })
  return {
    ...{ name, permission, title: { zh: title[0], en: title[1] }, query },
    columns: (language) =>
      inSheet.map(({ words, kind, sheet: width = 10 }) => ({
        title: words[language === 'zh' ? 0 : 1],
        width,
        ...(kind === 'money' ? { money: true } : {}),
      })),
    async *pages({ db, scope, language }, asked) {
      if (!Value.Check(query, asked)) throw new AppError('invalid_input', { detail: 'query' })
      const { sort, language: _, ...filter } = asked
      const shops = await shopNames({ db, scope, language })
      let after: string | undefined
      do {
        const sorted = sorts.length > 0 ? { ...filter, sort } : filter
        const page = await list.sheetPage({ db, scope }, sorted, { limit: pageRows, after })
        yield page.rows.map((row) =>
          inSheet.map((column) => cellOf(column, Object(row), { shops, language })),
        )
        after = page.next ?? undefined
      } while (after !== undefined)
    },
  }
}

type Shops = ReadonlyMap<string, { name: string; platform: string }>

async function shopNames({ db, scope, language }: ExportParts): Promise<Shops> {
  const shops = await listShops(db, scope)
  return new Map(
    shops.map(({ id, name, platform, variant }) => {
      const connector = connectorFor(platform)
      const words = connector?.variants.find((one) => one.id === variant) ?? connector?.name
      return [id, { name, platform: words?.[language] ?? platform }]
    }),
  )
}

const yes: LocalizedText = { zh: '是', en: 'Yes' }

function cellOf(
  column: ColumnDeclaration,
  row: object,
  { shops, language }: { shops: Shops; language: Language },
): Cell {
  const { kind, inSheet = column.of } = column
  if (kind === 'shop' || kind === 'platform') {
    const shop = shops.get(String(Reflect.get(row, 'shopId') ?? ''))
    return (kind === 'shop' ? shop?.name : shop?.platform) ?? ''
  }
  const value = shownOf(column, row, language, inSheet)
  if (value === null || value === undefined) return null
  // Text in China's time, so that no program converts it to another time zone.
  if (value instanceof Date) return toChinaTime(value)
  if (typeof value === 'number') return kind === 'money' ? { fen: value } : value
  if (typeof value === 'boolean') return value ? yes[language] : ''
  return column.freeText ? withoutPhones(String(value)) : String(value)
}
