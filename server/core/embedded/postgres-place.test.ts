import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { linkLibraries } from './postgres-place.ts'

test('the links of the database’s libraries are made once, and what is there stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-links-'))
  const library = join(folder, 'native', 'lib')
  await mkdir(library, { recursive: true })
  await writeFile(join(library, 'libpq.so.5.18'), 'the library')
  await writeFile(join(library, 'libpq.so.5'), 'another file')
  const links = ['libpq.so', 'libpq.so.5'].map((name) => ({
    source: 'native/lib/libpq.so.5.18',
    target: `native/lib/${name}`,
  }))
  await writeFile(join(folder, 'native', 'pg-symlinks.json'), JSON.stringify(links))
  await linkLibraries(folder)
  await linkLibraries(folder)
  assert.equal(await readlink(join(library, 'libpq.so')), 'libpq.so.5.18')
  await assert.rejects(readlink(join(library, 'libpq.so.5')), { code: 'EINVAL' })
  assert.deepEqual((await readdir(library)).sort(), ['libpq.so', 'libpq.so.5', 'libpq.so.5.18'])
  await rm(folder, { recursive: true })
})
