import { skuNames } from '../../catalog/names.ts'
import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { type OrderOnPaper, ordersOnPaper } from '../../orders/view/for-papers.ts'
import type { PaperDelivery, PaperGoods } from './contract.ts'
import { deliveriesOnPaper, partsOf, placeKey, placesOf } from './paper-queries.ts'

/** Returns what the papers of these deliveries show, in the given order, without any buyer's data in the clear. */
export async function papersOf(db: Database, ids: readonly string[], scope: Scope): Promise<PaperDelivery[]> {
  const deliveries = await deliveriesOnPaper(db, ids, scope)
  const orders = await ordersOnPaper(
    db,
    deliveries.map(({ orderId }) => orderId),
  )
  const facts = await goodsFacts(db, deliveries, orders)
  return deliveries.flatMap(({ orderId, warehouseId, ...delivery }) => {
    const order = orders.get(orderId)
    if (!order) return []
    const { lines, paymentFen, refundedFen, id: _id, ...shown } = order
    const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0)
    return [
      { ...delivery, ...shown, paymentFen: paymentFen - refundedFen, pieces, ...facts(lines, warehouseId) },
    ]
  })
}

type Line = OrderOnPaper['lines'][number]

/** Reads names, parts and bins of all goods at once. The returned function makes the lines of one delivery of them. */
async function goodsFacts(
  db: Database,
  deliveries: readonly { orderId: string; warehouseId: string | null }[],
  orders: ReadonlyMap<string, OrderOnPaper>,
) {
  const sold = deliveries.flatMap(({ orderId, warehouseId }) =>
    (orders.get(orderId)?.lines ?? []).flatMap(({ skuId }) =>
      skuId === null ? [] : [{ skuId, warehouseId }],
    ),
  )
  const parts = await partsOf(
    db,
    sold.map(({ skuId }) => skuId),
  )
  const wanted = sold.flatMap(({ skuId, warehouseId }) => [
    { skuId, warehouseId },
    ...(parts.get(skuId) ?? []).map(({ partId }) => ({ skuId: partId, warehouseId })),
  ])
  const names = await skuNames(
    db,
    wanted.map(({ skuId }) => skuId),
  )
  const places = await placesOf(db, wanted)
  const shown = (line: Line, warehouseId: string | null): PaperGoods => {
    const sku = line.skuId === null ? undefined : names.get(line.skuId)
    const place = line.skuId === null ? undefined : places.get(placeKey({ warehouseId, skuId: line.skuId }))
    const { skuId, quantity, priceFen } = line
    return {
      ...{ skuId, quantity, priceFen, code: sku?.code ?? line.code },
      ...{ name: sku?.name ?? line.title, spec: sku?.spec || line.spec },
      ...{ bin: place?.bin ?? '', route: place?.route ?? null },
    }
  }
  return (lines: readonly Line[], warehouseId: string | null) => ({
    goods: lines.map((line) => shown(line, warehouseId)),
    picks: lines.flatMap((line) => {
      const of = line.skuId === null ? [] : (parts.get(line.skuId) ?? [])
      if (of.length === 0) return [shown(line, warehouseId)]
      return of.map(({ partId, quantity }) =>
        shown({ ...line, skuId: partId, quantity: line.quantity * quantity }, warehouseId),
      )
    }),
  })
}
