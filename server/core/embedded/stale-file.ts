import { mkdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Removes the lock file of a process that ended. One process at a time does it (`turn`: the folder that this one makes meanwhile) and reads
 * the file again first; otherwise it could remove the lock that another process has just taken. The caller looks again afterwards.
 */
export async function clearAway(
  file: string,
  { turn, isStale }: { turn: string; isStale: (text: string) => Promise<boolean> },
): Promise<void> {
  const mine = await mkdir(turn).then(
    () => true,
    () => false,
  )
  if (!mine) {
    const since = await stat(turn).catch(() => undefined)
    // Clearing takes milliseconds. A folder that is older was left by a process that died.
    if (since && Date.now() - since.mtimeMs > 5000) await rmdir(turn).catch(() => {})
    await sleep(20)
    return
  }
  try {
    // If the lock file is missing, there is nothing to remove: another process may take the lock at this moment.
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text !== undefined && (await isStale(text))) await rm(file, { force: true })
  } finally {
    await rmdir(turn).catch(() => {})
  }
}
