import { systemActor, wholeScope } from '../actor.ts'
import type { Tx } from '../db.ts'
import { linesToReturn } from '../orders/for-returns.ts'
import { hasLeft } from './create.ts'
import { linesOf, returnsWaitedFor } from './queries.ts'
import { holdReturns, transition } from './transition.ts'

/**
 * 撤销发货: what never left does not come back. Returns that wait for nothing but such goods are voided; a refund that asks for them
 * after they were shipped again revives its own.
 */
export async function voidUnshipped(tx: Tx, orderIds: readonly string[]): Promise<void> {
  const held = await holdReturns(tx, await returnsWaitedFor(tx, orderIds), wholeScope)
  const lines = await linesOf(
    tx,
    held.map(({ id }) => id),
  )
  const all = [...lines.values()].flat()
  const shipped = await linesToReturn(tx, [...new Set(all.map(({ orderId }) => orderId))])
  const out = new Set(shipped.filter(hasLeft).map(({ orderId }) => orderId))
  const off = held.filter(({ id }) => !lines.get(id)?.some(({ orderId }) => out.has(orderId)))
  await transition(tx, off, { event: 'void', detail: { reason: 'unshipped' } }, systemActor)
}
