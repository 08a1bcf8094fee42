import type { QueueCounts } from '../alarms/queue-counts.ts'
import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { countRows, listIds } from '../core/lists/list.ts'
import { type CappedCount, capped, sumOf } from '../core/lists/list-table.ts'
import { queueCount } from '../intake/downloads/queue-list.ts'
import type { RefundReason, TradeReason } from '../intake/lifecycle.ts'
import { tradeQuery, tradeTable } from '../intake/trades/trade-list.ts'
import type { KeyRing } from '../lib/seal.ts'
import { orderQuery, orderTable } from '../orders/list/order-list.ts'
import type { Queue, Stuck } from './contract.ts'
import { momentOf, refundsByReason, tradesByReason, waitingOrders } from './overview-queries.ts'

type Asked = { db: Database; ring: KeyRing; scope: Scope; now: Date }
type Counted = { code: string; count: CappedCount }
type Facts = Awaited<ReturnType<typeof readFacts>> & QueueCounts

const none: CappedCount = { count: 0, capped: false }

/**
 * Returns the queues, and the waiting documents by reason. Counts stop at 10,000, so the time does not depend on the number of documents.
 */
export async function queuesAndStuck(
  asked: Asked,
  standing: QueueCounts,
): Promise<{ queues: Queue[]; stuck: Stuck[] }> {
  const facts = { ...(await readFacts(asked)), ...standing }
  return { queues: queuesOf(facts, asked.now), stuck: stuckOf(facts) }
}

async function readFacts(asked: Asked) {
  // At most three queries run at once, so that other requests get database connections.
  const [trades, orders, rest] = await Promise.all([tradeFacts(asked), orderFacts(asked), restFacts(asked)])
  return { ...trades, ...orders, ...rest }
}

async function tradeFacts(asked: Asked) {
  const byReason = await tradesByReason(asked.db, asked.scope)
  const fetching = byReason.get('fetching') ?? none
  const staged = [...byReason].filter(([reason]) => reason !== 'fetching')
  return {
    blocked: staged.flatMap(([code, count]): Counted[] => (code === '' ? [] : [{ code, count }])),
    convertible: byReason.get('') ?? none,
    staged: sumOf(staged.map(([, count]) => count)),
    fetching,
    fetchingSince: fetching.count > 0 ? await oldestFetching(asked) : null,
  }
}

async function oldestFetching({ db, ring, scope }: Asked): Promise<Date | null> {
  const query = await tradeQuery(db, ring, { tab: 'fetching' }, { scope, sort: 'stateAt' })
  const [id] = (await listIds(db, tradeTable, query, { limit: 1, after: undefined })).ids
  return id === undefined ? null : momentOf(db, 'staged_trade', 'state_at', id)
}

async function orderFacts({ db, ring, scope }: Asked) {
  const query = await orderQuery(db, { ring }, { tab: 'unconfirmed' }, { scope, sort: 'createdAt' })
  const unconfirmed = await countRows(db, orderTable, query)
  const [id] = (await listIds(db, orderTable, query, { limit: 1, after: undefined })).ids
  return {
    unconfirmed,
    unconfirmedSince: id === undefined ? null : await momentOf(db, 'sales_order', 'created_at', id),
    ...(await waitingOrders(db, scope)),
  }
}

async function restFacts({ db, ring, scope }: Asked) {
  return { queue: await queueCount(db, ring, {}, scope), refunds: await refundsByReason(db, scope) }
}

function queuesOf(facts: Facts, now: Date): Queue[] {
  const ago = (since: Date | string | null) =>
    since === null ? null : Math.max(0, now.getTime() - new Date(since).getTime())
  const noNote = { code: 'none', ...none } as const
  return [
    {
      key: 'download',
      ...(facts.queue.tabs.waiting ?? none),
      oldestMs: ago(facts.queue.oldest),
      note: noNote,
    },
    { key: 'fetching', ...facts.fetching, oldestMs: ago(facts.fetchingSince), note: noNote },
    { key: 'staged', ...facts.staged, oldestMs: null, note: { code: 'convertible', ...facts.convertible } },
    { key: 'unconfirmed', ...facts.unconfirmed, oldestMs: ago(facts.unconfirmedSince), note: noNote },
    { key: 'held', ...facts.held, oldestMs: null, note: { code: 'refund_open', ...facts.refundHolds } },
    { key: 'differs', ...facts.differs, oldestMs: ago(facts.differsSince), note: noNote },
    { key: 'refunds', ...facts.refunds.all, oldestMs: null, note: { code: 'due', ...facts.due.count } },
    {
      key: 'write_back',
      ...capped(facts.actions.open),
      oldestMs: null,
      note: { code: 'failed', ...capped(facts.actions.failed + facts.actions.unclear) },
    },
  ]
}

/** Reasons that end without us: by the buyer, the platform, or the next download. */
const heals: readonly (TradeReason | RefundReason)[] = [
  'fetching',
  'not_paid',
  'final_unpaid',
  'platform_hold',
  'closed',
  'all_refunded',
  'original_fetching',
]
const healing = new Set<string>(heals)

function stuckOf(facts: Facts): Stuck[] {
  const trades = facts.blocked.map(({ code, count }): Stuck => {
    const to = `/staged-trades?tab=blocked&reason=${code}`
    return { code, ...count, where: 'staged', needsPerson: !healing.has(code), to }
  })
  const refunds = [...facts.refunds.reasons].flatMap(([code, count]): Stuck[] => {
    if (code === '') return []
    const to = `/staged-refunds?tab=open&reason=${code}`
    return [{ code, ...count, where: 'refunds', needsPerson: !healing.has(code), to }]
  })
  const rest: Stuck[] = [
    stuck(
      'detail_failed',
      'fetching',
      capped(facts.failing.count),
      '/staged-trades?tab=fetching&failing=true',
    ),
    stuck('parked', 'fetching', capped(facts.parked.count), '/parked-items'),
    stuck('on_hold', 'unconfirmed', facts.held, '/orders?tab=held'),
    stuck('write_back_failed', 'write_back', capped(facts.actions.failed), '/platform-actions?tab=failed'),
    stuck(
      'write_back_unclear',
      'write_back',
      capped(facts.actions.unclear),
      '/platform-actions?tab=unknown&needsPerson=true',
    ),
  ]
  return [...trades, ...refunds, ...rest]
    .filter((one) => one.count > 0)
    .sort((one, other) => other.count - one.count || one.code.localeCompare(other.code))
}

function stuck(code: string, where: Stuck['where'], count: CappedCount, to: string): Stuck {
  return { code, ...count, where, needsPerson: true, to }
}
