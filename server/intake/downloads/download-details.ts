import type { BadItem } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import { stageTrades } from '../refunds/stage-trades.ts'
import { lockTrades } from '../staged/trade-queries.ts'
import { type ArrivedTrade, parkItems, prepareTrades, rememberItems } from '../trades/ingest.ts'
import { nowOf } from './clock.ts'
import { troubleOf } from './list-run.ts'
import {
  claimFetches,
  type FetchClaim,
  failFetches,
  freeFetches,
  liveClaims,
  moveQueue,
  unclaimFetches,
} from './queue-queries.ts'
import { shopFacts } from './shop-facts.ts'

export type DetailCounts = {
  seen: number
  created: number
  updated: number
  skipped: Record<string, number>
  failed: number
  parked: number
}

/**
 * A batch has as many details as the shop's rate allows in this time, so that the trades of a slow shop appear soon and those of a fast
 * shop are written together.
 */
const batchSeconds = 2
const largestBatch = 500
/**
 * Seconds for which a run claims detail requests: longer than a batch can take (500 details at 20 s each, 8 at a time). After a crash the
 * shop's next run frees the claims earlier.
 */
const leaseSeconds = 1500

type Run = {
  db: Database
  opened: OpenedShop
  actor: Actor
  signal: AbortSignal
  onProgress: (counts: DetailCounts) => void
  /** True: only trades for which a user pressed 下载. They are fetched even if the task is disabled. */
  onlyUrgent?: boolean | undefined
}

type Fetched =
  | { claim: FetchClaim; arrived: ArrivedTrade }
  | { claim: FetchClaim; bad: BadItem }
  | { claim: FetchClaim; error: string; waitMs?: number }

/**
 * Processes the download queue of a shop: creates detail requests, fetches the details and stages the trades. One batch is written while
 * the next is fetched. Ends when nothing is due, after `max` trades, at the signal, or at an ended authorisation or a long ban. A trade
 * that fails keeps its detail request.
 */
export async function downloadDetails(run: Run, max: number): Promise<DetailCounts> {
  const total: DetailCounts = { seen: 0, created: 0, updated: 0, skipped: {}, failed: 0, parked: 0 }
  const batchSize = Math.min(largestBatch, Math.ceil(run.opened.rate.perSecond * batchSeconds))
  let writing: Promise<void> = Promise.resolve()
  await freeFetches(run.db, run.opened.shop.id)
  while (total.seen < max && !run.signal.aborted) {
    const most = Math.min(batchSize, max - total.seen)
    const claims = await nextClaims(run, most)
    if (claims.length === 0) break
    const fetchedAt = await nowOf(run.db)
    const answers = await fetchAll(run, claims)
    await writing
    // The next turn of the loop waits until this batch is written, and throws its error.
    writing = store(run, answers, fetchedAt, total)
    writing.catch(() => {})
    total.seen += claims.length
    // The list is still being read. What arrives while this batch is written goes into the next one, since each costs the same statements.
    if (claims.length < most) await writing
  }
  await writing
  return total
}

async function nextClaims(run: Run, limit: number): Promise<FetchClaim[]> {
  const shopId = run.opened.shop.id
  const onlyUrgent = run.onlyUrgent ?? false
  await run.db.transaction().execute((tx) => moveQueue(tx, shopId, limit, { onlyUrgent }))
  return claimFetches(run.db, shopId, { limit, leaseSeconds, onlyUrgent })
}

async function fetchAll(run: Run, claims: readonly FetchClaim[]): Promise<Fetched[]> {
  const answers: Fetched[] = []
  const waiting = [...claims]
  let fatal: unknown
  const worker = async () => {
    while (fatal === undefined) {
      const claim = waiting.shift()
      if (!claim) return
      try {
        answers.push(await fetchOne(run.opened, claim))
      } catch (error) {
        fatal = error
        waiting.unshift(claim)
      }
    }
  }
  await Promise.all(Array.from({ length: run.opened.rate.concurrent }, worker))
  if (fatal === undefined) return answers
  await unclaimFetches(run.db, waiting)
  if (answers.length === 0) throw fatal
  // Details that arrived are written first. The next batch fails at once for the same reason.
  return answers
}

/** Throws only errors that end the run: an ended authorisation, a long ban, a stop. Other errors are returned. */
async function fetchOne(opened: OpenedShop, claim: FetchClaim): Promise<Fetched> {
  try {
    const detail = await callShop(opened, (connector, call) => connector.trades.detail(call, claim.tid))
    if (!detail) return { claim, error: 'trade_not_found' }
    return 'trade' in detail ? { claim, arrived: detail } : { claim, bad: detail }
  } catch (error) {
    return { claim, error: troubleOf(error) }
  }
}

async function store(
  run: Run,
  answers: readonly Fetched[],
  fetchedAt: Date,
  total: DetailCounts,
): Promise<void> {
  const { db, opened, actor } = run
  const { ring } = opened.deps
  const arrived = answers.flatMap((answer) => ('arrived' in answer ? [answer.arrived] : []))
  const shop = { id: opened.shop.id, facts: await shopFacts(db, opened.shop.id) }
  const prepared = prepareTrades(ring, shop, arrived)
  await rememberItems(db, shop.id, arrived)
  await db.transaction().execute(async (tx) => {
    // The lock order: trades before their detail requests. A transaction that removes a trade would otherwise deadlock with this one.
    await lockTrades(
      tx,
      shop.id,
      answers.map((answer) => answer.claim.tid),
    )
    // Trades that were removed meanwhile are dropped. Their removal makes the next list run request them again.
    const live = await liveClaims(
      tx,
      answers.map((answer) => answer.claim),
    )
    const kept = prepared.filter((item) => live.has(item.columns.tid))
    const counts = await stageTrades(tx, ring, { shop, prepared: kept, fetchedAt }, actor)
    const bad = answers.flatMap((answer) => ('bad' in answer ? [answer.bad] : []))
    await parkItems(tx, ring, { shopId: shop.id, kind: 'trade', items: bad })
    const failures = answers.map((answer) => ({ ...answer.claim, ...failure(answer) }))
    // Records the detail requests that failed. A request whose detail could be read is deleted already, unless the detail is older than the
    // version that was requested.
    await failFetches(tx, failures)
    total.created += counts.created
    total.updated += counts.updated
    total.parked += bad.length
    total.failed += answers.filter((answer) => 'error' in answer).length
    for (const [reason, count] of Object.entries(counts.skipped))
      total.skipped[reason] = (total.skipped[reason] ?? 0) + count
    const dropped = prepared.length - kept.length
    if (dropped > 0) total.skipped['removed'] = (total.skipped['removed'] ?? 0) + dropped
  })
  run.onProgress(total)
}

function failure(answer: Fetched): { error: string; waitMs?: number } {
  if ('error' in answer) return { error: answer.error, ...(answer.waitMs ? { waitMs: answer.waitMs } : {}) }
  return { error: 'bad' in answer ? 'not_understood' : 'stale_answer' }
}
