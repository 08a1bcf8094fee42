import type { Logger } from 'pino'
import { safeError } from './safe-error.ts'

/** The same warning is logged at most once in this time: while a database is down, each of many loops fails several times a second. */
const everyMs = 30_000

export type Warn = (error: unknown, message: string, fields?: Record<string, unknown>) => void

/** Logs repeated errors: the first time at once, then with the number of repetitions since the last line. */
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
    // Errors that have not been repeated for a while are forgotten.
    for (const [other, { at }] of told) if (now() - at >= 2 * everyMs) told.delete(other)
    told.set(key, { at: now(), again: 0 })
    log.warn({ ...fields, err, ...(last && last.again > 0 ? { again: last.again } : {}) }, message)
  }
}
