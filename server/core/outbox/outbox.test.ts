import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import { AppError } from '../../errors.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { enqueued } from '../../testing/actions.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { type Actor, wholeScope } from '../access/actor.ts'
import { resumeShopTasks } from '../access/shop-gate.ts'
import { type OpenDatabase, openDatabase } from '../db/db.ts'
import type { Running } from '../jobs/engine.ts'
import { endActionsByHand, retryActions } from './actions.ts'
import type { ActionHandler, ActionOutcome, Ended, Verification } from './handlers.ts'
import { startOutbox } from './loop.ts'

let database: TestDatabase
let open: OpenDatabase
let workers: Running[] = []
let shopId = ''
let keys = 0
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

/** The simulated platform: the calls that arrived, and its answers. */
let arrived: string[] = []
let answer: (key: string, attempt: number, unclear: boolean) => Promise<unknown> = async () => 'ok'
let seen: (key: string) => Verification | Promise<Verification> = () => 'cannot_tell'
let looks = 0
let outcomes: ActionOutcome[] = []
let onResult: () => void = () => {}
let withholding: (tx: unknown) => Promise<ReadonlySet<string>> = async () => new Set()

const base = {
  name: { zh: '备注', en: 'Memo' },
  lookAfterSeconds: 0,
  async send(_shop: object, action: { idempotencyKey: string; attempt: number; unclear: boolean }) {
    arrived.push(action.idempotencyKey)
    return answer(action.idempotencyKey, action.attempt, action.unclear)
  },
  rank: 0,
  async onResults(_tx: unknown, ended: readonly Ended[]) {
    onResult()
    outcomes.push(...ended.map(({ outcome }) => outcome))
  },
}
const handlers: ActionHandler<object>[] = [
  {
    ...base,
    kind: 'memo',
    isDone: ({ code }) => code === 'already',
    look: async (_shop, action) => {
      looks += 1
      return seen(action.idempotencyKey)
    },
  },
  { ...base, kind: 'blind', timeoutSeconds: 0.2 },
  { ...base, kind: 'few', mostAttempts: 2, look: async (_shop, action) => seen(action.idempotencyKey) },
  {
    ...base,
    kind: 'asked',
    recheck: {
      doubt: async (_db, actions) => new Set(actions.map(({ id }) => id)),
      withhold: async (tx) => withholding(tx),
    },
  },
]

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 12 })
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await sql`delete from platform_action`.execute(open.db)
  const made = await sql<{ id: string }>`
    insert into shop (platform, variant, name) values ('taobao', 'tmall', gen_random_uuid()::text) returning id`.execute(
    open.db,
  )
  shopId = made.rows[0]?.id ?? ''
  arrived = []
  outcomes = []
  looks = 0
  answer = async () => 'ok'
  seen = () => 'cannot_tell'
  onResult = () => {}
})
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  workers = []
})

test('sends once, keeps the answer, and writes our side in the same transaction', async () => {
  const id = await anAction()
  startWorkers(3)
  await state(id, 'succeeded')
  await sleep(80)
  assert.deepEqual(arrived, ['key 1'])
  assert.deepEqual(outcomes, [{ state: 'succeeded', result: 'ok' }])
  assert.deepEqual(await facts(id), { attempt: 1, result: 'ok', errorCode: '', nextAt: null, answer: null })
})

test('a repeated key is the same action', async () => {
  const first = await anAction({ idempotencyKey: 'same' })
  const again = {
    shopId,
    kind: 'memo',
    subject: { type: 'trade', id: '2' },
    idempotencyKey: 'same',
    payload: {},
  }
  assert.equal(await enqueued(open.db, again, actor), '')
  const standing = await sql`select id from platform_action where idempotency_key = 'same'`.execute(open.db)
  assert.deepEqual(standing.rows, [{ id: first }])
})

test('a call that surely had no effect is tried again; a refusal is final', async () => {
  answer = async (_key, attempt) => {
    if (attempt === 1) throw new PlatformError('retry', 'isp.busy', 'busy')
    throw new PlatformError('rejected', 'isv.closed', 'trade is closed')
  }
  const id = await anAction()
  startWorkers(1)
  await state(id, 'failed')
  assert.equal(arrived.length, 2)
  assert.deepEqual(outcomes, [{ state: 'failed', code: 'isv.closed', message: 'trade is closed' }])
})

test('"already done" is success', async () => {
  answer = async () => {
    throw new PlatformError('rejected', 'already', 'it is so already')
  }
  const id = await anAction()
  startWorkers(1)
  await state(id, 'succeeded')
  assert.deepEqual((await facts(id)).result, { alreadyDone: 'already' })
})

