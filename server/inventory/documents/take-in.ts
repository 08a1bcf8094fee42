import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { ensurePairs, lockStock, wakeWaiting } from '../stock.ts'
import { applyMoves } from './document-queries.ts'
import type { StockMove } from './posting.ts'

/** `step`: number of the receipt; a line can come in once in each step. */
export type ReceivedStock = {
  documentId: string
  kind: 'return' | 'parcel'
  lineNo: number
  step: number
  warehouseId: string
  skuId: string
  quantity: number
}

/** 入库: puts returned goods on hand, with movements; backorders are then filled. The caller has locked the documents. */
export async function receiveStock(tx: Tx, goods: readonly ReceivedStock[], actor: Actor): Promise<void> {
  const rows = goods.filter(({ quantity }) => quantity > 0)
  if (rows.length === 0) return
  const pairs = await ensurePairs(tx, rows)
  await lockStock(tx, pairs)
  const moves = rows.map(({ quantity, ...row }): StockMove => ({ ...row, onHand: quantity, locked: 0 }))
  await applyMoves(tx, moves, actor.name)
  await wakeWaiting(tx, pairs)
}
