import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CountLine, isGoods, isOwnFirst, openLines, withCounted } from './count-state.ts'

const line = (lineNo: number, round: number, firstById: string | null, open = true) =>
  ({ lineNo, round, open, firstById, code: 'PILLOW', barcodes: ['690'] }) as CountLine

test('first counts come first, then second counts of others, then those that one has counted oneself', () => {
  const lines = [line(1, 2, 'me'), line(2, 2, 'other'), line(3, 1, null), line(4, 1, null, false)]
  const order = openLines(lines, [], 'me').map(({ lineNo }) => lineNo)
  assert.deepEqual(order, [3, 2, 1])
  assert.deepEqual(
    lines.map((one) => isOwnFirst(one, 'me')),
    [true, false, false, false],
  )
})

test('a count that waits on the phone is not asked for again, and its second round is', () => {
  const kept = [{ lineNo: 1, round: 1 }]
  assert.deepEqual(openLines([line(1, 1, null)], kept, 'me'), [])
  assert.equal(openLines([line(1, 2, 'me')], kept, 'me').length, 1)
})

test('a counted place is not open before the task is read again, and the others are', () => {
  const lines = withCounted([line(1, 1, null), line(2, 1, null)], { lineNo: 1, round: 1 })
  assert.deepEqual(
    openLines(lines, [], 'me').map(({ lineNo }) => lineNo),
    [2],
  )
  assert.equal(withCounted([line(1, 2, 'me')], { lineNo: 1, round: 1 })[0]?.open, true)
})

test('goods are known by their code, in any case, and by their barcodes', () => {
  assert.deepEqual(
    ['pillow', '690', '69'].map((code) => isGoods(line(1, 1, null), code)),
    [true, true, false],
  )
})
