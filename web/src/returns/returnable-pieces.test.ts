import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesToReturn, piecesOf, type ReturnableOrder, withPieces } from './returnable-pieces.ts'

const order = (id: string, ...left: number[]): ReturnableOrder => ({
  id,
  no: id,
  lines: left.map((n, at) => ({
    ...{ lineNo: at + 1, title: '枕', spec: '', pictureUrl: '', outerCode: '' },
    ...{ shipped: n, left: n },
  })),
})

test('pieces that were typed for one order are not those of the next one', () => {
  const [first, second] = [order('1', 5, 2), order('2', 5, 2)]
  const [line] = first.lines
  assert.ok(line)
  const typed = withPieces({}, first.id, line, '1')
  assert.equal(piecesOf(typed, '1', line), '1')
  assert.equal(piecesOf(typed, '2', line), '5')
  assert.deepEqual(linesToReturn(first, typed), [
    { lineNo: 1, quantity: 1 },
    { lineNo: 2, quantity: 2 },
  ])
  assert.deepEqual(linesToReturn(second, typed), [
    { lineNo: 1, quantity: 5 },
    { lineNo: 2, quantity: 2 },
  ])
})

test('nothing is returned while the pieces of a line are no number up to those that are left', () => {
  const one = order('1', 5, 2)
  const [line] = one.lines
  assert.ok(line)
  for (const text of ['6', '-1', '1.5', '两'])
    assert.equal(linesToReturn(one, withPieces({}, '1', line, text)), undefined, text)
  assert.deepEqual(linesToReturn(one, withPieces({}, '1', line, '0')), [{ lineNo: 2, quantity: 2 }])
})
