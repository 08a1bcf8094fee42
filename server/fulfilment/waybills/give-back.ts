import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { chooseCourier } from '../../orders/review/edit.ts'
import { lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { whyNotDelivery } from '../lifecycle.ts'
import { giveUpNumbers, liveNumbers } from '../numbers.ts'

/**
 * 退号: gives back the numbers of a source that these parcels have or wait for. `courier`: the orders are sent with this courier from now
 * on, so that the next number is of its account; empty: their courier stays.
 */
export async function giveBackNumbers(
  tx: Tx,
  ids: readonly string[],
  courier: string,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const held = await lockDeliveries(tx, ids, scope)
  const live = await liveNumbers(
    tx,
    held.map(({ delivery }) => delivery.id),
  )
  // The number of a merged shipment belongs to its first delivery.
  const parcels = new Set(
    held.flatMap(({ delivery: { id, parcel } }) => (parcel !== null && live.has(id) ? [parcel] : [])),
  )
  const { outcomes, done } = outcomesOfDeliveries(
    ids,
    held,
    ({ delivery }) =>
      whyNotDelivery(delivery, 'giveBack') ??
      (live.has(delivery.id) || parcels.has(delivery.parcel ?? '') ? undefined : noneTaken),
  )
  if (done.length === 0) return outcomes
  await giveUpNumbers(
    tx,
    done.map(({ delivery }) => delivery.id),
    actor,
  )
  const orderIds = done.map(({ order }) => order.id)
  await noteShipping(
    tx,
    orderIds.map((orderId) => ({ orderId, event: 'number_back', detail: {} })),
    actor,
  )
  if (courier !== '') await chooseCourier(tx, orderIds, courier, actor)
  return outcomes
}

const noneTaken: Refusal = {
  code: 'no_number',
  message: {
    zh: '没有从账号取的单号，不用退',
    en: 'It has no number that was taken from an account',
  },
}
