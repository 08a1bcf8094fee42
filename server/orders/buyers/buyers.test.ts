import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { releaseOrders } from '../../fulfilment/shipping/release.ts'
import { seal, unseal } from '../../lib/seal.ts'
import { type Caller, codesOf, testApp } from '../../testing/app.ts'
import { anOrder, aShop } from '../../testing/orders.ts'
import { aSku, aWarehouse, putStock } from '../../testing/stock.ts'
import { confirmByRule } from '../review/confirm.ts'
import { usualChecks } from '../review/confirm-settings.ts'
import { orderSealed } from '../sealed.ts'
import type { OrderDetail } from '../view/contract.ts'
import type { History } from './history.ts'

const house = await testApp()
after(() => house[Symbol.asyncDispose]())
const { db, ring } = house
const shopId = await aShop(db)
const otherShop = await aShop(db)
const mug = await aSku(db, 'MUG')
await putStock(db, await aWarehouse(db), mug, 1000)
const clerk = await house.as([
  'orders.read',
  'orders.create',
  'orders.edit',
  'orders.blacklist',
  'orders.confirm',
])
const day = 86_400_000

let keys = 0
async function made(receiver: object, more: object = {}): Promise<string> {
  keys += 1
  const order = {
    key: `buyers-${keys}-of-test`,
    shopId,
    receiver: {
      name: '李小龙',
      mobile: '13911112222',
      province: '广东省',
      city: '佛山市',
      district: '顺德区',
      address: '大良 1 号',
      ...receiver,
    },
    lines: [{ skuId: mug, quantity: 1, priceFen: 3000 }],
    ...more,
  }
  const { body } = await clerk.call('POST', '/api/orders', { orders: [order] })
  const [one] = Object(body).results
  assert.equal(one.done, true, JSON.stringify(one))
  return one.id
}
/** An order of a trade whose platform masks the receiver. */
async function masked(more: { name?: string; mobile?: string } = {}): Promise<string> {
  const receiver = {
    name: '王**',
    mobile: '138****1234',
    phone: '',
    province: '浙江省',
    city: '杭州市',
    district: '西湖区',
    town: '',
    address: '文*路***号',
    zip: '',
    token: 'oaid-1',
    ...more,
  }
  const personal = seal(ring, shopId, JSON.stringify({ nick: 'w**', receiver }))
  return (await anOrder(db, { shopId, personal })).id
}
const codes = (path: string, body: object, who: Caller = clerk) => codesOf(who, path, body)
const detail = async (id: string): Promise<OrderDetail> =>
  Object((await clerk.call('GET', `/api/orders/${id}`)).body)
const sealedOf = async (id: string) => {
  const found = await sql<{ personal: Buffer }>`select personal from sales_order where id = ${id}`.execute(db)
  return JSON.parse(unseal(ring, shopId, found.rows[0]?.personal ?? Buffer.alloc(0)).toString()).receiver
}

test('the receiver that a platform masks keeps its token until a whole one is given', async () => {
  const id = await masked()
  const edit = (receiver: object) => codes('/api/orders/edit', { edits: [{ id, receiver }] })
  assert.deepEqual(await edit({ district: '上城区' }), ['receiver_masked'])
  assert.deepEqual(await edit({ name: '王小明', address: '解放路 9 号' }), ['receiver_masked'])
  assert.deepEqual(await edit({ district: '西湖区' }), ['already'])
  assert.deepEqual([(await sealedOf(id)).token, (await sealedOf(id)).district], ['oaid-1', '西湖区'])
  assert.deepEqual(await edit({ name: '王小明', mobile: '13812341234', address: '解放路 9 号' }), ['done'])
  assert.deepEqual([(await sealedOf(id)).token, (await sealedOf(id)).mobile], ['', '13812341234'])
  const events = (await detail(id)).events.filter(({ event }) => event === 'edit_receiver')
  assert.deepEqual(
    events.map(({ detail: of }) => of),
    [{ token: 'dropped' }],
  )
  assert.deepEqual(await edit({ district: '上城区' }), ['done'])
})

test("a buyer's other orders are told, newest first, page by page, and only of one's own shops", async () => {
  const buyer = { name: '赵云', mobile: '13500001111' }
  const ids = [await made(buyer), await made(buyer), await made(buyer)]
  const elsewhere = await made(buyer, { shopId: otherShop })
  await made({ ...buyer, name: '马超' })
  await sql`update sales_order set refunded_fen = 100 where id = ${ids[0]}`.execute(db)
  await sql`update sales_order set status = 'voided' where id = ${ids[1]}`.execute(db)
  const read = async (who: Caller, query = ''): Promise<History> =>
    Object((await who.call('GET', `/api/orders/${ids[2]}/history${query}`)).body)
  const all = await read(clerk)
  assert.deepEqual(
    all.rows.map(({ id }) => id),
    [elsewhere, ids[1], ids[0]],
  )
  assert.deepEqual(all.counts, { orders: 3, refunded: 1, voided: 1, capped: false })
  const first = await read(clerk, '?limit=2')
  assert.deepEqual(
    first.rows.map(({ id }) => id),
    [elsewhere, ids[1]],
  )
  const second = await read(clerk, `?limit=2&after=${first.next}`)
  assert.deepEqual([second.rows.map(({ id }) => id), second.next], [[ids[0]], null])
  const here = await house.as(['orders.read'], [shopId])
  assert.deepEqual(
    (await read(here)).rows.map(({ id }) => id),
    [ids[1], ids[0]],
  )
  const there = await house.as(['orders.read'], [otherShop])
  assert.equal((await there.call('GET', `/api/orders/${ids[2]}/history`)).status, 404)
})

