import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { type CappedCount, getExactly, getUpTo, type Query } from '../../api.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import { every } from '../base/every.ts'
import { cappedCount, count } from '../base/figures.tsx'
import { useKeys } from '../base/keys.ts'
import { ListDialogs } from '../list/list-dialogs.tsx'
import { listWords } from '../list/list-words.ts'
import { toast, toastError } from '../overlay/toasts.tsx'
import { ableMost, type RowAction, useActions } from './actions.ts'
import { PageActs } from './acts.tsx'
import { isOver, useBatch } from './batches.ts'
import { BulkBar } from './bulk-bar.tsx'
import { atOnce } from './carry-out.ts'
import { wholeWords } from './whole-words.ts'

/**
 * An action over all rows of the filter, in the list's head. `tab` undefined: in every tab. `everywhere`: in every tab over the rows of
 * `tab`, as long as it has any, with their number as `{n}` in the words; the action's letter does it too while no row is selected or focused.
 */
export type WholeAct<Row> = {
  name: string
  words: LocalizedPair
  action: RowAction<Row>
  tab?: string
  everywhere?: boolean
  /** True: few rows need no confirmation, because the button has named their number. */
  direct?: boolean
  /** What the filter asks besides, so that the button counts, and its action is given, only rows for which it would be done. */
  asks?: Query
  /** Why there is none such row, although the tab has rows. */
  none?: LocalizedPair
}

const filterOf = <Row,>({ tab, everywhere = false, asks = {} }: WholeAct<Row>, filter: Query): Query => ({
  ...(everywhere && tab !== undefined ? { ...filter, tab } : filter),
  ...asks,
})
type Start<Row extends { id: string }> = ReturnType<typeof useActions<Row>>['start']

/** Counts the rows exactly, then starts the action over all of them. */
export async function startWhole<Row extends { id: string }>(
  path: string,
  act: WholeAct<Row>,
  filter: Query,
  start: Start<Row>,
): Promise<'none' | undefined> {
  const { action, direct = false } = act
  const asked = filterOf(act, filter)
  const { count: found } = await getExactly(path, asked)
  if (found === 0) return 'none'
  start(action, [], { filter: asked, count: found, direct: direct && found <= atOnce })
  return undefined
}

type WholeProps<Row> = {
  path: string
  acts: readonly WholeAct<Row>[]
  tab: string
  filter: Query
  counts?: Record<string, CappedCount> | undefined
}

/** Returns the number that the button of each of these acts names, by the act's name; undefined: not known yet. */
function useAbleCounts<Row>(
  path: string,
  acts: readonly WholeAct<Row>[],
  filter: Query,
  counts: Record<string, CappedCount> | undefined,
): Record<string, CappedCount | undefined> {
  const inTab = ({ tab = '' }: WholeAct<Row>) => counts?.[tab]
  const found = useQueries({
    queries: acts.map((act) => {
      const asked = filterOf(act, filter)
      return {
        queryKey: [path, 'count', asked, ableMost],
        queryFn: () => getUpTo(path, asked, ableMost),
        refetchInterval: every(10_000),
        placeholderData: keepPreviousData,
        enabled: act.asks !== undefined && (inTab(act)?.count ?? 0) > 0,
      }
    }),
  })
  return Object.fromEntries(
    acts.map((act, at) => [act.name, act.asks === undefined ? inTab(act) : found[at]?.data]),
  )
}

/** 批量 …: an action over all rows of the filter, without a selection. It counts the rows first, then asks. */
export function WholeActs<Row extends { id: string }>(
  props: WholeProps<Row> & { actions: Pick<ReturnType<typeof useActions<Row>>, 'allowed' | 'start'> },
) {
  const { path, tab, filter, actions } = props
  const say = useSay()
  const [counting, setCounting] = useState(false)
  const run = (act: WholeAct<Row>) => {
    if (counting) return
    setCounting(true)
    startWhole(path, act, filter, actions.start)
      .then((none) => none && toast('idle', say(listWords.noneMatch)), toastError)
      .finally(() => setCounting(false))
  }
  const able = useAbleCounts(path, props.acts, filter, props.counts)
  const inTab = (act: WholeAct<Row>) => props.counts?.[act.tab ?? '']?.count ?? 0
  const shown = props.acts.filter((act) =>
    act.everywhere
      ? inTab(act) > 0 && able[act.name] !== undefined
      : act.tab === undefined || act.tab === tab,
  )
  // Where there is no row for the action, its letter says so.
  useKeys(
    props.acts
      .filter((act) => act.everywhere && !shown.includes(act))
      .map(({ action }) => ({
        key: (action.letter ?? '').toLowerCase(),
        run: () => toast('idle', say(listWords.noneHere)),
      })),
  )
  const wordsOf = ({ words, name }: WholeAct<Row>): LocalizedPair => {
    const of = able[name]
    return wholeWords(words, of ? cappedCount(of) : '')
  }
  const whyNone = (act: WholeAct<Row>) =>
    act.none && able[act.name]?.count === 0 ? say(act.none) : undefined
  return (
    <PageActs
      acts={shown.map((act) => ({
        name: act.name,
        words: wordsOf(act),
        letter: act.everywhere ? act.action.letter : undefined,
        why: actions.allowed(act.action.permission) ?? whyNone(act),
        run: () => run(act),
      }))}
    />
  )
}

/** `WholeActs` for a page that is not a list. It also shows the progress of the bulk action and reports its end. */
export function OwnWholeActs<Row extends { id: string }>(props: WholeProps<Row>) {
  const say = useSay()
  const actions = useActions<Row>(() => undefined)
  const batch = useBatch(actions.batchId, true)
  const over = isOver(batch)
  // biome-ignore lint/correctness/useExhaustiveDependencies: one batch, one toast
  useEffect(() => {
    if (!batch || !over) return
    const { refused, succeeded } = batch
    const text = [
      `${say(batch.actionName)} ${say(listWords.succeeded, { n: count(succeeded) })}`,
      ...(refused > 0 ? [say(listWords.failedCount, { n: count(refused) })] : []),
    ].join(say(['，', ', ']))
    toast(refused > 0 ? 'warn' : 'ok', text, { label: batch.no, to: `/batches?open=${batch.id}` })
    // The panel of refused rows stays open if the user is reading it.
    if (!actions.panel) actions.setBatchId(undefined)
  }, [batch?.id, over])
  return (
    <>
      <WholeActs {...props} actions={actions} />
      {batch && !over && (
        <BulkBar
          batch={batch}
          onRefused={() => actions.setPanel(true)}
          onCloseBatch={() => actions.setBatchId(undefined)}
        />
      )}
      <ListDialogs actions={actions} batch={batch} rows={[]} nameOf={({ id }) => id} />
    </>
  )
}
