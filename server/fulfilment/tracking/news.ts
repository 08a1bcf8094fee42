import type { ParcelNews } from '../../carriers/tracking-source.ts'
import type { Tx } from '../../core/db/db.ts'
import type { TrackAccount } from '../waybills/track-account-queries.ts'
import { trackingSourceOf } from './follow-calls.ts'
import { followedParcel } from './follow-queries.ts'
import { noteTracks, placeOf } from './note-tracks.ts'
import { lockSubscription, writeEnd } from './subscription-queries.ts'

/** Minutes. A source that gave a parcel up may be asked again after half an hour. */
const againInMinutes = 35

/**
 * Applies the news of a parcel. Its list of scans replaces the former one, but an older list that comes late changes nothing, and the same one
 * twice nothing either. Returns false for a parcel that we have not asked for.
 */
export async function applyNews(tx: Tx, account: TrackAccount, news: ParcelNews): Promise<boolean> {
  const { waybillNo, carrier, steps, ended, isWhole } = news
  // News of one parcel are applied one after the other.
  const subscription = await lockSubscription(tx, { accountId: account.id, waybillNo, courier: carrier })
  if (!subscription) return false
  const place = placeOf(steps)
  const parcels = await followedParcel(tx, {
    ...{ accountId: account.id, courier: subscription.courier, waybillNo },
  })
  const isNewer = (movedAt: Date | null) =>
    isWhole || movedAt === null || (place.movedAt !== null && place.movedAt >= movedAt)
  const rows = parcels
    .filter((parcel) => isNewer(parcel.movedAt))
    .map(({ deliveryId }) => ({ deliveryId, waybillNo, ...place }))
  await noteTracks(tx, parcels, rows)
  if (ended === undefined || subscription.state === 'ended') return true
  const most = trackingSourceOf(account.source)?.subscriptionsPerMonth ?? 1
  const isGivenUp = ended === 'abort' && steps.length === 0
  await writeEnd(tx, subscription.id, {
    reason: isGivenUp ? 'no_record' : ended === 'abort' ? 'no_change' : '',
    againInMinutes: isGivenUp && subscription.times < most && parcels.length > 0 ? againInMinutes : null,
  })
  return true
}
