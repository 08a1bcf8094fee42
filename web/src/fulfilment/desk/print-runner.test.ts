import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'

Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
Object.assign(globalThis, {
  /** A print client that answers and is never asked for a label. */
  WebSocket: class extends EventTarget {
    constructor() {
      super()
      queueMicrotask(() => this.dispatchEvent(new Event('open')))
    }
    close() {}
  },
})
const { begin, giveUp, goOn, stop } = await import('./print-runner.ts')

/** What the pages asked of the server, in order; each answer waits until `answer` gives it. */
let asked: string[] = []
let held: [string, (body: object) => void][] = []
mock.method(globalThis, 'fetch', (address: string) => {
  const path = String(address).replace('/api/print-jobs/', '')
  asked.push(path)
  return new Promise((resolve) =>
    held.push([path, (body) => resolve(new Response(JSON.stringify(body), { status: 200 }))]),
  )
})
/** Answers the request of this path, and waits until its caller has gone on. */
async function answer(path: string, body: object): Promise<void> {
  const given = held.find(([one]) => one === path)
  assert.ok(given, `asked for ${path}: ${asked.join(', ')}`)
  held = held.filter((one) => one !== given)
  given[1](body)
  for (let turn = 0; turn < 5; turn++) await setImmediate()
}
const noLabels = async (id: string) => {
  await answer(id, { rows: [] })
  await answer(`${id}/next`, { documents: [] })
}
beforeEach(() => {
  asked = []
})

test('a second click while the last label is settled prints the job once', async () => {
  const first = goOn('a', '', 3)
  await goOn('a', '', 3)
  begin('b', '')
  assert.deepEqual(asked, ['a/settle'], 'the job that came meanwhile waits too')
  await answer('a/settle', {})
  await noLabels('a')
  await noLabels('b')
  await first
  assert.deepEqual(asked, ['a/settle', 'a', 'a/next', 'b', 'b/next'])
})

test('a job with unsure labels is given up: the last label in the hand is noted, and nothing is printed', async () => {
  const given = giveUp('u', 2)
  await answer('u/settle', {})
  await answer('u/stop', {})
  await given
  assert.deepEqual(asked, ['u/settle', 'u/stop'])
})

test('a job that waits for its turn and is given up is not printed', async () => {
  begin('a', '')
  begin('b', '')
  begin('c', '')
  const given = stop('b')
  await noLabels('a')
  await answer('b/stop', {})
  await noLabels('c')
  await given
  assert.deepEqual(asked, ['a', 'b/stop', 'a/next', 'c', 'c/next'])
})
