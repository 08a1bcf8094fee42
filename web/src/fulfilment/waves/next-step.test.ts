import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextStepOf } from './next-step.ts'

const wave = (
  status: 'open' | 'picking' | 'picked' | 'sorting' | 'done',
  sorting: 'none' | 'picking' | 'after',
) => ({ status, sorting, claimedById: status === 'open' ? null : '7' })

test('a picked wave is sorted as long as pieces wait for that, and then handed over, also if none was ever sorted', () => {
  const after = (status: 'picked' | 'sorting', unsorted?: number) =>
    nextStepOf(wave(status, 'after'), '7', unsorted)
  assert.deepEqual(
    [after('picked'), after('picked', 2), after('picked', 0), after('sorting', 1), after('sorting', 0)],
    ['sort', 'sort', 'handOver', 'sort', 'handOver'],
  )
  assert.equal(nextStepOf(wave('picked', 'picking'), '7', 0), 'handOver')
})

test('a wave is claimed, picked by who has it, taken over by others, and has no step when it is done', () => {
  assert.deepEqual(
    [
      nextStepOf(wave('open', 'none'), '7'),
      nextStepOf(wave('picking', 'none'), '7'),
      nextStepOf(wave('picking', 'none'), '8'),
      nextStepOf(wave('done', 'after'), '7', 0),
    ],
    ['claim', 'pick', 'takeOver', undefined],
  )
})
