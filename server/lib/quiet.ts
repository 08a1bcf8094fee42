import type { Logger } from 'pino'
import { safeError } from './safe-error.ts'

/** The same trouble is told again so often at most: while a database is away, each of many loops meets it several times a second. */
const everyMs = 30_000

export type Warn = (error: unknown, message: string, fields?: Record<string, unknown>) => void

/** Warns of what goes wrong again and again: the first time at once, then with how often it happened meanwhile. */
export function quietly(log: Logger, now: () => number = () => performance.now()): Warn {
  const told = new Map<string, { at: number; again: number }>()
  return (error, message, fields = {}) => {
    const err = safeError(error)
    const key = JSON.stringify([message, fields, err.type, err.code])
    const last = told.get(key)
    if (last && now() - last.at < everyMs) {
      last.again += 1
      return
    }
    // Whatever has not come back since is over.
    for (const [other, { at }] of told) if (now() - at >= 2 * everyMs) told.delete(other)
    told.set(key, { at: now(), again: 0 })
    log.warn({ ...fields, err, ...(last && last.again > 0 ? { again: last.again } : {}) }, message)
  }
}
