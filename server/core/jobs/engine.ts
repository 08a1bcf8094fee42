import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { quietly } from '../../lib/quiet.ts'
import { inTurn } from './pace.ts'

export type Running = {
  /** Claims nothing more, finishes or unclaims the current work, and settles when the results are recorded. */
  stop(): Promise<void>
}

/** The worker that claims, and the time after which a claim ends unless renewed. */
export type Claimant = { worker: string; leaseMs: number }

/** Leases are renewed every quarter of this time. Another worker takes over the work of a killed process after 7 to 10 s. */
export const defaultLeaseMs = 9000

/** Returns the worker's name: host, process id and a random part, because a restarted process may get the same id. */
export function workerName(): string {
  return `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`
}

/** Calls `turn` again and again until aborted, when the pace permits. An error of a turn is logged, and the next turn follows. */
export async function repeat(
  log: Logger,
  { name, signal, everyMs }: { name: string; signal: AbortSignal; everyMs: number },
  turn: () => Promise<void>,
): Promise<void> {
  const warn = quietly(log)
  while (!signal.aborted) {
    const one = async () => (signal.aborted ? undefined : turn())
    await inTurn(one, signal).catch((error: unknown) => warn(error, 'a turn failed', { name }))
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
}
