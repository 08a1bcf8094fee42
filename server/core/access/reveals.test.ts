import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { seal } from '../../lib/seal.ts'
import { type Answer, type TestApp, testApp } from '../../testing/app.ts'
import { anOrder, aShop } from '../../testing/orders.ts'

const receiver = { name: '王小明', mobile: '13812341234', phone: '', address: '文三路 1 号' }
const places = { province: '浙江省', city: '杭州市', district: '西湖区', town: '', zip: '' }

async function someOrder(house: TestApp) {
  const shopId = await aShop(house.db)
  const personal = seal(
    house.ring,
    shopId,
    JSON.stringify({ nick: 'tb_wang', receiver: { ...receiver, ...places } }),
  )
  const { id } = await anOrder(house.db, { shopId, personal })
  return { shopId, path: `/api/orders/${id}/reveal` }
}

const ends = (answers: readonly Answer[]) =>
  answers.map(({ status, body }) => (status === 200 ? 200 : Object(body).code)).sort()

/** Waits for the first part of a minute, because the reveals are counted per minute. */
async function earlyInAMinute({ db }: TestApp): Promise<void> {
  const { rows } = await sql<{ second: number }>`select extract(second from now())::float8 as second`.execute(
    db,
  )
  const second = rows[0]?.second ?? 0
  if (second > 40) await sleep((60 - second) * 1000 + 100)
}

async function audited(house: TestApp): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from audit_log where action = 'order.reveal'`.execute(house.db)
  return rows[0]?.count ?? 0
}

test('of many looks at once a minute lets its number through, and each that was shown has its row', async () => {
  await using house = await testApp({ REVEALS_PER_MINUTE: '3' })
  const { path } = await someOrder(house)
  const [clerk, other] = [await house.as(['personal.reveal']), await house.as(['personal.reveal'])]
  await earlyInAMinute(house)
  const answers = await Promise.all(Array.from({ length: 8 }, () => clerk.call('POST', path, {})))
  assert.deepEqual(ends(answers), [200, 200, 200, ...Array(5).fill('too_many_reveals')])
  assert.equal(await audited(house), 3)
  assert.equal((await other.call('POST', path)).status, 200)
  await sql`update reveal_count set minute = minute - interval '1 minute'`.execute(house.db)
  assert.equal((await clerk.call('POST', path)).status, 200)
})

test('the keys that somebody made look with that person’s allowance, and each look has the key in its row', async () => {
  await using house = await testApp({ REVEALS_PER_MINUTE: '3' })
  const { path } = await someOrder(house)
  const [maker, other] = [await house.as(['*']), await house.as(['personal.reveal'])]
  const keys: string[] = []
  for (const name of ['一', '二']) {
    const input = { name, permissions: ['personal.reveal'], shops: 'all', expiresAt: null }
    keys.push(Object((await maker.call('POST', '/api/api-keys', input)).body).key)
  }
  await earlyInAMinute(house)
  const by = (key = '') => house.anonymous.call('POST', path, {}, { authorization: `Bearer ${key}` })
  const answers = [await by(keys[0]), await by(keys[1]), await maker.call('POST', path, {})]
  assert.deepEqual(ends(answers), [200, 200, 200])
  assert.deepEqual(ends([await by(keys[0]), await by(keys[1])]), ['too_many_reveals', 'too_many_reveals'])
  assert.equal((await other.call('POST', path)).status, 200)
  const { rows } = await sql<{ kind: string; name: string }>`
    select actor_kind as kind, actor_name as name from audit_log where action = 'order.reveal' order by id`.execute(
    house.db,
  )
  assert.deepEqual(
    rows.map(({ kind, name }) => [kind, name]),
    [
      ['api_key', '一'],
      ['api_key', '二'],
      ['user', '林晓'],
      ['user', '林晓'],
    ],
  )
})

test('beyond a day’s number each look needs a reason, which stands in its row, and the house is told', async () => {
  await using house = await testApp({ REVEALS_PER_DAY: '2' })
  const { path, shopId } = await someOrder(house)
  const clerk = await house.as(['personal.reveal'])
  const boss = await house.as(['overview.read'])
  const alarms = async (who = boss) =>
    Object((await who.call('GET', '/api/overview')).body).alarms.filter(
      ({ kind }: { kind: string }) => kind === 'reveals_many',
    )
  assert.deepEqual(await alarms(), [])
  for (let n = 0; n < 2; n += 1) assert.equal((await clerk.call('POST', path)).status, 200)
  const third = await clerk.call('POST', path)
  assert.deepEqual([third.status, Object(third.body).code], [409, 'reason_needed'])
  assert.equal(await audited(house), 2)
  assert.equal((await clerk.call('POST', path, { reason: '   ' })).status, 400)
  assert.equal((await clerk.call('POST', path, { reason: '补寄，核对地址' })).status, 200)
  const { rows } = await sql<{ reason: string | null }>`
    select detail ->> 'reason' as reason from audit_log where action = 'order.reveal' order by id`.execute(
    house.db,
  )
  assert.deepEqual(
    rows.map(({ reason }) => reason),
    [null, null, '补寄，核对地址'],
  )
  const told = await house.as(['overview.read'])
  // The overview caches alarms for some seconds.
  for (let n = 0; n < 100 && (await alarms(told)).length === 0; n += 1)
    await new Promise((resolve) => setTimeout(resolve, 200))
  assert.deepEqual(
    (await alarms(told)).map(({ title, to }: { title: { zh: string }; to: string }) => [title.zh, to]),
    [
      [
        '1 人查看买家隐私过多',
        '/audit?action=order.reveal,trade.reveal,parked.reveal,delivery.reveal,privacy.export',
      ],
    ],
  )
  // Only a user with all shops and warehouses gets alarms about other users.
  assert.deepEqual(await alarms(await house.as(['overview.read'], [shopId])), [])
})

test('a look that is sent again is looked at again: without the right it shows nothing, with it there is a row more', async () => {
  await using house = await testApp()
  const { path } = await someOrder(house)
  const clerk = await house.as(['personal.reveal'])
  const again = () => clerk.call('POST', path, {}, { 'idempotency-key': 'one' })
  assert.equal((await again()).status, 200)
  const second = await again()
  assert.deepEqual([second.status, second.headers.get('idempotency-replayed')], [200, null])
  assert.equal(await audited(house), 2)
  const kept = await sql`select from idempotency_key`.execute(house.db)
  assert.equal(kept.rows.length, 0)
  await sql`update app_user set all_shops = false where id = ${clerk.userId}`.execute(house.db)
  const gone = await again()
  assert.deepEqual([gone.status, Object(gone.body).code], [404, 'not_found'])
  assert.doesNotMatch(JSON.stringify(gone.body), /王小明|13812341234/)
})
