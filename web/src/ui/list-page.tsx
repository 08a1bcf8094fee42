import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { type CappedCount, getCounts, getExactly, type Query } from '../api.ts'
import type { PagePath } from '../api-routes.ts'
import { type LocalizedPair, useSay } from '../words.ts'
import { type RowAction, shownAs, useActions } from './actions.ts'
import { type Act, keyOf } from './acts.tsx'
import { useBatch, useRunningBatches } from './batches.ts'
import { BulkBar, BulkButtons, SelectionActs } from './bulk-bar.tsx'
import { ColumnPicker, useChosenColumns } from './columns.tsx'
import { type Column, DataList } from './data-list.tsx'
import { Empty, LoadError } from './empty.tsx'
import { every } from './every.ts'
import { ExportButton } from './export-button.tsx'
import { Chips, DensitySwitch } from './filter-bar.tsx'
import { type Field, toQuery } from './filters.ts'
import { type Key, useKeys } from './keys.ts'
import { ListDialogs } from './list-dialogs.tsx'
import { ListFoot, type RowSum } from './list-foot.tsx'
import { listWords } from './list-words.ts'
import { RowActs } from './row-acts.tsx'
import { type Rows, type Selection, useRows, useSelection } from './rows.ts'
import { useUrlState } from './search-params.ts'
import { scopeSetting } from './store.ts'
import { PageHead, Tabs } from './tabs.tsx'
import { toastError } from './toasts.tsx'
import { SaveView, type View, Views } from './views.tsx'
import { type WholeAct, WholeActs } from './whole-acts.tsx'

export type ListTab = {
  key: string
  title: LocalizedPair
  empty?: { title: LocalizedPair; remedy: LocalizedPair }
}

export type ListConfig<Row extends { id: string }> = {
  /** Names the list: its saved views, its columns, its export. */
  name: string
  path: PagePath<Row>
  title: LocalizedPair
  tabs: readonly ListTab[]
  /** What the API calls the tab; `tab` when left out. */
  tabKey?: string
  /** False: the API counts nothing here. */
  counted?: boolean
  fields: readonly Field[]
  views?: readonly View[]
  columns: readonly Column<Row>[]
  sort: string
  /** Sent with every request, such as the one tab that a page shows. */
  fixed?: Query
  actions: readonly RowAction<Row>[]
  /** A number to name a row by in results. */
  nameOf: (row: Row) => string
  sumOf?: (row: Row) => RowSum
  /** Acts over all that the filter matches that stand at the head, without a selection; each is one of `actions`. */
  whole?: readonly WholeAct<Row>[]
  /** The last column's remedy, as link at rest and button on hover. */
  exports?: boolean
}

export type ListTools<Row> = {
  run: (action: RowAction<Row>, row: Row) => void
  actions: readonly RowAction<Row>[]
  tab: string
}

type ListPageProps<Row extends { id: string }> = {
  config: ListConfig<Row>
  /** Buttons at the right of the title. */
  head?: ReactNode
  /** The last column, which says whether the main act is possible and carries the row's actions. */
  outcome?: (row: Row) => {
    first: ReactNode
    second?: string
    remedy?: { words: string; run: () => void } | undefined
  }
  outcomeTitle?: LocalizedPair
  outcomeWidth?: [normal: string, compact: string]
  /** A line under the filters, about all that they match. */
  note?: (query: Query) => ReactNode
  /** The document that is open beside the list: `at` is where its row stands, -1 when it is not loaded. */
  children?: (list: {
    rows: readonly Row[]
    /** Other rows are on their way. */
    loading: boolean
    at: number
    step: (by: number) => void
    close: () => void
  }) => ReactNode
}

