import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { untar } from './untar.ts'

/** The head of a file in an archive. */
function head(name: string, size: number): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0)
  block.write(size.toString(8).padStart(11, '0'), 124)
  block.write('        ', 148)
  block.write('0', 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

test('a file that cannot be written fails the stream, also when it fails between two parts of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-untar-'))
  await writeFile(join(folder, 'taken'), 'of before')
  const stream = untar(folder, async () => {})
  const failed = new Promise<Error>((settle) => stream.once('error', settle))
  stream.write(Buffer.concat([head('taken', 600_000), Buffer.alloc(100)]))
  await sleep(100)
  stream.write(Buffer.alloc(300_000))
  assert.equal(Object(await failed).code, 'EEXIST')
  assert.equal(await readFile(join(folder, 'taken'), 'utf8'), 'of before')
  await rm(folder, { recursive: true })
})
