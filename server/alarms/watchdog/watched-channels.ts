import type { Database } from '../../core/db/db.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { allChannels } from '../notices/channel-queries.ts'
import { openCredentials } from '../notices/channels.ts'
import type { WatchedChannel } from './contract.ts'

/**
 * Returns the channels to which an outage is sent, with their secrets opened: all that are on and want the alarm `worker_silent`,
 * because it is the alarm of an installation that does nothing.
 */
export async function channelsToTell(db: Database, ring: KeyRing): Promise<WatchedChannel[]> {
  const channels = await allChannels(db)
  return channels
    .filter(({ enabled, kinds }) => enabled && (kinds.length === 0 || kinds.includes('worker_silent')))
    .map((channel) => {
      const { id, kind, language, quietFrom, quietTo, quietPassesBad, sendsEnd } = channel
      const credentials = openCredentials(ring, channel)
      return { id, kind, language, quietFrom, quietTo, quietPassesBad, sendsEnd, credentials }
    })
}
