import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterLook, afterSent, dueNow, type Outage, usualPace } from './outage.ts'

const why = { zh: '连不上', en: 'cannot be reached' }
const silent = { why, wanted: false }
const answers = { why: undefined, wanted: false }
const channels = [
  { id: '1', sendsEnd: true },
  { id: '2', sendsEnd: false },
]

/** Looks that fail at these seconds. */
const missed = (...seconds: number[]) =>
  seconds.reduce<Outage | null>((outage, second) => afterLook(outage, silent, second * 1000), null)

const due = (outage: Outage | null, second: number) =>
  outage ? dueNow(outage, channels, usualPace, second * 1000) : []

test('a house is down after 45 s of silence, and not after two looks that are far apart', () => {
  assert.deepEqual(due(missed(0, 10, 20, 44), 44), [])
  assert.deepEqual(
    due(missed(0, 10, 20, 30, 45), 45).map(({ channelId, what }) => [channelId, what]),
    [
      ['1', 'bad'],
      ['2', 'bad'],
    ],
  )
  assert.deepEqual(due(missed(0, 3600), 3600), [])
})

test('a house that answers again in time, or was never told of, leaves nothing to say', () => {
  assert.equal(afterLook(missed(0, 10, 20), answers, 30_000), null)
  assert.equal(afterLook(missed(0, 10, 20, 50), answers, 60_000), null)
})

test('an outage is told once, again after an hour, and its end to those who want ends and heard of it', () => {
  const open = missed(0, 10, 20, 50)
  assert.ok(open)
  const [first, second] = due(open, 50)
  assert.ok(first && second)
  const partly = afterSent(open, [first], channels, 50_000)
  assert.deepEqual(due(partly, 60), [second])
  const whole = partly && afterSent(partly, [second], channels, 60_000)
  assert.deepEqual(due(whole, 3649), [])
  assert.deepEqual(due(whole, 3650), [{ channelId: '1', what: 'bad', isAgain: true }])
  const over = afterLook(whole, answers, 4_000_000)
  assert.deepEqual(due(over, 4000), [{ channelId: '1', what: 'ended', isAgain: false }])
  assert.equal(over && afterSent(over, due(over, 4000), channels, 4_000_000), null)
})

test('an end that could not be told waits, and a single failed look meanwhile says nothing to the others', () => {
  const open = missed(0, 10, 20, 50)
  const told = open && afterSent(open, due(open, 50), channels, 50_000)
  const over = afterLook(told, answers, 100_000)
  const waiting = over && afterSent(over, [], channels, 100_000)
  assert.deepEqual(Object.keys(waiting?.sent ?? {}), ['1'])
  const again = afterLook(waiting, silent, 20_000_000)
  assert.deepEqual([again?.since, again?.misses, again?.endedAt], [20_000_000, 1, null])
  assert.deepEqual(due(again, 20_000), [])
  const well = afterLook(again, answers, 20_010_000)
  assert.deepEqual([well?.since, well?.endedAt], [0, 100_000])
  assert.deepEqual(due(well, 20_010), [{ channelId: '1', what: 'ended', isAgain: false }])
})

test('another outage while a channel waits for the end of the first is told to all, with its own beginning, and ends for both', () => {
  const open = missed(0, 10, 20, 50)
  const told = open && afterSent(open, due(open, 50), channels, 50_000)
  const over = afterLook(told, answers, 600_000)
  const waiting = over && afterSent(over, [], channels, 600_000)
  const second = [1500, 1510, 1520, 1550].reduce<Outage | null>(
    (outage, second) => afterLook(outage, { why, wanted: second === 1500 }, second * 1000),
    waiting,
  )
  assert.deepEqual([second?.since, second?.wanted], [1_500_000, true])
  assert.deepEqual(due(second, 1550), [])
  const both = due(second, 2400)
  assert.deepEqual(both, [
    { channelId: '1', what: 'bad', isAgain: false },
    { channelId: '2', what: 'bad', isAgain: false },
  ])
  // The first channel is in its quiet hours still.
  const partly = second && afterSent(second, both.slice(1), channels, 2_400_000)
  const ended = afterLook(partly, answers, 3_000_000)
  assert.deepEqual([ended?.since, ended?.endedAt], [1_500_000, 3_000_000])
  assert.deepEqual(due(ended, 3000), [{ channelId: '1', what: 'ended', isAgain: false }])
})

test('a wanted stop is down after a quarter of an hour, and one that is back before leaves nothing to say', () => {
  const stopped = (...seconds: number[]) =>
    seconds.reduce<Outage | null>(
      // Only the first look that fails follows the word of the installation.
      (outage, second) => afterLook(outage, { why, wanted: outage === null }, second * 1000),
      null,
    )
  assert.deepEqual(due(stopped(0, 10, 20, 60, 899), 899), [])
  assert.deepEqual(
    due(stopped(0, 10, 20, 60, 900), 900).map(({ channelId }) => channelId),
    ['1', '2'],
  )
  assert.equal(afterLook(stopped(0, 10, 20, 600), answers, 610_000), null)
})