test('after an unclear answer it looks first: done there is success, and nothing is sent twice', async () => {
  answer = async () => {
    throw new PlatformError('retry', 'timeout', 'no answer', { unclear: true })
  }
  seen = () => 'done'
  const id = await anAction()
  startWorkers(2)
  await state(id, 'succeeded')
  assert.deepEqual([arrived.length, looks], [1, 1])
  assert.deepEqual(outcomes, [{ state: 'succeeded', result: { seen: true } }])
})

test('looked at and not done, it is sent again', async () => {
  answer = async (_key, attempt) => {
    if (attempt === 1) throw new PlatformError('retry', 'timeout', 'no answer', { unclear: true })
    return 'second'
  }
  seen = () => 'not_done'
  const id = await anAction()
  startWorkers(2)
  await state(id, 'succeeded')
  assert.deepEqual([arrived.length, looks], [2, 1])
})

test('an action whose every send is unclear waits for a person after its last one, whose retry looks first, begins its attempts again and knows that it was sent', async () => {
  const sends: [attempt: number, unclear: boolean][] = []
  answer = async (_key, ...send) => {
    sends.push(send)
    throw new PlatformError('retry', 'timeout', 'no answer', { unclear: true })
  }
  seen = () => 'not_done'
  const id = await anAction({ kind: 'few' })
  startWorkers(1)
  await until(async () => (await facts(id)).errorCode === 'not_done')
  await sleep(80)
  const { nextAt, attempt } = await facts(id)
  const both: typeof sends = [
    [1, false],
    [2, true],
  ]
  assert.deepEqual([sends, nextAt, attempt, outcomes], [both, null, 2, []])
  await state(id, 'unknown')
  answer = async (_key, ...send) => sends.push(send)
  let looked = 0
  seen = () => {
    assert.equal(sends.length, 2)
    looked += 1
    return 'not_done'
  }
  await retry([id])
  await state(id, 'succeeded')
  assert.deepEqual([sends, looked], [[...both, [1, true]], 1])
})

test('an action whose claim ended while its check waited for locks is not sent, and is checked again', async () => {
  let checks = 0
  const { promise: waiting, resolve: release } = Promise.withResolvers<void>()
  withholding = async () => {
    checks += 1
    if (checks === 1) await waiting
    return new Set()
  }
  const id = await anAction({ kind: 'asked' })
  startWorkers(1)
  await until(() => checks === 1)
  await sql`update platform_action set lease_until = now() - interval '1 second'`.execute(open.db)
  await state(id, 'unknown')
  release()
  await until(async () => (await facts(id)).errorCode === 'not_rechecked')
  assert.deepEqual([arrived, checks], [[], 1])
  const { attempt } = await facts(id)
  assert.equal(attempt, 0)
  await sql`update platform_action set next_at = now()`.execute(open.db)
  await state(id, 'succeeded')
  assert.deepEqual([arrived.length, checks], [1, 2])
})

test('a platform that is away is looked at until it is back; one that cannot tell, until a person is asked', async () => {
  answer = async () => {
    throw new PlatformError('retry', 'timeout', '', { unclear: true })
  }
  seen = () => {
    throw new PlatformError('retry', 'down', '')
  }
  const id = await anAction()
  const idle = () =>
    until(async () => {
      const found = await sql`
        select from platform_action where id = ${id}::bigint and state = 'unknown' and lease_until is null`.execute(
        open.db,
      )
      return found.rows.length === 1
    })
  const lookAgain = async () => {
    await idle()
    const before = looks
    await sql`update platform_action set looks = 20, next_at = now() where id = ${id}::bigint`.execute(
      open.db,
    )
    await until(() => looks > before)
  }
  startWorkers(1)
  await until(() => looks > 0)
  await lookAgain()
  await idle()
  assert.notEqual((await facts(id)).nextAt, null)
  seen = () => 'cannot_tell'
  await lookAgain()
  await idle()
  assert.equal((await facts(id)).nextAt, null)
  seen = () => 'done'
  await lookAgain()
  await state(id, 'succeeded')
  assert.equal(arrived.length, 1)
})

