import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { retryActions } from '../../core/outbox/actions.ts'
import type { Claimed } from '../../core/outbox/handlers.ts'
import { onlyNewest } from '../../core/outbox/newest.ts'
import { intakeActions } from '../../intake/outbox.ts'
import { unseal } from '../../lib/seal.ts'
import { testApp } from '../../testing/app.ts'
import { anOrder, aShop } from '../../testing/orders.ts'

const house = await testApp()
after(() => house[Symbol.asyncDispose]())
const { db } = house
const clerk = await house.as(['orders.read', 'orders.lock', 'memo.write'])
const other = await house.as(['orders.read', 'orders.lock'])
const shopId = await aShop(db)

const write = async (ids: string[], change: object) => {
  const { status, body } = await clerk.call('POST', '/api/orders/memo', { ids, ...change })
  assert.equal(status, 200, JSON.stringify(body))
  return Object(body).results.map((one: { done: boolean; code?: string }) => (one.done ? 'done' : one.code))
}
const shown = async (id: string) => {
  const { body } = await clerk.call('GET', `/api/orders/${id}`)
  return [Object(body).sellerMemo, Object(body).flag, Object(body).version]
}
/** The memo actions of an order, with their texts unsealed. */
const told = async (id: string) => {
  const found = await sql<{ payload: object; secret: Buffer }>`
    select payload, secret from platform_action where kind = 'trade.memo' and subject_id = ${id} order by id`.execute(
    db,
  )
  return found.rows.map(({ payload, secret }) => ({
    ...payload,
    ...JSON.parse(unseal(house.ring, shopId, secret).toString()),
  }))
}

test('one flag goes to many orders and their shops, and leaves their memos', async () => {
  const [one, two] = [await anOrder(db, { shopId }), await anOrder(db, { shopId })]
  assert.deepEqual(await write([one.id, two.id], { memo: '老客' }), ['done', 'done'])
  assert.deepEqual(await write([one.id, two.id], { flag: 3 }), ['done', 'done'])
  assert.deepEqual(
    [await shown(one.id), await shown(two.id)],
    [
      ['老客', 3, 3],
      ['老客', 3, 3],
    ],
  )
  assert.deepEqual(await told(two.id), [
    { tid: two.tid, flag: 0, memo: '老客' },
    { tid: two.tid, flag: 3, memo: '老客' },
  ])
})

test('what an order has already is not told once more, also when it is asked at once', async () => {
  const [one, two] = [await anOrder(db, { shopId }), await anOrder(db, { shopId })]
  await write([one.id], { flag: 2 })
  assert.deepEqual(await write([one.id, two.id], { flag: 2 }), ['already', 'done'])
  const answers = await Promise.all([1, 2, 3].map(() => write([one.id, two.id], { memo: '急' })))
  assert.deepEqual(answers.flat().sort(), ['already', 'already', 'already', 'already', 'done', 'done'])
  assert.equal((await told(one.id)).length, 2)
})

test('orders that somebody has locked are refused by name, and their neighbours are done', async () => {
  const [one, two] = [await anOrder(db, { shopId }), await anOrder(db, { shopId })]
  await other.call('POST', '/api/orders/lock', { ids: [one.id] })
  assert.deepEqual(await write([one.id, two.id], { flag: 1 }), ['locked', 'done'])
  assert.deepEqual(await shown(one.id), ['', 0, 2])
  assert.deepEqual(await told(one.id), [])
})

test('who changes nothing is told so', async () => {
  const { id } = await anOrder(db, { shopId })
  const { status, body } = await clerk.call('POST', '/api/orders/memo', { ids: [id] })
  assert.deepEqual([status, Object(body).code], [400, 'invalid_input'])
})

const changed = async (orderId: string, kind: string, value: string) => {
  await sql`
    insert into order_difference (order_id, kind, old_value, new_value, trade_version) values (${orderId}, ${kind}, '', ${value}, now())`.execute(
    db,
  )
}
const openKinds = async (orderId: string) => {
  const found = await sql<{ kind: string }>`
    select kind from order_difference where order_id = ${orderId} and settled_at is null order by kind`.execute(
    db,
  )
  return found.rows.map(({ kind }) => kind)
}

