import { systemActor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { enqueueActions } from '../../core/outbox/actions.ts'
import type { Action, ActionHandler, Ended } from '../../core/outbox/handlers.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { trackAccount } from '../waybills/track-account-queries.ts'
import { callTracking, newsAddress, withPhones } from './follow-calls.ts'
import { awaitNews } from './follow-queries.ts'
import {
  beginAgain,
  insertSubscriptions,
  type Subscription,
  subscriptionById,
  writeSubscribed,
} from './subscription-queries.ts'

/** The kind of platform action that asks a source for news of a parcel; payload `{ subscriptionId }`. */
export const subscribeKind = 'parcel.subscribe'

const batchSize = 500

/** Subscribes to parcels of these accounts that are due, and again to those whose time has come. Returns how many. */
export async function subscribeDue(
  db: Database,
  accountIds: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  for (let all = 0; ; ) {
    signal.throwIfAborted()
    const count = await db.transaction().execute(async (tx) => {
      const made = await insertSubscriptions(tx, accountIds, batchSize)
      const again = await beginAgain(tx, batchSize)
      await orderSubscriptions(tx, [...made, ...again])
      await awaitNews(tx, accountIds)
      return made.length + again.length
    })
    all += count
    if (count === 0) return all
  }
}

const orderSubscriptions = (tx: Tx, subscriptions: readonly Subscription[]) =>
  enqueueActions(
    tx,
    subscriptions.map(({ id, shopId, times }) => ({
      ...{ shopId, kind: subscribeKind, subject: { type: 'parcel_subscription', id } },
      ...{ idempotencyKey: `${subscribeKind}/${id}/${times}`, payload: { subscriptionId: id } },
    })),
    systemActor,
  )

/** 订阅物流: asks the source of an account for news of a parcel. Asking again is harmless. */
export const subscribing: ActionHandler<OpenedShop> = {
  kind: subscribeKind,
  name: { zh: '订阅物流', en: 'Subscribe to a parcel' },
  rank: 3,
  async send(shop, action, signal) {
    const deps = { ...shop.deps, limiter: shop.limiter }
    const subscription = await subscriptionById(deps.db, subscriptionOf(action))
    const account = subscription && (await trackAccount(deps.db, { id: subscription.accountId }))
    const address = account && newsAddress(deps, account)
    if (!subscription || account?.track !== 'subscribe' || !address)
      throw new PlatformError('rejected', 'account_off', 'The account subscribes to parcels no more.')
    const [parcel] = await withPhones(deps, account, [subscription])
    if (!parcel) return null
    await callTracking(deps, account, (source, call) => source.subscribe(call, parcel, address), signal)
    return null
  },
  look: async () => 'repeat',
  isElsewhere: () => true,
  onResults: writeResults,
}

async function writeResults(tx: Tx, ended: readonly Ended[]): Promise<void> {
  const rows = ended
    .map(({ action, outcome }) => {
      const id = subscriptionOf(action)
      if (outcome.state === 'succeeded' || outcome.state === 'forced')
        return { id, state: 'live' as const, reason: '' }
      const reason = outcome.state === 'failed' ? outcome.code : 'ended_by_hand'
      return { id, state: 'failed' as const, reason }
    })
    .toSorted((one, other) => Number(one.id) - Number(other.id))
  await awaitNews(tx, await writeSubscribed(tx, rows))
}

function subscriptionOf({ id, payload }: Action): string {
  if (typeof payload === 'object' && payload !== null && 'subscriptionId' in payload)
    return String(payload.subscriptionId)
  throw new Error(`Action ${id} names no subscription.`)
}
