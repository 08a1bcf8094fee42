import { couriers } from '../../connectors/couriers.ts'
import { connectorFor } from '../../connectors/index.ts'
import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { already, type Outcome, type Refusal } from '../../core/decide.ts'
import { withdrawActions } from '../../core/outbox/actions.ts'
import { AppError } from '../../errors.ts'
import { type DeliveryOrderFacts, deliveryFactsOf, noteShipping } from '../../orders/holds/shipping.ts'
import { isOffPlatform } from '../../orders/order/lifecycle.ts'
import { platformsOf } from '../../shops/platforms.ts'
import { type LockedDelivery, lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { lockShipments, writeMoved } from '../intercepts/intercept-queries.ts'
import { waybillPattern } from '../lifecycle.ts'
import { giveBackUnused, takenElsewhere, voidNumbers, writeTypedPackages } from '../numbers.ts'
import { correctWaybills, lockWaybills, type Waybill, waybillHolders } from '../queries.ts'
import { whyNotCourier } from '../shipping/designation.ts'
import {
  badWaybill,
  forParcels,
  sameTwice,
  severalForOne,
  takenForOther,
  unknownCourier,
  usedBy,
  whyVoid,
} from '../shipping/waybills.ts'
import { beginTracking } from '../track-queries.ts'
import { orderWaybillChanges } from '../write-backs.ts'
import { changedWholly, changesBefore, writeChanging } from './change-queries.ts'
import { beingChanged, whyNotChanged } from './change-rules.ts'

/**
 * 改运单: gives shipped parcels another waybill, and reports it to their platforms. Until a platform has taken it, the delivery remembers the waybill
 * that the platform shows, and is not written back. The former number goes back to its source once no platform shows it. All orders of a
 * parcel change together.
 */
export async function changeWaybills(
  tx: Tx,
  waybills: readonly Waybill[],
  reason: string,
  { actor, scope }: By,
): Promise<Outcome[]> {
  await lockWaybills(tx)
  const ids = waybills.map(({ deliveryId }) => deliveryId)
  const held = await lockDeliveries(tx, ids, scope)
  const asked = forParcels(waybills, held, () => true)
  const whySeveral = severalForOne(waybills, held)
  const why = await refusals(tx, held, asked)
  const { outcomes, done } = outcomesOfDeliveries(ids, held, (one) => whySeveral(one.delivery) ?? why(one))
  const changed = done.flatMap((one) => {
    const waybill = asked.get(one.delivery.id)
    return waybill ? [{ ...one, waybill }] : []
  })
  if (changed.length > 0) await write(tx, changed, reason, actor)
  return outcomes
}

type Changed = LockedDelivery & { waybill: Waybill }

async function write(tx: Tx, changed: readonly Changed[], reason: string, actor: By['actor']): Promise<void> {
  const ids = changed.map(({ delivery }) => delivery.id)
  await withdrawFormer(tx, changed, actor)
  const waybills = changed.map(({ waybill }) => waybill)
  await correctWaybills(tx, waybills)
  await lockShipments(
    tx,
    changed.map(({ order }) => order.id),
  )
  await writeMoved(tx, ids)
  // Sub-numbers that were typed are those of another parcel.
  await writeTypedPackages(tx, waybills, [])
  const reported = changed
    .filter(({ order }) => !isOffPlatform(order.origin))
    .map(({ delivery, order, waybill: { courier, waybillNo } }) => ({
      delivery: { ...delivery, courier, waybillNo },
      order,
      was:
        delivery.shownWaybill === ''
          ? { carrier: delivery.courier, waybillNo: delivery.waybillNo }
          : { carrier: delivery.shownCourier, waybillNo: delivery.shownWaybill },
    }))
  const actions = await orderWaybillChanges(tx, reported, actor)
  await writeChanging(
    tx,
    reported.map(({ delivery: { id }, was }) => ({
      id,
      actionId: known(actions, id),
      shownCourier: was.carrier,
      shownWaybill: was.waybillNo,
    })),
  )
  await beginTracking(tx, ids)
  await giveBackUnused(tx, await changedWholly(tx, ids), actor)
  await noteShipping(
    tx,
    changed.map(({ order, delivery, waybill: { courier, waybillNo } }) => ({
      orderId: order.id,
      event: 'waybill_changed',
      detail: { courier, waybillNo, was: delivery.waybillNo, note: reason },
    })),
    actor,
  )
}

/** Returns the value of an id that the map has. Throws if it lacks it, because that is a mistake of ours and no state of the data. */
function known<Value>(map: ReadonlyMap<string, Value>, id: string): Value {
  const value = map.get(id)
  if (value === undefined) throw new Error(`Nothing is known of ${id}.`)
  return value
}

/** A change before this one that failed is not tried again. */
async function withdrawFormer(tx: Tx, changed: readonly Changed[], actor: By['actor']): Promise<void> {
  const former = changed.filter(({ delivery }) => delivery.shownWaybill !== '')
  const { withdrawn } = await withdrawActions(
    tx,
    former.flatMap(({ delivery }) => delivery.actionId ?? []),
    { actor, reason: '改运单' },
  )
  // A person tried it again in this very moment.
  if (withdrawn.size < former.length)
    throw new AppError('conflict', { what: { zh: '发货单', en: 'The delivery' } })
}

const keyOf = ({ courier, waybillNo }: Waybill) => `${courier} ${waybillNo}`

type Why = (one: LockedDelivery) => Refusal | undefined

async function refusals(
  tx: Tx,
  held: readonly LockedDelivery[],
  asked: ReadonlyMap<string, Waybill>,
): Promise<Why> {
  const waybills = [...asked.values()]
  const orderIds = held.map(({ order }) => order.id)
  const whyUsed = await usedElsewhere(tx, held, waybills)
  const facts = await deliveryFactsOf(tx, orderIds)
  const whyPlatform = await platformRefusals(tx, held)
  return (one) => {
    const { delivery, order } = one
    const waybill = asked.get(delivery.id)
    if (!waybill) return unknownCourier
    const isSame = waybill.courier === delivery.courier && waybill.waybillNo === delivery.waybillNo
    return (
      whyNotChanged(delivery) ??
      whyWrong(waybill) ??
      (isSame ? already({ zh: '已是这个运单', en: 'Under this waybill' }) : undefined) ??
      whyNotCourier(designationsOf(facts.get(order.id)), waybill.courier) ??
      whyUsed(one, waybill) ??
      whyPlatform(one)
    )
  }
}

const designationsOf = (facts: DeliveryOrderFacts | undefined) => facts?.designations ?? []

function whyWrong({ courier, waybillNo }: Waybill): Refusal | undefined {
  if (!couriers.some(({ code }) => code === courier)) return unknownCourier
  return new RegExp(waybillPattern).test(waybillNo) ? undefined : badWaybill
}

/** Why a number is refused that another parcel has, or that went back to its source. */
async function usedElsewhere(
  tx: Tx,
  held: readonly LockedDelivery[],
  waybills: readonly Waybill[],
): Promise<(one: LockedDelivery, waybill: Waybill) => Refusal | undefined> {
  const holders = await waybillHolders(tx, waybills)
  const taken = await takenElsewhere(tx, waybills)
  const back = await voidNumbers(tx, waybills)
  const placeOf = (id: string) => {
    const parcel = held.find(({ delivery }) => delivery.id === id)?.delivery.parcel
    return parcel ? `parcel ${parcel}` : id
  }
  const places = Map.groupBy(waybills, keyOf)
  return ({ delivery }, waybill) => {
    const key = keyOf(waybill)
    const place = placeOf(delivery.id)
    const [holder, owner] = [holders.get(key), taken.get(key)]
    if (new Set(places.get(key)?.map(({ deliveryId }) => placeOf(deliveryId))).size > 1) return sameTwice
    if (owner !== undefined && placeOf(owner) !== place) return takenForOther
    if (holder && holder.id !== delivery.id && (holder.parcel === null || holder.parcel !== delivery.parcel))
      return usedBy(holder.no)
    return whyVoid([back.get(`${delivery.id} ${key}`)])
  }
}

/** Why a platform would refuse the change: it takes none, or no more of this trade. */
async function platformRefusals(tx: Tx, held: readonly LockedDelivery[]): Promise<Why> {
  const platforms = await platformsOf(
    tx,
    held.map(({ delivery }) => delivery.shopId),
  )
  const past = await changesBefore(
    tx,
    held.map(({ delivery }) => delivery.id),
  )
  return ({ delivery, order }) => {
    if (isOffPlatform(order.origin)) return undefined
    const connector = connectorFor(known(platforms, delivery.shopId))
    const limits = connector?.shipping?.changes
    if (!limits) return cannot(connector?.cannot.changeWaybill)
    const { times = 0, days = 0, isSending = false } = past.get(delivery.id) ?? {}
    if (isSending) return beingChanged
    if (limits.times !== undefined && times >= limits.times) return tooOften(limits.times)
    return limits.days !== undefined && days > limits.days ? tooLate(limits.days) : undefined
  }
}

const cannot = (reason = { zh: '没有改运单的接口', en: 'it has no call for it' }): Refusal => ({
  code: 'unsupported_by_platform',
  message: {
    zh: `这个平台不能改运单：${reason.zh}`,
    en: `The waybill cannot be changed on this platform: ${reason.en}`,
  },
})
const tooOften = (times: number): Refusal => ({
  code: 'changed_too_often',
  message: {
    zh: `平台只让改 ${times} 次运单，已经用完`,
    en: `The platform takes ${times} changes of a waybill, and they are used up`,
  },
})
const tooLate = (days: number): Refusal => ({
  code: 'change_too_late',
  message: {
    zh: `平台只让发货后 ${days} 天内改运单`,
    en: `The platform takes another waybill for ${days} days after shipping only`,
  },
})
