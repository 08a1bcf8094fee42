import { systemActor } from '../../core/access/actor.ts'
import type { Action, ActionHandler } from '../../core/outbox/handlers.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import { lockShipments } from '../intercepts/intercept-queries.ts'
import { giveBackUnused } from '../numbers.ts'
import { deliveriesOf } from '../queries.ts'
import { type ChangePayload, changeKind } from '../write-backs.ts'
import { changedWholly } from './change-queries.ts'
import { shippedNow, writeResults, writeRetried } from './outbox.ts'

/**
 * 改运单: reports another waybill of a shipped parcel. What counts is what the platform shows: an unclear send is verified, and
 * a refusal for a parcel that has the new number already is a success.
 */
export const changeAction: ActionHandler<OpenedShop> = {
  kind: changeKind,
  name: { zh: '改运单', en: 'Change of a waybill' },
  rank: 1,
  mostAttempts: 60,
  async send(shop, action, signal) {
    const payload = payloadOf(action)
    await callShop(
      shop,
      (connector, call) => {
        const { changeWaybill } = connector.actions
        if (!changeWaybill)
          throw new PlatformError('rejected', 'unsupported', 'This platform takes no other waybill.')
        return changeWaybill(call, payload)
      },
      { effect: 'write', signal, tries: 1 },
    )
    return null
  },
  look: (shop, action, signal) => shippedNow(shop, payloadOf(action), signal),
  isDone: ({ kind, code }) => kind === 'rejected' && code === 'already_shipped',
  beforeRetry: writeRetried,
  async onResults(tx, ended) {
    await writeResults(tx, ended)
    const rows = await deliveriesOf(
      tx,
      ended.map(({ action }) => action.subjectId),
    )
    // Two orders of a parcel may end at once. One after the other, the second of them sees that the parcel is changed wholly.
    await lockShipments(
      tx,
      rows.map(({ orderId }) => orderId),
    )
    await giveBackUnused(
      tx,
      await changedWholly(
        tx,
        rows.map(({ id }) => id),
      ),
      systemActor,
    )
  },
}

function payloadOf({ id, payload }: Action): ChangePayload {
  if (!isChange(payload)) throw new Error(`Action ${id} changes no waybill.`)
  return payload
}

const isChange = (payload: unknown): payload is ChangePayload =>
  typeof payload === 'object' && payload !== null && 'tid' in payload && 'was' in payload
