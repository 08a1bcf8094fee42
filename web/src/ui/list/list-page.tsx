import type { ReactNode } from 'react'
import type { CappedCount, Query } from '../../api.ts'
import type { PagePath } from '../../api-routes.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { RowAction, useActions } from '../act/actions.ts'
import type { Batch } from '../act/batches.ts'
import { BulkBar, BulkButtons, SelectionActs } from '../act/bulk-bar.tsx'
import { RowActs } from '../act/row-acts.tsx'
import { type WholeAct, WholeActs } from '../act/whole-acts.tsx'
import { Empty } from '../base/empty.tsx'
import { ColumnPicker, useChosenColumns } from './columns.tsx'
import { type Column, DataList } from './data-list.tsx'
import { useFilledFields } from './declared.tsx'
import { ExportButton } from './export-button.tsx'
import { Chips, DensitySwitch } from './filter-bar.tsx'
import type { Field } from './filters.ts'
import { ListDialogs } from './list-dialogs.tsx'
import { ListEmpty } from './list-empty.tsx'
import { ListFoot, type RowSum } from './list-foot.tsx'
import { listWords } from './list-words.ts'
import {
  type Asked,
  type ListWork,
  useAsked,
  useClosing,
  useCounts,
  useListWork,
  useOpenRow,
} from './list-work.ts'
import { PlatformTabs } from './platform-tabs.tsx'
import { type Rows, useRows } from './rows.ts'
import { PageHead, Tabs } from './tabs.tsx'
import { SaveView, type View, Views } from './views.tsx'

export type ListTab = {
  key: string
  title: LocalizedPair
  empty?: { title: LocalizedPair; remedy: LocalizedPair }
}

export type ListConfig<Row extends { id: string }> = {
  /** Name of the list, for saved views, columns and export. */
  name: string
  path: PagePath<Row>
  title: LocalizedPair
  tabs: readonly ListTab[]
  /** The API's name for the tab. Undefined: `tab`. */
  tabKey?: string
  /** False: the API has no counts for this list. */
  counted?: boolean
  fields: readonly Field[]
  views?: readonly View[]
  columns: readonly Column<Row>[]
  sort: string
  /** Fields that are sent with every request, such as the only tab of a page. */
  fixed?: Query
  actions: readonly RowAction<Row>[]
  /** Returns the document number by which the panel of refused rows names a row. */
  nameOf: (row: Row) => string
  /** True for a row that waits for a platform's answer; the list is then read again every two seconds. */
  isMoving?: ((row: Row) => boolean) | undefined
  sumOf?: (row: Row) => RowSum
  /** Actions over all rows of the filter, in the head and without a selection. Each is one of `actions`. */
  whole?: readonly WholeAct<Row>[]
  /** True for a bulk action whose progress the page shows in its own way. */
  showsItself?: (batch: Batch) => boolean
  /** The letters of actions that the foot names; undefined: that of the first action. */
  footKeys?: readonly string[]
  /** Reads the options of the filter by warehouse; undefined: those of the user's scope. */
  warehouses?: {
    queryKey: string[]
    queryFn: () => Promise<{ rows: readonly { id: string; name: string }[] }>
    staleTime: number
  }
  exports?: boolean
}

type Emptiness = { title: string; remedy?: string; act?: ReactNode }

export type ListTools<Row> = {
  run: (action: RowAction<Row>, row: Row) => void
  actions: readonly RowAction<Row>[]
  tab: string
}

