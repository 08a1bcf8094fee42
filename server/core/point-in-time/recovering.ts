import { readFile, rm, writeFile } from 'node:fs/promises'
import { StartError } from '../../lib/stopping.ts'

// This file beside the cluster exists only while a restored cluster takes the place of the former one. Without it a start in that moment would
// create an empty database.

const fileOf = (dataDir: string) => `${dataDir}.restoring`

/** `before`: where the former cluster is moved to; empty if there is none. */
export const markRecovering = (dataDir: string, before: string): Promise<void> =>
  writeFile(fileOf(dataDir), before, { mode: 0o600, flush: true })

export const removeRecoveringMark = (dataDir: string): Promise<void> => rm(fileOf(dataDir), { force: true })

/** Where a restore that was killed moved the former cluster to; undefined if none was. */
export const formerCluster = (dataDir: string): Promise<string | undefined> =>
  readFile(fileOf(dataDir), 'utf8').catch(() => undefined)

export async function assertNotRecovering(dataDir: string): Promise<void> {
  if ((await formerCluster(dataDir)) === undefined) return
  throw new StartError(
    '恢复到一个时间点没有完成:请重新执行同一条 npm run restore -- … --at …\n' +
      'A restore to a point in time was broken off. Run the same npm run restore -- … --at … again.',
  )
}
