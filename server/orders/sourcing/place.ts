import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { facet } from '../../lib/facets.ts'
import { arrayText, unnestRows } from '../../lib/unnest.ts'
import { courierFacetOf, noDesignation, withCourier, withWarehouse } from '../order/facets.ts'
import { addOrderEvents, courierList, isDesignation } from '../order/queries.ts'
import { fenOf, ordersToSource, tradesToSource, withGoods } from './choice-facts.ts'
import { currentSourcingRules, type Draft } from './choice-settings.ts'
import {
  nothingToSource,
  type SourcingDetail,
  type SourcingOrder,
  type SourcingResult,
  sourceOrders,
  sourcingDetailOf,
} from './choose.ts'

const noHand: SourcingOrder['hand'] = { warehouseId: null, courier: null }

/**
 * Sources trades before their conversion. Returns a join of `chosen (warehouse_id, courier, courier_facet, story, skus)` to the relation
 * `t` of these trades. `skus`: the SKUs of the trade's lines as array text. If there are no sourcing rules and at most one warehouse, no
 * facts are read: `story` and `skus` are null.
 */
export async function sourcingForTrades(tx: Tx, trades: RawBuilder<unknown>): Promise<RawBuilder<unknown>> {
  const house = await currentSourcingRules(tx)
  if (nothingToSource(house)) {
    const only = house.warehouses[0]?.id ?? null
    return sql`cross join lateral (
      select ${only}::bigint as warehouse_id, coalesce(${courierList}[d.at], '') as courier, ${facet('courier', 0)} + d.at as courier_facet,
        null::text as story, null::text as skus
      from (select min(f) - ${noDesignation}::int as at from unnest(t.facets) f where ${isDesignation(sql`f`)} having count(*) = 1) d
      right join (select) one on true) chosen`
  }
  const rows = await tradesToSource(tx, trades)
  const { goods, shelf } = await withGoods(tx, rows)
  const orders = rows.map(
    (row): SourcingOrder => ({ ...row, ...goods(row), paymentFen: fenOf(row), held: [], hand: noHand }),
  )
  const choices = sourceOrders(orders, house, shelf)
  const chosen = rows.flatMap(({ key, tid, shopId, skus }) => {
    const choice = choices.get(key)
    return choice ? [{ tid, shopId, skus, choice }] : []
  })
  return sql`left join ${unnestRows('chosen', chosen, [
    ['shop_id', 'int8', (row) => row.shopId],
    ['tid', 'text', (row) => row.tid],
    ['warehouse_id', 'int8', (row) => row.choice.warehouseId],
    ['courier', 'text', (row) => row.choice.courier],
    ['courier_facet', 'int4', (row) => courierFacetOf(row.choice.courier)],
    ['story', 'text', (row) => JSON.stringify(sourcingDetailOf(row.choice, house))],
    ['skus', 'text', ({ skus }) => skus && `{${skus.map((id) => id ?? 'NULL').join()}}`],
  ])} on chosen.tid = t.tid and chosen.shop_id = t.shop_id`
}

/** What sourcing chooses again. Values that it does not choose again stay, as if a person had chosen them. */
export type SourcingRequest = {
  warehouse: boolean
  courier: boolean | 'if_moved'
  overHand: boolean
  warehouseId?: string
}

type OrderRow = Awaited<ReturnType<typeof ordersToSource>>[number]
export type SourcingPreview = {
  row: OrderRow
  order: SourcingOrder
  choice: SourcingResult
  story: SourcingDetail
}

