import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { createQueues } from '../core/jobs/job.ts'
import { convertTrades } from '../flows/convert-trade.ts'
import { aRefund, aTrade, type IntakeFixture, intakeFixture, stage, stageRefunds } from '../intake/testing.ts'
import { parkItems } from '../intake/trades/ingest.ts'
import { resolvePlatformChanges } from '../orders/platform-changes/differences.ts'
import { testApp } from '../testing/app.ts'
import { jobs } from '../worker.ts'

const buyer = {
  nick: 'ouyang_jin_1987',
  receiver: {
    name: '欧阳锦绣',
    mobile: '13987650123',
    phone: '0571-87654321',
    province: '浙江省',
    city: '杭州市',
    district: '西湖区',
    town: '',
    address: '古墩路 987 号听涛居 5 幢',
    zip: '',
    token: '',
  },
}
const moved = { ...buyer.receiver, address: '文三路 654 号望湖阁', mobile: '13655540199' }

const inClear = [
  buyer.nick,
  buyer.receiver.name,
  buyer.receiver.mobile,
  buyer.receiver.phone,
  '87654321',
  '听涛居',
  moved.mobile,
  '望湖阁',
]

type Column = { table: string; column: string; type: string }

/** Every column of every table that could hold text, those of the job tables included. */
async function textColumns(db: Database): Promise<Column[]> {
  const found = await sql<Column>`
    select c.relname as "table", a.attname as "column", format_type(a.atttypid, null) as type
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
      and format_type(a.atttypid, null) ~ '^(text|character|json|bytea)'`.execute(db)
  return found.rows
}

/** `table.column: what` for everything of the buyer that lies anywhere in clear, as text or as the bytes of text. */
async function leaks(db: Database): Promise<string[]> {
  const found: string[] = []
  for (const { table, column, type } of await textColumns(db)) {
    const value = sql.ref(column)
    for (const text of inClear) {
      const holds =
        type === 'bytea'
          ? sql`position(convert_to(${text}, 'UTF8') in ${value}) > 0`
          : sql`position(${text} in ${value}::text) > 0`
      const hit = await sql`select from ${sql.table(table)} where ${holds} limit 1`.execute(db)
      if (hit.rows.length > 0) found.push(`${table}.${column}: ${text}`)
    }
  }
  return found
}

/** A buyer's whole way: downloaded, converted, refunded, moved house, parked. */
async function liveThrough(pool: IntakeFixture): Promise<{ tradeId: string; orderId: string }> {
  const trade = aTrade({ ...buyer, buyer: { nick: buyer.nick, openId: '' } })
  await stage(pool, trade)
  const refund = aRefund(trade, { status: 'closed' })
  await stageRefunds(pool, refund)
  const { rows } = await sql<{ id: string }>`select id from staged_trade`.execute(pool.db)
  const tradeId = rows[0]?.id ?? ''
  await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, [tradeId], { actor: systemActor, scope: wholeScope }))
  const later = (seconds: number) => new Date(trade.modifiedAt.getTime() + seconds * 1000)
  await stage(pool, { ...trade, receiver: moved, modifiedAt: later(1) })
  const orders = await sql<{ id: string }>`select id from sales_order`.execute(pool.db)
  const orderId = orders.rows[0]?.id ?? ''
  await pool.db
    .transaction()
    .execute((tx) =>
      resolvePlatformChanges(tx, [orderId], { how: 'apply' }, { actor: systemActor, scope: wholeScope }),
    )
  await stage(pool, { ...trade, modifiedAt: later(2) })
  const raw = JSON.stringify({ ...trade, payment: 'NaN' })
  await pool.db.transaction().execute((tx) =>
    parkItems(tx, pool.ring, {
      shopId: pool.shopId,
      kind: 'trade',
      items: [{ kind: 'bad', id: trade.tid, reason: 'unreadable', raw }],
    }),
  )
  return { tradeId, orderId }
}

