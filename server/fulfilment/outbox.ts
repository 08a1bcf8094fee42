import { systemActor } from '../actor.ts'
import { PlatformError } from '../connectors/connector.ts'
import type { Tx } from '../db.ts'
import { holdForShipping, noteWriteBack } from '../orders/shipping.ts'
import type { Action, ActionHandler, ActionOutcome } from '../outbox/handlers.ts'
import { callShop, type OpenedShop } from '../shops/calls.ts'
import type { WriteBack } from './lifecycle.ts'
import { deliveriesOf, writeOutcome } from './queries.ts'
import { type ShipPayload, shipKind } from './ship.ts'

/** 发货回写: tells the platform that goods have left. What is unclear is looked at; "shipped already" is success. */
export const shippingAction: ActionHandler<OpenedShop> = {
  kind: shipKind,
  name: { zh: '发货回写', en: 'Shipping' },
  // Some five hours: a parcel that has left is worth waiting for a platform that is away.
  mostAttempts: 60,
  async send(shop, action) {
    const payload = payloadOf(action)
    await callShop(
      shop,
      (connector, call) => {
        const { ship } = connector.actions
        if (!ship) throw new PlatformError('rejected', 'unsupported', 'This platform takes no shipping.')
        return ship(call, payload)
      },
      { effect: 'write' },
    )
    return null
  },
  async look(shop, action) {
    const { tid, oids } = payloadOf(action)
    const seen = await callShop(
      shop,
      async ({ actions }, call) => await actions.shipped?.(call, { tid, oids }),
    )
    return seen === undefined ? 'cannot_tell' : seen ? 'done' : 'not_done'
  },
  isDone: ({ kind, code }) => kind === 'rejected' && code === 'already_shipped',
  onResult: writeResult,
  async holdAll(tx, actions) {
    const deliveries = await deliveriesOf(
      tx,
      actions.map(({ subjectId }) => subjectId),
    )
    await holdForShipping(
      tx,
      deliveries.map(({ orderId }) => orderId),
    )
  },
}

const writeBackOf: Record<ActionOutcome['state'], WriteBack> = {
  succeeded: 'done',
  failed: 'failed',
  forced: 'forced',
  manual: 'manual',
}

/** The action is locked before the order here; whoever holds an order never waits for an action. */
async function writeResult(tx: Tx, action: Action, outcome: ActionOutcome): Promise<void> {
  const [delivery] = await deliveriesOf(tx, [action.subjectId])
  if (!delivery) return
  await holdForShipping(tx, [delivery.orderId])
  const errorCode = outcome.state === 'failed' ? outcome.code : ''
  const writeBack = writeBackOf[outcome.state]
  if (!(await writeOutcome(tx, delivery.id, action.id, { writeBack, errorCode }))) return
  const { courier, waybillNo } = delivery
  const byPerson = outcome.state === 'forced' || outcome.state === 'manual'
  const detail = {
    courier,
    waybillNo,
    ...(errorCode === '' ? {} : { failure: errorCode }),
    ...(byPerson ? { note: outcome.reason } : {}),
  }
  await noteWriteBack(
    tx,
    delivery.orderId,
    { told: writeBack === 'done' || writeBack === 'forced', event: `write_back_${writeBack}`, detail },
    byPerson ? outcome.actor : systemActor,
  )
}

function payloadOf(action: Action): ShipPayload {
  const { payload } = action
  if (!isParcel(payload)) throw new Error(`Action ${action.id} carries no parcel.`)
  return payload
}

function isParcel(payload: unknown): payload is ShipPayload {
  return typeof payload === 'object' && payload !== null && 'tid' in payload && 'waybillNo' in payload
}
