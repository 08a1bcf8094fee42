import { chown, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from '../embedded/postgres-place.ts'

const scriptName = 'sanyi-keep-segment.sh'

/**
 * PostgreSQL calls it for each segment of its log that is complete, as the account of the server: with its path and name, in the folder of the
 * cluster. The server may reuse the segment once it has ended with 0. It copies the segment into the folder beside the cluster, from which
 * the log keeper takes it on; without that folder nothing is kept. A draft gets its name when it is on the disk and equals the segment, so a
 * kill or a full disk leaves no half of one. A second call for the same segment does nothing, and a different file is never overwritten.
 */
const script = `#!/bin/sh
from=$1
name=$2
kept=$(pwd -P).kept
[ -d "$kept" ] || exit 0
to=$kept/$name
draft=$kept/.$name.$$
if [ -e "$to" ]; then
  if cmp -s "$from" "$to" && sync "$to"; then exit 0; fi
  echo "$to exists, and differs" >&2
  exit 1
fi
rm -f "$kept/.$name."*
if cp "$from" "$draft" && sync "$draft" && cmp -s "$from" "$draft" && ln "$draft" "$to" && sync "$kept"; then
  rm -f "$draft"
  exit 0
fi
rm -f "$draft"
exit 1
`

/** There is no such script for Windows. */
export const keepsLogs = process.platform !== 'win32'

/** The settings of the embedded server with which it hands over its log. */
export const keepingSettings: Record<string, string> = keepsLogs
  ? { archive_mode: 'on', archive_command: `sh ${scriptName} %p %f` }
  : {}

export async function writeKeepingScript({ cluster, account }: Place): Promise<void> {
  if (!keepsLogs) return
  const file = join(cluster, scriptName)
  // A server that still runs reads the former file to its end.
  await rm(file, { force: true })
  await writeFile(file, script, { mode: 0o600 })
  if (account) await chown(file, account.uid, account.gid)
}

/** The folder of complete segments that are on their way. The log is kept while it exists. */
export const keptLogOf = (cluster: string): string => `${cluster}.kept`

/** Names the place and the base backup from which the log in the folder of segments goes on. */
export const startFileOf = (kept: string): string => join(kept, '.start')

/**
 * Before a server of this folder writes without handing over its log. A restore cannot read past that part of the log, so it goes on from a new
 * base backup, which is made at the next start.
 */
export async function breakLog(dataDir: string): Promise<void> {
  const cluster = await realpath(dataDir).catch(() => undefined)
  if (cluster !== undefined) await rm(startFileOf(keptLogOf(cluster)), { force: true })
}

/** True if the server of this folder hands over its log. */
export const keepsLog = async (dataDir: string): Promise<boolean> =>
  stat(keptLogOf(await realpath(dataDir))).then(
    () => true,
    () => false,
  )
