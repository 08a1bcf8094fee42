import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import { PlatformError } from '../../lib/platform-error.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { aShop } from '../../testing/orders.ts'
import { until } from '../../testing/until.ts'
import { systemActor, wholeScope } from '../access/actor.ts'
import { type OpenDatabase, openDatabase } from '../db/db.ts'
import type { Running } from '../jobs/engine.ts'
import { enqueueActions } from './actions.ts'
import type { ActionHandler, Verification } from './handlers.ts'
import { platformActions } from './lists.ts'
import { startOutbox } from './loop.ts'

let database: TestDatabase
let open: OpenDatabase
let worker: Running | undefined
let shops: string[] = []
/** Shops whose platform does not answer. */
let away = new Set<string>()
/** True: the outcome of a failed call is unclear; false: it surely had no effect. */
let unclear = false
let arrived: string[] = []
let looked: string[] = []
let seen: Verification = 'done'

const handler: ActionHandler<{ id: string }> = {
  kind: 'ship',
  name: { zh: '回写', en: 'Ship' },
  rank: 0,
  mostAttempts: 2,
  lookAfterSeconds: 3600,
  async send(shop, action) {
    arrived.push(action.idempotencyKey)
    if (away.has(shop.id)) throw new PlatformError('retry', 'http_502', 'Bad gateway', { unclear })
    return null
  },
  async look(shop, action) {
    looked.push(action.idempotencyKey)
    if (away.has(shop.id) && seen !== 'repeat') throw new PlatformError('retry', 'http_502', 'Bad gateway')
    return seen
  },
  onResults: async () => {},
}

const elsewhere: ActionHandler<{ id: string }> = {
  kind: 'elsewhere',
  name: { zh: '别处', en: 'Elsewhere' },
  rank: 0,
  async send(_, action) {
    arrived.push(action.idempotencyKey)
    return null
  },
  isElsewhere: () => true,
  onResults: async () => {},
}

/** True: actions of the kind `patient` must wait. */
let mustWait = true
const patient: ActionHandler<{ id: string }> = {
  ...handler,
  kind: 'patient',
  rank: -1,
  recheck: {
    doubt: async () => new Set(),
    withhold: async () => new Set(),
    waits: async (_db, actions) => new Map(mustWait ? actions.map(({ id }) => [id, 'number_returning']) : []),
  },
}

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 6 })
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await database.empty('platform_action', 'shop_gate')
  shops = [await aShop(open.db), await aShop(open.db)]
  away = new Set()
  unclear = false
  arrived = []
  looked = []
  seen = 'done'
  mustWait = true
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
})

test('a platform that is away is asked by one probe at a time, and the neighbour goes on', async () => {
  const [down = '', up = ''] = shops
  away.add(down)
  await order(down, 'a', 40)
  await order(up, 'b', 5)
  start()
  await until(async () => (await gate(down)).away)
  await until(async () => (await count('succeeded')) === 5)
  await settled()
  const knocks = knocksOf('a')
  assert.equal(knocks >= 3 && knocks <= 6, true, `${knocks} knocked before it was clear`)
  await probe(down)
  assert.equal(knocksOf('a'), knocks + 1)
  await probe(down)
  assert.equal(knocksOf('a'), knocks + 2)
  assert.deepEqual((await gate(down)).probes, 2)
  assert.deepEqual([await count('pending'), await count('failed')], [40, 0])
})

test('its first answer wakes all that were put back for it, each of which is then sent once more', async () => {
  const [down = ''] = shops
  away.add(down)
  await failing(down, 12)
  // The state after an hour of failures: the next try is far away.
  await sql`update platform_action set next_at = now() + interval '1 hour' where away`.execute(open.db)
  const before = knocksOf('a')
  away.clear()
  await sql`update shop_gate set probe_at = now()`.execute(open.db)
  await until(async () => (await count('succeeded')) === 12)
  assert.equal(knocksOf('a'), before + 12)
  assert.deepEqual(await gate(down), { away: false, probes: 0, probeAt: null })
})

test('probes say nothing about their action: many do not use up its attempts', async () => {
  const [down = ''] = shops
  away.add(down)
  await failing(down, 3)
  for (let turn = 0; turn < 4; turn += 1) {
    await sql`update platform_action set next_at = now() where away`.execute(open.db)
    await probe(down)
  }
  assert.deepEqual([await count('pending'), await count('failed')], [3, 0])
  const most = await sql<{ attempt: number }>`select max(attempt) as attempt from platform_action`.execute(
    open.db,
  )
  assert.deepEqual(most.rows, [{ attempt: 1 }])
})

