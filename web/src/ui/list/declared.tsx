import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo } from 'react'
import {
  type Codes,
  type ColumnDeclaration,
  type FilterDeclaration,
  type ListDeclaration,
  shownOf,
} from '../../../../server/core/lists/declare-contract.ts'
import type { PagePath } from '../../api-routes.ts'
import { useLanguage, useSay } from '../../words.ts'
import { CutText, count, Money, QuietTime } from '../base/figures.tsx'
import { useShop, warehousesQuery } from '../base/session.ts'
import { shared } from '../base/words.ts'
import type { Column } from './data-list.tsx'
import type { Field, Option } from './filters.ts'
import type { ListConfig } from './list-page.tsx'

export type Cells<Row> = Readonly<Record<string, (row: Row, compact: boolean) => ReactNode>>

/** The part of a list's configuration that is not in its declaration. */
type Own<Row extends { id: string }> = Pick<
  ListConfig<Row>,
  | 'counted'
  | 'actions'
  | 'nameOf'
  | 'isMoving'
  | 'views'
  | 'fixed'
  | 'sumOf'
  | 'whole'
  | 'showsItself'
  | 'footKeys'
  | 'warehouses'
> & {
  /** The first sort of the page, if it is not the one of the API. */
  sort?: string
  cells?: Cells<Row>
}

/** Makes the list page of a declared list. Tabs, filters, columns, export and saved views come from the declaration. */
export function listOf<Row extends { id: string }>(
  declared: ListDeclaration & { path: PagePath<Row> },
  { cells = {}, ...own }: Own<Row>,
): ListConfig<Row> {
  const { name, path, title, tabs, tabKey = 'tab', filters, columns, sorts, sort } = declared
  return {
    ...{ name, path, title, tabKey, sort: sorts.length > 0 ? sort : '' },
    tabs: Object.entries(tabs).flatMap(([key, { words, empty, unseen }]) =>
      unseen ? [] : [{ key, title: words, ...(empty ? { empty } : {}) }],
    ),
    fields: Object.entries(filters).flatMap((filter) => (filter[1].unseen ? [] : [fieldOf(filter)])),
    columns: columns.flatMap((column) => columnOf(column, cells[column.key]) ?? []),
    exports: columns.some(({ sheet }) => sheet !== undefined),
    ...own,
  }
}

const yesNo: readonly Option[] = [
  { value: 'true', label: shared.yes },
  { value: 'false', label: shared.no },
]

const optionsOf = (choices: Codes): Option[] =>
  Object.entries(choices).map(([value, label]) => ({ value, label }))

export function fieldOf([key, filter]: [string, FilterDeclaration]): Field {
  const base = { key, label: filter.words, ...(filter.linked ? { linked: true } : {}) }
  switch (filter.kind) {
    case 'choices':
      return { ...base, kind: 'options', options: optionsOf(filter.choices) }
    case 'yesNo':
      return { ...base, kind: 'options', options: yesNo }
    case 'flag':
      return { ...base, kind: 'options', options: yesNo.slice(0, 1) }
    case 'amount':
      return { ...base, kind: 'money' }
    case 'text':
      return { ...base, kind: 'text', ...(filter.hint ? { hint: filter.hint } : {}) }
    case 'id':
    case 'day':
      return { ...base, kind: 'text' }
    case 'warehouses':
      return { ...base, kind: 'options', options: [], from: 'warehouses' }
    case 'ids':
    case 'numbers':
      return { ...base, kind: 'numbers' }
    default:
      return { ...base, kind: filter.kind }
  }
}

/** Returns the configuration with the filter options that come from the server. */
export function useFilledFields<Row extends { id: string }>(config: ListConfig<Row>): ListConfig<Row> {
  const open = config.fields.some((field) => field.kind === 'options' && field.from === 'warehouses')
  const asked: ListConfig<Row>['warehouses'] = config.warehouses ?? warehousesQuery
  const { data } = useQuery({ ...asked, enabled: open })
  return useMemo(() => {
    const options = data?.rows.map(({ id, name }) => ({ value: id, label: { zh: name, en: name } })) ?? []
    const fill = (field: Field): Field =>
      field.kind === 'options' && field.from === 'warehouses' ? { ...field, options } : field
    return open ? { ...config, fields: config.fields.map(fill) } : config
  }, [config, open, data])
}

function columnOf<Row extends { id: string }>(
  column: ColumnDeclaration,
  cell: Column<Row>['cell'] | undefined,
): Column<Row> | undefined {
  if (column.page === undefined) return undefined
  return {
    ...{ key: column.key, title: column.words, ...column.page },
    cell: cell ?? ((row) => <Cell column={column} row={row} />),
  }
}

function Cell({ column, row }: { column: ColumnDeclaration; row: object }) {
  const say = useSay()
  const value = shownOf(column, row, useLanguage())
  if (column.kind === 'shop') return <ShopName id={String(Reflect.get(row, 'shopId') ?? '')} />
  if (column.kind === 'time') return <QuietTime at={typeof value === 'string' ? value : null} />
  if (typeof value === 'number') return column.kind === 'money' ? <Money fen={value} /> : count(value)
  if (value === null || value === undefined) return <span className="t3">–</span>
  if (typeof value === 'boolean') return value ? say(['是', 'Yes']) : null
  const text = String(value)
  return <CutText text={text} />
}

function ShopName({ id }: { id: string }) {
  return <div className="cut">{useShop(id)?.name}</div>
}