/** The one template of every list: tabs, filters in the address, rows, selection, bulk work. */
export function ListPage<Row extends { id: string }>(props: ListPageProps<Row>) {
  const { config } = props
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const scope = scopeSetting.use()
  const tab = config.tabs.find((each) => each.key === search['tab'])?.key ?? config.tabs[0]?.key ?? ''
  const sort = search['sort'] ?? config.sort
  const shopKey = config.fields.find((field) => field.kind === 'shops')?.key
  const filter = useMemo<Query>(
    () => ({
      ...(scope === '' || !shopKey ? {} : { [shopKey]: scope }),
      ...config.fixed,
      ...toQuery(config.fields, search),
    }),
    [config, search, scope, shopKey],
  )
  const withTab = useMemo<Query>(
    () => (config.tabs.length > 1 ? { ...filter, [config.tabKey ?? 'tab']: tab } : filter),
    [config, filter, tab],
  )
  const list = useRows<Row>(
    config.path,
    { ...withTab, ...(config.sort === '' ? {} : { sort }) },
    { pollMs: 15_000 },
  )
  const counts = useCounts(config.path, filter, config.counted ?? true)
  const selection = useSelection(list.rows)
  const [focus, setFocus] = useState<string>()
  const actions = useActions<Row>(() => selection.clear())
  const offered = config.actions.filter((action) => action.tabs === undefined || action.tabs.includes(tab))
  // A new filter or tab means other rows: nothing of the old ones stays chosen. Opening a row changes neither.
  const asked = JSON.stringify(withTab)
  // biome-ignore lint/correctness/useExhaustiveDependencies: clears on these changes only
  useEffect(() => selection.clear(), [asked])

  const matching = counts?.[tab]
  const bulk = config.actions.length > 0
  const inBackground = config.actions.some((action) => action.batch)
  const chosen = list.rows.filter((row) => selection.ids.has(row.id))
  const focused = list.rows.find((row) => row.id === focus)
  const whole = useTakeWhole(config.path, withTab, selection)
  const onMany = (action: RowAction<Row>) => {
    // Whoever asked for all must not get the loaded rows because the count is still on its way.
    if (whole.counting) return
    if (selection.whole !== undefined)
      actions.start(action, chosen, { filter: withTab, count: selection.whole })
    else actions.start(action, chosen.length > 0 ? chosen : focused ? [focused] : [])
  }
  /** What is loaded, and pressed again all that match: the same two steps as with the mouse. */
  const selectMore = () => {
    if (list.rows.some((row) => !selection.ids.has(row.id))) selection.all(true)
    else if (inBackground && (list.hasMore || selection.whole !== undefined)) whole.take()
  }
  const open = (row: Row) =>
    props.children && setSearch({ open: row.id }, { push: search['open'] === undefined })
  const acts = offered.map(
    (action): Act => ({
      ...shownAs(action),
      why: actions.allowed(action.permission),
      run: () => onMany(action),
    }),
  )
  useListKeys(search['open'] === undefined, acts, [
    ...(bulk ? [{ key: 'mod+a', words: listWords.keySelectAll, run: selectMore }] : []),
    ...(selection.ids.size > 0 ? [{ key: 'Escape', words: listWords.unselect, run: selection.clear }] : []),
  ])
  const at = list.rows.findIndex((row) => row.id === search['open'])
  const place = useRef(0)
  if (at >= 0) place.current = at
  // What was done to a row may take it out of the list; the next one has moved to where it stood.
  const step = (by: number) => {
    const next = list.rows[at >= 0 || by < 0 ? place.current + by : place.current]
    if (!next) return
    setFocus(next.id)
    setSearch({ open: next.id })
  }

  const running = useRunningBatches().find((batch) =>
    config.actions.some((action) => action.batch === batch.action),
  )
  const batch = useBatch(actions.batchId ?? running?.id, actions.batchId !== undefined)
  const exported =
    selection.whole === undefined ? { ...withTab, ids: chosen.map((row) => row.id).join(',') } : withTab
  const columns = useListColumns(props, {
    actions: offered,
    tab,
    run: (action, row) => actions.start(action, [row]),
  })
  const barShown = bulk && (batch !== undefined || selection.ids.size > 0)
  return (
    <div className="page">
      <PageHead
        title={say(config.title)}
        tabs={
          config.tabs.length > 1 && (
            <Tabs
              label={say(config.title)}
              tabs={config.tabs}
              value={tab}
              counts={counts}
              onChange={(key) => setSearch({ tab: key, open: '' })}
            />
          )
        }
      >
        {props.head}
        <WholeActs
          path={config.path}
          acts={config.whole ?? []}
          tab={tab}
          filter={withTab}
          actions={actions}
        />
      </PageHead>
      <FilterLine config={config} columns={columns.all} />
      {props.note?.(withTab)}
      <DataList
        label={say(config.title)}
        list={list}
        columns={columns.chosen}
        selection={bulk ? selection : undefined}
        sort={sort}
        onSort={(next) => setSearch({ sort: next === config.sort ? '' : next })}
        focus={search['open'] ?? focus}
        onFocus={setFocus}
        onOpen={open}
        bottomPadding={barShown ? 100 : 0}
        empty={
          <ListEmpty
            list={list}
            tab={config.tabs.find((each) => each.key === tab)}
            filtered={Object.keys(filter).length > Object.keys(config.fixed ?? {}).length}
          />
        }
      />
      {bulk && (
        <BulkBar
          batch={batch}
          onRefused={() => actions.setPanel(true)}
          onCloseBatch={() => actions.setBatchId(undefined)}
        >
          {selection.ids.size > 0 && (
            <SelectionActs
              selected={selection.ids.size}
              whole={selection.whole}
              matching={inBackground ? matching : undefined}
              onWhole={whole.take}
              onClear={selection.clear}
            >
              <BulkButtons acts={acts} busy={actions.busy || whole.counting} />
              {config.exports && <ExportButton list={config.name} query={exported} />}
            </SelectionActs>
          )}
        </BulkBar>
      )}
      <ListFoot
        rows={list.rows.length}
        matching={matching}
        chosen={selection.whole === undefined ? chosen : []}
        sumOf={config.sumOf}
        actions={offered}
      />
      <ListDialogs actions={actions} batch={batch} rows={list.rows} nameOf={config.nameOf} />
      {search['open'] !== undefined &&
        props.children?.({
          rows: list.rows,
          loading: list.loading || list.stale,
          at,
          step,
          close: () => setSearch({ open: '' }),
        })}
    </div>
  )
}

