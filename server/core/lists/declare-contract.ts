import type { FacetSpace } from '../../lib/facets.ts'
import type { LocalizedPair, LocalizedText } from '../../lib/localized-text.ts'
import type { Permission } from '../../users/permissions.ts'

export type Language = 'zh' | 'en'

/** Codes with their labels. If a facet stores the positions of the codes, codes may only be appended. */
export type Codes = Readonly<Record<string, LocalizedText | LocalizedPair>>

/** Returns the label of a code in a language; a code without a label is returned itself. */
export function wordOf(codes: Codes, code: string, language: Language): string {
  const words = Object.hasOwn(codes, code) ? codes[code] : undefined
  if (words === undefined) return code
  return 'zh' in words ? words[language] : words[language === 'zh' ? 0 : 1]
}

/** A tab of a list, and the condition for the rows in it. */
type TabDeclaration = {
  words: LocalizedPair
  /** Values of the table's group column whose rows the tab shows; left out in a list that reads its own pages. */
  groups?: readonly string[]
  /** Filters that the tab sets, besides those of the user. */
  asks?: Readonly<Record<string, string>>
  empty?: { title: LocalizedPair; remedy: LocalizedPair }
  /** True: only the API has the tab; the page does not show it. */
  unseen?: true
}

/**
 * A filter of a list. Its control on the page and its parameters in the API follow from `kind`. The filter is compared with the row's
 * `column` or `facet`; a filter with neither has its condition in the slice's `lists.ts`.
 */
export type FilterDeclaration = {
  words: LocalizedPair
  column?: string
  /** True: links of other pages set the filter; the page itself does not offer it. */
  linked?: true
  /** True: the filter has its own index and leaves few rows. */
  few?: true
  /** Returns the facets of a value: its rows have at least one of them; undefined: the value does not exist. */
  facets?(value: string): readonly number[] | undefined
  /** Facet that a row has only while the answer is yes; rows without the facet are those with the answer no. */
  present?: number
  /** Name of the sort whose time the filter limits. */
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
  /** `one`: true: the API accepts only one choice at a time. */
  | { kind: 'choices'; choices: Codes; facet?: FacetSpace; one?: true }
)

/** How a column is shown on the page. */
export type PagePlace = {
  /** A grid track, such as "84px" or "minmax(140px,156fr)". */
  width: string
  compactWidth?: string
  align?: 'right'
  /** Name of the sort that the column's head selects. */
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
  /** Format of the value; left out: text and numbers are shown unchanged, and true as "yes". */
  kind?: 'money' | 'time' | 'shop' | 'platform'
  /** Labels, if the value is a code. */
  codes?: Codes
  /** Computes the value; left out: the row's field named `key`. */
  of?(row: Row, language: Language): unknown
  /** Computes the value in a sheet, if that differs from the page; left out: `of`. */
  inSheet?(row: SheetRow, language: Language): unknown
  page?: PagePlace
  sheet?: number
}

/**
 * The half of a list that both server and browser use: names, tabs, filters and columns, without queries. `defineList` of `define.ts` binds
 * it to its table, which gives the route, the counts and the sheet. docs/decisions/0024 says why there are two halves.
 */
export type ListDeclaration<Row = never, SheetRow = Row> = {
  /** Name of the list: of its sheet, and of the views and columns that users save. */
  name: string
  /** The route's path without /api: '/deliveries'. */
  path: string
  title: LocalizedPair
  permission: Permission
  /** Summary of the route in the API document. */
  summary: string
  /** Without a chosen tab the page shows the first one, and the API answers `tab`. */
  tabs: Readonly<Record<string, TabDeclaration>>
  tab: string
  /** Names of the sorts that a user can choose; empty: the list has one fixed order. */
  sorts: readonly string[]
  sort: string
  filters: Readonly<Record<string, FilterDeclaration>>
  columns: readonly ColumnDeclaration<Row, SheetRow>[]
}

/** A row as server and browser have it: a time is a Date on the server and text in the browser. */
export type Shown<T> = T extends Date
  ? Date | string
  : T extends readonly (infer Each)[]
    ? readonly Shown<Each>[]
    : T extends object
      ? { readonly [Key in keyof T]: Shown<T[Key]> }
      : T

/**
 * Returns the declaration unchanged. Its types check the columns against the rows and keep the names of tabs, sorts and filters as literal
 * types.
 */
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

/** The filter that the API of a list accepts. */
export type FilterOf<Declared extends { filters: Filters; tabs: ListDeclaration['tabs'] }> = {
  [Key in keyof Declared['filters'] & string as KeysOf<
    Key,
    Declared['filters'][Key]
  >]?: Declared['filters'][Key]['kind'] extends 'amount' ? number : string
} & { tab?: keyof Declared['tabs'] & string }
