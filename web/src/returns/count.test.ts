import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add, addWrong, countOf, isEmpty, nothing, receiptOf, wholeOf, withoutWrong } from './count.ts'
import type { ReturnRow } from './types.ts'

const line = (lineNo: number, skuCode: string, quantity: number, good = 0) => ({
  lineNo,
  orderId: '1',
  orderLineNo: lineNo,
  title: '四件套',
  spec: '',
  pictureUrl: '',
  outerCode: `OUT-${skuCode}`,
  skuCode,
  quantity,
  good,
  defective: 0,
})
const row = { id: '7', version: 3, lines: [line(1, 'BED', 2), line(2, 'CUP', 3, 1)] } as unknown as ReturnRow

test('each scanned piece counts for the first line that lacks one, whichever code it carries', () => {
  const one = add(nothing, row, 'bed', 'good')
  const two = one && add(one, row, 'OUT-BED', 'defective')
  assert.deepEqual(two && countOf(two, 1), { good: 1, defective: 1 })
  assert.deepEqual(two && countOf(two, 2), { good: 0, defective: 0 })
})

test('one piece more than was asked for is wrong goods, and a strange code is nobody’s', () => {
  let count = wholeOf(row)
  count = add(count, row, 'BED', 'good') ?? assert.fail('not on the return')
  assert.deepEqual(count.wrong, { BED: 1 })
  assert.deepEqual(countOf(count, 1), { good: 2, defective: 0 })
  assert.equal(add(count, row, 'LAMP', 'good'), undefined)
  const both = addWrong(count, 'LAMP')
  assert.deepEqual(both.wrong, { BED: 1, LAMP: 1 })
  assert.deepEqual(withoutWrong(both, 'LAMP').wrong, { BED: 1 })
  const again = add(count, row, 'out-bed', 'good') ?? assert.fail('not on the return')
  assert.deepEqual(again.wrong, { BED: 2 }, 'by the code of our SKU, which a receipt takes')
})

test('what came before is not counted again', () => {
  assert.deepEqual(wholeOf(row).byLine, { 1: { good: 2, defective: 0 }, 2: { good: 2, defective: 0 } })
  assert.deepEqual([isEmpty(nothing), isEmpty(wholeOf(row))], [true, false])
  assert.deepEqual(receiptOf(row, addWrong(wholeOf(row), 'LAMP')), {
    id: '7',
    version: 3,
    lines: [
      { lineNo: 1, good: 2, defective: 0 },
      { lineNo: 2, good: 2, defective: 0 },
    ],
    wrong: [{ skuCode: 'LAMP', quantity: 1 }],
  })
})
