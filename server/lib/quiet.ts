import type { Logger } from 'pino'
import { safeError } from './safe-error.ts'

/**
 * Milliseconds within which a repeated warning is logged at most once, because many loops fail several times a second while a database is
 * down.
 */
const everyMs = 30_000

export type Warn = (error: unknown, message: string, fields?: Record<string, unknown>) => void

/** Logs repeated warnings: the first at once, the next after `everyMs` with the number of repetitions. */
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
    // A warning that is not repeated for a while is forgotten.
    for (const [other, { at }] of told) if (now() - at >= 2 * everyMs) told.delete(other)
    told.set(key, { at: now(), again: 0 })
    log.warn({ ...fields, err, ...(last && last.again > 0 ? { again: last.again } : {}) }, message)
  }
}
