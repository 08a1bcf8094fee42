import { sql } from 'kysely'
import type { ChangeInput, LineSerials, ParcelGoods, ParcelWaybill } from '../connectors/parcels.ts'
import type { Actor } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { enqueueActions } from '../core/outbox/actions.ts'
import { type DeliveryOrderFacts, deliveryFactsOf, type WriteBackFacts } from '../orders/holds/shipping.ts'
import { isOffPlatform } from '../orders/order/lifecycle.ts'
import type { DeliveryRow } from './queries.ts'
import { serialsByDelivery } from './ship-steps.ts'
import { writeShipped } from './status-queries.ts'

export const shipKind = 'trade.ship'

/** The condition that the platform does not know of the shipping: its first write-back waits or has failed. `d`: the alias of the delivery. */
export const isUnknownThere = (d: string) =>
  sql`(${sql.ref(`${d}.write_back`)} in ('waiting', 'failed') and ${sql.ref(`${d}.shown_waybill`)} = '')`

/** The content of the platform action, without personal data. */
export type ShipPayload = {
  tid: string
  oids: readonly string[]
  carrier: string
  waybillNo: string
  cod: boolean
  /** 串号: the serial numbers of the lines that have some. */
  serials?: readonly LineSerials[]
  /** Missing in actions that an earlier version made. */
  goods?: readonly ParcelGoods[]
}

export const changeKind = 'trade.change_waybill'
/** The content of the platform action that changes a waybill (改运单), without personal data. */
export type ChangePayload = Omit<ChangeInput, 'goods'> & { goods: readonly ParcelGoods[] }

type Told = { delivery: DeliveryRow; order: WriteBackFacts }

/**
 * Enqueues one platform action for each write-back; returns the action's id by delivery. `keyOf` gives the last part of the idempotency
 * key. Off-platform orders get no action.
 */
export async function orderWriteBacks(
  tx: Tx,
  told: readonly Told[],
  keyOf: (one: Told) => string,
  actor: Actor,
): Promise<Map<string, string>> {
  const parcels = await deliveryFactsOf(
    tx,
    told.map(({ order }) => order.id),
  )
  const key = (one: Told) => `${shipKind}/${one.delivery.id}/${keyOf(one)}`
  const platforms = told.filter(({ order }) => !isOffPlatform(order.origin))
  const serials = await serialsByDelivery(
    tx,
    platforms.map(({ delivery }) => delivery.id),
  )
  const actions = await enqueueActions(
    tx,
    platforms.map((one) => ({
      shopId: one.delivery.shopId,
      kind: shipKind,
      subject: { type: 'delivery', id: one.delivery.id },
      idempotencyKey: key(one),
      payload: payloadOf(one, parcels.get(one.order.id), serials.get(one.delivery.id)),
      deadline: one.delivery.shipBy,
    })),
    actor,
  )
  return new Map(
    platforms.flatMap((one) => {
      const action = actions.get(key(one))
      return action === undefined ? [] : [[one.delivery.id, action] as const]
    }),
  )
}

type Changed = { delivery: DeliveryRow; order: WriteBackFacts; was: ParcelWaybill }

/**
 * Enqueues one platform action for each delivery that has another waybill now (改运单); returns the action's id by delivery. The key names the
 * action before, so that a number may come back after others, and each change is sent once.
 */
export async function orderWaybillChanges(
  tx: Tx,
  changed: readonly Changed[],
  actor: Actor,
): Promise<Map<string, string>> {
  const parcels = await deliveryFactsOf(
    tx,
    changed.map(({ order }) => order.id),
  )
  const key = ({ delivery: { id, actionId, courier, waybillNo } }: Changed) =>
    [changeKind, id, actionId ?? '', courier, waybillNo].join('/')
  const actions = await enqueueActions(
    tx,
    changed.map((one) => {
      const { tid, oids, carrier, waybillNo, goods = [] } = payloadOf(one, parcels.get(one.order.id))
      const payload: ChangePayload = { tid, oids, goods, was: one.was, carrier, waybillNo }
      return {
        shopId: one.delivery.shopId,
        kind: changeKind,
        subject: { type: 'delivery', id: one.delivery.id },
        idempotencyKey: key(one),
        payload,
      }
    }),
    actor,
  )
  return new Map(changed.map((one) => [one.delivery.id, actions.get(key(one)) ?? ''] as const))
}

/** Makes the deliveries shipped and enqueues their write-backs. A delivery that was undone and is shipped again gets a new action. */
export async function writeBackShipped(tx: Tx, leaving: readonly Told[], actor: Actor): Promise<void> {
  const actions = await orderWriteBacks(tx, leaving, ({ delivery }) => String(delivery.round + 1), actor)
  await writeShipped(
    tx,
    leaving.map(({ delivery }) => ({ id: delivery.id, actionId: actions.get(delivery.id) ?? null })),
    actor.name,
  )
}

/** `oids` is empty if the whole trade is shipped; else it has the line numbers, which a platform that ships only whole trades refuses. */
function payloadOf(
  { delivery, order }: Told,
  parcel: DeliveryOrderFacts | undefined,
  serials: readonly LineSerials[] = [],
): ShipPayload {
  return {
    tid: order.tid,
    oids: !parcel || parcel.whole ? [] : parcel.oids,
    carrier: delivery.courier,
    waybillNo: delivery.waybillNo,
    cod: order.cod,
    ...(serials.length > 0 ? { serials } : {}),
    ...(parcel ? { goods: parcel.goods } : {}),
  }
}
