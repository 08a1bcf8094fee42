import { randomBytes } from 'node:crypto'
import type { By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { assertPublicHost } from '../../wire/public-address.ts'
import { openCredentials } from '../waybills/accounts.ts'
import { trackAccount, writeTrack } from '../waybills/track-account-queries.ts'
import type { TrackWay } from '../waybills/track-ways-contract.ts'
import { trackingSourceOf } from './follow-calls.ts'
import { askInsteadOfNews } from './follow-queries.ts'

export type TrackPlace = { ring: KeyRing; publicUrl: string; simulator: boolean }

/**
 * Sets how an account follows parcels. The first subscription gives it an address and a salt of its own. Throws `invalid_input` for a source
 * that follows none, for a missing credential, and for subscriptions if the source cannot reach this installation.
 */
export async function setTracking(
  tx: Tx,
  { ring, publicUrl, simulator }: TrackPlace,
  { id, track }: { id: string; track: TrackWay },
  { actor, scope }: By,
): Promise<void> {
  const account = await trackAccount(tx, { id })
  if (!account || !inScope(scope, account.shopId)) throw new AppError('not_found', { what })
  const source = trackingSourceOf(account.source)
  if (track !== 'none') {
    if (!source) throw refused({ zh: '这个来源不跟踪包裹', en: 'this source follows no parcels' })
    const lacking = source.lacks(openCredentials(ring, account), track)
    if (lacking) throw refused({ zh: `账号没有填 ${lacking.zh}`, en: `the account has no ${lacking.en}` })
  }
  if (track === 'subscribe' && !simulator && !isPublic(publicUrl))
    throw refused({
      zh: '快递100 连不到这台机器。先把 PUBLIC_URL 设成外网地址，或改用按次查询',
      en: 'the source cannot reach this machine: set PUBLIC_URL to a public address, or ask for parcels instead',
    })
  const address =
    track === 'subscribe' && account.trackHook === ''
      ? { hook: randomText(24), salt: seal(ring, account.shopId, randomText(18)) }
      : null
  await writeTrack(tx, id, track, address)
  if (account.track === 'subscribe' && track === 'query') await askInsteadOfNews(tx, id)
  await audit(tx, {
    ...{ actor, action: 'waybill_account.track', subject: { type: 'waybill_account', id } },
    ...{ shopId: account.shopId, detail: { track } },
  })
}

/** Names of the local network end in .local, or have no dot. */
function isPublic(url: string): boolean {
  const { hostname } = new URL(url)
  try {
    assertPublicHost(hostname)
    return hostname.includes('.') && !hostname.endsWith('.local')
  } catch {
    return false
  }
}

const randomText = (bytes: number) => randomBytes(bytes).toString('base64url')
const refused = (detail: LocalizedText) => new AppError('invalid_input', { detail }, 'track')
const what = { zh: '电子面单账号', en: 'Waybill account' }
