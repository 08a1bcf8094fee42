import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../testing/until.ts'
import { addKey, dropKey, listKeys, watchKeyFile } from './key-file.ts'
import { loadKeyRing, seal, searchHash, searchHashes, unseal } from './seal.ts'

async function aKeyFile(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'keys-')), 'sealing.json')
}

const hour = 3_600_000

test('a process that runs learns a new key at once and begins to seal with it when its time has come', async () => {
  const path = await aKeyFile()
  const ring = await loadKeyRing(path)
  const sealed = seal(ring, '1', 'before')
  const told: number[] = []
  const unwatch = watchKeyFile(ring, path, { everyMs: 5, onChange: (now) => told.push(now.current.number) })
  const { usedFrom } = await addKey(path, { usedInMs: 150 })
  await until(() => ring.byNumber.size === 2)
  assert.equal(ring.current.number, 1)
  await until(() => ring.current.number === 2)
  assert.ok(Date.now() >= usedFrom.getTime())
  unwatch()
  assert.deepEqual(told, [1, 2])
  assert.equal(seal(ring, '1', 'after')[1], 2)
  assert.equal(unseal(ring, '1', sealed).toString(), 'before')
})

test('two processes that learn a key at different moments open and find what the other wrote', async () => {
  const path = await aKeyFile()
  const [early, late] = [await loadKeyRing(path), await loadKeyRing(path)]
  const unwatch = watchKeyFile(early, path, { everyMs: 5 })
  await addKey(path)
  await until(() => early.byNumber.size === 2)
  assert.equal(unseal(late, '1', seal(early, '1', 'text')).toString(), 'text')
  assert.ok(searchHashes(late, 'mobile', '13812341234').includes(searchHash(early, 'mobile', '13812341234')))
  unwatch()
})

test('a file that is broken, half written or gone leaves the ring as it is, and is told once', async () => {
  const path = await aKeyFile()
  const ring = await loadKeyRing(path)
  const whole = await readFile(path, 'utf8')
  let told = 0
  const unwatch = watchKeyFile(ring, path, { everyMs: 5, onError: () => (told += 1) })
  for (const text of [whole.slice(0, 40), '{"keys":[]}', '{"keys":[{"number":1,"seal":"","hash":""}]}']) {
    await writeFile(path, text)
    await sleep(40)
  }
  await rm(path)
  await sleep(40)
  assert.equal(told, 1)
  assert.equal(ring.current.number, 1)
  assert.equal(ring.byNumber.size, 1)
  await writeFile(path, whole)
  await addKey(path, { usedInMs: 0 })
  await until(() => ring.current.number === 2)
  unwatch()
})

test('a key is dropped only when a newer one has been in use for five minutes', async () => {
  const path = await aKeyFile()
  await loadKeyRing(path)
  await assert.rejects(dropKey(path, 1), /add a newer one first/)
  await addKey(path)
  await assert.rejects(dropKey(path, 1), /add a newer one first/)
  await assert.rejects(dropKey(path, 2), /add a newer one first/)
  await assert.rejects(dropKey(path, 1, Date.now() + 120_000), /less than five minutes ago/)
  await assert.rejects(dropKey(path, 7, Date.now() + hour), /no key 7/)
  assert.deepEqual(
    (await listKeys(path)).map(({ number, state }) => [number, state]),
    [
      [1, 'current'],
      [2, 'coming'],
    ],
  )
  await dropKey(path, 1, Date.now() + hour)
  assert.deepEqual([...(await loadKeyRing(path)).byNumber.keys()], [2])
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.equal((await addKey(path)).number, 3)
})