test('nothing of a buyer lies in clear in any column of any table', async () => {
  await using pool = await intakeFixture()
  await liveThrough(pool)
  assert.deepEqual(await leaks(pool.db), [])
  const shown = await sql<{ buyer: string; receiver: string; ordered: string }>`
    select t.buyer_masked as buyer, t.receiver_masked as receiver, o.receiver_masked as ordered
    from staged_trade t join sales_order o on o.id = t.order_id`.execute(pool.db)
  assert.deepEqual(shown.rows, [{ buyer: 'o**', receiver: '欧** 139****0123', ordered: '欧** 136****0199' }])
})

test('the search for leaks finds one where there is one', async () => {
  await using pool = await intakeFixture()
  await liveThrough(pool)
  await sql`update staged_trade set seller_memo = ${`送到${buyer.receiver.address}`}`.execute(pool.db)
  await sql`update raw_payload set sealed = convert_to(${buyer.receiver.mobile}, 'UTF8') where kind = 'refund'`.execute(
    pool.db,
  )
  assert.deepEqual((await leaks(pool.db)).sort(), [
    'raw_payload.sealed: 13987650123',
    'staged_trade.seller_memo: 听涛居',
  ])
})

test('people who look, search, reveal and work in bulk leave nothing of the buyer behind, in tables or logs', async () => {
  await using house = await testApp()
  await createQueues(house.db, jobs)
  const shop = await sql<{ id: string }>`
    insert into shop (platform, variant, name, go_live_at, auth_state)
    values ('taobao', '', '山隅家居旗舰店', '2026-01-01', 'live') returning id`.execute(house.db)
  const pool: IntakeFixture = {
    db: house.db,
    ring: house.ring,
    shopId: shop.rows[0]?.id ?? '',
    [Symbol.asyncDispose]: async () => {},
  }
  const { tradeId, orderId } = await liveThrough(pool)
  const caller = await house.as(['*'])
  const key = (name: string) => ({ 'idempotency-key': name })

  const revealed = await caller.call('POST', `/api/orders/${orderId}/reveal`, undefined, key('a'))
  assert.equal(Object(revealed.body).name, buyer.receiver.name)
  const trade = await caller.call('POST', `/api/staged-trades/${tradeId}/reveal`, undefined, key('b'))
  assert.equal(Object(trade.body).nick, buyer.nick)
  for (const text of [buyer.receiver.name, buyer.receiver.mobile, buyer.nick, moved.mobile]) {
    const q = encodeURIComponent(text)
    for (const path of [
      'staged-trades',
      'staged-trades/counts',
      'trade-history',
      'staged-refunds',
      'orders',
      'orders/counts',
      'search',
    ])
      await caller.call('GET', `/api/${path}?q=${q}`)
    await caller.call('GET', `/api/exports/orders.xlsx?q=${q}`)
    await caller.call('GET', `/orders?q=${q}`)
  }
  const batch = await caller.call('POST', '/api/batches', {
    action: 'orders.hold',
    target: { filter: { q: buyer.receiver.name } },
    input: { reason: 'risk' },
  })
  assert.equal(batch.status, 202, JSON.stringify(batch.body))
  const view = {
    list: 'orders',
    name: '这位买家',
    query: `tab=all&q=${encodeURIComponent(buyer.receiver.mobile)}&sort=-paidAt`,
  }
  const saved = await caller.call('POST', '/api/views', view)
  await caller.call('PATCH', `/api/views/${Object(saved.body).id}`, { query: `q=${buyer.nick}&sort=paidAt` })
  await caller.call('POST', '/api/sign-in', {
    email: `${buyer.nick}@shanyu.cn`,
    password: buyer.receiver.mobile,
  })
  await caller.call('GET', `/api/orders/${encodeURIComponent(buyer.receiver.name)}`)
  await caller.call('POST', '/api/staged-trades/convert', { ids: [buyer.receiver.mobile.repeat(3)] })

  assert.deepEqual(await leaks(house.db), [])
  assert.ok(house.logged.length > 30)
  const encoded = [...inClear, ...inClear.map((text) => encodeURIComponent(text))]
  assert.deepEqual(
    house.logged.filter((line) => encoded.some((text) => line.includes(text))),
    [],
  )
})
