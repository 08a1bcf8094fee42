import { useEffect, useState } from 'react'
import { getExactly, type Query } from '../../api.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import { count } from '../base/figures.tsx'
import { ListDialogs } from '../list/list-dialogs.tsx'
import { listWords } from '../list/list-words.ts'
import { toast, toastError } from '../overlay/toasts.tsx'
import { type RowAction, useActions } from './actions.ts'
import { PageActs } from './acts.tsx'
import { isOver, useBatch } from './batches.ts'
import { BulkBar } from './bulk-bar.tsx'

/** An action over all rows of the filter, in the list's head. `tab` undefined: in every tab. */
export type WholeAct<Row> = { name: string; words: LocalizedPair; action: RowAction<Row>; tab?: string }

type WholeProps<Row> = {
  path: string
  acts: readonly WholeAct<Row>[]
  tab: string
  filter: Query
}

/** 批量 …: an action over all rows of the filter, without a selection. It counts the rows first, then asks. */
export function WholeActs<Row extends { id: string }>(
  props: WholeProps<Row> & { actions: Pick<ReturnType<typeof useActions<Row>>, 'allowed' | 'start'> },
) {
  const { path, tab, filter, actions } = props
  const say = useSay()
  const [counting, setCounting] = useState(false)
  const run = (action: RowAction<Row>) => {
    if (counting) return
    setCounting(true)
    getExactly(path, filter)
      .then((found) => {
        if (found.count === 0) toast('idle', say(listWords.noneMatch))
        else actions.start(action, [], { filter, count: found.count })
      }, toastError)
      .finally(() => setCounting(false))
  }
  return (
    <PageActs
      acts={props.acts
        .filter((each) => each.tab === undefined || each.tab === tab)
        .map(({ name, words, action }) => ({
          name,
          words,
          why: actions.allowed(action.permission),
          run: () => run(action),
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
