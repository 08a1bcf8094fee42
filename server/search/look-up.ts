import { skuNames, skuOfScan } from '../catalog/names.ts'
import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { deliveriesOfCode } from '../fulfilment/find.ts'
import { viewDeliveries } from '../fulfilment/view.ts'
import { findBins, type LyingGoods, whereGoodsLie } from '../inventory/find.ts'
import { ordersByNumber, stopsOf } from '../orders/holds/shipping.ts'
import { orderCards } from '../orders/view/cards.ts'
import type { Permission } from '../users/permissions.ts'
import type { FoundByCode } from './look-up-contract.ts'

export type Looking = { scope: Scope; permissions: ReadonlySet<Permission> }

/**
 * 查询: what a scanned code is, by exact numbers: goods, a bin, a parcel by its waybill, delivery, order or trade number, or an order that has
 * not been released. Each part needs the permission to read it; a part without it is empty.
 */
export async function lookUp(
  db: Database,
  typed: string,
  { scope, permissions }: Looking,
): Promise<FoundByCode> {
  const code = typed.trim()
  const isStock = permissions.has('inventory.read')
  const parcels = permissions.has('fulfilment.read') ? await parcelsOf(db, code, scope) : []
  return {
    goods: isStock ? await goodsOf(db, code, scope) : [],
    bins: isStock ? (await findBins(db, code, scope)).map(blindBin) : [],
    parcels,
    orders: permissions.has('orders.read') ? await ordersOf(db, code, scope) : [],
  }
}

async function goodsOf(db: Database, code: string, scope: Scope): Promise<FoundByCode['goods']> {
  const scanned = await skuOfScan(db, code)
  const sku = scanned && (await skuNames(db, [scanned.id])).get(scanned.id)
  if (!sku) return []
  const { id, code: skuCode, name, spec, pictureUrl } = sku
  const places = (await whereGoodsLie(db, id, scope)).map(placeOf)
  return [{ skuId: id, code: skuCode, name, spec, pictureUrl, places }]
}

function placeOf({ warehouseId, warehouseName, main, spare, short, counting, ...stock }: LyingGoods) {
  const { onHand, reserved, locked } = stock
  return {
    ...{ warehouseId, warehouseName, main, spare, short },
    onHand: counting ? null : onHand,
    available: counting ? null : onHand - reserved - locked,
  }
}

const blindBin = ({ goods, ...bin }: Awaited<ReturnType<typeof findBins>>[number]) => ({
  ...bin,
  goods: goods.map(({ counting, onHand, ...each }) => ({ ...each, onHand: counting ? null : onHand })),
})

async function parcelsOf(db: Database, code: string, scope: Scope): Promise<FoundByCode['parcels']> {
  const rows = await viewDeliveries(db, await deliveriesOfCode(db, code, scope))
  const waiting = rows.filter(({ status }) => status === 'pending').map(({ orderId }) => orderId)
  const stops = await db.transaction().execute((tx) => stopsOf(tx, waiting))
  return rows.map((row) => ({
    ...{ id: row.id, no: row.no, orderNo: row.orderNo, waybillNo: row.waybillNo, courier: row.courier },
    ...{ workState: row.workState, basket: row.basket, quantity: row.quantity },
    ...{
      pickedAt: row.pickedAt,
      pickedBy: row.pickedBy,
      checkedAt: row.checkedAt,
      checkedBy: row.checkedBy,
    },
    ...{ shippedAt: row.shippedAt, shippedBy: row.shippedBy },
    stop: row.status === 'pending' ? (stops.get(row.orderId)?.message ?? null) : null,
  }))
}

/** Orders with a parcel are shown as their parcels, of which the scope may hide those of other warehouses. */
async function ordersOf(db: Database, code: string, scope: Scope): Promise<FoundByCode['orders']> {
  const ids = (await ordersByNumber(db, [code], scope)).get(code) ?? []
  const orders = [...(await orderCards(db, ids)).values()]
  return orders
    .filter(({ status }) => status !== 'released' && status !== 'shipped' && status !== 'completed')
    .map(({ id, no, status, warehouseName, quantity, refundedQuantity }) => ({
      ...{ id, no, status, warehouseName, quantity: quantity - refundedQuantity },
    }))
}