type ListPageProps<Row extends { id: string }> = {
  config: ListConfig<Row>
  /** Buttons at the right of the title. */
  head?: ReactNode
  /** The last column: whether the main action is possible, and the row's actions. */
  outcome?: (row: Row) => {
    first: ReactNode
    second?: string
    remedy?: { words: string; run: () => void } | undefined
  }
  outcomeTitle?: LocalizedPair
  outcomeWidth?: [normal: string, compact: string]
  /** Text below the filters about all matching rows. */
  note?: (query: Query) => ReactNode
  /** A pane at the right of the list, about the focused row and the selected ones. */
  aside?: (list: { focused: Row | undefined; chosen: readonly Row[] }) => ReactNode
  /** The next step where a tab has no rows. */
  whenEmpty?: (tab: string, counts: Record<string, CappedCount> | undefined) => Emptiness | undefined
  /** The opened document beside the list. `at`: the index of its row; -1: the row is not loaded. */
  children?: (list: {
    rows: readonly Row[]
    loading: boolean
    at: number
    step: (by: number) => void
    close: () => void
  }) => ReactNode
}

/** The template of every list page: tabs, filters in the address, rows, selection, bulk actions. */
export function ListPage<Row extends { id: string }>({ config: given, ...rest }: ListPageProps<Row>) {
  const config = useFilledFields(given)
  const props = { ...rest, config }
  const asked = useAsked(config)
  const { search, setSearch, tab, sort, filter, withTab } = asked
  const list = useRows<Row>(
    config.path,
    { ...withTab, ...(config.sort === '' ? {} : { sort }) },
    { pollMs: 15_000, isMoving: config.isMoving },
  )
  const counts = useCounts(config.path, filter, config.counted ?? true)
  const work = useListWork(config, asked, list, counts?.[tab])
  const { actions, focus, setFocus } = work
  const { at, step, close } = useOpenRow(asked, list.rows, setFocus)
  const columns = useListColumns(props, {
    actions: work.offered,
    tab,
    run: (action, row) => actions.start(action, [row]),
  })
  const focused = list.rows.find((row) => row.id === (search['open'] ?? focus))
  const opened = search['open'] !== undefined
  const loading = list.loading || list.stale
  const drawn = opened && props.children?.({ rows: list.rows, loading, at, step, close })
  useClosing(opened && !drawn, list, close)
  return (
    <div className="page">
      <ListHead {...props} asked={asked} counts={counts} actions={actions} />
      <PlatformTabs fields={config.fields} />
      <div className="page-split">
        <div className="page-main">
          <FilterLine
            config={config}
            columns={columns.all}
            exported={work.isSelecting ? undefined : { ...withTab, ...(sort === '' ? {} : { sort }) }}
          />
          {props.note?.(withTab)}
          <DataList
            label={useSay()(config.title)}
            list={list}
            columns={columns.chosen}
            selection={work.bulk ? work.selection : undefined}
            sort={sort}
            onSort={(next) => setSearch({ sort: next === config.sort ? '' : next })}
            focus={search['open'] ?? focus}
            onFocus={setFocus}
            still={work.still}
            onOpen={(row) =>
              props.children && setSearch({ open: row.id }, { push: search['open'] === undefined })
            }
            bottomPadding={work.bulk && (work.batch !== undefined || work.isSelecting) ? 100 : 0}
            empty={<WhenEmpty own={props.whenEmpty?.(tab, counts)} {...{ list, config, tab, counts }} />}
          />
          {work.bulk && <ListBar config={config} work={work} query={withTab} matching={counts?.[tab]} />}
          <ListFoot
            rows={list.rows.length}
            matching={counts?.[tab]}
            chosen={work.selection.whole === undefined ? work.chosen : []}
            sumOf={config.sumOf}
            actions={work.offered}
            keys={config.footKeys}
          />
        </div>
        {props.aside?.({ focused, chosen: work.chosen })}
      </div>
      <ListDialogs actions={actions} batch={work.batch} rows={list.rows} nameOf={config.nameOf} />
      {drawn}
    </div>
  )
}

