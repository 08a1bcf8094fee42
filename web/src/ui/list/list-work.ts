import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { type CappedCount, getCounts, getExactly, type Query } from '../../api.ts'
import { useSay } from '../../words.ts'
import { type RowAction, shownAs, useActions } from '../act/actions.ts'
import { type Act, keyOf } from '../act/acts.tsx'
import { useBatch, useRunningBatches } from '../act/batches.ts'
import { startWhole } from '../act/whole-acts.tsx'
import { every } from '../base/every.ts'
import { type Key, useKeys } from '../base/keys.ts'
import { scopeSetting } from '../base/store.ts'
import { toast, toastError } from '../overlay/toasts.tsx'
import { toQuery } from './filters.ts'
import type { ListConfig } from './list-page.tsx'
import { listWords } from './list-words.ts'
import { type Rows, type Selection, useSelection } from './rows.ts'
import { useUrlState } from './search-params.ts'

export type Asked = ReturnType<typeof useAsked>
export type ListWork<Row extends { id: string }> = ReturnType<typeof useListWork<Row>>

/** Returns the state of a list from the address: tab, sort, and the filter with and without the tab. */
export function useAsked<Row extends { id: string }>(config: ListConfig<Row>) {
  const [search, setSearch] = useUrlState()
  const scope = scopeSetting.use()
  const tab = config.tabs.find((each) => each.key === search['tab'])?.key ?? config.tabs[0]?.key ?? ''
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
  return { search, setSearch, tab, sort: search['sort'] ?? config.sort, filter, withTab }
}

/** The selection of a list, its actions by button and key, and the running bulk action. `matching`: the rows of the tab that is shown. */
export function useListWork<Row extends { id: string }>(
  config: ListConfig<Row>,
  { search, tab, withTab }: Asked,
  list: Rows<Row>,
  matching: CappedCount | undefined,
) {
  const say = useSay()
  const selection = useSelection(list.rows)
  const actions = useActions<Row>(() => selection.clear())
  // Another filter or tab shows other rows, so the selection is cleared. Opening a row changes neither.
  const asked = JSON.stringify(withTab)
  const { focus, setFocus, still } = useKeptFocus(asked, search['open'], list)
  // biome-ignore lint/correctness/useExhaustiveDependencies: clears on these changes only
  useEffect(() => selection.clear(), [asked])
  // All rows of the filter are as many as there are now, also after an action has taken some of them away.
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the count only
  useEffect(() => {
    if (selection.whole === undefined || !matching || matching.capped) return
    if (matching.count === 0) selection.clear()
    else selection.takeWhole(matching.count)
  }, [matching?.count])
  const offered = config.actions.filter((action) => action.tabs === undefined || action.tabs.includes(tab))
  const inBackground = config.actions.some((action) => action.batch)
  const bulk = config.actions.length > 0
  const chosen = list.rows.filter((row) => selection.ids.has(row.id))
  const isSelecting = selection.whole !== undefined || chosen.length > 0
  const whole = useTakeWhole(config.path, withTab, selection)
  const onMany = (action: RowAction<Row>) => {
    // While the exact count is being loaded, the action must not run over the loaded rows only.
    if (whole.counting) return
    if (selection.whole !== undefined)
      return actions.start(action, chosen, { filter: withTab, count: selection.whole })
    const focused = list.rows.find((row) => row.id === focus)
    const lone = config.whole?.find((one) => one.everywhere && one.action.path === action.path)
    if (chosen.length === 0 && !focused && lone) {
      startWhole(config.path, lone, withTab, actions.start).then(
        (none) => none && toast('idle', say(lone.none ?? listWords.noneMatch)),
        toastError,
      )
      return
    }
    actions.start(action, chosen.length > 0 ? chosen : focused ? [focused] : [])
  }
  const acts = offered.map(
    (action): Act => ({
      ...shownAs(action),
      why: actions.allowed(action.permission),
      run: () => onMany(action),
    }),
  )
  /** Selects the loaded rows; pressed again, all matching rows. */
  const selectMore = () => {
    if (list.rows.some((row) => !selection.ids.has(row.id))) selection.all(true)
    else if (inBackground && (list.hasMore || selection.whole !== undefined)) whole.take()
  }
  useListKeys(search['open'] === undefined, acts, [
    ...(bulk ? [{ key: 'mod+a', words: listWords.keySelectAll, run: selectMore }] : []),
    ...(isSelecting ? [{ key: 'Escape', words: listWords.unselect, run: selection.clear }] : []),
  ])
  const running = useBatchOf(config, actions.batchId)
  const batch = running && config.showsItself?.(running) ? undefined : running
  return {
    selection,
    focus,
    setFocus,
    still,
    actions,
    offered,
    inBackground,
    bulk,
    chosen,
    isSelecting,
    whole,
    acts,
    batch,
  }
}

