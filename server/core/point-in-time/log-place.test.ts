import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type StorageDouble, startStorage } from '../../../sandbox/storage/storage.ts'
import { logFolder, openLogPlace } from './log-place.ts'
import { segmentBytes } from './segments.ts'
import { type Sending, sendFile, waitingFiles } from './send-log.ts'

const systemId = '7'
const name = '000000010000000000000005'
let storage: StorageDouble
let folder: string

before(async () => {
  storage = await startStorage('logs')
  folder = await mkdtemp(join(tmpdir(), 'sanyi-log-place-'))
})
after(async () => {
  await storage[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

for (const kind of ['bucket', 'folder'] as const) {
  test(`two machines that keep one log in a ${kind}: the later one replaces no segment, and says so; the same segment is taken`, async () => {
    const place = kind === 'bucket' ? 's3://logs/shop' : join(folder, 'place')
    // Each begins before the other has sent anything.
    const [first, clone, same] = [
      await machine(place, `${kind}-first`, 1),
      await machine(place, `${kind}-clone`, 2),
      await machine(place, `${kind}-same`, 1),
    ]
    await sendFile(first, name)
    const stored = await storedAt(first)
    await assert.rejects(sendFile(clone, name), /已有另一个 000000010000000000000005\.zst/)
    assert.deepEqual(await waitingFiles(clone.kept), [name])
    await sendFile(same, name)
    assert.deepEqual(await waitingFiles(same.kept), [])
    assert.ok((await storedAt(first)).equals(stored))
    assert.deepEqual(await first.place.list(), [`${name}.zst`])
    assert.deepEqual(await readdir(same.scratch), [])
  })
}

/** A machine on which a segment with this content waits. */
async function machine(place: string, machineName: string, content: number): Promise<Sending> {
  const [kept, scratch] = [join(folder, machineName, 'kept'), join(folder, machineName, 'scratch')]
  for (const path of [kept, scratch]) await mkdir(path, { recursive: true })
  await writeFile(join(kept, name), segment(content))
  const bucket = {
    ...{ endpoint: storage.endpoint, region: 'cn-east-1', pathStyle: true },
    ...{ keyId: storage.key.id, secret: storage.key.secret },
  }
  const opened = openLogPlace(place, logFolder(systemId), { bucket, staging: join(folder, 'staging') })
  return { place: opened, systemId, kept, scratch }
}

/** The beginning of a segment of this database, as PostgreSQL writes it. */
function segment(content: number): Buffer {
  const bytes = Buffer.alloc(64)
  bytes.writeBigUInt64LE(5n * BigInt(segmentBytes), 8)
  bytes.writeBigUInt64LE(BigInt(systemId), 24)
  bytes.writeUInt32LE(segmentBytes, 32)
  bytes[50] = content
  return bytes
}

async function storedAt({ place }: Sending): Promise<Buffer> {
  const file = join(folder, 'stored')
  await place.get(`${name}.zst`, file)
  return await readFile(file)
}
