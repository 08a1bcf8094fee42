import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { aShop } from '../../testing/orders.ts'
import { openDatabase } from '../db/db.ts'

// What triggers maintain for the lists.

const database = await testDatabase()
const { db, close } = openDatabase(database.url, { max: 2, name: 'list keeping' })
after(async () => {
  await close()
  await database[Symbol.asyncDispose]()
})

/** The keys of trades with the transaction that wrote each; an unchanged key keeps its transaction. */
async function keys(): Promise<{ tid: string; key: number; wrote: string }[]> {
  const found = await sql<{ tid: string; key: string; wrote: string }>`
    select coalesce(t.tid, 'nobody') as tid, k.key, k.xmin::text as wrote
    from staged_trade_person k left join staged_trade t on t.id = k.id order by 1, 2`.execute(db)
  return found.rows.map((row) => ({ ...row, key: Number(row.key) }))
}
const told = async () => (await keys()).map(({ tid, key }) => `${tid}: ${key}`)

test('the keys of people follow their rows, and a change of state leaves them as they were written', async () => {
  const shop = await aShop(db)
  await sql`
    insert into staged_trade (shop_id, tid, state, state_at, modified_at, status, platform_status, trade_type, reason, facets, people)
    select ${shop}::bigint, tid, 'staged', now(), now(), 'paid', 'X', 'fixed', '', '{}', people::bigint[]
    from (values ('1', '{7,8}'), ('2', '{8,8}'), ('3', '{}')) v (tid, people)`.execute(db)
  assert.deepEqual(await told(), ['1: 7', '1: 8', '2: 8'])
  const before = await keys()

  await sql`update staged_trade set state = 'converted'`.execute(db)
  await sql`update staged_trade set people = people, state = 'staged'`.execute(db)
  assert.deepEqual(await keys(), before)

  await sql`update staged_trade set people = '{8,9}' where tid = '1'`.execute(db)
  assert.deepEqual(await told(), ['1: 8', '1: 9', '2: 8'])
  await sql`update staged_trade set people = '{}' where tid = '1'`.execute(db)
  await sql`update staged_trade set people = '{5}' where tid = '3'`.execute(db)
  assert.deepEqual(await told(), ['2: 8', '3: 5'])

  await sql`delete from staged_trade where tid = '2'`.execute(db)
  assert.deepEqual(await told(), ['3: 5'])
})

type Times = { origin?: string; paid: string | null; due: string | null }

/** Inserts orders created at one time, with given offsets for payment and shipping deadline. */
async function putOrders(orders: readonly Times[]): Promise<void> {
  const shop = await aShop(db)
  await sql`
    insert into sales_order (no, shop_id, origin, tid, status, cod, facets, people, ordered_at, created_at, paid_at, ship_by, goods_fen,
      post_fee_fen, discount_fen, payment_fen, quantity, created_by)
    select 'SO' || ${shop} || n, ${shop}::bigint, origin, n, 'unconfirmed', false, '{0,0,0,0,0}', '{}', at, at, at + paid, at + due, 0, 0, 0, 0, 1, ''
    from unnest(${orders.map(({ origin = 'trade' }) => origin)}::text[], ${orders.map(({ paid }) => paid)}::interval[],
      ${orders.map(({ due }) => due)}::interval[]) with ordinality v (origin, paid, due, n), (select '2026-11-24T04:00Z'::timestamptz as at) m`.execute(
    db,
  )
}

test('an own order has no deadline', async () => {
  await assert.rejects(
    putOrders([{ origin: 'manual', paid: null, due: '48 hours' }]),
    /sales_order_own_ship_by/,
  )
  await putOrders([{ origin: 'manual', paid: null, due: null }])
})
