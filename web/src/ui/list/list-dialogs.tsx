import { useEffect } from 'react'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { Ask, Results, useActions } from '../act/actions.ts'
import type { Batch } from '../act/batches.ts'
import { useTellDone } from '../act/tell-done.ts'
import { count } from '../base/figures.tsx'
import { Soon, soon } from '../base/soon.tsx'
import { Confirm } from '../overlay/confirm.tsx'

const ableNow = soon(async () => ({ default: (await import('../act/able-now.tsx')).AbleNow }))
const panels = () => import('../act/results-panel.tsx')
const outcomesPanel = soon(async () => ({ default: (await panels()).OutcomesPanel }))
const batchPanel = soon(async () => ({ default: (await panels()).BatchPanel }))

/** True if the filter has only rows to which the action can be applied, so that the count of all says it. */
const asksFor = (now: Record<string, string>, filter: Record<string, unknown>) =>
  Object.entries(now).every(([field, value]) => filter[field] === value)

type Acting<Row extends { id: string }> = ReturnType<typeof useActions<Row>>

type ListDialogsProps<Row extends { id: string }> = {
  actions: Acting<Row>
  batch: Batch | undefined
  rows: readonly Row[]
  nameOf: (row: Row) => string
}

export function ListDialogs<Row extends { id: string }>(props: ListDialogsProps<Row>) {
  const { actions, batch } = props
  const { ask, results } = actions
  const tellDone = useTellDone<Row>()
  const refused = results?.outcomes.filter((each) => !each.done).length ?? 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: one answer, one toast
  useEffect(() => {
    if (!results) return
    tellDone(results)
    if (refused === 0) actions.setResults(undefined)
  }, [results])
  const close = () => actions.setAsk(undefined)
  if (ask?.action.input) {
    return ask.action.input({
      rows: ask.rows,
      count: ask.count,
      target: ask.target,
      onSubmit: (input) => void actions.run(ask, input),
      onClose: close,
    })
  }
  if (ask) return <AskFirst ask={ask} onConfirm={() => void actions.run(ask)} onClose={close} />
  if (results && refused > 0) return <Refused {...props} results={results} />
  if (batch && actions.panel)
    return (
      <Soon
        part={batchPanel}
        props={{
          ...{ action: batch.action, batch, onRetried: actions.setBatchId },
          onClose: () => actions.setPanel(false),
        }}
      />
    )
  return null
}

function AskFirst<Row>(props: { ask: Ask<Row>; onConfirm: () => void; onClose: () => void }) {
  const say = useSay()
  const { action, target, ...ask } = props.ask
  const n = count(ask.count)
  const act = `${say(action.words)} ${say(['{n} 条', '{n}'], { n })}`
  return (
    <Confirm
      title={act}
      act={act}
      danger={action.danger ?? false}
      onConfirm={props.onConfirm}
      onClose={props.onClose}
    >
      <p>{say(action.confirm ?? wholeWords, { n })}</p>
      {'filter' in target && action.able && !asksFor(action.able.filter, target.filter) && (
        <Soon part={ableNow} props={{ able: action.able, filter: target.filter }} />
      )}
    </Confirm>
  )
}

const wholeWords: LocalizedPair = [
  '符合筛选的 {n} 条都会做。可以随时停止，失败的会写明原因。',
  'All {n} rows of the filter. It can be stopped at any time; refused rows say why.',
]

/** The refused rows of an action. Those that may pass now can be tried again. */
function Refused<Row extends { id: string }>(props: ListDialogsProps<Row> & { results: Results<Row> }) {
  const { actions, rows, nameOf, results } = props
  const { action, outcomes } = results
  const retry = (ids: string[]) => {
    const again = {
      action,
      rows: rows.filter(({ id }) => ids.includes(id)),
      target: { ids },
      count: ids.length,
    }
    actions.setResults(undefined)
    if (action.input) actions.setAsk(again)
    else void actions.run(again)
  }
  return (
    <Soon
      part={outcomesPanel}
      props={{
        ...{ action: action.path, outcomes, onRetry: retry },
        nameOf: (id) => {
          const row = rows.find((each) => each.id === id)
          return row ? nameOf(row) : id
        },
        onClose: () => actions.setResults(undefined),
      }}
    />
  )
}
