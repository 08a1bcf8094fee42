import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { memoryKeyRing, seal, searchHash, unseal } from './seal.ts'

test('a search hash is the beginning of HMAC-SHA256, however it is computed', () => {
  const ring = memoryKeyRing()
  for (const value of ['', '13812341234', '王小明', 'x'.repeat(500)]) {
    const wanted = createHmac('sha256', ring.current.hash).update(`name\0${value}`).digest().readUInt32BE(0)
    assert.equal(searchHash(ring, 'name', value), wanted)
  }
})

test('what was sealed for one shop opens for that shop and for no other', () => {
  const ring = memoryKeyRing()
  const sealed = seal(ring, '7', '山东省济南市')
  assert.equal(unseal(ring, '7', sealed).toString('utf8'), '山东省济南市')
  assert.throws(() => unseal(ring, '8', sealed))
  assert.throws(() => unseal(memoryKeyRing(), '7', sealed))
})
