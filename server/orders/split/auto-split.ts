import { sql } from 'kysely'
import Type, { type Static } from 'typebox'
import { wholeScope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { refundFacets } from '../order/facets.ts'
import { beforeAll, ordersToJudge } from '../review/confirm-queries.ts'
import { plansOf, splitOrdersBy } from './split-by.ts'
import type { SplitHow } from './split-plans.ts'

const off = Type.Boolean({ default: false })

/** What a shop's orders are split by, in this order: the first that asks for it decides, and the parts are looked at again. */
export const splitParams = Type.Object(
  {
    byDays: off,
    byWarehouse: off,
    byStock: off,
    byCategory: off,
    /** 0: no order is too heavy, or too large. */
    maxGrams: Type.Integer({ default: 0, minimum: 0, maximum: 10_000_000 }),
    maxPieces: Type.Integer({ default: 0, minimum: 0, maximum: 100_000 }),
    /** From the payment on: goods may still come, and so may a refund. */
    waitMinutes: Type.Integer({ default: 5, minimum: 0, maximum: 10_080 }),
    /** Orders with a message or memo are left to a person. */
    withoutNotes: Type.Boolean({ default: true }),
    /** The run tells what it would split, and splits nothing. */
    tryOnly: off,
    ordersPerRun: Type.Integer({ default: 50_000, minimum: 1, maximum: 1_000_000 }),
  },
  { additionalProperties: false },
)
type Params = Static<typeof splitParams>

/** Orders of one transaction. */
const batchSize = 500
/** So many orders a run tells of one by one. */
const toldMax = 20

type AutoSplit = Pick<RunContext<Params>, 'db' | 'params' | 'actor' | 'signal' | 'progress'> & {
  shop: Pick<OpenedShop['shop'], 'id'>
}
type Told = { no: string; by: string; parts: number }
type Counted = { seen: number; updated: number; created: number }

/**
 * 自动拆单: unconfirmed orders of the shop that nothing stands against, the earliest payment first. What a person put together again, has
 * locked, or merged, is left alone.
 */
export async function autoSplit({
  db,
  shop,
  params,
  actor,
  signal,
  progress,
}: AutoSplit): Promise<Partial<RunCounts>> {
  const counts: Counted = { seen: 0, updated: 0, created: 0 }
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
    const outcomes =
      params.tryOnly || ids.length === 0
        ? []
        : await db.transaction().execute((tx) => splitOrdersBy(tx, ids, ways, { actor, scope: wholeScope }))
    const done = new Set(outcomes.flatMap((one) => (one.done ? [one.id] : [])))
    const split = planned.filter(({ id }) => params.tryOnly || done.has(id))
    told.push(...split.map(({ no, by, parts }) => ({ no, by, parts })))
    counts.updated += done.size
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

/** Null: nothing to tell. */
function reportOf(told: readonly Told[], tried: boolean): RunCounts['report'] {
  if (told.length === 0) return null
  const ways = [...Map.groupBy(told, ({ by }) => by)].map(([by, all]) => ({ by, orders: all.length }))
  return { tried, ways, orders: told.slice(0, toldMax) }
}

/** Of these, those that the task may split if their goods ask for it. */
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
