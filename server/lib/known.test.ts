import assert from 'node:assert/strict'
import { test } from 'node:test'
import { known } from './known.ts'

test('a key that a map lacks is an error, and an empty value is none', () => {
  const map = new Map([['7', '']])
  assert.equal(known(map, '7'), '')
  assert.throws(() => known(map, '8'), { message: 'Nothing is known of 8.' })
})
