import type { Logger } from 'pino'
import type { Directory } from '../core/directory/directory.ts'
import { compareClocks } from '../core/embedded/house-process.ts'
import { repeat } from '../core/jobs/engine.ts'
import { followDirectory } from '../lib/clock.ts'

const everyMs = 15_000

/** Lets this process follow the time of the directory's database. Settles after the first comparison; the answer settles when it has ended. */
export async function followTime(
  { db }: Directory,
  log: Logger,
  signal: AbortSignal,
): Promise<{ ended: Promise<void> }> {
  followDirectory()
  await compareClocks(db, 'directory')
  return {
    ended: repeat(log, { name: 'time', signal, everyMs }, async () => {
      await compareClocks(db, 'directory')
    }),
  }
}
