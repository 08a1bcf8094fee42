import { secondMs } from '../../lib/time.ts'
import { silentSeconds } from '../push-state.ts'
import type { Connection } from './connection.ts'

/** By then also the row of the channel says that it is silent. */
const silentMs = silentSeconds * secondMs + 500

/**
 * Finds out when a channel becomes silent, without the database. The answer is called now and then with the milliseconds since the last
 * sign (null: it is not connected) and returns true once for each silence.
 */
export function silenceOf(now: () => number): (heardMs: number | null) => boolean {
  let heardAt: number | undefined
  return (heardMs) => {
    if (heardMs !== null && heardMs < silentMs) heardAt = now() - heardMs
    if (heardAt === undefined || now() - heardAt < silentMs) return false
    heardAt = undefined
    return true
  }
}

type Watched = { held: () => Iterable<Connection>; now: () => number; onSilent: () => void }

/** Calls `onSilent` when one of the connections that are held has become silent. The answer ends the watch. */
export function watchSilence({ held, now, onSilent }: Watched): () => void {
  const silences = new WeakMap<Connection, ReturnType<typeof silenceOf>>()
  const timer = setInterval(() => {
    for (const connection of held()) {
      const isSilent = silences.get(connection) ?? silenceOf(now)
      silences.set(connection, isSilent)
      if (isSilent(connection.heardMs())) onSilent()
    }
  }, secondMs)
  return () => clearInterval(timer)
}
