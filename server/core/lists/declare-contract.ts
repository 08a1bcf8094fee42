import type { FacetSpace } from '../../lib/facets.ts'
import type { LocalizedPair, LocalizedText } from '../../lib/localized-text.ts'
import type { Permission } from '../../users/permissions.ts'

export type Language = 'zh' | 'en'

/** Codes with their labels. A facet may store the positions of the codes, so new codes are added at the end. */
export type Codes = Readonly<Record<string, LocalizedText | LocalizedPair>>

/** Returns the label of a code; the code itself if it has no label. */
export function wordOf(codes: Codes, code: string, language: Language): string {
  const words = Object.hasOwn(codes, code) ? codes[code] : undefined
  if (words === undefined) return code
  return 'zh' in words ? words[language] : words[language === 'zh' ? 0 : 1]
}

type TabDeclaration = {
  words: LocalizedPair
  /** Values of the table's group column whose rows the tab shows. Undefined: the list reads its own pages. */
  groups?: readonly string[]
  /** Groups that the tab shows instead while a filter is set, by the filter's key. */
  wider?: Readonly<Record<string, readonly string[]>>
  /** Filters that the tab sets, besides those of the user. */
  asks?: Readonly<Record<string, string>>
  empty?: { title: LocalizedPair; remedy: LocalizedPair }
  /** The sort of the tab, if it is not that of the list. */
  sort?: string
  /** True: only the API has the tab, not the page. */
  unseen?: true
}

/**
 * A filter of a list. Its control on the page and its parameters in the API follow from `kind`. The filter is compared with `column` or
 * `facet` of the row; if it has neither, the slice's `lists.ts` has its condition. A `flag` can only be asked with yes.
 */
export type FilterDeclaration = {
  words: LocalizedPair
  column?: string
  /** True: only links of other pages set the filter; the page does not offer it. */
  linked?: true
  /** True: only the API has the filter, not the page. */
  unseen?: true
  /** True: the filter has an index of its own and leaves few rows. */
  few?: true
  /** Returns the facets of a value; a row must have one of them. Undefined: the value does not exist. */
  facets?(value: string): readonly number[] | undefined
  /** The facet of rows for which the answer is yes. A row without it has the answer no. */
  present?: number
  /** Name of the sort whose time the filter limits. */
  range?: string
} & (
  | {
      kind:
        | 'shops'
        | 'platforms'
        | 'warehouses'
        | 'id'
        | 'ids'
        | 'numbers'
        | 'until'
        | 'period'
        | 'amount'
        | 'yesNo'
        | 'flag'
        | 'day'
        | 'sku'
    }
  | { kind: 'text'; hint?: LocalizedPair }
  /** `one`: the API accepts only one choice at a time. */
  | { kind: 'choices'; choices: Codes; facet?: FacetSpace; one?: true }
)

export type PagePlace = {
  /** A grid track, such as "84px" or "minmax(140px,156fr)". */
  width: string
  compactWidth?: string
  align?: 'right'
  /** Name of the sort that the column's head selects. */
  sort?: string
  /** The only density in which the column is shown. */
  only?: 'normal' | 'compact'
  /** True: the column cannot be hidden. */
  fixed?: true
}

/** A column of the page (`page`), of the sheet (`sheet`: its width in characters), or of both. */
export type ColumnDeclaration<Row = never, SheetRow = Row> = {
  key: string
  words: LocalizedPair
  /** The format of the value. Undefined: text and numbers are shown unchanged, and true as "yes". */
  kind?: 'money' | 'time' | 'shop' | 'platform'
  codes?: Codes
  /** Computes the value. Undefined: the row's field with the name `key`. */
  of?(row: Row, language: Language): unknown
  /** Computes the value in a sheet. Undefined: `of`. */
  inSheet?(row: SheetRow, language: Language): unknown
  /** True: people write into it freely, so a sheet masks the mobile numbers in it. */
  freeText?: true
  page?: PagePlace | undefined
  sheet?: number
}

/**
 * The part of a list that both server and browser use: names, tabs, filters and columns. `defineList` of `define.ts` adds the table, and so
 * the route, the counts and the sheet. docs/decisions/0024 gives the reason for the two parts.
 */
export type ListDeclaration<Row = never, SheetRow = Row> = {
  /** Name of the list, for its sheet and for the views and columns that users save. */
  name: string
  /** The route's path without /api, such as '/deliveries'. */
  path: string
  /** Name of the list that has the routes of this path, if this one is a second page of it; it has a sheet of its own. */
  routesOf?: string
  title: LocalizedPair
  permission: Permission
  summary: string
  /** The tabs. If none is chosen, the page shows the first one, and the API answers for `tab`. */
  tabs: Readonly<Record<string, TabDeclaration>>
  tab: string
  /** The API's name for the tab, if a request may name several tabs, separated by commas; a request that names none gets the rows of all. */
  tabKey?: string
  /** Names of the sorts that a user can choose; empty: the order is fixed, to `sort`. */
  sorts: readonly string[]
  sort: string
  filters: Readonly<Record<string, FilterDeclaration>>
  columns: readonly ColumnDeclaration<Row, SheetRow>[]
}

/** A row on both sides: a time is a Date on the server and text in the browser. */
export type Shown<T> = T extends Date
  ? Date | string
  : T extends readonly (infer Each)[]
    ? readonly Shown<Each>[]
    : T extends object
      ? { readonly [Key in keyof T]: Shown<T[Key]> }
      : T

/**
 * Returns the declaration unchanged. Its types check the columns against the rows, and keep the names of tabs, sorts and filters as literal
 * types.
 */
export const declareList =
  <Row, SheetRow = Row>() =>
  <const Declared extends ListDeclaration<Shown<Row>, Shown<SheetRow>>>(declared: Declared): Declared =>
    declared

/**
 * Returns the value that a column shows for a row; for a column with codes the label. `read` computes the value: `of` for the page
 * (default), `inSheet` for a sheet. Undefined: the row's field with the name `key`.
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

type ValueOf<Kind> = Kind extends 'amount' ? number : Kind extends 'flag' ? boolean : string

export type FilterOf<Declared extends { filters: Filters; tabs: ListDeclaration['tabs']; tabKey?: string }> =
  {
    [Key in keyof Declared['filters'] & string as KeysOf<Key, Declared['filters'][Key]>]?: ValueOf<
      Declared['filters'][Key]['kind']
    >
  } & (Declared extends { tabKey: infer Name extends string }
    ? { [Key in Name]?: string }
    : { tab?: keyof Declared['tabs'] & string })
