import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { getExactly, type Query } from '../../api.ts'
import { useSay } from '../../words.ts'
import type { RowAction, useActions } from '../act/actions.ts'
import type { Batch } from '../act/batches.ts'
import { listOf } from '../act/remedies.ts'
import { BatchPanel, OutcomesPanel } from '../act/results-panel.tsx'
import { useTellDone } from '../act/tell-done.ts'
import { count } from '../base/figures.tsx'
import { Confirm } from '../overlay/confirm.tsx'

/** Shows to how many rows of the filter the action can be applied now. The others will be refused with a reason. */
function AbleNow({
  able: { list, filter: now, words = ['其中现在能做的 {n} 条', '{n} of them can be done now'] },
  filter,
}: {
  able: NonNullable<RowAction<never>['able']>
  filter: Record<string, unknown>
}) {
  const say = useSay()
  const none = Object.entries(now).some(([field, value]) => {
    const asked = filter[field]
    return typeof asked === 'string' && asked !== '' && asked !== 'all' && !asked.split(',').includes(value)
  })
  const query = { ...filter, ...now } as Query
  const { data } = useQuery({
    queryKey: [list, 'count', query],
    queryFn: () => getExactly(list, query),
    enabled: !none,
  })
  const able = none ? 0 : data?.count
  if (able === undefined) return null
  return <p className="num">{say(words, { n: count(able) })}</p>
}

export function ListDialogs<Row extends { id: string }>(props: {
  actions: ReturnType<typeof useActions<Row>>
  batch: Batch | undefined
  rows: readonly Row[]
  nameOf: (row: Row) => string
}) {
  const { actions, batch, rows, nameOf } = props
  const { ask, results } = actions
  const say = useSay()
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
  if (ask) {
    const act = `${say(ask.action.words)} ${say(['{n} 条', '{n}'], { n: count(ask.count) })}`
    return (
      <Confirm
        title={act}
        act={act}
        danger={ask.action.danger ?? false}
        onConfirm={() => void actions.run(ask)}
        onClose={close}
      >
        <p>
          {ask.action.confirm
            ? say(ask.action.confirm, { n: count(ask.count) })
            : say(
                [
                  '符合筛选的 {n} 条都会做。可以随时停止，失败的会写明原因。',
                  'All {n} rows of the filter. It can be stopped at any time; refused rows say why.',
                ],
                { n: count(ask.count) },
              )}
        </p>
        {'filter' in ask.target && ask.action.able && (
          <AbleNow able={ask.action.able} filter={ask.target.filter} />
        )}
      </Confirm>
    )
  }
  if (results && refused > 0) {
    const nameById = (id: string) => {
      const row = rows.find((each) => each.id === id)
      return row ? nameOf(row) : id
    }
    return (
      <OutcomesPanel
        list={listOf(results.action.path)}
        outcomes={results.outcomes}
        nameOf={nameById}
        onClose={() => actions.setResults(undefined)}
        onRetry={(ids) => {
          const { action } = results
          const again = {
            action,
            rows: rows.filter(({ id }) => ids.includes(id)),
            target: { ids },
            count: ids.length,
          }
          actions.setResults(undefined)
          if (action.input) actions.setAsk(again)
          else void actions.run(again)
        }}
      />
    )
  }
  if (batch && actions.panel)
    return (
      <BatchPanel
        list={listOf(batch.action)}
        batch={batch}
        onClose={() => actions.setPanel(false)}
        onRetried={actions.setBatchId}
      />
    )
  return null
}