test('where nobody can look, an unclear action waits for a person, who decides', async () => {
  answer = () => new Promise(() => {})
  const first = await anAction({ kind: 'blind', subject: 'a' })
  const second = await anAction({ kind: 'blind', subject: 'b' })
  startWorkers(1)
  await state(first, 'unknown')
  await state(second, 'unknown')
  await sleep(100)
  assert.equal(arrived.length, 2)
  assert.deepEqual(outcomes, [])
  assert.equal((await facts(first)).nextAt, null)
  answer = async () => 'third'
  assert.deepEqual(await force(second), [{ id: second, done: true }])
  await state(second, 'forced')
  // A retried action may be sent before its answer arrives here, so it comes last.
  assert.deepEqual(await retry([first, '999999']), [
    { id: first, done: true },
    { id: '999999', done: false, code: 'not_found' },
  ])
  await state(first, 'succeeded')
  assert.equal(arrived.length, 3)
  assert.deepEqual(await force(second), [{ id: second, done: false, code: 'action_forced' }])
  assert.deepEqual(outcomes, [
    { state: 'forced', actor, reason: '后台已看过' },
    { state: 'succeeded', result: 'third' },
  ])
})

test('a person retries an unclear action that can be looked at: it is looked at before anything is sent', async () => {
  answer = async () => {
    throw new PlatformError('retry', 'timeout', 'no answer', { unclear: true })
  }
  const id = await anAction()
  startWorkers(1)
  await until(() => looks > 0)
  seen = () => 'done'
  await retry([id])
  await state(id, 'succeeded')
  assert.equal(arrived.length, 1)
})

test('an unclear action that a person took over and then tries again is looked at first', async () => {
  answer = async () => {
    throw new PlatformError('retry', 'timeout', 'no answer', { unclear: true })
  }
  const id = await anAction()
  startWorkers(1)
  await until(() => looks > 0)
  await endByHand(id, 'manual')
  await state(id, 'manual')
  seen = () => 'done'
  await retry([id])
  await state(id, 'succeeded')
  assert.equal(arrived.length, 1)
})

test('an action whose shop is switched off after its claim waits for the shop, and has not failed', async () => {
  answer = async () => {
    throw new AppError('shop_disabled')
  }
  const id = await anAction()
  startWorkers(1)
  await until(async () => (await facts(id)).errorCode === 'shop_disabled')
  await state(id, 'pending')
  assert.deepEqual([(await facts(id)).attempt, outcomes], [0, []])
  answer = async () => 'ok'
  await sql`update platform_action set next_at = now()`.execute(open.db)
  await state(id, 'succeeded')
})

test('a call that is late before its turn was not sent: it waits as long as the ban, and is not unclear', async () => {
  answer = (_key, attempt) =>
    new Promise((settle, fail) => {
      if (attempt > 1) settle('second')
      const late = new PlatformError('rate_limited', 'no_turn', 'before its turn', { waitMs: 40_000 })
      setTimeout(() => fail(late), 250)
    })
  const id = await anAction({ kind: 'blind' })
  startWorkers(1)
  await until(async () => (await facts(id)).errorCode === 'no_turn')
  const found = await sql<{ state: string; unclear: boolean; attempt: number }>`
    select state, unclear, attempt from platform_action where id = ${id}::bigint`.execute(open.db)
  assert.deepEqual(found.rows, [{ state: 'pending', unclear: false, attempt: 0 }])
  const gate = await sql<{ seconds: number }>`
    select extract(epoch from ban_until - now())::int as seconds from shop_gate where shop_id = ${shopId}`.execute(
    open.db,
  )
  assert.ok((gate.rows[0]?.seconds ?? 0) > 35)
})

test('a person who retries what is being looked at need not wait for that look, whose late word counts no more', async () => {
  answer = async () => {
    throw new PlatformError('retry', 'timeout', 'no answer', { unclear: true })
  }
  let release: (word: Verification) => void = () => {}
  seen = () =>
    new Promise((settle) => {
      release = settle
    })
  const id = await anAction()
  startWorkers(1)
  await until(() => looks === 1)
  seen = () => 'done'
  await retry([id])
  await state(id, 'succeeded')
  release('not_done')
  await sleep(80)
  assert.deepEqual([(await facts(id)).result, looks, arrived.length], [{ seen: true }, 2, 1])
  assert.equal(outcomes.length, 1)
})

test('an answer whose own side could not be written is kept, and the platform is not asked again', async () => {
  let broken = true
  onResult = () => {
    if (broken) throw new Error('our table is locked')
  }
  const id = await anAction()
  startWorkers(1)
  await until(async () => (await facts(id)).errorCode === 'not_written')
  assert.deepEqual(outcomes, [])
  broken = false
  await sql`update platform_action set next_at = now()`.execute(open.db)
  await state(id, 'succeeded')
  assert.deepEqual([arrived.length, looks], [1, 0])
  assert.deepEqual(outcomes, [{ state: 'succeeded', result: 'ok' }])
})

