import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { whyNotDelivery } from '../lifecycle.ts'
import { liveNumbers, writePackageCounts, writeTypedPackages } from '../numbers.ts'
import { decideAccount } from '../waybills/choose-account.ts'
import { accountTable, leadsOf, parcelFacts } from '../waybills/parcel-facts.ts'

/**
 * 包裹数: says of how many packages these deliveries consist, before their numbers are taken. A merged shipment has one count. Refused where the
 * courier or the account that would give the number has no sub-numbers; a typed waybill needs none.
 */
export async function setPackages(
  tx: Tx,
  ids: readonly string[],
  packages: number,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const held = await lockDeliveries(tx, ids, scope)
  const live = await liveNumbers(
    tx,
    held.map(({ delivery }) => delivery.id),
  )
  // The number of a merged shipment belongs to its first delivery.
  const numbered = new Set(
    held.flatMap(({ delivery: { id, parcel } }) => (live.has(id) ? [parcel ?? `delivery ${id}`] : [])),
  )
  const table = await accountTable(tx)
  const facts = await parcelFacts(
    tx,
    held.map(({ order }) => order),
  )
  const leads = leadsOf(held, facts)
  const { outcomes, done } = outcomesOfDeliveries(ids, held, ({ delivery, order }) => {
    const lead = leads.get(delivery.parcel ?? '') ?? order.id
    const parcel = delivery.waybillNo === '' ? facts.get(lead) : undefined
    const chosen = parcel && packages > 1 ? decideAccount(table, { ...parcel, packages }).chosen : undefined
    return (
      whyNotDelivery(delivery, 'packages') ??
      (numbered.has(delivery.parcel ?? `delivery ${delivery.id}`) ? numberTaken : undefined) ??
      (chosen && 'code' in chosen && chosen.code === 'no_sub_waybills' ? chosen : undefined)
    )
  })
  const changed = done.filter(({ delivery }) => delivery.packageCount !== packages)
  await writePackageCounts(
    tx,
    changed.map(({ delivery }) => delivery.id),
    packages,
  )
  // Sub-numbers that were typed are those of other packages.
  const typed = changed.map(({ delivery }) => delivery).filter(({ waybillNo }) => waybillNo !== '')
  if (typed.length > 0) await writeTypedPackages(tx, typed, [])
  await noteShipping(
    tx,
    changed.map(({ order }) => ({ orderId: order.id, event: 'packages', detail: { packages } })),
    actor,
  )
  return outcomes
}

const numberTaken: Refusal = {
  code: 'number_taken',
  message: {
    zh: '已按原来的包裹数取号。先退号，再改包裹数，然后重新取号',
    en: 'Its number was taken for the packages as they were. Give it back, change them, and take a new one',
  },
}
