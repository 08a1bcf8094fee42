import type { QueueCounts } from '../alarms/queue-counts.ts'
import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { countRows, listIds } from '../core/lists/list.ts'
import { type CappedCount, capped, sumOf } from '../core/lists/list-table.ts'
import { deliveries } from '../fulfilment/lists.ts'
import { queueCount } from '../intake/downloads/queue-list.ts'
import type { RefundReason, TradeReason } from '../intake/lifecycle.ts'
import { tradeQuery, tradeTable } from '../intake/trades/trade-list.ts'
import type { KeyRing } from '../lib/seal.ts'
import { chinaDay, dayMs, fromChinaTime } from '../lib/time.ts'
import type { OrderFilter } from '../orders/list/lists-contract.ts'
import { orderQuery, orderTable } from '../orders/list/order-list.ts'
import type { Queue, ShipBy, Stuck } from './contract.ts'
import { deliveriesToShip, momentOf, refundsByReason, tradesByReason } from './overview-queries.ts'

type Asked = { db: Database; ring: KeyRing; scope: Scope; now: Date }
type Counted = { code: string; count: CappedCount }
type Facts = Awaited<ReturnType<typeof readFacts>> & QueueCounts

const none: CappedCount = { count: 0, capped: false }

/**
 * Returns the queues, and the waiting documents by reason. Counts stop at 10,000, so the time does not depend on the number of documents.
 */
export async function queuesAndStuck(
  asked: Asked,
  counts: QueueCounts,
): Promise<{ queues: Queue[]; shipBy: ShipBy; stuck: Stuck[] }> {
  const facts = { ...(await readFacts(asked)), ...counts }
  return { queues: queuesOf(facts, asked.now), shipBy: facts.shipBy, stuck: stuckOf(facts) }
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

/** Orders that wait before shipping, by what they lack. An order that is in one of `held`, `differs` and `short` is in none of the others. */
const waitingFor = {
  unmatched: { tab: 'held', unmatched: 'true' },
  refundOpen: { tab: 'held', unmatched: 'false', refund: 'open' },
  held: { tab: 'held', unmatched: 'false', refund: 'none,succeeded' },
  differs: { tab: 'differs', held: 'false' },
  short: { tab: 'confirmed', held: 'false', differs: 'false', short: 'true' },
} as const satisfies Record<string, OrderFilter>
const ordersTo = (filter: OrderFilter) =>
  `/orders?${new URLSearchParams(Object.entries(filter).map(([key, value]) => [key, String(value)])).toString().replaceAll('%2C', ',')}`

async function orderFacts({ db, ring, scope }: Asked) {
  const query = await orderQuery(db, { ring }, { tab: 'unconfirmed' }, { scope, sort: 'createdAt' })
  const unconfirmed = await countRows(db, orderTable, query)
  const [id] = (await listIds(db, orderTable, query, { limit: 1, after: undefined })).ids
  const count = async (filter: OrderFilter) =>
    countRows(db, orderTable, await orderQuery(db, { ring }, filter, { scope, sort: undefined }))
  return {
    unconfirmed,
    unconfirmedSince: id === undefined ? null : await momentOf(db, 'sales_order', 'created_at', id),
    toRelease: await count({ tab: 'confirmed' }),
    unmatched: await count(waitingFor.unmatched),
    refundOpen: await count(waitingFor.refundOpen),
    held: await count(waitingFor.held),
    differs: await count(waitingFor.differs),
    short: await count(waitingFor.short),
  }
}

async function restFacts(asked: Asked) {
  const { db, ring, scope } = asked
  const tabs = await deliveries.counts({ db, scope }, {})
  return {
    queue: await queueCount(db, ring, {}, scope),
    refunds: await refundsByReason(db, scope),
    toShip: tabs['pending'] ?? none,
    toPrint: tabs['print'] ?? none,
    shipBy: await shipByFacts(asked),
  }
}

async function shipByFacts({ db, scope, now }: Asked): Promise<ShipBy> {
  const midnight = new Date(fromChinaTime(`${chinaDay(now)} 00:00:00`).getTime() + dayMs)
  const found = await deliveriesToShip(db, scope, { now, until: midnight })
  const to = (until: Date) =>
    `/deliveries?tab=pending&shipByTo=${encodeURIComponent(until.toISOString())}&sort=shipBy`
  return {
    today: { ...capped(found.today), to: to(midnight) },
    nextMs: found.next && found.next.getTime() - now.getTime(),
    over: { ...capped(found.over), to: to(now) },
    overMs: found.first && now.getTime() - found.first.getTime(),
  }
}

function queuesOf(facts: Facts, now: Date): Queue[] {
  const ago = (since: Date | string | null) =>
    since === null ? null : Math.max(0, now.getTime() - new Date(since).getTime())
  const noNote = { code: 'none', ...none, to: '' } as const
  return [
    {
      ...{ key: 'download', ...(facts.queue.tabs.waiting ?? none), to: '/download-queue' },
      ...{ oldestMs: ago(facts.queue.oldest), note: noNote },
    },
    {
      ...{ key: 'fetching', ...facts.fetching, to: '/staged-trades?tab=fetching' },
      ...{ oldestMs: ago(facts.fetchingSince), note: noNote },
    },
    {
      ...{ key: 'staged', ...facts.staged, to: '/staged-trades?tab=staged', oldestMs: null },
      note: { code: 'convertible', ...facts.convertible, to: '/staged-trades?tab=staged&reason=none' },
    },
    {
      ...{ key: 'unconfirmed', ...facts.unconfirmed, to: '/orders?tab=unconfirmed' },
      ...{ oldestMs: ago(facts.unconfirmedSince), note: noNote },
    },
    {
      ...{ key: 'to_release', ...facts.toRelease, to: '/orders?tab=confirmed', oldestMs: null },
      note: { code: 'short', ...facts.short, to: ordersTo(waitingFor.short) },
    },
    {
      ...{ key: 'to_ship', ...facts.toShip, to: '/deliveries?tab=pending', oldestMs: null },
      note: { code: 'to_print', ...facts.toPrint, to: '/print-desk?tab=print' },
    },
    {
      ...{
        key: 'write_back',
        ...capped(facts.actions.pending),
        to: '/platform-actions?tab=pending',
        oldestMs: null,
      },
      note: { code: 'failed', ...capped(facts.actions.failed), to: '/platform-actions?tab=failed' },
    },
    {
      ...{ key: 'refunds', ...facts.refunds.all, to: '/staged-refunds?tab=open', oldestMs: null },
      note: { code: 'due', ...facts.due.count, to: '/staged-refunds?tab=due' },
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
    stuck('unmatched', 'unconfirmed', facts.unmatched, ordersTo(waitingFor.unmatched)),
    stuck('refund_held', 'unconfirmed', facts.refundOpen, ordersTo(waitingFor.refundOpen)),
    stuck('on_hold', 'unconfirmed', facts.held, ordersTo(waitingFor.held)),
    stuck('differs', 'unconfirmed', facts.differs, ordersTo(waitingFor.differs)),
    stuck('short', 'to_release', facts.short, ordersTo(waitingFor.short)),
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
