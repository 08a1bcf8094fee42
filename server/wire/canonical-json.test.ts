import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson } from './canonical-json.ts'

test('JSON to be signed has sorted names at every level, no spaces, no escapes of markup, and all digits of long numbers', () => {
  const value = { b: [{ z: true, a: '<b>&</b>' }], a: 3_539_925_204_033_339_668n, c: undefined, aa: 0 }
  assert.equal(canonicalJson(value), '{"a":3539925204033339668,"aa":0,"b":[{"a":"<b>&</b>","z":true}]}')
  assert.equal(canonicalJson({}), '{}')
})
