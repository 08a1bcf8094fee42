import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { lockDeliveries } from '../held.ts'
import { waitingUnits } from './plan-queries.ts'
import type { Unit } from './plan-rules.ts'
import { keptBaskets, writeDeliveriesPicked } from './wave-queries.ts'

/** The parcels of a warehouse that wait. */
export type WaitingParcels = { warehouseId: string; units: readonly Unit[] }

export const needsPieces = ({ pieces }: Unit): boolean => pieces > 0

/**
 * Writes those of these parcels as picked whose goods all lie in baskets of earlier waves: their other goods were refunded meanwhile, so no wave
 * has anything to pick for them. Returns them. It locks their orders, so it comes before waves are made.
 */
export async function pickKept(tx: Tx, waiting: readonly WaitingParcels[], by: By): Promise<Unit[]> {
  const asked = waiting.flatMap(({ warehouseId, units }) => {
    const ids = units
      .filter((unit) => !needsPieces(unit))
      .flatMap(({ deliveries }) => deliveries.map(({ id }) => id))
    return ids.length > 0 ? [{ warehouseId, ids }] : []
  })
  if (asked.length === 0) return []
  await lockDeliveries(
    tx,
    asked.flatMap(({ ids }) => ids),
    { ...by.scope, shops: 'all' },
  )
  const kept: Unit[] = []
  for (const { warehouseId, ids } of asked)
    kept.push(...(await waitingUnits(tx, warehouseId, by.scope, ids)).filter((unit) => !needsPieces(unit)))
  const baskets = await keptBaskets(
    tx,
    kept.flatMap(({ deliveries }) => deliveries.map(({ id }) => id)),
  )
  await writeDeliveriesPicked(tx, baskets, by.actor.name)
  await noteShipping(
    tx,
    baskets.map(({ orderId, no }) => ({ orderId, event: 'picked', detail: { wave: no } })),
    by.actor,
  )
  return kept
}
