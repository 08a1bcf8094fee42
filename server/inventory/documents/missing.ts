import { sql } from 'kysely'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { bumpChanges, lockStock, wakeWaiting } from '../stock.ts'
import { applyMoves, insertDocument, writeDocumentStatus } from './document-queries.ts'

export type Missing = {
  warehouseId: string
  skuId: string
  /** Pieces that were not found. */
  pieces: number
  /** Orders that do not get their pieces; they wait for others. */
  orderIds: readonly string[]
  note: string
}

/**
 * 拣货缺货: pieces that are on hand by the books were not found in the bin. The reservations of these orders become backorders, and an
 * adjustment takes the missing pieces off hand, at most those that are available then, so that they are not promised again. Orders wait for
 * goods in the order of their payment, as always. The caller has locked the orders.
 */
export async function writeOffMissing(tx: Tx, missing: Missing, actor: Actor): Promise<void> {
  const { warehouseId, skuId, orderIds, note } = missing
  const pair = { warehouseId, skuId }
  await lockStock(tx, [pair])
  await sql`
    with waiting as (
      update reservation set reserved = 0
      where order_id = any(${[...orderIds]}::bigint[]) and warehouse_id = ${warehouseId}::bigint and sku_id = ${skuId}::bigint
        and not shipped and reserved > 0
      returning wanted
    )
    update stock s set reserved = s.reserved - w.pieces, short = s.short + w.pieces
    from (select coalesce(sum(wanted), 0) as pieces from waiting) w
    where s.warehouse_id = ${warehouseId}::bigint and s.sku_id = ${skuId}::bigint`.execute(tx)
  const [balance] = await lockStock(tx, [pair])
  const free = balance ? balance.onHand - balance.reserved - balance.locked : 0
  const gone = Math.min(missing.pieces, free)
  if (gone > 0) {
    const document = {
      ...{ kind: 'adjustment' as const, warehouseId, toWarehouseId: null },
      ...{ lockKind: null, startsAt: null, endsAt: null, note },
    }
    const id = await insertDocument(tx, document, [{ skuId, quantity: -gone }], actor.name)
    await writeDocumentStatus(tx, [id], 'approved', actor.name)
    await writeDocumentStatus(tx, [id], 'posted', actor.name)
    const move = { documentId: id, kind: 'adjustment' as const, lineNo: 1, step: 1, onHand: -gone, locked: 0 }
    await applyMoves(tx, [{ ...move, ...pair }], actor.name)
  }
  await bumpChanges(sql`select ${skuId}::bigint as sku_id`).execute(tx)
  await wakeWaiting(tx, [pair])
}