test('a look that asks nobody says nothing about the platform', async () => {
  const [down = ''] = shops
  away.add(down)
  unclear = true
  await failing(down, 8)
  const knocks = arrived.length
  seen = 'repeat'
  await sql`update platform_action set next_at = now() where state = 'unknown'`.execute(open.db)
  await sql`update platform_action set next_at = now() + interval '1 hour' where state = 'pending'`.execute(
    open.db,
  )
  await probe(down)
  assert.deepEqual([looked.length, arrived.length, (await gate(down)).away], [1, knocks, true])
})

test('actions that go elsewhere leave while the platform is away, and are no probe of it', async () => {
  const [down = ''] = shops
  away.add(down)
  await failing(down, 3)
  const before = knocksOf('a')
  await sql`update platform_action set next_at = now() + interval '1 hour' where away`.execute(open.db)
  const { probes } = await gate(down)
  await order(down, 'b', 5, 'elsewhere')
  await sql`update shop_gate set probe_at = now()`.execute(open.db)
  await until(async () => (await count('succeeded')) === 5, 5000)
  await settled()
  assert.deepEqual(
    [knocksOf('a'), (await gate(down)).away, (await gate(down)).probes],
    [before, true, probes],
  )
  away.clear()
  await sql`update platform_action set next_at = now() where away`.execute(open.db)
  await until(async () => (await count('succeeded')) === 8, 5000)
  assert.deepEqual(await gate(down), { away: false, probes: 0, probeAt: null })
})

test('an action that must wait stays pending with its reason, and leaves the probe to the next one', async () => {
  const [down = ''] = shops
  away.add(down)
  await failing(down, 3)
  const before = knocksOf('a')
  await order(down, 'p', 1, 'patient')
  away.clear()
  await sql`update platform_action set next_at = now() where kind = 'ship'`.execute(open.db)
  await sql`update shop_gate set probe_at = now()`.execute(open.db)
  await until(async () => (await count('succeeded')) === 3, 1500)
  await settled()
  const waiting = await sql<{ state: string; attempt: number; code: string; error: string }>`
    select state, attempt, error_code as code, error from platform_action where kind = 'patient'`.execute(
    open.db,
  )
  assert.deepEqual(waiting.rows, [
    { state: 'pending', attempt: 0, code: 'number_returning', error: 'number_returning' },
  ])
  assert.deepEqual([knocksOf('a'), knocksOf('p')], [before + 3, 0])
  mustWait = false
  await sql`update platform_action set next_at = now() where kind = 'patient'`.execute(open.db)
  await until(async () => (await count('succeeded')) === 4)
  assert.equal(knocksOf('p'), 1)
})

test('an answer that only our side waits for is written while the platform is away, and asked for by nobody', async () => {
  const [down = ''] = shops
  away.add(down)
  await order(down, 'a', 6)
  await sql`
    update platform_action set state = 'unknown', answer = '{"state":"succeeded","result":"ok"}' where idempotency_key = 'a6'`.execute(
    open.db,
  )
  start()
  await until(async () => (await gate(down)).away)
  await until(async () => (await count('succeeded')) === 1)
  const told = await sql<{ key: string; result: unknown }>`
    select idempotency_key as key, result from platform_action where state = 'succeeded'`.execute(open.db)
  assert.deepEqual(told.rows, [{ key: 'a6', result: 'ok' }])
  assert.deepEqual([arrived.includes('a6'), looked.includes('a6')], [false, false])
})

test('whoever waits says for what, and for nothing when it is over', async () => {
  const [down = '', up = ''] = shops
  await order(down, 'a', 1)
  await order(up, 'b', 1)
  const waits = async () => {
    const asking = { db: open.db, scope: wholeScope }
    const { rows } = await platformActions([handler]).page(asking, {}, { limit: 50, after: undefined })
    return rows.map((row) => [Object(row).subjectId, Object(row).waitsFor])
  }
  await sql`insert into shop_gate (shop_id, away_since, probe_at) values (${down}, now(), now() + interval '1 minute')`.execute(
    open.db,
  )
  assert.deepEqual(await waits(), [
    ['b1', ''],
    ['a1', 'away'],
  ])
  await sql`update shop_gate set ban_until = now() + interval '1 minute'`.execute(open.db)
  assert.deepEqual(await waits(), [
    ['b1', ''],
    ['a1', 'banned'],
  ])
  await sql`update platform_action set state = 'succeeded', next_at = null`.execute(open.db)
  assert.deepEqual(await waits(), [
    ['b1', ''],
    ['a1', ''],
  ])
})

