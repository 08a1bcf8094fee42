import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WaveDetail } from '../fulfilment/waves/types.ts'
import { lackingBaskets, withPicks } from './pick-state.ts'

const detail = {
  left: 5,
  unsorted: 0,
  wave: { picked: 2 },
  lines: [
    {
      ...{ seq: 1, wanted: 3, picked: 1, done: false },
      baskets: [
        { basket: 1, pieces: 2, picked: 1, stopped: false },
        { basket: 2, pieces: 1, picked: 0, stopped: true },
        { basket: 3, pieces: 2, picked: 0, stopped: false },
      ],
    },
    {
      seq: 2,
      wanted: 2,
      picked: 0,
      done: false,
      baskets: [{ basket: 1, pieces: 2, picked: 0, stopped: false }],
    },
  ],
  baskets: [],
} as unknown as WaveDetail

const shown = (seq: number, after: WaveDetail) => {
  const line = after.lines.find((one) => one.seq === seq)
  return [line?.wanted, line?.done, line?.baskets.map(({ picked }) => picked).join()]
}

test('picks that wait on the phone are shown as taken, the first baskets first and stopped ones left out', () => {
  const after = withPicks(detail, [
    { seq: 1, pieces: 1 },
    { seq: 1, pieces: 1 },
  ])
  assert.deepEqual(shown(1, after), [1, false, '2,0,1'])
  assert.deepEqual(shown(2, after), [2, false, '0'])
  assert.deepEqual([after.left, after.wave.picked], [3, 4])
})

test('of too few pieces the first baskets get theirs, and the last ones lack them', () => {
  const [line] = detail.lines
  assert.ok(line)
  assert.deepEqual(
    [0, 1, 2, 3].map((found) => lackingBaskets(line, found)),
    [[1, 3], [3], [3], []],
  )
})

test('a line is done with its last piece, and nothing changes without picks', () => {
  assert.deepEqual(shown(2, withPicks(detail, [{ seq: 2, pieces: 2 }])), [0, true, '2'])
  assert.equal(withPicks(detail, []), detail)
})
