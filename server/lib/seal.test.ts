import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { memoryKeyRing, seal, searchHash, unseal } from './seal.ts'

test('a search hash is the beginning of a SHA-256 over key, kind and text', () => {
  const ring = memoryKeyRing()
  for (const value of ['', '13812341234', '王小明', 'x'.repeat(500)]) {
    const wanted = createHash('sha256')
      .update(`${ring.current.hash.toString('hex')}name\0${value}`)
      .digest()
    assert.equal(searchHash(ring, 'name', value), wanted.readUInt32BE(0))
  }
  assert.notEqual(searchHash(ring, 'name', '王小明'), searchHash(memoryKeyRing(), 'name', '王小明'))
})

test('what was sealed for one shop opens for that shop and for no other', () => {
  const ring = memoryKeyRing()
  const sealed = seal(ring, '7', '山东省济南市')
  assert.equal(unseal(ring, '7', sealed).toString('utf8'), '山东省济南市')
  assert.throws(() => unseal(ring, '8', sealed))
  assert.throws(() => unseal(memoryKeyRing(), '7', sealed))
})