test('one silence among answers closes nothing', async () => {
  const [flaky = ''] = shops
  await order(flaky, 'a', 1)
  away.add(flaky)
  start()
  await until(() => arrived.length === 1)
  await settled()
  away.clear()
  assert.deepEqual(await gate(flaky), { away: false, probes: 0, probeAt: null })
  await sql`update platform_action set next_at = now()`.execute(open.db)
  await until(async () => (await count('succeeded')) === 1)
  assert.deepEqual(arrived, ['a1', 'a1'])
})

test('a probe is not spent on an action that somebody else has in hand', async () => {
  const [down = ''] = shops
  away.add(down)
  await failing(down, 3)
  await sql`delete from platform_action where idempotency_key <> 'a1'`.execute(open.db)
  await worker?.stop()
  away.clear()
  await sql`update platform_action set next_at = now()`.execute(open.db)
  await sql`update shop_gate set probe_at = now()`.execute(open.db)
  await open.db.transaction().execute(async (tx) => {
    await sql`select from platform_action for update`.execute(tx)
    start()
    await sleep(300)
  })
  await until(async () => (await count('succeeded')) === 1, 5000)
})

test('what is unclear is not looked at before its effect could show, even when the platform is back', async () => {
  const [down = ''] = shops
  away.add(down)
  unclear = true
  await failing(down, 8)
  const unknown = await count('unknown')
  away.clear()
  await sql`update shop_gate set probe_at = now()`.execute(open.db)
  await until(async () => (await count('succeeded')) === 8 - unknown)
  await sleep(150)
  assert.deepEqual([await count('unknown'), looked], [unknown, []])
  await sql`update platform_action set next_at = now() where state = 'unknown'`.execute(open.db)
  await until(async () => (await count('succeeded')) === 8)
  assert.deepEqual([arrived.length, looked.length], [8, unknown])
})

/** Enqueues actions of a shop and waits until its platform is recorded as away. */
async function failing(shopId: string, many: number): Promise<void> {
  await order(shopId, 'a', many)
  start()
  await until(async () => (await gate(shopId)).away)
  await settled()
}

function start(): void {
  worker = startOutbox({
    db: open.db,
    openShop: async (id) => ({ id }),
    log: pino({ level: 'silent' }),
    handlers: [handler, elsewhere, patient],
    pollMs: 20,
  })
}

async function order(shopId: string, letter: string, many: number, kind = 'ship'): Promise<void> {
  const actions = Array.from({ length: many }, (_, index) => ({
    shopId,
    kind,
    subject: { type: 'delivery', id: `${letter}${index + 1}` },
    idempotencyKey: `${letter}${index + 1}`,
    payload: {},
  }))
  await open.db.transaction().execute((tx) => enqueueActions(tx, actions, systemActor))
}

const knocksOf = (letter: string) => arrived.filter((key) => key.startsWith(letter)).length

/** Waits until no action is being processed. */
const settled = () =>
  until(async () => {
    const held = await sql`select from platform_action where lease_until is not null`.execute(open.db)
    return held.rows.length === 0
  })

/** Probes now, and waits until the answer is stored. */
async function probe(shopId: string): Promise<void> {
  const { probes } = await gate(shopId)
  await sql`update shop_gate set probe_at = now() where shop_id = ${shopId}`.execute(open.db)
  await until(async () => (await gate(shopId)).probes === probes + 1)
  await settled()
}

async function gate(shopId: string): Promise<{ away: boolean; probes: number; probeAt: Date | null }> {
  const found = await sql<{ away: boolean; probes: number; probeAt: Date | null }>`
    select away_since is not null as away, probes, probe_at as "probeAt" from shop_gate where shop_id = ${shopId}`.execute(
    open.db,
  )
  return found.rows[0] ?? { away: false, probes: 0, probeAt: null }
}

async function count(state: string): Promise<number> {
  const found = await sql<{ n: number }>`
    select count(*)::int as n from platform_action where state = ${state}`.execute(open.db)
  return found.rows[0]?.n ?? 0
}
