import { waybillSources } from '../../carriers/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Action, ActionHandler, Ended } from '../../core/outbox/handlers.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { lockDeliveries } from '../held.ts'
import { type AskPayload, askKind } from '../intercepts/ask-courier.ts'
import { interceptsIn, lockShipments, writeNotAsked } from '../intercepts/intercept-queries.ts'
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
  onResults: writeResults,
}

/** A parcel for which the courier did not take the request is wanted back still, so a person has to ask. */
async function writeResults(tx: Tx, ended: readonly Ended[]): Promise<void> {
  const refused = ended.flatMap(({ action, outcome }) =>
    outcome.state === 'failed'
      ? [{ id: action.subjectId, note: `快递没接受：${outcome.message}`.slice(0, 200) }]
      : [],
  )
  if (refused.length === 0) return
  const rows = await interceptsIn(
    tx,
    refused.map(({ id }) => id),
    wholeScope,
  )
  await lockDeliveries(
    tx,
    rows.map(({ deliveryId }) => deliveryId),
    wholeScope,
  )
  await lockShipments(
    tx,
    rows.map(({ orderId }) => orderId),
  )
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
