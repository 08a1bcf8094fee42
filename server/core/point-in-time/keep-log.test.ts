import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import pino from 'pino'
import { fromChinaTime } from '../../lib/time.ts'
import { writtenBase } from './base-manifest.ts'
import { keepBases } from './keep-log.ts'
import { openLogPlace } from './log-place.ts'

test('a base backup for which the disk has no room is not begun, and the log is kept on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-room-'))
  const storage = { bucket: undefined, staging: join(folder, 'staging') }
  const place = join(folder, 'place')
  const name = 'base-20261128-043001'
  await writeBase(join(place, 'log-7', name), name, 1e15)
  const [kept, scratch] = [join(folder, 'kept'), join(folder, 'scratch')]
  for (const path of [kept, scratch]) await mkdir(path)
  await writeFile(join(kept, '.start'), `${place}\n${name}\n`)
  const keeping = {
    ...{ url: '', cluster: '', log: pino({ level: 'silent' }), systemId: '7', days: 2 },
    ...{ kept, scratch, storage, placeName: place, place: openLogPlace(place, 'log-7', storage) },
  }
  await assert.rejects(
    keepBases(keeping, fromChinaTime('2026-11-30 05:00:00')),
    /scratch has \d+.* left, and the base backup needs about/,
  )
  assert.deepEqual([await readdir(scratch), await readdir(kept)], [[], ['.start']])
  assert.deepEqual(await readdir(join(place, 'log-7')), [name])
  await rm(folder, { recursive: true })
})

test('the log goes on from the base backup after its last gap and each later one, also once that one is removed as old', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-bases-'))
  const storage = { bucket: undefined, staging: join(folder, 'staging') }
  const place = join(folder, 'place')
  const names = ['base-20261128-043001', 'base-20261129-101500', 'base-20261130-043001']
  for (const name of names) await writeBase(join(place, 'log-7', name), name)
  const [kept, scratch] = [join(folder, 'kept'), join(folder, 'scratch')]
  for (const path of [kept, scratch]) await mkdir(path)
  const keeping = {
    ...{ url: '', cluster: '', log: pino({ level: 'silent' }), systemId: '7', days: 2 },
    ...{ kept, scratch, storage, placeName: place, place: openLogPlace(place, 'log-7', storage) },
  }
  const goesOnFrom = async (start: string) => {
    await writeFile(join(kept, '.start'), `${place}\n${start}\n`)
    const bases = await keepBases(keeping, fromChinaTime('2026-11-30 05:00:00'))
    return bases.map(({ name }) => name)
  }
  assert.deepEqual(await goesOnFrom('base-20261129-101500'), names.slice(1))
  assert.deepEqual(await goesOnFrom('base-20261127-043001'), names)
  await rm(folder, { recursive: true })
})

async function writeBase(folder: string, name: string, storedBytes = 1): Promise<void> {
  const [, day = '', time = ''] = name.split('-')
  const at = `${day.replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')} ${time.replace(/(\d\d)(\d\d)(\d\d)/, '$1:$2:$3')}`
  await mkdir(folder, { recursive: true })
  const manifest = {
    ...{ format: 1 as const, systemId: '7', endedAt: fromChinaTime(at).toISOString(), timeline: 1 },
    ...{ startsAt: '0/2000028', endsAt: '0/2000158', version: '0.1.0', serverVersion: '18.1' },
    ...{ bytes: 1, storedBytes, sha256: '0'.repeat(64) },
  }
  await writeFile(join(folder, 'base.json'), writtenBase(manifest))
}
