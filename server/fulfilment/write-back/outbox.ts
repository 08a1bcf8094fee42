import { systemActor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Action, ActionHandler, ActionOutcome, Ended, Verification } from '../../core/outbox/handlers.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { lockOrdersById, noteWriteBacks } from '../../orders/holds/shipping.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import type { WriteBack } from '../lifecycle.ts'
import { deliveriesOf, writeOutcomes, writeWaiting } from '../queries.ts'
import { changeKind, type ShipPayload, shipKind } from '../write-backs.ts'
import { writeBackGuard } from './recheck.ts'

/**
 * 发货回写: writes a shipment back to the platform. An unclear send is verified. "Shipped already" counts as success if the platform shows
 * our waybill for these lines; if it shows another one, a person decides (`platform-waybill.ts`).
 */
export const shippingAction: ActionHandler<OpenedShop> = {
  kind: shipKind,
  name: { zh: '发货回写', en: 'Shipping' },
  rank: 0,
  // 60 attempts take about five hours; a shipment must be written back even after a long outage of the platform.
  mostAttempts: 60,
  async send(shop, action, signal) {
    const payload = payloadOf(action)
    await callShop(
      shop,
      (connector, call) => {
        const { ship } = connector.actions
        if (!ship) throw new PlatformError('rejected', 'unsupported', 'This platform takes no shipping.')
        return ship(call, payload)
      },
      { effect: 'write', signal, tries: 1 },
    )
    return null
  },
  look: (shop, action, signal) => shippedNow(shop, payloadOf(action), signal),
  recheck: writeBackGuard,
  isDone: ({ kind, code }) => kind === 'rejected' && code === 'already_shipped',
  beforeRetry: writeRetried,
  onResults: writeResults,
}

/** A write-back that a person tries again, wherever it is done, waits for the platform. */
export async function writeRetried(tx: Tx, actions: readonly Action[]): Promise<void> {
  const deliveries = await deliveriesOf(
    tx,
    actions.map(({ subjectId }) => subjectId),
  )
  await lockOrdersById(
    tx,
    deliveries.map(({ orderId }) => orderId),
  )
  await writeWaiting(
    tx,
    actions.map(({ id }) => id),
  )
}

/** Asks the platform whether it shows this parcel as shipped with this waybill. */
export async function shippedNow(
  shop: OpenedShop,
  { tid, oids, waybillNo, goods }: Pick<ShipPayload, 'tid' | 'oids' | 'waybillNo' | 'goods'>,
  signal: AbortSignal,
): Promise<Verification> {
  const parcel = { tid, oids, waybillNo, ...(goods === undefined ? {} : { goods }) }
  const seen = await callShop(shop, async ({ actions }, call) => await actions.shipped?.(call, parcel), {
    signal,
    tries: 1,
  })
  return seen === undefined ? 'cannot_tell' : seen ? 'done' : 'not_done'
}

const writeBackOf: Record<ActionOutcome['state'], WriteBack> = {
  succeeded: 'done',
  failed: 'failed',
  forced: 'forced',
  manual: 'manual',
}

/**
 * Writes the results of ended actions to their deliveries and orders. The actions are locked before the orders. That cannot deadlock, since
 * a transaction that has locked an order never waits for an action.
 */
export async function writeResults(tx: Tx, ended: readonly Ended[]): Promise<void> {
  const deliveryIds = ended.map(({ action }) => action.subjectId)
  const deliveries = new Map((await deliveriesOf(tx, deliveryIds)).map((row) => [row.id, row]))
  await lockOrdersById(
    tx,
    [...deliveries.values()].map(({ orderId }) => orderId),
  )
  const results = ended.map(({ action, outcome }) => ({
    id: action.subjectId,
    actionId: action.id,
    writeBack: writeBackOf[outcome.state],
    errorCode: outcome.state === 'failed' ? outcome.code : '',
    platformWaybill: outcome.state === 'failed' && outcome.code === 'other_waybill' ? outcome.message : '',
    outcome,
  }))
  const written = await writeOutcomes(tx, results)
  const kinds = new Map(ended.map(({ action }) => [action.id, action.kind]))
  const notes = results.flatMap(({ id, actionId, writeBack, errorCode, platformWaybill, outcome }) => {
    const delivery = deliveries.get(id)
    if (!delivery || !written.has(id)) return []
    const { orderId, courier, waybillNo } = delivery
    const detail = {
      courier,
      waybillNo,
      ...(errorCode === ''
        ? {}
        : { [kinds.get(actionId) === changeKind ? 'unchanged' : 'failure']: errorCode }),
      ...(platformWaybill === '' ? {} : { platformWaybill }),
      ...('reason' in outcome ? { note: outcome.reason } : {}),
    }
    const told = writeBack === 'done' || writeBack === 'forced'
    return [{ orderId, told, event: `write_back_${writeBack}`, detail, outcome }]
  })
  // Each result is recorded under the user who ended the action by hand; if there is none, under the system.
  const byPerson = Map.groupBy(notes, ({ outcome }) => ('actor' in outcome ? outcome.actor : systemActor))
  for (const [actor, some] of byPerson) await noteWriteBacks(tx, some, actor)
}

function payloadOf(action: Action): ShipPayload {
  const { payload } = action
  if (!isParcel(payload)) throw new Error(`Action ${action.id} carries no parcel.`)
  return payload
}

function isParcel(payload: unknown): payload is ShipPayload {
  return typeof payload === 'object' && payload !== null && 'tid' in payload && 'waybillNo' in payload
}
