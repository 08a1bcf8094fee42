import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import { systemActor } from '../../core/access/actor.ts'
import { testApp } from '../../testing/app.ts'
import { anOrder, aShop } from '../../testing/orders.ts'
import { aRun } from '../../testing/run.ts'
import { recordPlatformChanges } from './differences.ts'
import { syncMemos } from './memo-sync.ts'

const house = await testApp()
after(() => house[Symbol.asyncDispose]())
const { db } = house
const shopId = await aShop(db)
const clerk = await house.as(['orders.read', 'orders.lock', 'memo.write'])
const minute = 60_000

const told = (orderId: string, memo: string, at: number) =>
  db
    .transaction()
    .execute((tx) =>
      recordPlatformChanges(
        tx,
        [{ orderId, kind: 'memo', old: '', new: memo, tradeVersion: new Date(at) }],
        systemActor,
      ),
    )
async function sync(): Promise<number | undefined> {
  const { updated } = await syncMemos({ ...aRun(db, {}), shop: { id: shopId } })
  return updated
}
async function write(id: string, memo: string): Promise<void> {
  const { version } = Object((await clerk.call('GET', `/api/orders/${id}`)).body)
  const answer = await clerk.call('POST', `/api/orders/${id}/memo`, { memo, flag: 0, version })
  assert.equal(answer.status, 204)
}
const memoOf = async (id: string) => Object((await clerk.call('GET', `/api/orders/${id}`)).body).sellerMemo
const actionCount = async () =>
  Number((await sql<{ n: string }>`select count(*) as n from platform_action`.execute(db)).rows[0]?.n)

test('of two memos the newer one wins, and taking over writes nothing back', async () => {
  const [platform, ours] = [await anOrder(db, { shopId }), await anOrder(db, { shopId })]
  await write(ours.id, '我们的')
  await told(platform.id, '平台的', Date.now())
  await told(ours.id, '平台早先的', Date.now() - 5 * minute)
  const actions = await actionCount()
  assert.equal(await sync(), 1)
  assert.deepEqual([await memoOf(platform.id), await memoOf(ours.id)], ['平台的', '我们的'])
  await told(ours.id, '平台后来的', Date.now() + minute)
  assert.equal(await sync(), 1)
  assert.equal(await memoOf(ours.id), '平台后来的')
  assert.equal(await sync(), 0)
  assert.equal(await actionCount(), actions)
})

test('the echo of our own memo is no difference', async () => {
  const { id } = await anOrder(db, { shopId })
  await write(id, '送贺卡')
  await told(id, '送贺卡', Date.now() + minute)
  const open = await sql<{
    n: string
  }>`select count(*) as n from order_difference where order_id = ${id}`.execute(db)
  assert.deepEqual([open.rows[0]?.n, await sync()], ['0', 0])
})

test('an order that a person has locked waits until it is unlocked', async () => {
  const { id } = await anOrder(db, { shopId })
  assert.equal((await clerk.call('POST', '/api/orders/lock', { ids: [id] })).status, 200)
  await told(id, '平台的', Date.now())
  assert.equal(await sync(), 0)
  await clerk.call('POST', '/api/orders/unlock', { ids: [id] })
  assert.equal(await sync(), 1)
  assert.equal(await memoOf(id), '平台的')
})

test('a platform without flags takes none away', async () => {
  const { id } = await anOrder(db, { shopId })
  const platformOf = (platform: string | undefined) =>
    sql`update shop set platform = ${platform ?? assert.fail()} where id = ${shopId}`.execute(db)
  const flags = async (at: number) => {
    const change = { orderId: id, kind: 'flag', old: '3', new: '0', tradeVersion: new Date(at) } as const
    await db.transaction().execute((tx) => recordPlatformChanges(tx, [change], systemActor))
    return [await sync(), Object((await clerk.call('GET', `/api/orders/${id}`)).body).flag]
  }
  await sql`update sales_order set flag = 3 where id = ${id}`.execute(db)
  await platformOf(connectors.find(({ hasNoFlags }) => hasNoFlags)?.id)
  assert.deepEqual(await flags(Date.now()), [0, 3])
  await platformOf(connectors.find(({ hasNoFlags }) => !hasNoFlags)?.id)
  assert.deepEqual(await flags(Date.now() + minute), [1, 0])
})
