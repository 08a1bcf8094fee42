import { skuOfScan } from '../../catalog/names.ts'
import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { nextBasket, unsorted } from './needs.ts'
import { type AtWave, scanOnce } from './scan-once.ts'
import { workOf, writeSorted } from './wave-queries.ts'
import { writeDone, writeSorting } from './wave-states.ts'

export type SortAnswer = {
  verdict: 'basket' | 'aside' | 'back' | 'unknown'
  skuId: string
  basket: number
  /** Pieces that are still to be sorted. */
  left: number
}

/**
 * 播种: a piece was scanned; answers its basket. `aside`: the basket is stopped, its goods are kept and do not ship. `back`: no basket needs
 * the piece, so it goes back to its bin. The wave is done with its last piece.
 */
export function sortPiece(
  tx: Tx,
  { waveId, key, code }: AtWave & { code: string },
  by: By,
): Promise<SortAnswer> {
  return scanOnce(tx, { kind: 'sort', waveId, key }, by, async (wave) => {
    const work = await workOf(tx, waveId)
    const left = unsorted(work)
    const sku = (await skuOfScan(tx, code))?.id
    const isOfWave = sku !== undefined && work.pieces.some(({ skuId }) => skuId === sku)
    if (!isOfWave) return { verdict: 'unknown', skuId: sku ?? '', basket: 0, left }
    const place = nextBasket(work, sku)
    if (!place) return { verdict: 'back', skuId: sku, basket: 0, left }
    await writeSorted(tx, { waveId, deliveryId: place.deliveryId, skuId: sku })
    if (left === 1) await writeDone(tx, [waveId], by.actor)
    else if (wave.status === 'picked') await writeSorting(tx, waveId)
    const verdict = place.isStopped ? 'aside' : 'basket'
    return { verdict, skuId: sku, basket: place.basket, left: left - 1 }
  })
}
