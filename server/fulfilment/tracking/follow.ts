import Type, { type Static } from 'typebox'
import { trackingSources } from '../../carriers/index.ts'
import { connectors } from '../../connectors/index.ts'
import { defineInstallationTaskKind, type RunContext, type RunCounts } from '../../core/tasks/kinds.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type Answered, endUnshipped } from '../track-queries.ts'
import type { OwnCallDeps } from '../waybills/calls.ts'
import { type TrackAccount, trackAccounts } from '../waybills/track-account-queries.ts'
import { callTracking, type FollowDeps, withPhones } from './follow-calls.ts'
import { dueOfAccount, endUnfollowed, giveToAccounts, takeFromAccounts } from './follow-queries.ts'
import { noteTracks, placeOf } from './note-tracks.ts'
import { subscribeDue } from './subscriptions.ts'

const params = Type.Object(
  { parcelsPerRun: Type.Integer({ default: 2000, minimum: 1, maximum: 100_000 }) },
  { additionalProperties: false },
)

/**
 * 物流跟踪 by accounts: subscribes to parcels that no platform follows, or asks for them, as each account is set. It asks for a parcel at
 * the same times as a platform is asked. An account that fails does not stop the others; its failure is then that of the run.
 */
export const followingParcels = (calls: OwnCallDeps) =>
  defineInstallationTaskKind({
    kind: 'follow_parcels',
    name: { zh: '物流跟踪（平台以外）', en: 'Track parcels outside platforms' },
    params,
    defaultSchedule: { everySeconds: 120 },
    run: (context) => followParcels({ ...context, ...calls }),
  })

type Run = RunContext<Static<typeof params>> & FollowDeps

export async function followParcels(run: Run): Promise<Partial<RunCounts>> {
  const { db, signal } = run
  const counts = { seen: 0, updated: 0, failed: 0, requests: 0, created: 0 }
  await takeFromAccounts(db)
  const accounts = await trackAccounts(db)
  if (accounts.length === 0) return counts
  while ((await endUnfollowed(db)) > 0) signal.throwIfAborted()
  const platforms = connectors.flatMap(({ id, trace }) => (trace ? [id] : []))
  for (const source of trackingSources)
    while ((await giveToAccounts(db, source, platforms)) > 0) signal.throwIfAborted()
  const idsOf = (track: TrackAccount['track']) =>
    accounts.filter((account) => account.track === track).map(({ id }) => id)
  await endUnshipped(db, { accountIds: accounts.map(({ id }) => id) })
  counts.created = await subscribeDue(db, idsOf('subscribe'), signal)
  const failures: unknown[] = []
  for (const account of accounts)
    if (account.track === 'query')
      await askAll(run, account, counts).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
  return counts
}

/** Parcels whose answers are written together, and of them those that are asked for at once. */
const batchSize = 100
const atOnce = 4

type Counts = { seen: number; updated: number; failed: number; requests: number }

async function askAll(run: Run, account: TrackAccount, counts: Counts): Promise<void> {
  const { db, params: asked, signal, progress } = run
  for (let left = asked.parcelsPerRun; left > 0; ) {
    signal.throwIfAborted()
    const due = await dueOfAccount(db, account.id, Math.min(batchSize, left))
    if (due.length === 0) return
    left -= due.length
    // The deliveries of a merged shipment have one parcel.
    const inside = Map.groupBy(due, ({ courier, waybillNo }) => `${courier} ${waybillNo}`)
    const firsts = [...inside.values()].flatMap(([first]) => first ?? [])
    const parcels = await withPhones(run, account, firsts)
    const rows: Answered[] = []
    const failures: unknown[] = []
    for (let at = 0; at < parcels.length && failures.length === 0; at += atOnce) {
      const asking = parcels.slice(at, at + atOnce).map(async (parcel) => {
        const answer = await answerOf(run, account, parcel)
        const deliveries = inside.get(`${parcel.carrier} ${parcel.waybillNo}`) ?? []
        rows.push(...deliveries.map(({ deliveryId, waybillNo }) => ({ deliveryId, waybillNo, ...answer })))
      })
      counts.requests += asking.length
      for (const one of await Promise.allSettled(asking))
        if (one.status === 'rejected') failures.push(one.reason)
    }
    counts.seen += due.length
    counts.failed += rows.filter(({ state }) => state === null).length
    // Answers are paid for, and a parcel that is asked for again within half an hour is locked, so they are kept although another failed.
    counts.updated += await db.transaction().execute((tx) => noteTracks(tx, due, rows))
    progress(counts)
    if (failures.length > 0) throw failures[0]
  }
}

/** A refusal of the parcel waits. A refusal of the account, and every other failure, ends the asking of this account. */
async function answerOf(
  run: Run,
  account: TrackAccount,
  parcel: Awaited<ReturnType<typeof withPhones>>[number],
) {
  return callTracking(
    run,
    account,
    async (source, call) => placeOf(await source.query(call, parcel)),
    run.signal,
  ).catch((error: unknown) => {
    const isOfParcel =
      error instanceof PlatformError && error.kind === 'rejected' && error.code !== 'account_refused'
    if (isOfParcel) return { state: null, movedAt: null }
    throw error
  })
}
