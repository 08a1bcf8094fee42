import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { withdrawActions } from '../../core/outbox/actions.ts'
import { sendEvent } from '../../events.ts'
import { unshipReserved } from '../../inventory/ship.ts'
import { whyNotOrder } from '../../orders/order/lifecycle.ts'
import { applyMissedAfterUnship } from '../../orders/refunds/take-up.ts'
import { transition } from '../../orders/status/transition.ts'
import { type LockedDelivery, lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { endByUnshipping } from '../intercepts/intercepts.ts'
import { whyNotDelivery } from '../lifecycle.ts'
import { leaveBehind } from '../parcels.ts'
import { writeUnshipped } from '../status-queries.ts'

/**
 * 撤销发货: withdraws the write-back, puts the goods on hand, and makes the delivery pending again with its waybill. It is refused if the
 * write-back is done, ended as `forced`, being sent or unclear. Refunds that came meanwhile are applied: the order is held or voided.
 * A delivery leaves its merged shipment if others of it stay shipped, and has no waybill then.
 */
export async function unshipDeliveries(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const held = await lockDeliveries(tx, ids, scope)
  const why = ({ delivery, order }: LockedDelivery) =>
    whyNotDelivery(delivery, 'unship') ?? whyNotOrder({ ...order, lockedByOther: '' }, 'unship')
  const asked = held.filter((one) => why(one) === undefined)
  const actionIds = asked.flatMap(({ delivery }) => (delivery.actionId === null ? [] : [delivery.actionId]))
  const { standing } = await withdrawActions(tx, actionIds, { actor, reason: '撤销发货' })
  const stays = (one: LockedDelivery) => {
    const state = standing.get(one.delivery.actionId ?? '')
    return why(one) ?? (state === undefined ? undefined : stillOut(state))
  }
  // Each delivery of a merged shipment is decided alone: those whose write-back is done stay shipped, the others are undone.
  const { outcomes, done: back } = outcomesOfDeliveries(ids, held, stays, false)
  if (back.length === 0) return outcomes
  const orderIds = back.map(({ order }) => order.id)
  await transition(tx, orderIds, { event: 'unship' }, actor)
  const backIds = back.map(({ delivery }) => delivery.id)
  await writeUnshipped(tx, backIds)
  await endByUnshipping(tx, backIds, actor)
  await leaveBehind(tx, besideShipped(held, backIds), actor)
  await sendEvent(tx, 'fulfilment.unshipped', [{ orderIds }])
  await unshipReserved(tx, orderIds, actor)
  await applyMissedAfterUnship(tx, orderIds, actor)
  return outcomes
}

/** Returns the orders of the undone deliveries (`backIds`) with which another delivery was merged that stays shipped. */
function besideShipped(held: readonly LockedDelivery[], backIds: readonly string[]): string[] {
  const back = new Set(backIds)
  const isBack = ({ delivery }: LockedDelivery) => back.has(delivery.id)
  const out = new Set(
    held.flatMap((one) =>
      one.delivery.status === 'shipped' && !isBack(one) ? (one.delivery.parcel ?? []) : [],
    ),
  )
  return held.flatMap((one) => (isBack(one) && out.has(one.delivery.parcel ?? '') ? [one.order.id] : []))
}

function stillOut(state: string): Refusal {
  if (state === 'unknown')
    return {
      code: 'write_back_unclear',
      message: {
        zh: '回写结果不明，核实之前不能撤销',
        en: 'The outcome of the write-back is unclear; it cannot be undone before that is known',
      },
    }
  return {
    code: 'write_back_under_way',
    message: {
      zh: '正在回写平台，不能撤销',
      en: 'The platform is being told right now; it cannot be undone',
    },
  }
}