/**
 * Returns the id of the focused row. If that row leaves the list, the row at its position gets the focus, and the list does not scroll
 * (`still`). After a change of the filter no row has the focus.
 */
function useKeptFocus(asked: string, open: string | undefined, list: Rows<{ id: string }>) {
  const [focus, setFocus] = useState<string>()
  const still = useRef(false)
  const place = useRef({ asked, at: -1 })
  const at = list.rows.findIndex(({ id }) => id === (open ?? focus))
  useEffect(() => {
    if (list.loading || list.stale) return
    if (place.current.asked !== asked) place.current = { asked, at: -1 }
    if (at >= 0) place.current.at = at
    if (at >= 0 || place.current.at < 0) return
    const next = list.rows[Math.min(place.current.at, list.rows.length - 1)]
    if (!next || next.id === focus) return
    still.current = true
    setFocus(next.id)
  }, [asked, at, focus, list.loading, list.stale, list.rows])
  return { focus, setFocus, still }
}

/** Returns the bulk action that was started here, or a running one of this list's actions. */
function useBatchOf<Row extends { id: string }>(config: ListConfig<Row>, ownId: string | undefined) {
  const running = useRunningBatches().find((batch) =>
    config.actions.some((action) => action.batch === batch.action),
  )
  return useBatch(ownId ?? running?.id, ownId !== undefined)
}

/** Keeps the position of the opened document in the list. After its row has left the list, the next row is at that position. */
export function useOpenRow(
  { search, setSearch }: Asked,
  rows: readonly { id: string }[],
  setFocus: (id: string) => void,
) {
  const at = rows.findIndex((row) => row.id === search['open'])
  const place = useRef(0)
  if (at >= 0) place.current = at
  const step = (by: number) => {
    const next = rows[at >= 0 || by < 0 ? place.current + by : place.current]
    if (!next) return
    setFocus(next.id)
    setSearch({ open: next.id })
  }
  /** The row whose document was open keeps the focus. */
  const close = () => {
    if (at >= 0) setFocus(rows[at]?.id ?? '')
    setSearch({ open: '' })
  }
  return { at, step, close }
}

/**
 * Closes the opened document once its row is not in the loaded list and nothing of it is drawn. An address that still names it would keep the
 * keys of the list silent.
 */
export function useClosing(drawsNothing: boolean, list: Rows<{ id: string }>, close: () => void): void {
  const ended = drawsNothing && !list.loading && !list.stale && !list.error
  // biome-ignore lint/correctness/useExhaustiveDependencies: it closes once
  useEffect(() => {
    if (ended) close()
  }, [ended])
}

/** Counts the matching rows exactly and selects all. If the filter has changed before the count arrives, nothing is selected. */
function useTakeWhole(path: string, filter: Query, selection: Selection) {
  const [counting, setCounting] = useState(false)
  const asked = JSON.stringify(filter)
  const now = useRef({ asked, ids: selection.ids })
  now.current = { asked, ids: selection.ids }
  const take = () => {
    const { ids } = selection
    setCounting(true)
    getExactly(path, filter)
      .then(({ count }) => {
        // A selection that was changed meanwhile stays as it is.
        if (now.current.asked === asked && now.current.ids === ids) selection.takeWhole(count)
      }, toastError)
      .finally(() => setCounting(false))
  }
  return { counting, take }
}

/** While a document is open, letter keys act on it and not on the selection. */
function useListKeys(alone: boolean, acts: readonly Act[], keys: readonly Key[]): void {
  useKeys(alone ? [...acts.map((act) => keyOf(act)), ...keys] : [])
}

export function useCounts(
  path: string,
  filter: Query,
  enabled: boolean,
): Record<string, CappedCount> | undefined {
  const { data } = useQuery({
    queryKey: [path, 'counts', filter],
    queryFn: () => getCounts(path, filter),
    refetchInterval: every(10_000),
    enabled,
    placeholderData: (before) => before,
  })
  return data?.tabs
}
