import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { measuredStream } from '../backup/measured.ts'
import type { Storage } from '../backup/place.ts'
import { assertRoom } from '../backup/refusal.ts'
import { basesIn, type StoredBase } from './base-backups.ts'
import { baseFileName } from './base-manifest.ts'
import { type LogPlace, openLogPlace } from './log-place.ts'
import { chainFrom, segmentBytes, segmentNumberAt, whyNotSegment } from './segments.ts'
import { storedName } from './send-log.ts'
import { leadsTo, readLog } from './timelines.ts'

export type CheckedLog = {
  bases: StoredBase[]
  timeline: number
  segments: number
  /** The name of the last segment; empty if there is none. */
  last: string
  wrong: string[]
}

type Checking = { place: string; folder: string; storage: Storage; scratch: string }

/** Reads every base backup of a place from which its newest timeline goes on, and each segment since the oldest of them. */
export async function checkLog({ place, folder, storage, scratch }: Checking): Promise<CheckedLog> {
  const log = openLogPlace(place, folder, storage)
  const stored = await readLog(log, scratch)
  const bases = (await basesIn(log, scratch)).filter((base) => leadsTo(base, stored))
  const [first] = bases
  const wrong: string[] = []
  if (!first)
    return { bases, timeline: stored.timeline, segments: 0, last: '', wrong: [`${folder}: 0 base backups`] }
  for (const base of bases) {
    // A full disk would count as a damaged backup.
    await assertRoom(scratch, base.manifest.storedBytes, { zh: '检查备份', en: 'check of the backup' })
    wrong.push(...(await wrongOf(base.name, () => readBaseFile(log, base, scratch))))
  }
  const { manifest } = first
  const start = { timeline: manifest.timeline, number: segmentNumberAt(manifest.startsAt) }
  const chain = chainFrom(start, stored, stored.names)
  for (const name of chain) {
    if (!stored.names.has(name)) wrong.push(`${storedName(name)}: missing`)
    else
      wrong.push(
        ...(await wrongOf(name, () => readSegment(log, { name, systemId: manifest.systemId }, scratch))),
      )
  }
  return { bases, timeline: stored.timeline, segments: chain.length, last: chain.at(-1) ?? '', wrong }
}

async function wrongOf(name: string, read: () => Promise<string | undefined>): Promise<string[]> {
  const why = await read().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
  return why === undefined ? [] : [`${name}: ${why}`]
}

async function readBaseFile(log: LogPlace, { name, manifest }: StoredBase, scratch: string) {
  const file = join(scratch, baseFileName)
  await log.get(`${name}/${baseFileName}`, file)
  const { bytes, sha256 } = await readPacked(file)
  if (sha256 !== manifest.sha256) return `sha256 ${sha256} ≠ ${manifest.sha256}`
  return bytes === manifest.bytes ? undefined : `bytes ${bytes} ≠ ${manifest.bytes}`
}

async function readSegment(
  log: LogPlace,
  { name, systemId }: { name: string; systemId: string },
  scratch: string,
) {
  const file = join(scratch, storedName(name))
  await log.get(storedName(name), file)
  const { bytes, head } = await readPacked(file)
  return bytes === segmentBytes ? whyNotSegment(name, head, systemId) : `bytes ${bytes} ≠ ${segmentBytes}`
}

async function readPacked(file: string): Promise<{ bytes: number; sha256: string; head: Buffer }> {
  const packed = measuredStream({ hashed: true })
  const plain = measuredStream()
  let head: Buffer = Buffer.alloc(0)
  const end = new Writable({
    write(chunk: Buffer, _, done) {
      if (head.length < 40) head = Buffer.concat([head, chunk.subarray(0, 40)])
      done()
    },
  })
  await pipeline(createReadStream(file), packed.stream, createZstdDecompress(), plain.stream, end)
  await rm(file)
  return { bytes: plain.bytes(), sha256: packed.sha256(), head }
}
