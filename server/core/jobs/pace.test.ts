import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { repeat } from './engine.ts'
import { createPace, inJobTurn, inTurn, type Pace, type Paces, withPaces } from './pace.ts'

const log = pino({ level: 'silent' })
const alone = (loops: Pace): Paces => ({ loops, jobs: createPace() })

test('the loops of a closed pace make no turn, those of another go on, and they continue when it is opened', async () => {
  const [one, other] = [createPace(), createPace()]
  const turns = { one: 0, other: 0 }
  const stopping = new AbortController()
  const loop = (name: 'one' | 'other') =>
    repeat(log, { name, signal: stopping.signal, everyMs: 1 }, async () => {
      turns[name] += 1
    })
  const loops = [withPaces(alone(one), () => loop('one')), withPaces(alone(other), () => loop('other'))]
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

test('while a turn takes long, others wait from the closing on until the next opening', async () => {
  const pace = createPace()
  const work = Promise.withResolvers<void>()
  const slow = withPaces(alone(pace), () => inTurn(() => work.promise))
  assert.equal(pace.close(), false)
  let turns = 0
  const other = withPaces(alone(pace), () =>
    inTurn(async () => {
      turns += 1
    }),
  )
  await sleep(20)
  assert.equal(turns, 0)
  pace.open()
  await other
  assert.equal(turns, 1)
  work.resolve()
  await slow
  assert.equal(pace.close(), true)
})

test('a pace does not close while a turn is under way, and a stopped loop waits for no opening', async () => {
  const pace = createPace()
  const work = Promise.withResolvers<string>()
  const turn = withPaces(alone(pace), () => inTurn(() => work.promise))
  assert.equal(pace.close(), false)
  work.resolve('done')
  assert.equal(await turn, 'done')
  assert.equal(pace.close(), true)
  let turns = 0
  const stopping = new AbortController()
  const loop = withPaces(alone(pace), () =>
    repeat(log, { name: 'one', signal: stopping.signal, everyMs: 1 }, async () => {
      turns += 1
    }),
  )
  await sleep(20)
  stopping.abort()
  await loop
  assert.equal(turns, 0)
})

test('jobs have a pace of their own', async () => {
  const given = { loops: createPace(), jobs: createPace() }
  given.jobs.close()
  const done: string[] = []
  const fetched = withPaces(given, () => inJobTurn(async () => void done.push('job')))
  await withPaces(given, () => inTurn(async () => void done.push('loop')))
  await sleep(10)
  assert.deepEqual(done, ['loop'])
  given.jobs.open()
  await fetched
  assert.deepEqual(done, ['loop', 'job'])
})
