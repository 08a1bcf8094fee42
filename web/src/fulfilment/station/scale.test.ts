import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { gramsOf, readScale } from './scale.ts'

test('the lines of usual scales are read as grams', () => {
  assert.deepEqual(gramsOf('ST,GS,+  4.420kg'), { grams: 4420, steady: true })
  assert.deepEqual(gramsOf('US,GS,+  4.4 kg'), { grams: 4400, steady: false })
  assert.deepEqual(gramsOf('   812 g'), { grams: 812, steady: true })
  assert.deepEqual(gramsOf('+000.512'), { grams: 512, steady: true })
  assert.equal(gramsOf('ERR'), undefined)
})

/** A port whose lines are sent by the test. */
function aPort() {
  const port = { closed: 0, send: (_line: string) => {}, end: () => {} }
  const readable = new ReadableStream<Uint8Array>({
    start(stream) {
      port.send = (line) => stream.enqueue(new TextEncoder().encode(`${line}\n`))
      port.end = () => stream.close()
    },
  })
  const close = async () => {
    port.closed += 1
  }
  return { port, serial: { open: async () => {}, close, readable } }
}

test('a steady weight that was not taken is offered again, and once taken never', async () => {
  mock.timers.enable({ apis: ['Date'] })
  const { port, serial } = aPort()
  const offered: boolean[] = []
  let takes = false
  const ended = readScale(
    serial,
    new AbortController().signal,
    () => {},
    (grams) => {
      assert.equal(grams, 4420)
      offered.push(takes)
      return takes
    },
  )
  for (const taking of [false, false, true, true]) {
    takes = taking
    port.send('ST,GS,+  4.420kg')
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    mock.timers.tick(900)
  }
  port.end()
  await ended
  mock.timers.reset()
  assert.deepEqual(offered, [false, true])
  assert.equal(port.closed, 1)
})

test('a port that opens after the page was left is closed', async () => {
  const { port, serial } = aPort()
  await readScale(
    serial,
    AbortSignal.abort(),
    () => {},
    () => true,
  )
  assert.equal(port.closed, 1)
})
