import { sql } from 'kysely'
import Type, { type Static } from 'typebox'
import { wholeScope } from '../../core/access/actor.ts'
import { bisect } from '../../core/batches/bisect.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import { safeError } from '../../lib/safe-error.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { refundFacets } from '../order/facets.ts'
import { beforeAll, ordersToJudge } from '../review/confirm-queries.ts'
import { plansOf, splitOrdersBy } from './split-by.ts'
import type { SplitHow } from './split-plans.ts'

const off = Type.Boolean({ default: false })

/**
 * The ways by which a shop's orders are split, tried in this order. The first way that applies splits the order; its child orders are
 * checked again.
 */
export const splitParams = Type.Object(
  {
    byDays: off,
    byWarehouse: off,
    byStock: off,
    byCategory: off,
    /** Largest weight and number of pieces of an order; 0: no limit. */
    maxGrams: Type.Integer({ default: 0, minimum: 0, maximum: 10_000_000 }),
    maxPieces: Type.Integer({ default: 0, minimum: 0, maximum: 100_000 }),
    /** Minutes after the payment before an order is split, since goods may still arrive and a refund may still come. */
    waitMinutes: Type.Integer({ default: 5, minimum: 0, maximum: 10_080 }),
    withoutNotes: Type.Boolean({ default: true }),
    /** True: the run reports the splits that it would make, and splits nothing. */
    tryOnly: off,
    ordersPerRun: Type.Integer({ default: 50_000, minimum: 1, maximum: 1_000_000 }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof splitParams>

const batchSize = 500
const toldMax = 20

type AutoSplit = Pick<RunContext<Params>, 'db' | 'params' | 'actor' | 'signal' | 'progress' | 'log'> & {
  shop: Pick<OpenedShop['shop'], 'id'>
}
type Told = { no: string; by: string; parts: number }
type Counted = { seen: number; updated: number; created: number; failed: number }

/**
 * 自动拆单: splits the shop's unconfirmed orders without open problems, the earliest payment first. Orders with a hold, an open refund or an
 * edit lock, cash on delivery, orders in a merged shipment, and orders that have ever been unsplit are skipped.
 */
export async function autoSplit({
  db,
  shop,
  params,
  actor,
  signal,
  progress,
  log,
}: AutoSplit): Promise<Partial<RunCounts>> {
  const counts: Counted = { seen: 0, updated: 0, created: 0, failed: 0 }
  const told: Told[] = []
  const ways = waysOf(params)
  const report = () => reportOf(told, params.tryOnly)
  let walked = 0
  for (let after = beforeAll; ways.length > 0 && walked < params.ordersPerRun; ) {
    signal.throwIfAborted()
    const places = await ordersToJudge(db, shop.id, after, batchSize)
    after = places.at(-1) ?? after
    walked += places.length
    const orders = await splittable(
      db,
      places.map(({ id }) => id),
      params,
    )
    const plans = await plansOf(
      db,
      orders.map(({ id }) => id),
      ways,
    )
    const planned = orders.flatMap(({ id, no }) => {
      const plan = plans.get(id)
      return plan && 'parts' in plan ? [{ id, no, by: plan.by, parts: plan.parts.length }] : []
    })
    counts.seen += orders.length
    const ids = planned.map(({ id }) => id)
    const failed = new Map<string, unknown>()
    const outcomes =
      params.tryOnly || ids.length === 0
        ? []
        : await db.transaction().execute((tx) =>
            bisect(
              tx,
              ids,
              (some) => splitOrdersBy(tx, some, ways, { actor, scope: wholeScope }),
              (id, error) => failed.set(id, error),
            ),
          )
    const done = new Set(outcomes.flatMap((one) => (one.done ? [one.id] : [])))
    const split = planned.filter(({ id }) => params.tryOnly || done.has(id))
    told.push(...split.map(({ no, by, parts }) => ({ no, by, parts })))
    counts.updated += done.size
    for (const [id, error] of failed) log.error({ id, err: safeError(error) }, 'an order failed to split')
    counts.failed += failed.size
    if (!params.tryOnly) counts.created += split.reduce((sum, { parts }) => sum + parts, 0)
    progress({ ...counts, report: report() })
    if (places.length < batchSize) break
  }
  return { ...counts, report: report() }
}

function waysOf({ byDays, byWarehouse, byStock, byCategory, maxGrams, maxPieces }: Params): SplitHow[] {
  return [
    ...(byDays ? [{ by: 'days' as const }] : []),
    ...(byWarehouse ? [{ by: 'warehouse' as const }] : []),
    ...(byStock ? [{ by: 'stock' as const }] : []),
    ...(byCategory ? [{ by: 'category' as const }] : []),
    ...(maxGrams > 0 ? [{ by: 'weight' as const, maxG: maxGrams }] : []),
    ...(maxPieces > 0 ? [{ by: 'quantity' as const, max: maxPieces }] : []),
  ]
}

function reportOf(told: readonly Told[], tried: boolean): RunCounts['report'] {
  if (told.length === 0) return null
  const ways = [...Map.groupBy(told, ({ by }) => by)].map(([by, all]) => ({ by, orders: all.length }))
  return { tried, ways, orders: told.slice(0, toldMax) }
}

async function splittable(
  db: Database,
  ids: readonly string[],
  { waitMinutes, withoutNotes }: Params,
): Promise<{ id: string; no: string }[]> {
  if (ids.length === 0) return []
  const found = await sql<Row<'sales_order', 'id' | 'no'>>`
    select o.id, o.no from sales_order o
    where o.id = any(${[...ids]}::bigint[]) and o.status = 'unconfirmed' and o.origin <> 'record' and not o.cod
      and o.quantity - o.refunded_quantity > 1 and o.parcel is null and o.locked_by is null and o.open_holds = 0
      and o.facets[4] <> ${refundFacets.open}::int and o.paid_at <= now() - make_interval(mins => ${waitMinutes})
      and (not ${withoutNotes} or (o.buyer_message = '' and o.seller_memo = ''))
      and not exists (select from order_event e where e.order_id = coalesce(o.split_from, o.id) and e.event = 'unsplit')
    order by o.id`.execute(db)
  return found.rows
}
