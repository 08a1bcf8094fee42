import type { Actor, By } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { listIds } from '../../core/lists/list.ts'
import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import { sharedNow } from '../../lib/clock.ts'
import { idFacet } from '../../lib/facets.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { stopsOf } from '../holds/shipping.ts'
import { orderTable } from '../list/order-list.ts'
import { answerOrders, withinScope, withoutForeignEditLocks } from '../order/access.ts'
import { addOrderEvents, type LockedOrder, lockOrders } from '../order/queries.ts'
import { applyNotices } from '../refunds/refund-notices.ts'
import { transition } from '../status/transition.ts'
import { beforeAll, ordersToJudge, ordersToReview, saveReviewPosition } from './confirm-queries.ts'
import { type CheckSettings, ruleInForce, rulesOf } from './confirm-settings.ts'
import { type Judgement, judge, judgeAndKeep, passes } from './judge.ts'
import { judgeAgain } from './judge-again.ts'
import { waiveProblems } from './problem-queries.ts'

/** 确认: confirms orders. Orders with problems are checked again first, so that a problem which no longer exists does not stop the order. */
export function confirmOrders(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  return withinScope(tx, ids, scope, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const { held } = await applyNotices(tx, granted, actor)
    await judgeAgain(tx, granted, actor)
    const doubtful = orders.filter(({ id, openHolds }) => openHolds > 0 || held.includes(id))
    const refused = await stoppedByRefunds(tx, doubtful)
    const free = granted.filter((id) => !refused.some((one) => one.id === id))
    return [...(await transition(tx, free, { event: 'confirm' }, actor)), ...refused]
  })
}

async function stoppedByRefunds(tx: Tx, orders: readonly LockedOrder[]): Promise<Outcome[]> {
  if (orders.length === 0) return []
  const stops = await stopsOf(
    tx,
    orders.map(({ id }) => id),
  )
  return orders
    .filter(({ id, status }) => status === 'unconfirmed' && stops.get(id)?.code === 'refund_open')
    .map(({ id, no }) => ({ id, done: false, ...refundOpen, ref: no }))
}

const refundOpen = {
  code: 'refund_open',
  message: {
    zh: '有退款没有了结，先处理退款',
    en: 'A refund of it is not settled; handle that first',
  },
}

/**
 * 反确认: makes confirmed orders unconfirmed. Confirm rules with the check `taken_back` (on by default) do not confirm such an order again.
 */
export function unconfirmOrders(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  return withinScope(tx, ids, scope, (granted) => transition(tx, granted, { event: 'unconfirm' }, actor))
}

/** 放行: accepts the given reasons of the orders, or all reasons. A reason whose figures change later stops the order again. */
export function waiveOrders(
  tx: Tx,
  ids: readonly string[],
  input: { reasons?: readonly string[] | undefined },
  { actor, scope }: By,
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const waived = Map.groupBy(
      await waiveProblems(tx, granted, input.reasons, actor.name),
      ({ orderId }) => orderId,
    )
    await addOrderEvents(
      tx,
      [...waived].map(([orderId, problems]) => ({
        orderId,
        event: 'waive',
        detail: { checks: problems.map(({ reason }) => reason) },
      })),
      actor,
    )
    return answerOrders(granted, orders, (order) => (waived.has(order.id) ? undefined : noProblem))
  })
}

const noProblem = { code: 'no_problem', message: { zh: '没有可放行的问题', en: 'No open problem' } }

const batchSize = 500

/** Limits the orders with problems that one run checks again, since most of them wait for a person. The next run continues behind them. */
const lookedAtMax = 2000

type AutoConfirm = RunContext<{ ordersPerRun: number }> & { shop: Pick<OpenedShop['shop'], 'id'> }
type Counted = { seen: number; updated: number; skipped: Record<string, number> }

/**
 * 自动确认: applies the rule in force to the shop's unconfirmed orders. First come orders with problems, from the stored position on, at most
 * `lookedAtMax`; then the others, the earliest payment first, about `ordersPerRun`.
 */
