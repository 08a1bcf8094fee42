import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { PlatformError } from '../../lib/platform-error.ts'
import { until } from '../../testing/until.ts'
import { systemActor } from '../access/actor.ts'
import type { ActionHandler } from './handlers.ts'
import { createShopQueues } from './lanes.ts'
import type { ClaimedAction } from './queries.ts'
import type { Taken } from './writer.ts'

const handler: ActionHandler<object> = {
  kind: 'ship',
  name: { zh: '回写', en: 'Ship' },
  rank: 0,
  async send() {
    throw new PlatformError('retry', 'http_502', 'Bad gateway')
  },
  onResults: async () => {},
}

let made = 0
function anAction(): ClaimedAction {
  made += 1
  return {
    ...{ id: String(made), shopId: '1', kind: 'ship', subjectType: 'delivery', subjectId: String(made) },
    ...{
      idempotencyKey: String(made),
      payload: {},
      secret: null,
      attempt: 1,
      unclear: false,
      looks: 0,
      claim: 1,
    },
    ...{ createdAt: new Date(), createdBy: systemActor, state: 'sending', answer: null, probe: false },
  }
}

test('an action whose shop took too long to open is given back, because its claim would end before the call', async (t) => {
  const { promise: opened, resolve: open } = Promise.withResolvers<object>()
  const taken: Taken[] = []
  let sent = 0
  const queues = createShopQueues({
    log: pino({ level: 'silent' }),
    handlers: [
      {
        ...handler,
        async send() {
          sent += 1
        },
      },
    ],
    openShop: () => opened,
    onTaken: (one) => taken.push(one),
    onRoom: () => {},
  })
  queues.add([anAction()], performance.now())
  const now = performance.now()
  t.mock.method(performance, 'now', () => now + 16_000)
  open({})
  await until(() => taken.length === 1)
  assert.deepEqual(
    [sent, taken[0]?.verdict.change.state, taken[0]?.verdict.change.uncounted],
    [0, 'pending', true],
  )
})

test('an action that was claimed long before it reached its shop is given back unsent', async () => {
  const taken: Taken[] = []
  let opened = 0
  const queues = createShopQueues({
    log: pino({ level: 'silent' }),
    handlers: [handler],
    openShop: async () => {
      opened += 1
      return {}
    },
    onTaken: (one) => taken.push(one),
    onRoom: () => {},
  })
  queues.add([anAction()], performance.now() - 16_000)
  await until(() => taken.length === 1)
  assert.deepEqual([opened, taken[0]?.verdict.change.state], [0, 'pending'])
})

test('a shop that another worker opened again is closed by three more silences, not by the first', async () => {
  const taken: Taken[] = []
  const queues = createShopQueues({
    log: pino({ level: 'silent' }),
    handlers: [handler],
    openShop: async () => ({}),
    onTaken: (one) => taken.push(one),
    onRoom: () => {},
  })
  const words = async (actions: number) => {
    const before = taken.length
    queues.add(Array.from({ length: actions }, anAction), performance.now())
    await until(() => taken.length === before + actions)
    return taken.slice(before).map(({ word }) => word)
  }
  assert.deepEqual(await words(3), [undefined, undefined, 'away'])
  // Its state was stored. Meanwhile the probe of another worker was answered, of which this one does not learn.
  queues.noted(['1'])
  assert.deepEqual(await words(1), [undefined])
  assert.deepEqual(await words(2), [undefined, 'away'])
})
