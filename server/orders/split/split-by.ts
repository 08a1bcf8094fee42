import { sql } from 'kysely'
import type { By, Scope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row as TableRow } from '../../core/db/rows.ts'
import type { Outcome } from '../../core/decide.ts'
import { activeWarehouses, reservationRows } from '../../inventory/relations.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { noOrder } from '../order/access.ts'
import { lockOrders, orderIdsIn } from '../order/queries.ts'
import { withGoods } from '../sourcing/choice-facts.ts'
import { type ChildRequest, splitOrders } from './split.ts'
import { type PlannedOrder, planSplit, type Shelves, type SplitHow } from './split-plans.ts'
import { refunding, withParents } from './split-queries.ts'

export type Chosen = { by: SplitHow['by']; parts: ChildRequest[]; shipAfter?: Date | null }

/** 按规则拆单: splits each order by the first of these ways that applies to its goods. Where none applies, the outcome says why. */
export async function splitOrdersBy(
  tx: Tx,
  ids: readonly string[],
  ways: readonly SplitHow[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const granted = [...(await orderIdsIn(tx, ids, scope))]
  const held = await lockOrders(tx, await withParents(tx, granted))
  const plans = await plansOf(tx, granted, ways)
  const refused = new Map<string, Outcome>()
  const wishes = held.flatMap(({ id, no }) => {
    const plan = plans.get(id)
    if (!plan) return []
    if ('parts' in plan) return [{ id, parts: plan.parts, shipAfter: plan.shipAfter, cause: plan.by }]
    refused.set(id, { id, done: false, ...plan, ref: no })
    return []
  })
  const outcomes = new Map((await splitOrders(tx, wishes, { actor, scope })).map((one) => [one.id, one]))
  return [...new Set(ids)].map((id) => outcomes.get(id) ?? refused.get(id) ?? { id, done: false, ...noOrder })
}

/** Returns how an order would be split; reads only. Undefined: the scope has no such order. */
export async function splitPlan(
  db: Database,
  id: string,
  how: SplitHow,
  scope: Scope,
): Promise<{ parts: ChildRequest[]; shipAfter?: Date | null; message: LocalizedText | null } | undefined> {
  const [granted] = await orderIdsIn(db, [id], scope)
  const plan = granted && (await plansOf(db, [granted], [how])).get(granted)
  if (!plan) return undefined
  if (!('parts' in plan)) return { parts: [], message: plan.message }
  const { parts, shipAfter } = plan
  return { parts, ...(shipAfter === undefined ? {} : { shipAfter }), message: null }
}

/** Returns for each order the split by the first way that applies, or the refusal of the last way. */
export async function plansOf(
  db: Database | Tx,
  ids: readonly string[],
  ways: readonly SplitHow[],
): Promise<Map<string, Chosen | { code: string; message: LocalizedText }>> {
  if (ids.length === 0) return new Map()
  const { orders, shelves } = await plannedOrders(db, ids)
  return new Map(
    ids.flatMap((id) => {
      const plans = ways.map((how) => {
        const plan = planSplit(orders.get(id) ?? nothing, how, shelves)
        return 'parts' in plan ? { by: how.by, ...plan } : plan
      })
      const plan = plans.find((one) => 'parts' in one) ?? plans.at(-1)
      return plan ? [[id, plan] as const] : []
    }),
  )
}

const nothing: PlannedOrder = { warehouseId: null, shipAfter: null, lines: [] }

type Row = TableRow<'order_line', 'orderId' | 'lineNo' | 'planAt'> &
  TableRow<'sales_order', 'warehouseId' | 'shipAfter'> & {
    skus: [string | null]
    quantities: [number]
    promised: boolean
    refunds: boolean
  }

/**
 * Reads, with two queries for all orders, the lines without gifts (gifts stay on their order), and the available pieces of their SKUs.
 */
async function plannedOrders(
  db: Database | Tx,
  ids: readonly string[],
): Promise<{ orders: Map<string, PlannedOrder>; shelves: Shelves }> {
  const found = await sql<Row>`
    select l.order_id as "orderId", o.warehouse_id as "warehouseId", l.line_no as "lineNo", array[l.sku_id] as skus,
      array[l.quantity - l.refunded_quantity] as quantities,
      coalesce((select bool_and(r.reserved = r.wanted) from ${reservationRows} r where r.order_id = l.order_id and r.line_no = l.line_no), false)
        as promised,
      ${refunding} as refunds, l.plan_at as "planAt", o.ship_after as "shipAfter"
    from order_line l join sales_order o on o.id = l.order_id
    where l.order_id = any(${[...ids]}::bigint[]) and not l.gift order by l.order_id, l.line_no`.execute(db)
  const { goods, shelf } = await withGoods(db, found.rows.map(piece))
  const active = await sql<TableRow<'warehouse', 'id'>>`
    select id from ${activeWarehouses} w order by priority, id`.execute(db)
  const orders = [...Map.groupBy(found.rows, ({ orderId }) => orderId)].map(([id, rows]) => {
    const { warehouseId = null, shipAfter = null } = rows[0] ?? {}
    return [id, { warehouseId, shipAfter, lines: rows.map(lineOf) }] as const
  })
  function lineOf(row: Row) {
    const { skus, categories, weightG, parts } = goods(piece(row))
    const { lineNo, promised, refunds, planAt } = row
    const known = { code: skus[0] ?? '', category: categories[0] ?? '', weightG, parts }
    return { lineNo, quantity: row.quantities[0], promised, refunds, planAt, ...known }
  }
  return {
    orders: new Map(orders),
    shelves: new Map(
      active.rows.flatMap(({ id }) => (shelf.has(id) ? [[id, shelf.get(id) ?? new Map()]] : [])),
    ),
  }
}

/** One piece of a line, as the input of the query for its SKUs. */
const piece = (row: Row) => ({ ...row, quantities: [1] as [number] })