function ListHead<Row extends { id: string }>(
  props: ListPageProps<Row> & {
    asked: Asked
    counts: Record<string, CappedCount> | undefined
    actions: ReturnType<typeof useActions<Row>>
  },
) {
  const { config, asked, counts, actions } = props
  const title = useSay()(config.title)
  return (
    <PageHead
      title={title}
      tabs={
        config.tabs.length > 1 && (
          <Tabs
            label={title}
            tabs={config.tabs}
            value={asked.tab}
            counts={counts}
            onChange={(key) => asked.setSearch({ tab: key, open: '' })}
          />
        )
      }
    >
      {props.head}
      <WholeActs
        path={config.path}
        acts={config.whole ?? []}
        tab={asked.tab}
        filter={asked.withTab}
        counts={counts}
        actions={actions}
      />
    </PageHead>
  )
}

function ListBar<Row extends { id: string }>(props: {
  config: ListConfig<Row>
  work: ListWork<Row>
  query: Query
  matching: CappedCount | undefined
}) {
  const { config, work, query, matching } = props
  const { actions, selection, whole } = work
  const exported =
    selection.whole === undefined ? { ...query, ids: work.chosen.map((row) => row.id).join(',') } : query
  return (
    <BulkBar
      batch={work.batch}
      onRefused={() => actions.setPanel(true)}
      onCloseBatch={() => actions.setBatchId(undefined)}
    >
      {work.isSelecting && (
        <SelectionActs
          selected={work.chosen.length}
          whole={selection.whole}
          matching={work.inBackground ? matching : undefined}
          onWhole={whole.take}
          onClear={selection.clear}
        >
          <BulkButtons acts={work.acts} busy={actions.busy || whole.counting} />
          {config.exports && <ExportButton list={config.name} query={exported} />}
        </SelectionActs>
      )}
    </BulkBar>
  )
}

function FilterLine<Row extends { id: string }>(props: {
  config: ListConfig<Row>
  columns: readonly Column<Row>[]
  /** The query of the export. Undefined while rows are selected, because the selection has its own export button. */
  exported: Query | undefined
}) {
  const { name, views, fields } = props.config
  const kept = [...fields.map((field) => field.key), 'sort', 'tab']
  return (
    <div className="filter-bar" role="toolbar" aria-label={useSay()(listWords.filter)}>
      <Views list={name} builtIn={views ?? []} kept={kept} />
      <i className="rule" />
      <Chips fields={fields} />
      <div className="row push" style={{ gap: 4 }}>
        {props.config.exports && props.exported && <ExportButton list={name} query={props.exported} />}
        <DensitySwitch />
        <ColumnPicker name={name} columns={props.columns} />
        <SaveView list={name} kept={kept} />
      </div>
    </div>
  )
}

/**
 * Returns all columns of the list, and those of them that the user has chosen. With `outcome` there is one more column at the end: the
 * outcome of each row and the row's buttons.
 */
function useListColumns<Row extends { id: string }>(props: ListPageProps<Row>, tools: ListTools<Row>) {
  const {
    config,
    outcome,
    outcomeTitle,
    outcomeWidth = ['minmax(200px,206fr)', 'minmax(150px,160fr)'],
  } = props
  const all: Column<Row>[] = outcome
    ? [
        ...config.columns,
        {
          key: 'outcome',
          title: outcomeTitle ?? listWords.rowMenu,
          width: outcomeWidth[0],
          compactWidth: outcomeWidth[1],
          fixed: true,
          cell: (row, compact) => {
            const { first, second, remedy } = outcome(row)
            return (
              <RowActs
                row={row}
                first={first}
                second={compact ? undefined : second}
                remedy={remedy}
                tools={tools}
              />
            )
          },
        },
      ]
    : [...config.columns]
  return { all, chosen: useChosenColumns(config.name, all) }
}

/** The page's own next step where a tab has no rows, else the text of every list. */
function WhenEmpty<Row extends { id: string }>(props: {
  own: Emptiness | undefined
  list: Rows<Row>
  config: ListConfig<Row>
  tab: string
  counts: Record<string, CappedCount> | undefined
}) {
  const { own, ...list } = props
  if (own === undefined || list.list.error) return <ListEmpty {...list} />
  return (
    <Empty title={own.title} {...(own.remedy ? { remedy: own.remedy } : {})}>
      {own.act}
    </Empty>
  )
}
