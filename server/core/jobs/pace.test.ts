import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { repeat } from './engine.ts'
import { createPace, inTurn, withPace } from './pace.ts'

const log = pino({ level: 'silent' })

test('the loops of a closed pace make no turn, those of another go on, and they continue when it is opened', async () => {
  const [one, other] = [createPace(), createPace()]
  const turns = { one: 0, other: 0 }
  const stopping = new AbortController()
  const loop = (name: 'one' | 'other') =>
    repeat(log, { name, signal: stopping.signal, everyMs: 1 }, async () => {
      turns[name] += 1
    })
  const loops = [withPace(one, () => loop('one')), withPace(other, () => loop('other'))]
  await sleep(30)
  while (!one.close()) await sleep(1)
  const before = { ...turns }
  await sleep(50)
  assert.equal(turns.one, before.one)
  assert.ok(turns.other > before.other, `${turns.other} turns`)
  one.open()
  await sleep(30)
  assert.ok(turns.one > before.one, `${turns.one} turns`)
  stopping.abort()
  await Promise.all(loops)
})

test('a pace does not close while a turn is under way, and a stopped loop waits for no opening', async () => {
  const pace = createPace()
  const work = Promise.withResolvers<string>()
  const turn = withPace(pace, () => inTurn(() => work.promise))
  assert.equal(pace.close(), false)
  work.resolve('done')
  assert.equal(await turn, 'done')
  assert.equal(pace.close(), true)
  let turns = 0
  const stopping = new AbortController()
  const loop = withPace(pace, () =>
    repeat(log, { name: 'one', signal: stopping.signal, everyMs: 1 }, async () => {
      turns += 1
    }),
  )
  await sleep(20)
  stopping.abort()
  await loop
  assert.equal(turns, 0)
})
