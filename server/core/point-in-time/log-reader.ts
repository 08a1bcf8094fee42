import { chown, copyFile, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from '../embedded/postgres-place.ts'
import type { LogPlace } from './log-place.ts'
import { isHistory, nameOfSegment, segmentOf, whyNotSegment } from './segments.ts'
import { storedName, unpack } from './send-log.ts'

/**
 * PostgreSQL calls it for each file of the log that it reads, as the account of the server, which may not read the place itself. It asks this process
 * through files of one folder. It ends with 0 when the file is in its place, with 1 if there is none, and above 125, which ends the recovery, if
 * it is not known or no answer comes within ten minutes.
 */
const script = `#!/bin/sh
folder=$1
name=$2
: > "$folder/$name.wanted"
tries=0
while [ $tries -lt 30000 ]; do
  if [ -e "$folder/$name.ready" ]; then mv "$folder/$name.ready" "$3"; exit; fi
  if [ -e "$folder/$name.none" ]; then rm -f "$folder/$name.none"; exit 1; fi
  if [ -e "$folder/failed" ]; then exit 200; fi
  sleep 0.02
  tries=$((tries + 1))
done
exit 200
`

export type LogSource = {
  place: LogPlace
  /** The names of the log's files that the place has. */
  names: ReadonlySet<string>
  systemId: string
  /** Folders of the broken-down installation that still have the end of its log. */
  disks: readonly string[]
}

export type LogReader = {
  command: string
  /** The first segment that was asked for and is nowhere. */
  missing(): string | undefined
  /** The error because of which the recovery was ended. */
  failure(): unknown
  stop(): Promise<void>
}

/** Answers the requests of a recovering server for files of the log. The next segments are fetched while it reads one. */
export async function startLogReader(
  folder: string,
  source: LogSource,
  account: Account | undefined,
): Promise<LogReader> {
  const own = async (path: string) => {
    if (account) await chown(path, account.uid, account.gid)
  }
  const file = join(folder, 'read-log.sh')
  await writeFile(file, script, { mode: 0o600 })
  await own(file)
  const stopping = new AbortController()
  const fetched = new Map<string, Promise<string | undefined>>()
  let missing: string | undefined
  let failure: unknown
  const fetch = (name: string): Promise<string | undefined> => {
    const begun = fetched.get(name) ?? fetchFile(source, folder, name)
    // An error is thrown where the file is asked for.
    begun.catch(() => {})
    fetched.set(name, begun)
    return begun
  }
  const answer = async (name: string) => {
    const found = await fetch(name)
    fetched.delete(name)
    if (found === undefined) {
      if (segmentOf(name)) missing ??= name
      return writeFile(join(folder, `${name}.none`), '')
    }
    await own(found)
    await rename(found, join(folder, `${name}.ready`))
    const segment = segmentOf(name)
    if (!segment) return
    if (missing !== undefined && segment.number >= (segmentOf(missing)?.number ?? 0)) missing = undefined
    for (const ahead of [1, 2]) {
      const next = nameOfSegment({ ...segment, number: segment.number + ahead })
      if (source.names.has(next)) void fetch(next)
    }
  }
  const loop = async () => {
    while (!stopping.signal.aborted) {
      for (const entry of await readdir(folder)) {
        if (!entry.endsWith('.wanted')) continue
        await rm(join(folder, entry))
        await answer(entry.slice(0, -'.wanted'.length))
      }
      await sleep(10)
    }
  }
  const ended = loop().catch(async (error: unknown) => {
    failure = error
    await writeFile(join(folder, 'failed'), '')
  })
  return {
    command: `sh ${quoted(file)} ${quoted(folder)} %f %p`,
    missing: () => missing,
    failure: () => failure,
    async stop() {
      stopping.abort()
      await ended
      await Promise.allSettled(fetched.values())
    },
  }
}

/** A path in a shell's command, in which PostgreSQL replaces signs of percent. */
const quoted = (path: string) => `'${path.replaceAll("'", `'\\''`).replaceAll('%', '%%')}'`

/** Brings a file of the log into the folder, and returns its path. The place comes before the disk of the old installation. */
async function fetchFile(source: LogSource, folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, `${name}.fetched`)
  if (source.names.has(name)) {
    const packed = join(folder, storedName(name))
    await source.place.get(storedName(name), packed)
    await unpack(packed, path)
    await rm(packed)
    await assertSegment(path, name, source.systemId)
    return path
  }
  for (const disk of source.disks) {
    const isThere = await copyFile(join(disk, name), path).then(
      () => true,
      () => false,
    )
    // The server keeps used files under the names of segments to come.
    if (isThere && (isHistory(name) || (await whyNot(path, name, source.systemId)) === undefined)) return path
  }
  await rm(path, { force: true })
  return undefined
}

async function assertSegment(path: string, name: string, systemId: string): Promise<void> {
  const why = await whyNot(path, name, systemId)
  if (why !== undefined) throw new Error(`${storedName(name)}: ${why}.`)
}

async function whyNot(path: string, name: string, systemId: string): Promise<string | undefined> {
  const head = Buffer.alloc(40)
  const file = await open(path, 'r')
  try {
    const { bytesRead } = await file.read(head, 0, head.length, 0)
    return whyNotSegment(name, head.subarray(0, bytesRead), systemId)
  } finally {
    await file.close()
  }
}
