import type { Logger } from 'pino'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { type Running, repeat } from '../../core/jobs/engine.ts'
import {
  answeredShipments,
  anyUnchecked,
  claimShops,
  forgetTrades,
  nowAndKnownTo,
  tradesToCheck,
  writeCheckOutcomes,
} from '../../fulfilment/asking/ask-marks.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { safeError } from '../../lib/safe-error.ts'
import { secondMs } from '../../lib/time.ts'
import { lockWithShipmentAndChildren } from '../../orders/holds/shipping.ts'
import type { CallDeps, OpenedShop } from '../../shops/calls.ts'
import { convertRefunds } from '../refunds/convert-refunds.ts'
import { lockRefunds } from '../staged/refund-queries.ts'
import { lockTrades } from '../staged/trade-queries.ts'
import { checkRefundsOfShop, type RefundCheckOptions } from './ask.ts'
import { unconvertedOf } from './ask-queries.ts'

/** Seconds between two checks of deliveries that wait for shipping. */
const everySeconds = 20
/** The part of a shop's rate limit for these checks. Downloads and users have the rest. */
const share = 0.25
/** The most shops that one process checks at the same time. */
const most = 20
/** The longest time for the check of a shop. */
const waitMs = 15 * secondMs
/** The most trades of one check, on platforms that are asked by trade. A quarter of a slow shop's rate allows about this many. */
const tidsOfLook = 2000

export type RefundCheckLoop = { deps: CallDeps; log: Logger; everyMs?: number }

/** Checks in advance the shops that have deliveries waiting for shipping, so that users who ship do not wait for the platforms. */
export function startRefundChecks({ deps, log, everyMs = secondMs }: RefundCheckLoop): Running {
  const stopping = new AbortController()
  const limiter = createLimiter()
  const live = new Set<Promise<void>>()
  const look = async (shopId: string) => {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(waitMs)])
    const inTurn: RefundCheckOptions['inTurn'] = (opened, work) =>
      limiter.run(opened.limiterKey, shareOf(opened.rate), work, signal)
    await checkShopRefunds(deps, shopId, { signal, tries: 2, inTurn, actor: systemActor })
  }
  const turn = async () => {
    if (live.size >= most) return
    for (const { shopId } of await claimShops(deps.db, most - live.size, everySeconds)) {
      const looking: Promise<void> = look(shopId)
        .catch((error: unknown) =>
          log.warn({ err: safeError(error), shop: shopId }, 'asking for refunds failed'),
        )
        .finally(() => live.delete(looking))
      live.add(looking)
    }
  }
  const asking = repeat(log, { name: 'asking for refunds', signal: stopping.signal, everyMs }, turn)
  return {
    async stop() {
      stopping.abort()
      await asking
      await Promise.all(live)
    },
  }
}

const shareOf = ({ perSecond, concurrent }: OpenedShop['rate']) => ({
  perSecond: Math.max(1, perSecond * share),
  concurrent: Math.max(1, Math.floor(concurrent * share)),
})

/** Checks the refunds of a shop's deliveries that wait for shipping, and of its unchecked shipments. */
export async function checkShopRefunds(
  deps: CallDeps,
  shopId: string,
  how: RefundCheckOptions,
): Promise<void> {
  const { db } = deps
  const { now, knownTo } = await nowAndKnownTo(db, shopId)
  const isListed = knownTo !== null && now.getTime() - knownTo.getTime() < everySeconds * secondMs
  // If the refunds were downloaded recently, no call is needed. Unchecked shipments need an answer that is newer than their shipping.
  if (!isListed || (await anyUnchecked(db, shopId)))
    await checkRefundsOfShop(deps, shopId, () => tradesToCheck(db, shopId, everySeconds / 2, tidsOfLook), {
      ...how,
      everything: true,
    })
  await resolveUnchecked(db, shopId)
  await forgetTrades(db, shopId)
}

/** Applies the refunds of unchecked shipments to their orders, which also creates the intercepts. */
async function resolveUnchecked(db: Database, shopId: string): Promise<void> {
  const parcels = await answeredShipments(db, shopId)
  if (parcels.length === 0) return
  await db.transaction().execute(async (tx) => {
    const tids = [...new Set(parcels.map(({ tid }) => tid))]
    await lockAll(tx, shopId, tids, parcels)
    const refunds = await unconvertedOf(tx, shopId, tids)
    const outcomes = await convertRefunds(
      tx,
      refunds.map(({ id }) => id),
      { actor: systemActor, scope: wholeScope },
    )
    const left = new Set(outcomes.filter(({ done }) => !done).map(({ id }) => id))
    const unapplied = refunds.filter(({ id }) => left.has(id)).map(({ tid }) => tid)
    await writeCheckOutcomes(tx, parcels, unapplied)
  })
}

/** Takes all row locks before it changes anything, so that it waits for transactions that undo a shipping or apply a refund. */
async function lockAll(
  tx: Tx,
  shopId: string,
  tids: readonly string[],
  parcels: readonly { orderId: string }[],
): Promise<void> {
  const trades = await lockTrades(tx, shopId, tids)
  await lockRefunds(tx, shopId, [], tids)
  const roots = trades.flatMap(({ order_id }) => order_id ?? [])
  await lockWithShipmentAndChildren(tx, [...roots, ...parcels.map(({ orderId }) => orderId)])
}
