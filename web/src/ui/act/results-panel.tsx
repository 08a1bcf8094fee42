import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import { get, type Outcome, post } from '../../api.ts'
import { useSay } from '../../words.ts'
import { Button, Segments } from '../base/button.tsx'
import { Empty } from '../base/empty.tsx'
import { count } from '../base/figures.tsx'
import { PageLink } from '../base/page-link.tsx'
import { useMayOpen } from '../base/session.ts'
import { Dot } from '../base/status.tsx'
import { shared } from '../base/words.ts'
import { listWords } from '../list/list-words.ts'
import { linkOf } from '../list/search-params.ts'
import { Dialog } from '../overlay/overlay.tsx'
import { toastError } from '../overlay/toasts.tsx'
import { outcomeText, remedyText } from './batch-words.ts'
import { type Batch, isOver } from './batches.ts'
import { listOf, mayPass, type RefusedFor, remedyFor } from './remedies.ts'

const words = {
  title: ['{n} 条失败', '{n} refused'],
  reason: ['原因', 'Reason'],
  row: ['号码', 'Number'],
  retry: ['重试这 {n} 条', 'Retry these {n}'],
  retryLater: ['处理好后重试这 {n} 条', 'Settled: retry these {n}'],
  more: ['再看 100 条', 'Show 100 more'],
  byReason: ['按原因', 'By reason'],
} as const

type Refused = {
  id: string
  no: string
  code: string
  reason: string
  ref: string
  message: LocalizedText | null
}
type Group = RefusedFor & { count: number; message: LocalizedText | null }

/** Groups refused rows that have the same code, reason and message. */
function groupsOf(rows: readonly Refused[]): Group[] {
  const groups = Map.groupBy(rows, ({ code, reason, message }) => `${code} ${reason} ${message?.zh ?? ''}`)
  return [...groups.values()]
    .map((same) => ({
      code: same[0]?.code ?? '',
      reason: same[0]?.reason ?? '',
      message: same[0]?.message ?? null,
      count: same.length,
      ids: same.map(({ id }) => id),
      nos: same.map(({ no }) => no),
      refs: same.map(({ ref }) => ref),
    }))
    .sort((a, b) => b.count - a.count)
}

/** The refused rows: first the reasons with counts and remedies, then each row. */
export function OutcomesPanel(props: {
  /** Name or path of the action, whose list selects the remedies. */
  action: string
  outcomes: readonly Outcome[]
  nameOf: (id: string) => string
  onRetry: (ids: string[]) => void
  onClose: () => void
}) {
  const say = useSay()
  const rows = props.outcomes.flatMap((each): Refused[] =>
    each.done
      ? []
      : [
          {
            id: each.id,
            code: each.code,
            reason: each.reason ?? '',
            no: props.nameOf(each.id),
            ref: each.ref ?? '',
            message: each.message ?? null,
          },
        ],
  )
  const again = rows.filter(({ code }) => mayPass(code)).map(({ id }) => id)
  const title = say(words.title, { n: count(rows.length) })
  return (
    <Dialog
      wide
      title={title}
      label={title}
      onClose={props.onClose}
      foot={
        <>
          <Button autoFocus={again.length === 0} onClick={props.onClose}>
            {say(shared.close)}
          </Button>
          {again.length > 0 && (
            <Button kind="primary" onClick={() => props.onRetry(again)}>
              {say(words.retry, { n: count(again.length) })}
            </Button>
          )}
        </>
      }
    >
      <Reasons list={listOf(props.action)} groups={groupsOf(rows)} onFollow={props.onClose} />
      <RefusedTable rows={rows} />
    </Dialog>
  )
}

/** The outcomes of a bulk action: the refused rows first, with reasons and counts. */
export function BatchPanel({
  action,
  batch,
  onRetried,
  onClose,
}: {
  action: string
  batch: Batch
  onRetried: (id: string) => void
  onClose: () => void
}) {
  const say = useSay()
  const [result, setResult] = useState<'refused' | 'done'>(batch.refused > 0 ? 'refused' : 'done')
  const groups = useQuery({
    queryKey: ['/batches', batch.id, 'reasons', batch.refused],
    queryFn: () => get('/batches/:id/reasons', { id: batch.id }),
    placeholderData: (before) => before,
  })
  const items = useItems(batch, result)
  const rows = items.data?.pages.flatMap((page) => page.rows)
  const retry = useMutation({
    mutationFn: () => post('/batches/:id/retry', {}, { id: batch.id }),
    onSuccess: ({ id }) => onRetried(id),
    onError: toastError,
  })
  const passing = batch.reasons.some(({ code }) => mayPass(code))
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
            kind={passing ? 'primary' : 'plain'}
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
            {say(passing ? words.retry : words.retryLater, { n: count(batch.refused) })}
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
      <Reasons
        list={listOf(action)}
        groups={(groups.data?.rows ?? []).map((group) => ({ ...group, refs: [] }))}
        onFollow={onClose}
      />
      {rows === undefined ? (
        <div aria-busy={items.isPending} />
      ) : result === 'refused' ? (
        <RefusedTable rows={rows} />
      ) : (
        <DoneTable rows={rows} />
      )}
      {items.hasNextPage && <Button onClick={() => void items.fetchNextPage()}>{say(words.more)}</Button>}
    </Dialog>
  )
}

function useItems(batch: Batch, result: 'refused' | 'done') {
  return useInfiniteQuery({
    queryKey: ['/batches', batch.id, result, result === 'refused' ? batch.refused : batch.succeeded],
    queryFn: ({ pageParam }) =>
      get('/batches/:id/items', { id: batch.id, result, limit: 100, after: pageParam }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    // While a page is being loaded, rows of the same result stay; rows of the other result are not shown.
    placeholderData: (before, query) => (query?.queryKey[2] === result ? before : undefined),
  })
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

function Reasons(props: { list: string; groups: readonly Group[]; onFollow: () => void }) {
  const say = useSay()
  const mayOpen = useMayOpen()
  return (
    <ul className="reason-list" aria-label={say(words.byReason)}>
      {props.groups.map((group) => {
        const remedy = remedyFor(props.list, group)
        return (
          <li key={`${group.code} ${group.reason} ${group.message?.zh ?? ''}`} className="row">
            <Dot tone="warn" />
            <span>{outcomeText(group, say)}</span>
            <b className="num">{count(group.count)}</b>
            {remedy && mayOpen(remedy.to) ? (
              <PageLink {...linkOf(remedy.to)} className="link push" onClick={props.onFollow}>
                {say(remedy.words)}
              </PageLink>
            ) : (
              <span className="t3 push">{remedyText(group.code, say)}</span>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function RefusedTable({ rows }: { rows: readonly Refused[] }) {
  const say = useSay()
  if (rows.length === 0) return <Empty title={say(['没有失败的', 'Nothing was refused'])} />
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{say(words.row)}</th>
          <th>{say(words.reason)}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td className="num">{row.no || row.id}</td>
            <td>
              {outcomeText(row, say)}
              {row.ref !== '' && row.ref !== row.no && <span className="t2 num"> {row.ref}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
