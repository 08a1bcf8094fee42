import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { PlatformError } from '../../lib/platform-error.ts'
import { systemActor } from '../access/actor.ts'
import type { ActionHandler, Verification } from './handlers.ts'
import type { ClaimedAction } from './queries.ts'
import { performAction } from './runs.ts'

const log = pino({ level: 'silent' })
const handler: ActionHandler<object> = {
  kind: 'ship',
  name: { zh: '回写', en: 'Ship' },
  rank: 0,
  send: async () => 'ok',
  onResults: async () => {},
}

function anAction(own: Partial<ClaimedAction>): ClaimedAction {
  return {
    ...{ id: '1', shopId: '1', kind: 'ship', subjectType: 'delivery', subjectId: '1', idempotencyKey: '1' },
    ...{ payload: {}, secret: null, attempt: 1, unclear: false, looks: 0, claim: 1 },
    ...{ createdAt: new Date(), createdBy: systemActor, state: 'sending', answer: null, probe: false },
    ...own,
  }
}

function looked(word: Verification, own: Partial<ClaimedAction>) {
  const action = anAction({ state: 'unknown', ...own })
  return performAction({ handler: { ...handler, look: async () => word }, action, shop: {}, log })
}

function failed(error: PlatformError) {
  const send = async () => {
    throw error
  }
  return performAction({
    handler: { ...handler, send, look: async () => 'repeat' },
    action: anAction({}),
    shop: {},
    log,
  })
}

test('what a look shows as not done is sent again at once, then later and later, and after the last attempt a person decides', async (t) => {
  t.mock.method(Math, 'random', () => 0.5)
  const next = async (word: Verification, own: Partial<ClaimedAction>) => {
    const { state, nextInMs, errorCode } = (await looked(word, own)).change
    return [state, nextInMs, errorCode]
  }
  assert.deepEqual(
    await Promise.all([1, 2, 5, 9].map((attempt) => next('not_done', { attempt }))),
    [0, 1000, 8000, 128_000].map((ms) => ['pending', ms, '']),
  )
  assert.deepEqual(await next('repeat', { attempt: 5 }), ['pending', 8000, ''])
  assert.deepEqual(await next('not_done', { attempt: 10 }), ['unknown', null, 'not_done'])
  assert.deepEqual(await next('repeat', { attempt: 11 }), ['unknown', null, 'cannot_tell'])
  assert.deepEqual(await next('done', { attempt: 11 }), ['succeeded', null, ''])
})

test('the sends of a probe ask no person while the platform is away, until a day has passed', async () => {
  const { change } = await looked('repeat', { attempt: 40, probe: true })
  assert.deepEqual([change.state, change.away], ['pending', true])
  const old = new Date(Date.now() - 25 * 3_600_000)
  const late = await looked('repeat', { attempt: 40, probe: true, createdAt: old })
  assert.deepEqual([late.change.state, late.change.nextInMs], ['unknown', null])
})

test('an unclear answer that says more keeps what it says: the ban of the shop, the end of its authorisation', async () => {
  const limited = await failed(
    new PlatformError('rate_limited', 'slow', 'slow down', { waitMs: 40_000, unclear: true }),
  )
  assert.deepEqual([limited.change.state, limited.banMs, limited.reauthorise], ['unknown', 40_000, undefined])
  const ended = await failed(new PlatformError('reauthorise', '27', 'invalid session', { unclear: true }))
  assert.deepEqual([ended.change.state, ended.banMs, ended.reauthorise], ['unknown', undefined, true])
  const silent = await failed(new PlatformError('retry', 'timeout', '', { unclear: true }))
  assert.deepEqual(
    [silent.change.state, silent.banMs, silent.reauthorise, silent.platform],
    ['unknown', undefined, undefined, 'away'],
  )
})