test('a flag alone keeps the newer memo of the platform, and a memo alone its newer flag', async () => {
  const [one, two] = [await anOrder(db, { shopId }), await anOrder(db, { shopId })]
  await changed(one.id, 'memo', '平台上新写的')
  await changed(two.id, 'flag', '4')
  assert.deepEqual(await write([one.id], { flag: 3 }), ['done'])
  assert.deepEqual(await write([two.id], { memo: '加急' }), ['done'])
  const sent = await Promise.all([one, two].map(({ id }) => told(id)))
  assert.deepEqual(sent, [
    [{ tid: one.tid, flag: 3, flagOnly: true, memo: '平台上新写的' }],
    [{ tid: two.tid, flag: 4, memo: '加急' }],
  ])
  assert.deepEqual((await shown(one.id)).slice(0, 2), ['平台上新写的', 3])
  assert.deepEqual([await openKinds(one.id), await openKinds(two.id)], [[], []])
})

test('a flag is sent alone once the memo before it has arrived, and with the memo until then', async () => {
  const { id, tid } = await anOrder(db, { shopId })
  await write([id], { memo: '老客' })
  await write([id], { flag: 1 })
  await sql`update platform_action set state = 'succeeded', next_at = null, ended_at = now()
    where subject_id = ${id} and state = 'pending'`.execute(db)
  await write([id], { flag: 2 })
  await write([id], { flag: 3 })
  assert.deepEqual(await told(id), [
    { tid, flag: 0, memo: '老客' },
    { tid, flag: 1, memo: '老客' },
    { tid, flag: 2, flagOnly: true, memo: '老客' },
    { tid, flag: 3, flagOnly: true, memo: '老客' },
  ])
})

test('a memo replaces the former one that failed, which cannot be tried again', async () => {
  const { id } = await anOrder(db, { shopId })
  const states = async () => {
    const found = await sql<{ id: string; state: string }>`
      select id, state from platform_action where kind = 'trade.memo' and subject_id = ${id} order by id`.execute(
      db,
    )
    return found.rows
  }
  await write([id], { memo: '旧' })
  await sql`update platform_action set state = 'failed', next_at = null, ended_at = now() where subject_id = ${id}`.execute(
    db,
  )
  await write([id], { memo: '新' })
  assert.deepEqual(
    (await states()).map(({ state }) => state),
    ['withdrawn', 'pending'],
  )
  const [old] = await states()
  const retried = await db
    .transaction()
    .execute((tx) =>
      retryActions(
        tx,
        intakeActions,
        { ids: [old?.id ?? ''], reason: '再试' },
        { actor: systemActor, scope: wholeScope },
      ),
    )
  assert.deepEqual(
    retried.map((one) => !one.done && one.code),
    ['action_withdrawn'],
  )
})

test('a memo whose sending was unclear is not sent again after a newer one', async () => {
  const { id } = await anOrder(db, { shopId })
  await write([id], { memo: '旧' })
  await sql`update platform_action set state = 'sending', claim = 1, attempt = 1 where subject_id = ${id}`.execute(
    db,
  )
  const claimed = async () =>
    (
      await sql<Claimed>`
        select id, kind, claim, subject_type as "subjectType", subject_id as "subjectId" from platform_action
        where kind = 'trade.memo' and subject_id = ${id} order by id`.execute(db)
    ).rows
  assert.equal((await onlyNewest.doubt(db, await claimed())).size, 0)
  await write([id], { memo: '新' })
  const actions = await claimed()
  assert.deepEqual([...(await onlyNewest.doubt(db, actions))], [actions[0]?.id])
  const withheld = await db.transaction().execute((tx) => onlyNewest.withhold(tx, actions))
  assert.deepEqual([...withheld], [actions[0]?.id])
  const left = await sql<{ state: string }>`
    select state from platform_action where subject_id = ${id} order by id`.execute(db)
  assert.deepEqual(
    left.rows.map(({ state }) => state),
    ['withdrawn', 'pending'],
  )
})
