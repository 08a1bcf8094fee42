import { waybillSources } from '../../carriers/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Refusal } from '../../core/decide.ts'
import { withdrawClaimed } from '../../core/outbox/actions.ts'
import type { Action, ActionHandler, Ended } from '../../core/outbox/handlers.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { lockDeliveries } from '../held.ts'
import { type AskPayload, askKind } from '../intercepts/ask-courier.ts'
import {
  aliveOfParcels,
  lockShipments,
  type WantedParcel,
  writeInterceptState,
  writeNotAsked,
} from '../intercepts/intercept-queries.ts'
import { callSource } from '../waybills/calls.ts'
import { trackAccount } from '../waybills/track-account-queries.ts'
import { newsAddress } from './follow-calls.ts'

/** 请快递拦截: has the source of the number ask its courier for the parcel. */
export const askingCouriers: ActionHandler<OpenedShop> = {
  kind: askKind,
  name: { zh: '请快递拦截', en: 'Ask a courier for a parcel' },
  rank: 0,
  async send(shop, action, signal) {
    const { accountId, courier, waybillNo } = payloadOf(action)
    const account = await trackAccount(shop.deps.db, { id: accountId })
    const source = waybillSources.find(({ id }) => id === account?.source)
    const { intercept } = source ?? {}
    const address = account && newsAddress(shop.deps, account)
    if (!account || !source || !intercept || !address)
      throw new PlatformError('rejected', 'account_off', 'The account asks couriers no more.')
    await callSource(
      shop,
      { source, account },
      (call) => intercept.ask(call, { courier, waybillNo }, address),
      signal,
    )
    return null
  },
  // A courier that was asked twice brings the parcel back once.
  look: async () => 'repeat',
  isElsewhere: () => true,
  recheck: {
    doubt: unwanted,
    async withhold(tx, actions) {
      const given = await unwanted(tx, actions)
      const by = { actor: systemActor, reason: '不用再请快递' }
      return withdrawClaimed(
        tx,
        actions.filter(({ id }) => given.has(id)),
        by,
      )
    },
  },
  async whyNotAgain(tx, actions) {
    const wanted = new Set((await lockWanted(tx, actions.map(payloadOf))).map(keyOf))
    return new Map(
      actions.flatMap((action) =>
        wanted.has(keyOf(payloadOf(action))) ? [] : [[action.id, notWanted] as const],
      ),
    )
  },
  /** The courier is asked for all orders of the parcel. `whyNotAgain` has locked them. */
  async beforeRetry(tx, actions, actor) {
    const open = (await aliveOfParcels(tx, actions.map(payloadOf))).filter(({ state }) => state === 'open')
    const ids = open.map(({ id }) => id)
    await writeInterceptState(tx, ids, { state: 'asked', note: '再请了一次快递', by: actor.name })
    const events = open.map(({ orderId, refundNo }) => ({
      orderId,
      event: 'intercept_asked',
      detail: { refundNo },
    }))
    await noteShipping(tx, events, actor)
  },
  onResults: writeResults,
}

type Asked = Pick<AskPayload, 'courier' | 'waybillNo'>
const keyOf = ({ courier, waybillNo }: Asked) => `${courier} ${waybillNo}`

/**
 * Returns the actions that ask for a parcel that is not asked back any more: its intercepts have ended, or it has another waybill now, or the
 * warehouse pulls it out. Any order of a merged shipment may want it back.
 */
async function unwanted(db: Database | Tx, actions: readonly Action[]): Promise<ReadonlySet<string>> {
  const asked = (await aliveOfParcels(db, actions.map(payloadOf))).filter(({ state }) => state === 'asked')
  const wanted = new Set(asked.map(keyOf))
  return new Set(actions.filter((action) => !wanted.has(keyOf(payloadOf(action)))).map(({ id }) => id))
}

/** Locks the orders that want these parcels back, and returns their living intercepts. */
async function lockWanted(tx: Tx, parcels: readonly Asked[]): Promise<WantedParcel[]> {
  const before = await aliveOfParcels(tx, parcels)
  await lockDeliveries(
    tx,
    before.map(({ deliveryId }) => deliveryId),
    wholeScope,
  )
  await lockShipments(
    tx,
    before.map(({ orderId }) => orderId),
  )
  return aliveOfParcels(tx, parcels)
}

const notWanted: Refusal = {
  code: 'intercept_ended',
  message: {
    zh: '包裹不用拦了，或换了运单，不再请快递',
    en: 'The parcel is not wanted back any more, or has another waybill: its courier is not asked again',
  },
}

/** A parcel for which the courier did not take the request is wanted back still, so a person has to ask. */
async function writeResults(tx: Tx, ended: readonly Ended[]): Promise<void> {
  const refused = ended.flatMap(({ action, outcome }) => {
    const { courier, waybillNo } = payloadOf(action)
    return outcome.state === 'failed'
      ? [{ courier, waybillNo, note: `快递没接受：${outcome.message}`.slice(0, 200) }]
      : []
  })
  if (refused.length === 0) return
  await lockWanted(tx, refused)
  const events = (await writeNotAsked(tx, refused)).map(({ orderId, refundNo, note }) => ({
    ...{ orderId, event: 'intercept_not_taken', detail: { refundNo, note } },
  }))
  if (events.length > 0) await noteShipping(tx, events, systemActor)
}

function payloadOf({ id, payload }: Action): AskPayload {
  if (isPayload(payload)) return payload
  throw new Error(`Action ${id} names no parcel.`)
}

const isPayload = (value: unknown): value is AskPayload =>
  typeof value === 'object' && value !== null && 'accountId' in value && 'waybillNo' in value
