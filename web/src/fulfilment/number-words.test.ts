import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noNumberWords } from './number-words.ts'

test('in place of a waybill stands the same as in the state: one that no account would give is not waited for', () => {
  const numberRefusal = { zh: '没有面单账号', en: 'No account' }
  assert.deepEqual(noNumberWords({ numberState: '', numberRefusal }), ['取不了号', 'Cannot get a number'])
  assert.deepEqual(noNumberWords({ numberState: '', numberRefusal: null }), ['待取号', 'No number'])
  assert.deepEqual(noNumberWords({ numberState: 'asked', numberRefusal }), ['取号中…', 'Taking a number…'])
  assert.deepEqual(noNumberWords({ numberState: 'failed', numberRefusal }), [
    '取号失败',
    'No number was given',
  ])
})
