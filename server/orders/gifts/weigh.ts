import { sql } from 'kysely'
import { withBundles } from '../../catalog/relations.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { withGoods } from '../sourcing/choice-facts.ts'
import type { StockDemand } from '../sourcing/choose.ts'
import { decide, type Rule, type Scarce, sharesByRule, type Weighed } from './decide.ts'
import { type GiftFacts, placesTaken, sameBuyers } from './queries.ts'

export type WeighedFacts = Weighed & { order: GiftFacts }

/**
 * Returns the gifts that the rules give these orders. `fresh`: the sold goods of the orders are not reserved yet. `lock`: the caller will
 * write, so the orders that count toward `firstOrders` and `perBuyer` are read under the rules' row locks. The number of statements is
 * constant.
 */
export async function weighGifts(
  db: Database | Tx,
  orders: readonly GiftFacts[],
  rules: readonly Rule[],
  { fresh, lock }: { fresh: boolean; lock: boolean },
): Promise<WeighedFacts[]> {
  const matching = rules.filter((rule) =>
    orders.some((order) => typeof sharesByRule(rule, order) === 'number'),
  )
  const scarce: Scarce = {
    taken: await takenOf(db, matching, lock),
    sameBuyer: await buyersOf(db, orders, matching),
    ...(await shelfOf(db, orders, matching, fresh)),
  }
  const byId = new Map(orders.map((order) => [order.id, order]))
  return decide(orders, rules, scarce).flatMap((one) => {
    const order = byId.get(one.order.id)
    return order ? [{ ...one, order }] : []
  })
}

async function takenOf(db: Database | Tx, rules: readonly Rule[], lock: boolean): Promise<Scarce['taken']> {
  const limited = rules.filter(
    ({ id, firstOrders, perBuyer }) => isSaved(id) && (firstOrders !== null || perBuyer !== null),
  )
  if (limited.length === 0) return new Map()
  const ids = limited.map(({ id }) => id)
  const seen = await placesTaken(db, ids, false)
  if (!lock) return seen
  // The number of orders that count toward `firstOrders` never falls, so a rule that has reached its limit needs no lock.
  const open = limited.filter(
    ({ id, firstOrders }) => firstOrders === null || (seen.get(id) ?? 0) < firstOrders,
  )
  if (open.length === 0) return seen
  const locked = await placesTaken(
    db,
    open.map(({ id }) => id),
    true,
  )
  return new Map([...seen, ...locked])
}

const isSaved = (id: string) => /^\d+$/.test(id)

async function buyersOf(
  db: Database | Tx,
  orders: readonly GiftFacts[],
  rules: readonly Rule[],
): Promise<Scarce['sameBuyer']> {
  const counting = rules.filter(({ perBuyer }) => perBuyer !== null)
  const asked = orders.filter((order) =>
    counting.some((rule) => typeof sharesByRule(rule, order) === 'number'),
  )
  if (asked.length === 0) return new Map()
  const found = await sameBuyers(
    db,
    asked.map(({ id }) => id),
    counting.map(({ id }) => id).filter(isSaved),
  )
  const rows = found.map(({ orderId, otherId, ruleId }) => ({ of: orderId, orderId: otherId, ruleId }))
  return Map.groupBy(rows, ({ of }) => of)
}

type Shelf = Pick<Scarce, 'free' | 'take'>

/** Reads the available pieces of the gifts; if `fresh`, less the pieces that the sold goods of these orders will take. */
async function shelfOf(
  db: Database | Tx,
  orders: readonly GiftFacts[],
  rules: readonly Rule[],
  fresh: boolean,
): Promise<Shelf> {
  const scarce = rules.filter(({ whenOut }) => whenOut !== 'wait')
  const gifts = scarce.flatMap(({ gifts: all }) => all.flatMap((gift) => [gift.skuId, gift.insteadId]))
  const placed = orders.filter(({ warehouseId }) => warehouseId !== null)
  if (gifts.length === 0 || placed.length === 0) return unknown
  const { parts, shelf } = await partsOf(db, idsOf(gifts))
  const left = new Map([...shelf].map(([id, all]) => [id, new Map(all)]))
  const move = (ofSku: Parts, warehouseId: string, skuId: string, quantity: number) => {
    const there = left.get(warehouseId) ?? new Map<string, number>()
    left.set(warehouseId, there)
    for (const part of ofSku.get(skuId) ?? [])
      there.set(part.skuId, (there.get(part.skuId) ?? 0) - part.quantity * quantity)
  }
  if (fresh) {
    const rivals = await rivalsOf(db, placed, parts)
    for (const { warehouseId, sold } of placed)
      for (const line of sold) move(rivals, warehouseId ?? '', line.skuId ?? '', line.left)
  }
  return {
    take: (warehouseId, skuId, quantity) => move(parts, warehouseId, skuId, quantity),
    free: (warehouseId, skuId) => {
      const of = (part: StockDemand) =>
        Math.floor((left.get(warehouseId)?.get(part.skuId) ?? 0) / part.quantity)
      return Math.min(...(parts.get(skuId) ?? []).map(of))
    },
  }
}

type Parts = ReadonlyMap<string, readonly StockDemand[]>
const idsOf = (skus: readonly (string | null)[]) => [...new Set(skus)].flatMap((id) => id ?? [])

async function partsOf(db: Database | Tx, skus: readonly string[]) {
  const rows = skus.map((id) => ({ id, skus: [id], quantities: [1] }))
  const { goods, shelf } = await withGoods(db, rows)
  return { shelf, parts: new Map(rows.map((row) => [row.id, goods(row).parts])) }
}

/** Returns the sold SKUs of these orders that have components in common with the gifts; usually none. */
async function rivalsOf(db: Database | Tx, orders: readonly GiftFacts[], gifts: Parts): Promise<Parts> {
  const sold = idsOf(orders.flatMap((order) => order.sold.map(({ skuId }) => skuId)))
  const parts = idsOf([...gifts.values()].flatMap((all) => all.map(({ skuId }) => skuId)))
  const found = await sql<Row<'sku', 'id'>>`
    select w.sku_id as id from ${withBundles(parts)} w where w.sku_id = any(${sold}::bigint[])`.execute(db)
  if (found.rows.length === 0) return new Map()
  return (await partsOf(db, idsOf(found.rows.map(({ id }) => id)))).parts
}

const unknown: Shelf = { free: () => undefined, take: () => undefined }
