import { trackingSources, waybillSources } from '../../carriers/index.ts'
import type { FollowedParcel, NewsAddress, TrackingSource } from '../../carriers/tracking-source.ts'
import type { Call } from '../../connectors/connector.ts'
import type { Database } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { unseal } from '../../lib/seal.ts'
import { contentsOf } from '../../orders/holds/parcel-contents.ts'
import type { CallDeps } from '../../shops/calls.ts'
import { openSender } from '../waybills/accounts.ts'
import { callOwn, type OwnCallDeps } from '../waybills/calls.ts'
import type { TrackAccount } from '../waybills/track-account-queries.ts'

export type FollowDeps = OwnCallDeps & { db: Database }

export const trackingSourceOf = (id: string): TrackingSource | undefined =>
  trackingSources.find((source) => source.id === id)

/** Makes a call of the tracking source with the account's own credentials, and tries it once. */
export function callTracking<T>(
  deps: OwnCallDeps,
  account: TrackAccount,
  work: (source: TrackingSource, call: Call) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const tracking = trackingSourceOf(account.source)
  const source = waybillSources.find(({ id }) => id === account.source)
  if (!tracking || !source)
    throw new AppError('not_found', { what: { zh: '物流跟踪来源', en: 'Tracking source' } })
  return callOwn(deps, { source, account }, (call) => work(tracking, call), signal)
}

/**
 * Returns the parcels as the source is asked for them. A courier that wants a phone gets the receiver's, or the sender's if the platform has
 * masked the receiver's.
 */
export async function withPhones(
  { db, ring }: Pick<FollowDeps, 'db' | 'ring'>,
  account: TrackAccount,
  parcels: readonly { courier: string; waybillNo: string; orderId: string }[],
): Promise<(FollowedParcel & { orderId: string })[]> {
  const source = trackingSourceOf(account.source)
  const asking = parcels.filter(({ courier }) => source?.needsPhone(courier))
  const contents = await contentsOf(
    db,
    ring,
    asking.map(({ orderId }) => orderId),
  )
  const sender = openSender(ring, account.shopId, account.sender)
  return parcels.map(({ courier: carrier, waybillNo, orderId }) => {
    const receiver = contents.get(orderId)?.receiver
    const own = receiver?.mobile || receiver?.phone || ''
    const phone = own === '' || own.includes('*') ? sender.mobile || sender.phone : own
    return { carrier, waybillNo, orderId, phone: source?.needsPhone(carrier) ? phone : '' }
  })
}

/** Returns the address to which the source of an account sends its news; undefined: the account has none yet. */
export function newsAddress(
  { ring, publicUrl = '' }: Pick<CallDeps, 'ring' | 'publicUrl'>,
  { shopId, trackHook, trackSalt }: TrackAccount,
): NewsAddress | undefined {
  if (!trackSalt) return undefined
  const callbackUrl = `${publicUrl}/api/parcel-news/${trackHook}`
  return { callbackUrl, salt: unseal(ring, shopId, trackSalt).toString('utf8') }
}