/** Views, filters, density, columns. */
function FilterLine<Row extends { id: string }>(props: {
  config: ListConfig<Row>
  columns: readonly Column<Row>[]
}) {
  const { name, views, fields } = props.config
  const kept = [...fields.map((field) => field.key), 'sort', 'tab']
  return (
    <div className="filter-bar" role="toolbar" aria-label={useSay()(listWords.filter)}>
      <Views list={name} builtIn={views ?? []} kept={kept} />
      <i className="rule" />
      <Chips fields={fields} />
      <div className="row push" style={{ gap: 4 }}>
        <DensitySwitch />
        <ColumnPicker name={name} columns={props.columns} />
        <SaveView list={name} kept={kept} />
      </div>
    </div>
  )
}

/** Counts exactly, and chooses all of it: of the filter that was asked, if it still stands when the count arrives. */
function useTakeWhole(path: string, filter: Query, selection: Selection) {
  const [counting, setCounting] = useState(false)
  const asked = JSON.stringify(filter)
  const askedNow = useRef(asked)
  askedNow.current = asked
  const take = () => {
    setCounting(true)
    getExactly(path, filter)
      .then(({ count }) => askedNow.current === asked && selection.takeWhole(count), toastError)
      .finally(() => setCounting(false))
  }
  return { counting, take }
}

/** Beside an open document every letter means that document, never what is selected behind it. */
function useListKeys(alone: boolean, acts: readonly Act[], keys: readonly Key[]): void {
  useKeys(alone ? [...acts.map((act) => keyOf(act)), ...keys] : [])
}

function useCounts(path: string, filter: Query, enabled: boolean): Record<string, CappedCount> | undefined {
  const { data } = useQuery({
    queryKey: [path, 'counts', filter],
    queryFn: () => getCounts(path, filter),
    refetchInterval: every(10_000),
    enabled,
    placeholderData: (before) => before,
  })
  return data?.tabs
}

/** The configured columns and, at the right, what can be done with the row. */
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

function ListEmpty<Row>({
  list,
  tab,
  filtered,
}: {
  list: Rows<Row>
  tab: ListTab | undefined
  filtered: boolean
}) {
  const say = useSay()
  if (list.error) return <LoadError error={list.error} onRetry={list.refetch} />
  if (filtered) return <Empty title={say(listWords.noneMatch)} remedy={say(listWords.noneMatchRemedy)} />
  if (!tab?.empty) return <Empty title={say(listWords.noneHere)} remedy={say(listWords.noneHereRemedy)} />
  return <Empty title={say(tab.empty.title)} remedy={say(tab.empty.remedy)} />
}