test('actions on one subject are sent in their order, one after the other', async () => {
  answer = async () => sleep(60)
  const first = await anAction({ subject: 'T1' })
  const second = await anAction({ subject: 'T1' })
  const other = await anAction({ subject: 'T2' })
  startWorkers(2)
  await until(() => arrived.length >= 2)
  assert.deepEqual([...arrived].sort(), [keyOf(first), keyOf(other)].sort())
  await state(second, 'succeeded')
  assert.deepEqual(arrived.indexOf(keyOf(second)), 2)
})

test('an ended authorisation holds every action of the shop, without spending their tries', async () => {
  answer = async () => {
    throw new PlatformError('reauthorise', '27', 'invalid session')
  }
  const id = await anAction()
  startWorkers(1)
  await until(async () => (await facts(id)).errorCode === '27')
  const later = await anAction()
  await sleep(100)
  assert.equal(arrived.length, 1)
  assert.equal((await facts(id)).attempt, 0)
  answer = async () => 'ok'
  await open.db.transaction().execute((tx) => resumeShopTasks(tx, shopId, 'auth_expired'))
  await state(id, 'succeeded')
  await state(later, 'succeeded')
})

test('a ban and an ended authorisation that arrive together both stop the shop', async () => {
  const ended = keyOf(await anAction({ subject: 'T1' }))
  answer = async (key) => {
    if (key === ended) throw new PlatformError('reauthorise', '27', 'invalid session')
    throw new PlatformError('rate_limited', '7', 'slow down', { waitMs: 60_000 })
  }
  await anAction({ subject: 'T2' })
  startWorkers(1)
  const gate = async () =>
    (
      await sql<{ paused: string[]; banned: boolean }>`
        select paused, coalesce(ban_until > now() + interval '50 seconds', false) as banned from shop_gate where shop_id = ${shopId}`.execute(
        open.db,
      )
    ).rows[0]
  await until(async () => (await gate()) !== undefined)
  assert.deepEqual(await gate(), { paused: ['auth_expired'], banned: true })
})

test('a lost send becomes unclear, and the late word of its sender is taken only while nobody else has acted', async () => {
  let release: (value: string) => void = () => {}
  answer = () =>
    new Promise((settle) => {
      release = settle
    })
  const id = await anAction()
  startWorkers(1)
  await until(() => arrived.length === 1)
  seen = () => 'done'
  await sql`update platform_action set lease_until = now() - interval '1 second'`.execute(open.db)
  await state(id, 'succeeded')
  release('late')
  await sleep(80)
  assert.deepEqual((await facts(id)).result, { seen: true })
  assert.equal(outcomes.length, 1)
})

function keyOf(id: string): string {
  return keysById.get(id) ?? ''
}
const keysById = new Map<string, string>()

async function anAction(
  options: { kind?: string; subject?: string; idempotencyKey?: string } = {},
): Promise<string> {
  keys += 1
  const idempotencyKey = options.idempotencyKey ?? `key ${keys}`
  const subject = { type: 'trade', id: options.subject ?? `T${keys}` }
  const action = { shopId, kind: options.kind ?? 'memo', subject, idempotencyKey, payload: {} }
  const id = await enqueued(open.db, action, actor)
  keysById.set(id, idempotencyKey)
  return id
}

function startWorkers(count: number): void {
  for (let n = 0; n < count; n++) {
    workers.push(
      startOutbox({
        db: open.db,
        openShop: async () => ({}),
        log: pino({ level: 'silent' }),
        handlers,
        pollMs: 20,
      }),
    )
  }
}

function retry(ids: string[]) {
  return open.db
    .transaction()
    .execute((tx) => retryActions(tx, handlers, { ids, reason: '再试' }, { actor, scope: wholeScope }))
}

const force = (id: string) => endByHand(id, 'forced')

function endByHand(id: string, ending: 'forced' | 'manual') {
  return open.db
    .transaction()
    .execute((tx) =>
      endActionsByHand(
        tx,
        handlers,
        { ids: [id], state: ending, reason: '后台已看过' },
        { actor, scope: wholeScope },
      ),
    )
}

async function facts(id: string) {
  const found = await sql<{
    attempt: number
    result: unknown
    errorCode: string
    nextAt: Date | null
    answer: unknown
  }>`
    select attempt, result, error_code as "errorCode", next_at as "nextAt", answer
    from platform_action where id = ${id}::bigint`.execute(open.db)
  const [row] = found.rows
  assert.ok(row)
  return row
}

async function state(id: string, wanted: string): Promise<void> {
  await until(async () => {
    const found = await sql<{
      state: string
    }>`select state from platform_action where id = ${id}::bigint`.execute(open.db)
    return found.rows[0]?.state === wanted
  })
}
