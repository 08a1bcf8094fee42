import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { chooseCourier } from '../../orders/review/edit.ts'
import { lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { whyNotDelivery } from '../lifecycle.ts'
import { type BackPayload, giveUpNumbers, liveNumbers } from '../numbers.ts'
import { lockWaybills, waybillHolders } from '../queries.ts'

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

/**
 * Returns which of these numbers must not be given back again, by the id of their action: a person typed one, or a number of its packages,
 * on a delivery after its source had not taken it back, and the parcel goes with it. Until the transaction ends no user can type one.
 */
export async function whyNotGivenBack(
  tx: Tx,
  backs: readonly ({ id: string } & BackPayload)[],
): Promise<ReadonlyMap<string, Refusal>> {
  await lockWaybills(tx)
  const numbersOf = ({ courier, waybillNo, packageNos = [] }: BackPayload) =>
    [waybillNo, ...packageNos].map((no) => ({ courier, waybillNo: no }))
  const holders = await waybillHolders(tx, backs.flatMap(numbersOf))
  return new Map(
    backs.flatMap((back) => {
      const holder = numbersOf(back)
        .flatMap(({ courier, waybillNo }) => holders.get(`${courier} ${waybillNo}`) ?? [])
        .at(0)
      return holder ? [[back.id, usedAgain(holder.no)] as const] : []
    }),
  )
}

const usedAgain = (no: string): Refusal => ({
  code: 'waybill_used',
  message: {
    zh: `这个运单号现在用在 ${no} 上，不能退`,
    en: `This number is on ${no} now and cannot be given back`,
  },
})
