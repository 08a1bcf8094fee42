import { isAboutTheServer } from '../../server/core/batches/bisect.ts'
import type { Tx } from '../../server/core/db/db.ts'
import type { Desk } from './desk-place.ts'

/** Thrown to simulate a process that ends before its commit. */
export class Died extends Error {}

/** How often the server aborted a transaction that was then retried, as batches and jobs do. */
export const given = { up: 0 }

/** Runs a transaction, and again if the server aborted it because of a conflict. */
export async function attempt<T>({ run }: Desk, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run(work)
    } catch (error) {
      if (error instanceof Died || !isAboutTheServer(error) || tries === 5) throw error
      given.up += 1
    }
  }
}
