import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { endActionsByHand, lockFirst } from '../../core/outbox/actions.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { deliveryAnswers } from '../held.ts'
import { writeMoved } from '../intercepts/intercept-queries.ts'
import { waybillPattern } from '../lifecycle.ts'
import { giveBackUnused, writeTypedPackages } from '../numbers.ts'
import { correctWaybills, lockWaybills, type Refused, refusedBy, waybillHolders } from '../queries.ts'
import { beginTracking } from '../track-queries.ts'
import { changeAction } from './change-outbox.ts'
import { shippingAction } from './outbox.ts'

/**
 * 采用平台运单: the platform shows another waybill for shipped goods, and a person confirms that it is right. The delivery gets this waybill,
 * and its write-back counts as done. Its own number goes back to the source, which keeps it if a courier has scanned it.
 */
export async function adoptPlatformWaybills(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const before = await refusedBy(tx, ids, scope)
  const actions = await lockFirst(
    tx,
    before.flatMap(({ actionId }) => actionId ?? []),
    scope,
  )
  await lockWaybills(tx)
  const rows = new Map((await refusedBy(tx, ids, scope)).map((row) => [row.id, row]))
  const waybills = [...rows.values()].map(({ id, courier, platformWaybill }) => ({
    deliveryId: id,
    courier,
    waybillNo: platformWaybill,
  }))
  const holders = await waybillHolders(tx, waybills)
  const whyNot = (row: Refused | undefined) => {
    if (!row) return deliveryAnswers.missing
    if (row.writeBack !== 'failed' || row.errorCode !== 'other_waybill') return nothingToTake
    if (!actions.has(row.actionId ?? '')) return nothingToTake
    if (!new RegExp(waybillPattern).test(row.platformWaybill)) return notOne
    if (row.parcel !== null) return inParcel
    return holders.has(`${row.courier} ${row.platformWaybill}`) ? used : undefined
  }
  const asked = [...rows.values()].filter((row) => whyNot(row) === undefined)
  // These deliveries are in no merged shipment. Two of them must not have the same waybill, so neither gets it.
  const twice = (row: Refused) =>
    asked.some(
      (other) =>
        other.id !== row.id && other.courier === row.courier && other.platformWaybill === row.platformWaybill,
    )
  const chosen = asked.filter((row) => !twice(row))
  const settled = await endActionsByHand(
    tx,
    [shippingAction, changeAction],
    { ids: chosen.flatMap(({ actionId }) => actionId ?? []), state: 'forced', reason: '采用平台运单' },
    { actor, scope },
  )
  const ended = new Set(settled.filter(({ done }) => done).map(({ id }) => id))
  const taken = chosen.filter(({ actionId }) => actionId !== null && ended.has(actionId))
  await correctWaybills(
    tx,
    taken.map(({ id, courier, platformWaybill }) => ({
      deliveryId: id,
      courier,
      waybillNo: platformWaybill,
    })),
  )
  const takenIds = taken.map(({ id }) => id)
  await writeMoved(tx, takenIds)
  await beginTracking(tx, takenIds)
  // Sub-numbers that were typed are those of another parcel, and a number that a source gave is used by none.
  await writeTypedPackages(tx, taken, [])
  await giveBackUnused(tx, takenIds, actor)
  await noteShipping(
    tx,
    taken.map(({ orderId, courier, waybillNo, platformWaybill }) => ({
      orderId,
      event: 'waybill_taken',
      detail: { courier, waybillNo: platformWaybill, was: waybillNo },
    })),
    actor,
  )
  const done = new Set(taken.map(({ id }) => id))
  return ids.map((id) => {
    const row = rows.get(id)
    if (row && done.has(id)) return { id, done: true, ref: row.no }
    return { id, done: false, ...(whyNot(row) ?? (row && twice(row) ? used : nothingToTake)) }
  })
}

const nothingToTake = {
  code: 'no_platform_waybill',
  message: { zh: '平台没有显示别的运单', en: 'The platform shows no other waybill' },
}
const notOne = {
  code: 'several_waybills',
  message: {
    zh: '平台显示的不是一个运单。到平台核对，再记为手工完成',
    en: 'The platform does not show one waybill: look there, then end it by hand',
  },
}
const inParcel = {
  code: 'in_parcel',
  message: {
    zh: '它在合并的包裹里，一个包裹一个运单。到平台核对，再记为手工完成',
    en: 'It leaves in a parcel with others, which has one waybill: look there, then end it by hand',
  },
}
const used = {
  code: 'waybill_used',
  message: {
    zh: '这个运单是另一张发货单的：平台一行商品只显示一个包裹。核对后记为手工完成',
    en: 'That waybill is of another delivery: the platform shows one parcel a line. Look, then end it by hand',
  },
}
