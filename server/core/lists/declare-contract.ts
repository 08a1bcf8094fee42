import type { FacetSpace } from '../../lib/facets.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { Permission } from '../../users/permissions.ts'

/** [中文, English]. */
type LocalizedPair = readonly [zh: string, en: string]
export type Language = 'zh' | 'en'

/** Codes and their words. Where a facet stores their positions: append only. */
export type Codes = Readonly<Record<string, LocalizedText | LocalizedPair>>

/** One word of both kinds in a language; a code without words is its own word. */
export function wordOf(codes: Codes, code: string, language: Language): string {
  const words = Object.hasOwn(codes, code) ? codes[code] : undefined
  if (words === undefined) return code
  return 'zh' in words ? words[language] : words[language === 'zh' ? 0 : 1]
}

/** A tab of the page, and the rows in it. */
type TabDeclaration = {
  words: LocalizedPair
  /** The values of the table's group that it shows; left out where the list reads its own pages. */
  groups?: readonly string[]
  /** Filters that the tab sets, besides those of the user. */
  asks?: Readonly<Record<string, string>>
  empty?: { title: LocalizedPair; remedy: LocalizedPair }
  /** The API counts and answers it, and the page shows no tab of it. */
  unseen?: true
}

/**
 * A filter of a list: its words, its control on the page and its place in the API follow from `kind`. `column` or `facet` says what
 * of a row it is compared with; a filter with neither is bound in `lists.ts`.
 */
export type FilterDeclaration = {
  words: LocalizedPair
  column?: string
  /** Set by links from elsewhere, and never offered. */
  linked?: true
  /** It has an index of its own and leaves few rows. */
  few?: true
  /** The facets that rows with this value have, one of them at least; undefined: there is no such value. */
  facets?(value: string): readonly number[] | undefined
  /** The facet that rows have only while it is so: the others are found by its absence. */
  present?: number
  /** The sort whose time it is a range of. */
  range?: string
} & (
  | {
      kind:
        | 'shops'
        | 'warehouses'
        | 'id'
        | 'ids'
        | 'numbers'
        | 'until'
        | 'period'
        | 'amount'
        | 'yesNo'
        | 'sku'
    }
  | { kind: 'text'; hint?: LocalizedPair }
  /** `one`: the API takes one of them only. */
  | { kind: 'choices'; choices: Codes; facet?: FacetSpace; one?: true }
)

/** The place of a column on the page: a grid track, such as "84px" or "minmax(140px,156fr)". */
export type PagePlace = {
  width: string
  compactWidth?: string
  align?: 'right'
  /** The name of the sort. */
  sort?: string
  /** Shown in one density only. */
  only?: 'normal' | 'compact'
  /** Cannot be hidden. */
  fixed?: true
}

/** A column of the page (`page`), of the sheet (`sheet`: its width in letters), or of both. */
export type ColumnDeclaration<Row = never, SheetRow = Row> = {
  key: string
  words: LocalizedPair
  /** Left out: text or a number as it is; true is a yes. */
  kind?: 'money' | 'time' | 'shop' | 'platform'
  /** The words of its codes. */
  codes?: Codes
  /** Its value; the row's field of that key where left out. */
  of?(row: Row, language: Language): unknown
  /** Its value in a sheet, where that shows more. */
  inSheet?(row: SheetRow, language: Language): unknown
  page?: PagePlace
  sheet?: number
}

/**
 * A list without its rows: the half that runs in a browser too. `defineList` of `define.ts` binds it to its table. The route, the
 * counts, the sheet, the columns and the filters of the page follow. docs/decisions/0024 says why there are two halves.
 */
export type ListDeclaration<Row = never, SheetRow = Row> = {
  /** The name of its sheet, and of the views and columns that people save. */
  name: string
  /** The route's path without /api: '/deliveries'. */
  path: string
  title: LocalizedPair
  permission: Permission
  /** The sentence of the API document. */
  summary: string
  /** The first is shown where none is asked for by the page; `tab` by the API. */
  tabs: Readonly<Record<string, TabDeclaration>>
  tab: string
  /** None: the order is always the same. */
  sorts: readonly string[]
  sort: string
  filters: Readonly<Record<string, FilterDeclaration>>
  columns: readonly ColumnDeclaration<Row, SheetRow>[]
}

/** A row as both sides have it: moments are text in a browser. */
export type Shown<T> = T extends Date
  ? Date | string
  : T extends readonly (infer Each)[]
    ? readonly Shown<Each>[]
    : T extends object
      ? { readonly [Key in keyof T]: Shown<T[Key]> }
      : T

/** Checks a declaration against its rows, and keeps its names as types. */
export const declareList =
  <Row, SheetRow = Row>() =>
  <const Declared extends ListDeclaration<Shown<Row>, Shown<SheetRow>>>(declared: Declared): Declared =>
    declared

/**
 * Returns the value that a column shows for a row, as a label if the column has codes. `read` computes the value: the column's `of` for the
 * page (default), or its `inSheet` for a sheet. Undefined: the row's field with the column's key is taken.
 */
export function shownOf(
  column: ColumnDeclaration,
  row: object,
  language: Language,
  read = column.of,
): unknown {
  const value: unknown = read ? Reflect.apply(read, column, [row, language]) : Reflect.get(row, column.key)
  return column.codes && typeof value === 'string' ? wordOf(column.codes, value, language) : value
}

type Filters = ListDeclaration['filters']
type KeysOf<Key extends string, Filter extends FilterDeclaration> = Filter['kind'] extends 'period'
  ? `${Key}From` | `${Key}To`
  : Filter['kind'] extends 'amount'
    ? `${Key}FromFen` | `${Key}ToFen`
    : Key

/** What the API takes as the filter of a list. */
export type FilterOf<Declared extends { filters: Filters; tabs: ListDeclaration['tabs'] }> = {
  [Key in keyof Declared['filters'] & string as KeysOf<
    Key,
    Declared['filters'][Key]
  >]?: Declared['filters'][Key]['kind'] extends 'amount' ? number : string
} & { tab?: keyof Declared['tabs'] & string }
