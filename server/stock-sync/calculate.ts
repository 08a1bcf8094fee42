import { isDeepStrictEqual } from 'node:util'
import { skuNames } from '../catalog/names.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { enqueueActions } from '../core/outbox/actions.ts'
import { stockKind } from '../core/outbox/contract.ts'
import { type Available, availableOf } from '../inventory/stock.ts'
import { listWarehouses } from '../inventory/warehouses.ts'
import { sharedNow } from '../lib/clock.ts'
import { listingQuantity, mustSend, type PartStock, type StockSyncTrace, usualRule } from './lifecycle.ts'
import { stagedDemandOf } from './needs.ts'
import {
  type Calculated,
  type LockedStockSync,
  lockStockSyncsOfItems,
  type PartOf,
  partsOf,
  writeCalculated,
} from './queries.ts'

export const stockSyncKind = stockKind

export type CalculatedCounts = { seen: number; changed: number; told: number }

/**
 * Calculates the quantities that these listings may sell, and enqueues a platform action where the platform has another one: one action
 * for each item, which sends the newest quantities of all its listings. `again`: sends also unchanged ones. Reads stock without locks.
 */
export async function calculateStockSync(
  tx: Tx,
  listingIds: readonly string[],
  { again = false, now = sharedNow() }: { again?: boolean; now?: Date } = {},
): Promise<CalculatedCounts> {
  const asked = new Set(listingIds)
  const held = await lockStockSyncsOfItems(tx, listingIds)
  const mine = held.filter(({ id }) => asked.has(id))
  const stockOf = await readStock(tx, mine)
  const results = mine.map((row) => calculated(row, stockOf, { again, now }))
  const told = results.filter(({ tell }) => tell)
  const openOf = openActions(held)
  const actionOf = await orderActions(tx, told, openOf)
  const rows = results.map(({ row, tell, next }): Calculated => {
    const actionId = tell ? (actionOf.get(itemKey(row)) ?? null) : next.actionId
    return { ...next, actionId }
  })
  const before = new Map(mine.map((row) => [row.id, row]))
  const changed = rows.filter((row) => differs(before.get(row.id), row))
  await writeCalculated(tx, changed)
  return { seen: mine.length, changed: changed.length, told: told.length }
}

type StockOf = (skuId: string) => PartStock[]

async function readStock(tx: Tx, held: readonly LockedStockSync[]): Promise<StockOf> {
  const skuIds = [...new Set(held.flatMap(({ skuId }) => skuId ?? []))]
  const parts = Map.groupBy(await partsOf(tx, skuIds), ({ skuId }) => skuId)
  const partIds = [...new Set([...parts.values()].flat().map(({ partId }) => partId))]
  // Staged demand is read before the balances. A trade that converts in between is counted twice for a moment, but never missed.
  const staged = await stagedDemandOf(tx, partIds)
  const shelves = Map.groupBy(await availableOf(tx, partIds), ({ skuId }) => skuId)
  const warehouses = new Map((await listWarehouses(tx, wholeScope)).map(({ id, name }) => [id, name]))
  const names = await skuNames(tx, partIds)
  const shelf = ({ warehouseId, available, short }: Available) => ({
    id: warehouseId,
    name: warehouses.get(warehouseId) ?? warehouseId,
    available,
    short,
  })
  const stock = ({ partId, each }: PartOf) => ({
    code: names.get(partId)?.code ?? partId,
    each,
    warehouses: (shelves.get(partId) ?? []).map(shelf),
    staged: staged.get(partId) ?? 0,
  })
  return (skuId) => (parts.get(skuId) ?? []).map(stock)
}

type Result = { row: LockedStockSync; tell: boolean; next: Calculated }

function calculated(
  row: LockedStockSync,
  stockOf: StockOf,
  { again, now }: { again: boolean; now: Date },
): Result {
  const { id, version, skuId, paused, shopOn } = row
  if (row.gone || skuId === null) {
    const problem = row.gone ? 'gone' : 'unmatched'
    return { row, tell: false, next: { ...row, actionId: null, problem } }
  }
  const rule = row.rule ?? row.shopRule ?? usualRule
  const { quantity, trace } = listingQuantity({ rule, own: row.rule !== null, parts: stockOf(skuId) })
  const on = shopOn && !paused
  const tell =
    mustSend({ ...row, on, open: isOpen(row), toldVersion: Number(row.toldVersion) }, quantity, now) ||
    (on && again)
  // The listing exists and is matched here, so the problems `gone` and `unmatched` have ended. Any other problem ends only when a quantity
  // is sent again.
  const problem = tell || row.problem === 'gone' || row.problem === 'unmatched' ? '' : row.problem
  const actionId = isOpen(row) || problem !== '' ? row.actionId : null
  return {
    row,
    tell,
    next: { id, quantity, trace, version: tell ? String(BigInt(version) + 1n) : version, actionId, problem },
  }
}

/** Returns true if the action has not ended. A failed action stays linked to its listings, so that a person can repeat it. */
const isOpen = ({ actionId, problem }: Pick<LockedStockSync, 'actionId' | 'problem'>) =>
  actionId !== null && problem === ''

const itemKey = ({ shopId, itemId }: Pick<LockedStockSync, 'shopId' | 'itemId'>) => `${shopId} ${itemId}`

/**
 * Returns the unfinished action of each item. It cannot end meanwhile, because writing its result needs the lock of the item's rows, which
 * the caller has.
 */
function openActions(held: readonly LockedStockSync[]): Map<string, string> {
  return new Map(
    held.flatMap((row) => (row.actionId !== null && isOpen(row) ? [[itemKey(row), row.actionId]] : [])),
  )
}

async function orderActions(
  tx: Tx,
  told: readonly Result[],
  openOf: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const actionOf = new Map(openOf)
  const items = Map.groupBy(
    told.filter(({ row }) => !openOf.has(itemKey(row))),
    ({ row }) => itemKey(row),
  )
  if (items.size === 0) return actionOf
  const actions = [...items].flatMap(([item, [first]]) =>
    first ? [{ item, action: actionFor(first.row, first.next.version) }] : [],
  )
  const made = await enqueueActions(
    tx,
    actions.map(({ action }) => action),
    systemActor,
  )
  for (const { item, action } of actions) {
    const id = made.get(action.idempotencyKey)
    if (id !== undefined) actionOf.set(item, id)
  }
  return actionOf
}

/**
 * Makes the action for an item. Its idempotency key allows one action for each listing version; `after`: a further one, after an action
 * that ended without sending this version.
 */
export function actionFor(
  { id, shopId, itemId }: Pick<LockedStockSync, 'id' | 'shopId' | 'itemId'>,
  version: string,
  after?: string,
) {
  return {
    shopId,
    kind: stockSyncKind,
    subject: { type: 'listing_item', id: itemId },
    idempotencyKey: ['stock_upload', id, version, ...(after === undefined ? [] : [after])].join(':'),
    payload: { itemId },
  }
}

function differs(before: LockedStockSync | undefined, after: Calculated): boolean {
  if (!before) return true
  return (
    before.quantity !== after.quantity ||
    before.version !== after.version ||
    before.actionId !== after.actionId ||
    before.problem !== after.problem ||
    !sameTrace(before.trace, after.trace)
  )
}

/** A deep comparison, since jsonb returns the keys in another sequence. */
const sameTrace = (one: StockSyncTrace | null, other: StockSyncTrace | null) => isDeepStrictEqual(one, other)
