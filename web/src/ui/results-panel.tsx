import { useInfiniteQuery, useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { get, type Outcome, type Page, post } from '../api.ts'
import { useSay } from '../words.ts'
import { refusalText, remedyText } from './batch-words.ts'
import { type Batch, isOver } from './batches.ts'
import { Button, Segments } from './button.tsx'
import { Empty } from './empty.tsx'
import { count } from './figures.tsx'
import { listWords } from './list-words.ts'
import { Dialog } from './overlay.tsx'
import { Dot } from './status.tsx'
import { toastError } from './toasts.tsx'
import { shared } from './words.ts'

const words = {
  title: ['未成的 {n} 条', '{n} refused'],
  reason: ['原因', 'Reason'],
  row: ['号码', 'Number'],
  retry: ['重试这 {n} 条', 'Retry these {n}'],
  more: ['再看 100 条', 'Show 100 more'],
  byReason: ['按原因', 'By reason'],
} as const

type Refused = {
  id: string
  no: string
  code: string
  ref: string
  message: { zh: string; en: string } | null
}

/** Every refused row of an answer, with its reason and remedy. */
export function OutcomesPanel(props: {
  outcomes: readonly Outcome[]
  nameOf: (id: string) => string
  onRetry: (ids: string[]) => void
  onClose: () => void
}) {
  const say = useSay()
  const refused = props.outcomes.flatMap((each) => (each.done ? [] : [each]))
  const title = say(words.title, { n: count(refused.length) })
  return (
    <Dialog
      wide
      title={title}
      label={title}
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>{say(shared.close)}</Button>
          <Button kind="primary" onClick={() => props.onRetry(refused.map((each) => each.id))}>
            {say(words.retry, { n: count(refused.length) })}
          </Button>
        </>
      }
    >
      <RefusedTable
        rows={refused.map((each) => ({
          id: each.id,
          code: each.code,
          no: props.nameOf(each.id),
          ref: each.ref ?? '',
          message: each.message ?? null,
        }))}
      />
    </Dialog>
  )
}

/** What became of each row of a batch: the refused first, with the reasons and their counts. */
export function BatchPanel({
  batch,
  onRetried,
  onClose,
}: {
  batch: Batch
  onRetried: (id: string) => void
  onClose: () => void
}) {
  const say = useSay()
  const [result, setResult] = useState<'refused' | 'done'>(batch.refused > 0 ? 'refused' : 'done')
  const items = useInfiniteQuery({
    queryKey: ['/batches', batch.id, result, batch.done],
    queryFn: ({ pageParam }) =>
      get<Page<Refused>>(`/batches/${batch.id}/items`, { result, limit: 100, after: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const retry = useMutation({
    mutationFn: () => post<{ id: string }>(`/batches/${batch.id}/retry`),
    onSuccess: ({ id }) => onRetried(id),
    onError: toastError,
  })
  const title = `${batch.no} · ${batch.refused > 0 ? say(words.title, { n: count(batch.refused) }) : say(batch.actionName)}`
  return (
    <Dialog
      wide
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(shared.close)}</Button>
          <Button
            kind="primary"
            busy={retry.isPending}
            why={
              !isOver(batch)
                ? say(['等它结束再重试', 'Wait for its end'])
                : batch.refused === 0
                  ? say(['没有失败的', 'None failed'])
                  : undefined
            }
            onClick={() => retry.mutate()}
          >
            {say(words.retry, { n: count(batch.refused) })}
          </Button>
        </>
      }
    >
      <div className="row">
        <Segments
          label={say(['结果', 'Result'])}
          value={result}
          options={[
            { value: 'refused', label: say(['失败 {n}', '{n} failed'], { n: count(batch.refused) }) },
            { value: 'done', label: say(['成功 {n}', '{n} done'], { n: count(batch.succeeded) }) },
          ]}
          onChange={setResult}
        />
        {batch.taken > 0 && <span className="num t2">{say(listWords.taken, { n: count(batch.taken) })}</span>}
      </div>
      <ul className="reason-list" aria-label={say(words.byReason)}>
        {batch.reasons.map(({ code, count: times }) => (
          <li key={code} className="row">
            <Dot tone="warn" />
            <span>{refusalText(code, say)}</span>
            <b className="num">{count(times)}</b>
            <span className="t3">{remedyText(code, say)}</span>
          </li>
        ))}
      </ul>
      {result === 'refused' ? (
        <RefusedTable rows={items.data?.pages.flatMap((page) => page.rows) ?? []} />
      ) : (
        <DoneTable rows={items.data?.pages.flatMap((page) => page.rows) ?? []} />
      )}
      {items.hasNextPage && <Button onClick={() => void items.fetchNextPage()}>{say(words.more)}</Button>}
    </Dialog>
  )
}

function DoneTable({ rows }: { rows: readonly Refused[] }) {
  const say = useSay()
  if (rows.length === 0) return <Empty title={say(['还没有成功的行', 'None is done yet'])} />
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{say(words.row)}</th>
          <th>{say(['结果', 'Result'])}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td className="num">{row.no || row.id}</td>
            <td className="num">{/[0-9]/.test(row.ref) ? row.ref : say(['成功', 'Done'])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function RefusedTable({ rows }: { rows: readonly Refused[] }) {
  const say = useSay()
  if (rows.length === 0) return <Empty title={say(['没有未成的行', 'Nothing was refused'])} />
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{say(words.row)}</th>
          <th>{say(words.reason)}</th>
          <th>{say(['怎么办', 'What to do'])}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td className="num">{row.no || row.id}</td>
            <td>
              {row.message ? say(row.message) : refusalText(row.code, say)}
              {row.ref !== '' && row.ref !== row.no && <span className="t2 num"> {row.ref}</span>}
            </td>
            <td className="t2">{remedyText(row.code, say)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
