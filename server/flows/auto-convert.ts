import { refundStatuses } from '../connectors/connector.ts'
import { wholeScope } from '../core/access/actor.ts'
import { bisect } from '../core/batches/bisect.ts'
import type { Tx } from '../core/db/db.ts'
import type { Outcome } from '../core/decide.ts'
import { listIds } from '../core/lists/list.ts'
import type { Cursor } from '../core/lists/list-table.ts'
import type { RunContext, RunCounts } from '../core/tasks/kinds.ts'
import { convertRefunds } from '../intake/refunds/convert-refunds.ts'
import { refundTable } from '../intake/refunds/lists.ts'
import { refundReasonFacet } from '../intake/staged/refund-columns.ts'
import { tradesToConvert } from '../intake/trades/convertible.ts'
import { sharedMs } from '../lib/clock.ts'
import { facet } from '../lib/facets.ts'
import { safeError } from '../lib/safe-error.ts'
import { minuteMs } from '../lib/time.ts'
import type { OpenedShop } from '../shops/calls.ts'
import { convertTrades } from './convert-trade.ts'

type TradeParams = {
  minutesAfterPayment: number
  skipWithMessage: boolean
  skipWithMemo: boolean
  skipWithFlag: boolean
  tradesPerRun: number
}

const chunk = 500

/** 自动转单: converts the shop's trades that can be converted and were paid long enough ago, the earliest payment first. */
export async function autoConvertTrades(
  context: RunContext<TradeParams> & { shop: Pick<OpenedShop['shop'], 'id'> },
): Promise<Partial<RunCounts>> {
  const { db, shop, params } = context
  const paidBy = new Date(sharedMs() - params.minutesAfterPayment * minuteMs)
  return convertAll(
    context,
    params.tradesPerRun,
    async (after: Cursor | undefined) => {
      const places = await tradesToConvert(db, shop.id, { ...params, paidBy, after, limit: chunk })
      return { ids: places.map(({ id }) => id), next: places.length < chunk ? null : (places.at(-1) ?? null) }
    },
    (tx, ids) => convertTrades(tx, ids, { actor: context.actor, scope: wholeScope }),
  )
}

/**
 * 自动转退单: converts the shop's staged refunds without a reason against conversion, nearest deadline first. `allStatuses` false: only refunds
 * that have succeeded on the platform.
 */
export async function autoConvertRefunds(
  context: RunContext<{ allStatuses: boolean; refundsPerRun: number }> & {
    shop: Pick<OpenedShop['shop'], 'id'>
  },
): Promise<Partial<RunCounts>> {
  const { db, shop } = context
  const query = {
    groups: ['staged'],
    shops: [shop.id],
    facets: [
      [refundReasonFacet('')],
      ...(context.params.allStatuses
        ? []
        : [[facet('refundStatus', refundStatuses.indexOf('succeeded') + 1)]]),
    ],
    where: [],
    sort: 'deadline' as const,
    descending: false,
  }
  return convertAll(
    context,
    context.params.refundsPerRun,
    (after: string | undefined) => listIds(db, refundTable, query, { limit: chunk, after }),
    (tx, ids) => convertRefunds(tx, ids, { actor: context.actor, scope: wholeScope }),
  )
}

/** Converts page by page. One that fails by an unexpected error is counted, and does not stop those beside it. */
async function convertAll<Place>(
  context: RunContext<unknown>,
  max: number,
  page: (after: Place | undefined) => Promise<{ ids: string[]; next: Place | null }>,
  convert: (tx: Tx, ids: readonly string[]) => Promise<Outcome[]>,
): Promise<Partial<RunCounts>> {
  const counts = { seen: 0, created: 0, skipped: {} as Record<string, number>, failed: 0 }
  let after: Place | undefined
  while (counts.seen < max) {
    context.signal.throwIfAborted()
    const { ids, next } = await page(after)
    const failed = new Map<string, unknown>()
    const outcomes = await context.db.transaction().execute((tx) =>
      bisect(
        tx,
        ids,
        (some) => convert(tx, some),
        (id, error) => failed.set(id, error),
      ),
    )
    for (const [id, error] of failed)
      context.log.error({ id, err: safeError(error) }, 'a document failed to convert')
    counts.failed += failed.size
    counts.seen += outcomes.length
    for (const outcome of outcomes) {
      if (outcome.done) counts.created += 1
      else if (!failed.has(outcome.id)) counts.skipped[outcome.code] = (counts.skipped[outcome.code] ?? 0) + 1
    }
    context.progress(counts)
    if (next === null) break
    after = next
  }
  return counts
}