export async function autoConfirm(context: AutoConfirm): Promise<Partial<RunCounts>> {
  const { db, shop, params, signal } = context
  const counts: Counted = { seen: 0, updated: 0, skipped: {} }
  for (let last = false; !last && counts.seen < lookedAtMax; ) {
    signal.throwIfAborted()
    const turn = await ordersToReview(db, shop.id, batchSize)
    last = turn.last
    const next = last ? '0' : (turn.ids.at(-1) ?? '0')
    const run = await confirmBatch(context, counts, turn.ids, (tx) => saveReviewPosition(tx, shop.id, next))
    if (!run) return { ...counts, report: { rule: 'none' } }
  }
  const most = counts.seen + params.ordersPerRun
  for (let after = beforeAll; counts.seen < most; ) {
    signal.throwIfAborted()
    const places = await ordersToJudge(db, shop.id, after, batchSize)
    const ids = places.map(({ id }) => id)
    if (!(await confirmBatch(context, counts, ids))) return { ...counts, report: { rule: 'none' } }
    after = places.at(-1) ?? after
    if (places.length < batchSize) break
  }
  return counts
}

/** Checks one batch of orders by the rule in force and confirms those that pass, in one transaction. False: no rule is in force. */
async function confirmBatch(
  { db, shop, actor, progress }: AutoConfirm,
  counts: Counted,
  ids: readonly string[],
  also: (tx: Tx) => Promise<void> = async () => {},
): Promise<boolean> {
  const confirmed = await db.transaction().execute(async (tx) => {
    const done = await confirmByRule(tx, shop.id, ids, actor)
    if (done) await also(tx)
    return done
  })
  if (!confirmed) return false
  counts.seen += confirmed.seen
  counts.updated += confirmed.done
  for (const reason of confirmed.reasons) counts.skipped[reason] = (counts.skipped[reason] ?? 0) + 1
  progress(counts)
  return true
}

/** Checks the orders by the rule in force, stores their problems, and confirms those that pass. Undefined: no rule is in force. */
export async function confirmByRule(
  tx: Tx,
  shopId: string,
  ids: readonly string[],
  actor: Actor,
): Promise<{ seen: number; done: number; reasons: string[] } | undefined> {
  const rule = ruleInForce((await rulesOf(tx, shopId)).rules, sharedNow())
  if (!rule) return undefined
  const orders = (await lockOrders(tx, ids)).filter((order) => order.status === 'unconfirmed')
  await applyNotices(
    tx,
    orders.map(({ id }) => id),
    actor,
  )
  const judged = await judgeAndKeep(
    tx,
    orders.map(({ id }) => ({ id, checks: rule.checks })),
    sharedNow(),
    actor,
  )
  const passing = judged.filter(passes).map(({ id }) => id)
  const outcomes =
    passing.length > 0
      ? await transition(tx, passing, { event: 'confirm', detail: { rule: rule.name } }, actor)
      : []
  const stopped = judged.filter((one) => !passes(one))
  return {
    seen: judged.length,
    done: outcomes.filter((outcome) => outcome.done).length,
    reasons: stopped.flatMap(({ open, waits }) => [...open, ...waits].map(({ reason }) => reason)),
  }
}

export const dryRunMax = 5000

/** Returns the findings of these settings for the shop's unconfirmed orders, the earliest payment first. Changes nothing. */
export async function dryRun(
  db: Database,
  shopId: string,
  settings: CheckSettings,
): Promise<{ judged: Judgement[]; capped: boolean }> {
  const judged: Judgement[] = []
  let after: string | undefined
  for (;;) {
    const { ids, next } = await unconfirmedPage(db, shopId, { limit: 1000, after })
    judged.push(
      ...(await judge(
        db,
        ids.map((id) => ({ id, checks: settings })),
        sharedNow(),
      )),
    )
    if (next === null || judged.length >= dryRunMax) return { judged, capped: next !== null }
    after = next
  }
}

function unconfirmedPage(
  db: Database,
  shopId: string,
  page: { limit: number; after: string | undefined },
): Promise<{ ids: string[]; next: string | null }> {
  const query = {
    groups: ['unconfirmed'],
    facets: [[idFacet('shop', shopId)]],
    where: [],
    sort: 'paidAt' as const,
    descending: false,
  }
  return listIds(db, orderTable, query, page)
}