const judge = async (id: string): Promise<string[]> => {
  const rule = {
    name: '平日',
    enabled: true,
    from: null,
    to: null,
    checks: { ...usualChecks, delay: { on: false, minutes: 1 }, duplicate: { on: false, hours: 1 } },
  }
  await sql`
    insert into confirm_rules (shop_id, rules, updated_by) values (${shopId}::bigint, ${JSON.stringify([rule])}::jsonb, '林晓')
    on conflict (shop_id) do update set rules = excluded.rules`.execute(db)
  await db.transaction().execute((tx) => confirmByRule(tx, shopId, [id], systemActor))
  return (await detail(id)).problems.map(({ reason, message }) => `${reason} ${message.zh}`)
}

test('a blacklisted buyer is met again by phone, by name and district, or by nick, until the entry ends', async () => {
  const bad = await made({ name: '曹操', mobile: '13600006666' }, { nick: '孟德' })
  const add = (by: string[], more: object = {}) =>
    codes('/api/orders/blacklist', { ids: [bad], by, reason: '恶意退款', ...more })
  assert.deepEqual(await judge(await made({ name: '曹丕', mobile: '13600006666' })), [])
  assert.deepEqual(await add(['phone']), ['done'])
  assert.deepEqual(await add(['phone']), ['already'])
  assert.deepEqual(await judge(await made({ name: '曹丕', mobile: '13600006666' })), [
    'blacklist 黑名单：恶意退款',
  ])
  assert.deepEqual(await judge(await made({ name: '曹操', mobile: '13600007777' })), [])
  assert.deepEqual(await add(['address', 'nick'], { reason: '拒收' }), ['done'])
  assert.deepEqual(await judge(await made({ name: '曹操', mobile: '13600007778' })), [
    'blacklist 黑名单：拒收',
  ])
  assert.deepEqual(await judge(await made({ name: '曹操', mobile: '13600007779', district: '南海区' })), [])
  assert.deepEqual(await judge(await made({ name: '司马懿', mobile: '13600007780' }, { nick: '孟德' })), [
    'blacklist 黑名单：拒收',
  ])
  const { rows } = Object((await clerk.call('GET', '/api/blacklist')).body)
  assert.deepEqual(
    rows
      .map((row: { kind: string; masked: string; region: string }) => [row.kind, row.masked, row.region])
      .sort(),
    [
      ['address', '曹*', '广东 佛山 顺德区'],
      ['nick', '孟*', ''],
      ['phone', '136****6666', ''],
    ],
  )
  const stored = await sql<{ row: string }>`select to_jsonb(e)::text as row from blacklist_entry e`.execute(
    db,
  )
  for (const { row } of stored.rows) assert.doesNotMatch(row, /13600006666|曹操|孟德/)
  await sql`update blacklist_entry set until = now() - interval '1 minute' where kind = 'phone'`.execute(db)
  assert.deepEqual(await judge(await made({ name: '曹植', mobile: '13600006666' })), [])
  assert.deepEqual(await add(['phone']), ['done'])
  assert.deepEqual(await judge(await made({ name: '曹彰', mobile: '13600006666' })), [
    'blacklist 黑名单：恶意退款',
  ])
  const ids = Object((await clerk.call('GET', '/api/blacklist')).body).rows.map(
    ({ id }: { id: string }) => id,
  )
  const reader = await house.as(['orders.read'])
  assert.equal((await reader.call('POST', '/api/blacklist/remove', { ids })).status, 403)
  const elsewhere = await house.as(['orders.read', 'orders.blacklist'], [otherShop])
  assert.deepEqual(Object((await elsewhere.call('GET', '/api/blacklist')).body).rows, [])
  assert.deepEqual(await codes('/api/blacklist/remove', { ids: [ids[0]] }, elsewhere), ['not_found'])
  assert.deepEqual(await codes('/api/blacklist/remove', { ids }), ['done', 'done', 'done', 'done'])
  assert.deepEqual(await codes('/api/blacklist/remove', { ids: [ids[0]] }), ['not_found'])
  assert.deepEqual(await judge(await made({ name: '曹操', mobile: '13600007781' })), [])
})

