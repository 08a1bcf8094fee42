import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Say } from '../words.ts'
import { changeText, figureText } from './figure-text.ts'

const say: Say = (words) => ('zh' in words ? words.en : words[1])

test('a figure is written by its kind, and one that cannot be computed as a dash', () => {
  const text = (kind: 'money' | 'percent' | 'count' | 'grams', value: number | null) =>
    figureText({ kind }, value, say)
  assert.equal(text('money', 126_800), '1,268.00')
  assert.equal(text('percent', 5.44), '5.4%')
  assert.equal(text('count', 100_358), '100,358')
  assert.equal(text('grams', 1200.4), '1,200 g')
  assert.equal(text('money', null), '–')
})

test('a change is in percent of the period before, or so many times as much; that of a percentage in points', () => {
  assert.equal(changeText({ kind: 'money' }, 104, 100, say), '+4.0%')
  assert.equal(changeText({ kind: 'count' }, 50, 100, say), '−50.0%')
  assert.equal(changeText({ kind: 'percent' }, 5.4, 5.1, say), '+0.3 pts')
  assert.equal(changeText({ kind: 'count' }, 99, 10, say), '+890.0%')
  assert.equal(changeText({ kind: 'count' }, 100, 10, say), '×10')
  assert.equal(changeText({ kind: 'money' }, 205_920, 100, say), '×2,059')
  assert.equal(changeText({ kind: 'count' }, 5, 0, say), '')
  assert.equal(changeText({ kind: 'count' }, 5, null, say), '')
})