export async function previewSourcing(
  db: Database | Tx,
  ids: readonly string[],
  wish: SourcingRequest,
  draft: Draft = {},
): Promise<SourcingPreview[]> {
  const house = await currentSourcingRules(db, draft)
  const rows = await ordersToSource(db, ids)
  const { goods, shelf } = await withGoods(db, rows)
  const orders = rows.map(
    (row): SourcingOrder => ({
      ...row,
      ...goods(row),
      key: row.id,
      paymentFen: fenOf(row),
      hand: handOf(row, wish),
      ...(wish.warehouse ? {} : { stays: { warehouseId: row.warehouseId } }),
    }),
  )
  const choices = sourceOrders(orders, house, shelf)
  return rows.flatMap((row, at): SourcingPreview[] => {
    const [order, found] = [orders[at], choices.get(row.id)]
    if (!order || !found) return []
    const stays = wish.courier === 'if_moved' && found.warehouseId === row.warehouseId
    const choice = stays ? { ...found, courier: row.courier, courierRule: '', courierPassed: [] } : found
    return [{ row, order, choice, story: sourcingDetailOf(choice, house) }]
  })
}

function handOf(row: OrderRow, wish: SourcingRequest): SourcingOrder['hand'] {
  const warehouse = wish.overHand || !row.warehouseByHand
  const courier = wish.courier && ((wish.courier === true && wish.overHand) || !row.courierByHand)
  return {
    warehouseId: wish.warehouseId ?? (warehouse ? null : row.warehouseId),
    courier: courier ? null : row.courier,
  }
}

export type Sourced = { id: string; moved: boolean }

/**
 * Sources locked orders again, writes what changed, with an event; returns the changed orders. `moved`: the order has another warehouse,
 * so the caller must request its goods there (allocation/goods.ts).
 */
export async function redoSourcing(
  tx: Tx,
  ids: readonly string[],
  wish: SourcingRequest,
  actor: Actor,
): Promise<Sourced[]> {
  if (ids.length === 0) return []
  const weighed = await previewSourcing(tx, ids, wish)
  const changed = weighed
    .map((one) => ({ ...one, ...byHandFlagsOf(one, wish) }))
    .filter(
      ({ row, choice, warehouseByHand, courierByHand }) =>
        choice.warehouseId !== row.warehouseId ||
        choice.courier !== row.courier ||
        warehouseByHand !== row.warehouseByHand ||
        courierByHand !== row.courierByHand,
    )
  if (changed.length === 0) return []
  await writeSourcing(tx, changed)
  await addOrderEvents(
    tx,
    changed.map(({ row, story }) => ({ orderId: row.id, event: 'choose', detail: { choice: story } })),
    actor,
  )
  return changed.map(({ row, choice }) => ({ id: row.id, moved: choice.warehouseId !== row.warehouseId }))
}

function byHandFlagsOf({ row, choice }: SourcingPreview, wish: SourcingRequest) {
  const keepsWarehouse = !wish.warehouse || !wish.overHand
  return {
    warehouseByHand:
      (wish.warehouseId !== undefined && choice.warehouseId === wish.warehouseId) ||
      (row.warehouseByHand && keepsWarehouse && choice.warehouseId === row.warehouseId),
    courierByHand: row.courierByHand && !(wish.courier === true && wish.overHand),
  }
}

type Changed = SourcingPreview & { warehouseByHand: boolean; courierByHand: boolean }

async function writeSourcing(tx: Tx, changed: readonly Changed[]): Promise<void> {
  await sql`
    update sales_order o
    set warehouse_id = d.warehouse_id, warehouse_by_hand = d.warehouse_by_hand, courier = d.courier,
        courier_by_hand = d.courier_by_hand, facets = d.facets::int[], version = version + 1, updated_at = now()
    from ${unnestRows('d', changed, [
      ['id', 'int8', ({ row }) => row.id],
      ['warehouse_id', 'int8', ({ choice }) => choice.warehouseId],
      ['warehouse_by_hand', 'bool', (one) => one.warehouseByHand],
      ['courier', 'text', ({ choice }) => choice.courier],
      ['courier_by_hand', 'bool', (one) => one.courierByHand],
      [
        'facets',
        'text',
        ({ row, choice }) =>
          arrayText(withWarehouse(withCourier(row.facets, choice.courier), choice.warehouseId)),
      ],
    ])}
    where o.id = d.id`.execute(tx)
}
