import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { quietly } from '../../lib/quiet.ts'

/** What starts gives back. */
export type Running = {
  /** Takes nothing new, ends or gives back what is in hand, and settles when all of it is recorded. */
  stop(): Promise<void>
}

/** Whose claims these are, and how long one lasts without a sign of life. */
export type Claimant = { worker: string; leaseMs: number }

/** Renewed every quarter of it, so work of a killed process is taken up by another after 7 to 10 s. */
export const defaultLeaseMs = 9000

/** Host, process and a random part: two workers never share a name, not even across restarts. */
export function workerName(): string {
  return `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`
}

/** One turn after another until aborted. A turn that fails (the database restarts) is followed by the next all the same. */
export async function repeat(
  log: Logger,
  name: string,
  signal: AbortSignal,
  everyMs: number,
  turn: () => Promise<void>,
): Promise<void> {
  const warn = quietly(log)
  while (!signal.aborted) {
    await turn().catch((error: unknown) => warn(error, 'a turn failed', { name }))
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
}
