import assert from 'node:assert/strict'
import { test } from 'node:test'

// The module reads the browser's language when it is loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { rowsBetween, toggled } = await import('./rows.ts')

const rows = ['1', '2', '3', '4'].map((id) => ({ id }))

test('a row is chosen, and pressed again it is not', () => {
  assert.deepEqual(toggled(new Set(['1']), '3'), ['1', '3'])
  assert.deepEqual(toggled(new Set(['1', '3']), '1'), ['3'])
})

test('all rows from one to another are meant, in either order', () => {
  assert.deepEqual(rowsBetween(rows, '2', '4'), ['2', '3', '4'])
  assert.deepEqual(rowsBetween(rows, '4', '2'), ['2', '3', '4'])
  assert.deepEqual(rowsBetween(rows, '3', '3'), ['3'])
})

test('where the row of before has gone, nothing lies between', () => {
  assert.deepEqual(rowsBetween(rows, '9', '2'), [])
  assert.deepEqual(rowsBetween(rows, '2', '9'), [])
  assert.deepEqual(rowsBetween([], '2', '2'), [])
})
