import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef } from 'react'
import type { CappedCount } from '../../api.ts'
import { Countdown, cappedCount, Money } from '../../ui/base/figures.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { Dot } from '../../ui/base/status.tsx'
import { scopeSetting } from '../../ui/base/store.ts'
import { Chips } from '../../ui/list/filter-bar.tsx'
import { toQuery } from '../../ui/list/filters.ts'
import { ListEmpty } from '../../ui/list/list-empty.tsx'
import { type Rows, useRows } from '../../ui/list/rows.ts'
import { useUrlState } from '../../ui/list/search-params.ts'
import { useSay } from '../../words.ts'
import type { RefundRow } from '../types.ts'
import { refundGoods, refundTypeWords } from '../words.ts'
import { RefundDecision } from './refund-decision.tsx'
import { deadlineOf, refundConfig, refundVerdict } from './refunds.tsx'
import './refund-decisions.css'

/** The queue is at the left, most urgent first; the opened refund is at the right. */
export function RefundDecisions(props: { tab: string; counts: Record<string, CappedCount> | undefined }) {
  const { tab, counts } = props
  const total = counts?.[tab]
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const scope = scopeSetting.use()
  const query = useMemo(
    () => ({
      ...(scope === '' ? {} : { shop: scope }),
      ...toQuery(refundConfig.fields, search),
      tab,
      sort: 'deadline',
    }),
    [scope, search, tab],
  )
  const list = useRows<RefundRow>('/staged-refunds', query, { pollMs: 15_000 })
  const { first, leave } = useFirst(JSON.stringify(query), list)
  // A refund that a link names is shown even if it is not in the queue. Another refund in its place might be decided by mistake.
  const current = search['open'] || first
  const at = list.rows.findIndex((row) => row.id === current)
  // An answered refund leaves the queue. The next refund is then at its former position.
  const lastAt = useRef(0)
  if (at >= 0) lastAt.current = at
  const step = (by: number) => {
    const next = list.rows[at >= 0 ? at + by : by > 0 ? lastAt.current : lastAt.current - 1]
    if (next) setSearch({ open: next.id })
  }
  useKeys([
    { key: 'j', words: ['上下一笔', 'next or previous'], run: () => step(1) },
    { key: 'k', run: () => step(-1) },
    { key: 'ArrowDown', run: () => step(1) },
    { key: 'ArrowUp', run: () => step(-1) },
  ])
  return (
    <div className="decisions">
      <div className="decision-queue">
        <div className="filter-bar">
          <Chips fields={refundConfig.fields} />
          <span className="push t2 small cut">{say(['按到期，最急在前', 'Most urgent first'])}</span>
        </div>
        <Queue list={list} current={current} onPick={(id) => setSearch({ open: id })} />
      </div>
      {current ? (
        <RefundDecision
          key={current}
          id={current}
          place={
            at < 0
              ? ''
              : say(['第 {at} / {total} 笔', '{at} of {total}'], {
                  at: at + 1,
                  total: total ? cappedCount(total) : list.rows.length,
                })
          }
          onAnswered={() => setSearch({ open: current })}
          onGone={() => {
            leave(current)
            setSearch({ open: list.rows[at + 1]?.id ?? list.rows[at - 1]?.id ?? '' })
          }}
        />
      ) : (
        <div className="decision">
          {(list.error || !list.loading) && <ListEmpty {...{ list, tab, counts }} config={refundConfig} />}
        </div>
      )}
    </div>
  )
}

/**
 * The refund that is shown while the user has opened none: the first one of the queue when it was loaded. It stays when a more urgent one
 * arrives, because a key that was meant for one refund must not decide another. `leave`: this refund was converted and is shown no longer.
 */
function useFirst(
  asked: string,
  list: Rows<RefundRow>,
): { first: string | undefined; leave: (id: string) => void } {
  type Kept = { asked: string; id?: string | undefined; left?: string | undefined }
  const kept = useRef<Kept>({ asked })
  if (kept.current.asked !== asked) kept.current = { asked }
  const now = kept.current
  if (!list.rows.some(({ id }) => id === now.left)) now.left = undefined
  if (!list.stale) now.id ??= list.rows.find(({ id }) => id !== now.left)?.id
  const leave = (id: string) => {
    now.left = id
    now.id = undefined
  }
  return { first: now.id, leave }
}

function Queue({
  list,
  current,
  onPick,
}: {
  list: Rows<RefundRow>
  current: string | undefined
  onPick: (id: string) => void
}) {
  const say = useSay()
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: list.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 54,
    overscan: 8,
  })
  const { hasMore, more } = list
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && last >= list.rows.length - 20) more()
  }, [hasMore, last, list.rows.length, more])
  const at = list.rows.findIndex((row) => row.id === current)
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at)
  }, [at, virtual])
  return (
    <div
      ref={scroller}
      className="decision-rows"
      role="listbox"
      aria-label={say(['退款队列', 'Queue of refunds'])}
      tabIndex={0}
      aria-activedescendant={current && `refund-${current}`}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = list.rows[item.index]
          if (!row) return null
          const { tone, first } = refundVerdict(row, say)
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: j, k and the arrows move
            <div
              key={row.id}
              id={`refund-${row.id}`}
              role="option"
              aria-selected={row.id === current}
              tabIndex={-1}
              className={row.id === current ? 'decision-row current' : 'decision-row'}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => onPick(row.id)}
            >
              <span className="cut">
                {[row.buyerMasked, refundGoods(row, say).title].filter(Boolean).join(' · ')}
              </span>
              <b>
                <Money fen={row.amountFen} />
              </b>
              <span className="right">
                <Countdown to={deadlineOf(row)} />
              </span>
              <span className="t2 small cut">{say(refundTypeWords(row.kind, row.phase))}</span>
              <span className="t2 small decision-state">
                <Dot tone={tone} /> {first}
              </span>
            </div>
          )
        })}
      </div>
    </div>
  )
}
