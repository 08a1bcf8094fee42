import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { quietly } from '../../lib/quiet.ts'

/** The handle of a loop that was started. */
export type Running = {
  /** Claims nothing more, finishes or unclaims the current work, and settles when all of it is recorded. */
  stop(): Promise<void>
}

/** The worker that claims, and the time after which a claim ends unless renewed. */
export type Claimant = { worker: string; leaseMs: number }

/** Leases are renewed every quarter of this time, so another worker takes over the work of a killed process after 7 to 10 s. */
export const defaultLeaseMs = 9000

/** Returns the worker's name: host, process id and a random part, so that no two workers share a name, even after a restart. */
export function workerName(): string {
  return `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`
}

/** Calls `turn` again and again until aborted. A failed turn (the database restarts, for example) is logged, and the next one follows. */
export async function repeat(
  log: Logger,
  { name, signal, everyMs }: { name: string; signal: AbortSignal; everyMs: number },
  turn: () => Promise<void>,
): Promise<void> {
  const warn = quietly(log)
  while (!signal.aborted) {
    await turn().catch((error: unknown) => warn(error, 'a turn failed', { name }))
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
}