test('what a platform masks: a phone counts with its name, name and nick not at all', async () => {
  const id = await masked()
  assert.deepEqual(
    await codes('/api/orders/blacklist', { ids: [id], by: ['nick', 'address'], reason: 'x' }),
    ['masked'],
  )
  assert.deepEqual(await codes('/api/orders/blacklist', { ids: [id], by: ['phone'], reason: 'x' }), ['done'])
  const found = await sql<{ masked: string; keys: number }>`
    select masked, cardinality(keys) as keys from blacklist_entry where order_id = ${id}`.execute(db)
  assert.deepEqual(found.rows, [{ masked: '王** 138****1234', keys: 2 }])
  const elsewhere = await house.as(['orders.blacklist'], [otherShop])
  assert.deepEqual(
    await codes('/api/orders/blacklist', { ids: [id], by: ['phone'], reason: 'x' }, elsewhere),
    ['not_found'],
  )
})

test('the seals of the blacklist are among those that a change of keys walks', () => {
  assert.ok(orderSealed.some(({ name }) => name === 'blacklist_entry.personal'))
})

test('presale: confirmed and reserved, but not released before its day, which comes by itself', async () => {
  const id = await made({ mobile: '13400000001' })
  const at = new Date(Date.now() + 3 * day).toISOString()
  assert.deepEqual(await codes('/api/orders/ship-after', { ids: [id], at }), ['done'])
  assert.deepEqual(await codes('/api/orders/ship-after', { ids: [id], at }), ['already'])
  assert.deepEqual(await codes('/api/orders/ship-after', { ids: [id], byPlatform: true }), ['no_deadline'])
  assert.deepEqual(await codes('/api/orders/confirm', { ids: [id] }), ['done'])
  const release = () =>
    db.transaction().execute((tx) => releaseOrders(tx, [id], { actor: systemActor, scope: wholeScope }))
  const [refused] = await release()
  const until = new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 10)
  assert.deepEqual(refused?.done === false && [refused.code, refused.message?.zh], [
    'presale',
    `预售，计划 ${until} 发货。到日子后可用`,
  ])
  const button = (await detail(id)).actions.find(({ action }) => action === 'release')
  assert.equal(button?.code, 'presale')
  const rows = Object((await clerk.call('GET', '/api/orders?tab=presale')).body).rows
  assert.deepEqual(
    rows.map((row: { id: string }) => row.id),
    [id],
  )
  await sql`update sales_order set ship_after = now() - interval '1 second' where id = ${id}`.execute(db)
  assert.equal((await release())[0]?.done, true)
  assert.deepEqual(await codes('/api/orders/ship-after', { ids: [id], at: null }), ['wrong_status'])
})

test("the platform's own deadline gives the day; without a date an order leaves at once", async () => {
  const { id } = await anOrder(db, { shopId })
  await sql`update sales_order set ship_by = '2026-12-20T15:59:59Z' where id = ${id}`.execute(db)
  assert.deepEqual(await codes('/api/orders/ship-after', { ids: [id], byPlatform: true }), ['done'])
  assert.equal(new Date((await detail(id)).shipAfter ?? 0).toISOString(), '2026-12-19T16:00:00.000Z')
  assert.deepEqual(await codes('/api/orders/ship-after', { ids: [id], at: null }), ['done'])
  assert.equal((await detail(id)).shipAfter, null)
  const both = await clerk.call('POST', '/api/orders/ship-after', { ids: [id], at: null, byPlatform: true })
  assert.equal(both.status, 400)
})

test('a phone that a relay withholds makes no entry, with a name or without, and those beside it are entered', async () => {
  const before = await sql<{ n: number }>`select count(*)::int as n from blacklist_entry`.execute(db)
  const ids = [
    await masked({ mobile: '***' }),
    await masked({ name: '张三', mobile: '***' }),
    await masked({ name: '***', mobile: '138****5678' }),
    await masked({ name: '张三', mobile: '138****5678' }),
  ]
  const answers = await codes('/api/orders/blacklist', { ids, by: ['phone'], reason: '拒收', until: null })
  assert.deepEqual(answers, ['masked', 'masked', 'masked', 'done'])
  const entered = await sql<{ masked: string; keys: number }>`
    select masked, cardinality(keys) as keys from blacklist_entry order by id offset ${before.rows[0]?.n ?? 0}`.execute(
    db,
  )
  assert.deepEqual(entered.rows, [{ masked: '张* 138****5678', keys: 2 }])
})

test('entries by phone that fit every buyer of a name are taken off by the repair, and no others', async () => {
  const hash = 2 ** 32
  const enter = (kind: string, keys: number[]) =>
    sql`
      insert into blacklist_entry (kind, keys, region, masked, personal, reason, order_id, shop_id, created_by)
      values (${kind}, ${keys}::bigint[], '', '张*', '\\x00', '修复', 1, ${shopId}, '林晓')`.execute(db)
  await enter('phone', [2 * hash + 5])
  await enter('phone', [7, 2 * hash + 5])
  await enter('address', [2 * hash + 5])
  await sql.raw(readFileSync('migrations/0111_paid_later.sql', 'utf8').split(';')[1] ?? '').execute(db)
  const left = await sql<{ kind: string; n: number }>`
    select kind, cardinality(keys) as n from blacklist_entry where reason = '修复' and removed_at is null order by id`.execute(
    db,
  )
  assert.deepEqual(left.rows, [
    { kind: 'phone', n: 2 },
    { kind: 'address', n: 1 },
  ])
})
