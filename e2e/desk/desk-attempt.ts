import { isAboutTheServer } from '../../server/core/batches/bisect.ts'
import type { Tx } from '../../server/core/db/db.ts'
import type { Desk } from './desk-place.ts'

/** Thrown by a process that is gone before it commits. */
export class Died extends Error {}

/** How often the server gave a transaction up, and its caller tried again as a batch and a job do. */
export const given = { up: 0 }

/** One transaction, tried again when the server gave it up for its own reasons. */
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
