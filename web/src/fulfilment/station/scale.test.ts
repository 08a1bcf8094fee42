import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gramsOf } from './scale.ts'

test('the lines of usual scales are read as grams', () => {
  assert.deepEqual(gramsOf('ST,GS,+  4.420kg'), { grams: 4420, steady: true })
  assert.deepEqual(gramsOf('US,GS,+  4.4 kg'), { grams: 4400, steady: false })
  assert.deepEqual(gramsOf('   812 g'), { grams: 812, steady: true })
  assert.deepEqual(gramsOf('+000.512'), { grams: 512, steady: true })
  assert.equal(gramsOf('ERR'), undefined)
})
