import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { addKey } from '../../lib/key-file.ts'
import { loadKeyRing, memoryKeyRing } from '../../lib/seal.ts'
import { openCookie, signCookie } from './auth.ts'

test('a cookie opens under the key that signed it, also after a newer one came, and under no other', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'keys-')), 'sealing.json')
  const before = await loadKeyRing(path)
  const header = `theme=dark; s=${signCookie(before, 'token')}; other=1`
  await addKey(path, { usedInMs: 0 })
  const after = await loadKeyRing(path)
  assert.deepEqual([before.current.number, after.current.number], [1, 2])
  assert.equal(openCookie(before, header, 's'), 'token')
  assert.equal(openCookie(after, header, 's'), 'token')
  assert.equal(openCookie(memoryKeyRing(), header, 's'), undefined)
})

test('what is not a signed cookie opens as nothing', () => {
  const ring = memoryKeyRing()
  const good = signCookie(ring, 'token')
  for (const header of [
    undefined,
    '',
    's',
    's=',
    's=token',
    's=.',
    's=%',
    `s=${good.slice(0, -6)}`,
    `s=x${good}`,
    `ss=${good}`,
  ]) {
    assert.equal(openCookie(ring, header, 's'), undefined, header)
  }
})
