import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { keepingSettings, keptLogOf, writeKeepingScript } from './keeping-script.ts'

const name = '000000010000000000000007'
let folder: string
let cluster: string
let kept: string

before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'sanyi 留日志 ')))
})
after(() => rm(folder, { recursive: true, force: true }))
beforeEach(async () => {
  cluster = await mkdtemp(join(folder, 'cluster-'))
  kept = keptLogOf(cluster)
  await writeKeepingScript({ cluster, programs: '', account: undefined })
  await mkdir(join(cluster, 'pg_wal'))
  await mkdir(kept)
})

test('a segment is copied once, also when the server hands it over twice', async () => {
  await segment('seven')
  assert.equal(handOver(), 0)
  assert.equal(handOver(), 0)
  assert.deepEqual(await readdir(kept), [name])
  assert.equal(await readFile(join(kept, name), 'utf8'), 'seven')
})

test('another file of the same name is never overwritten, and the server keeps its segment', async () => {
  await writeFile(join(kept, name), 'of another')
  await segment('seven')
  assert.equal(handOver(), 1)
  assert.deepEqual(await readdir(kept), [name])
  assert.equal(await readFile(join(kept, name), 'utf8'), 'of another')
})

test('what a killed copy left behind is never taken for a segment, and the next call removes it', async () => {
  await writeFile(join(kept, `.${name}.4711`), 'sev')
  await segment('seven')
  assert.equal(handOver(), 0)
  assert.deepEqual(await readdir(kept), [name])
})

test('a copy for which there is no room leaves nothing, and the server keeps its segment', async () => {
  await segment('7'.repeat(200_000))
  assert.notEqual(handOver('ulimit -f 100; '), 0)
  assert.deepEqual(
    (await readdir(kept)).filter((each) => !each.startsWith('.')),
    [],
  )
  assert.equal(handOver(), 0)
  assert.deepEqual(await readdir(kept), [name])
  assert.equal((await readFile(join(kept, name), 'utf8')).length, 200_000)
})

test('without the folder nothing is kept, and the server goes on', async () => {
  await rm(kept, { recursive: true })
  await segment('seven')
  assert.equal(handOver(), 0)
  assert.deepEqual((await readdir(folder)).includes(kept.split('/').at(-1) ?? ''), false)
})

const segment = (text: string) => writeFile(join(cluster, 'pg_wal', name), text)

/** Calls the script as the server does. */
function handOver(before = ''): number | null {
  const command = (keepingSettings['archive_command'] ?? '')
    .replace('%p', `pg_wal/${name}`)
    .replace('%f', name)
  const ran = spawnSync('/bin/sh', ['-c', before + command], { cwd: cluster, encoding: 'utf8' })
  return ran.status
}
