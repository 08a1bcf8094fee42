import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Caller, type TestApp, testApp } from '../testing/app.ts'
import { anAccount, aShippingHouse } from '../testing/shipping.ts'
import { subjectsOf } from './action-subjects.ts'

let house: TestApp
let clerk: Caller

before(async () => {
  house = await testApp()
  clerk = await house.as(['actions.read'])
})
after(async () => {
  await house[Symbol.asyncDispose]()
})

type Row = Record<string, unknown>

test('each platform action names its document; stock names its listing, SKUs and quantities, and stands apart', async () => {
  const { db } = house
  const shop = await sql<{ id: string }>`
    insert into shop (platform, variant, name) values ('taobao', 'tmall', '甲') returning id`.execute(db)
  const shopId = shop.rows[0]?.id ?? ''
  const listings = await sql<{ id: string }>`
    insert into listing (shop_id, item_id, platform_sku_id, outer_sku_id, title, status, modified_at)
    select ${shopId}::bigint, '8001', code, code, '四件套', 'on_sale', now() from unnest('{SJT-01,SJT-02}'::text[]) code
    returning id`.execute(db)
  const [first, second] = listings.rows.map(({ id }) => id)
  await sql`
    insert into staged_refund (shop_id, refund_no, tid, state, modified_at, version, status, platform_status, kind, phase, amount_fen, quantity,
      created_on_platform, facets)
    values (${shopId}, 'R-1', 'T-1', 'staged', now(), '1', 'applied', 'X', 'refund_only', 'onsale', 500, 1, now(), '{}')`.execute(
    db,
  )
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, result, created_by, next_at)
    select ${shopId}::bigint, kind, type, coalesce(subject, (select id::text from staged_refund)), kind || state, '{}', state, result::jsonb,
      '{"name": "系统"}', null
    from (values ('refund.refuse', 'staged_refund', null, 'failed', null), ('trade.ship', 'delivery', '999', 'unknown', null),
      ('stock_upload', 'listing_item', '8001', 'succeeded',
        ${JSON.stringify({
          items: [
            { id: first, quantity: 7 },
            { id: second, quantity: 0 },
          ],
        })}),
      ('stock_upload', 'listing_item', '8001', 'failed', null)) a (kind, type, subject, state, result)`.execute(
    db,
  )
  const rows = async (query: string): Promise<Row[]> =>
    Object(await clerk.call('GET', `/api/platform-actions?${query}`)).body.rows
  const named = async (query: string) =>
    (await rows(query)).map((row) => [row['kind'], row['state'], row['subjectNo'], row['subjectDetail']])
  assert.deepEqual(await named('stock=without'), [
    ['trade.ship', 'unknown', '', ''],
    ['refund.refuse', 'failed', 'R-1', 'T-1'],
  ])
  assert.deepEqual(await named('stock=only'), [
    ['stock_upload', 'failed', '四件套', 'SJT-01、SJT-02'],
    ['stock_upload', 'succeeded', '四件套', 'SJT-01 → 7、SJT-02 → 0'],
  ])
  const counts = Object(await clerk.call('GET', '/api/platform-actions/counts?stock=without')).body.tabs
  assert.deepEqual(Object.keys(counts).slice(0, 3), ['failed', 'unknown', 'pending'])
  assert.deepEqual(
    ['failed', 'unknown', 'pending'].map((tab) => counts[tab].count),
    [1, 1, 0],
  )
  assert.equal((await rows('needsPerson=true&state=unknown')).length, 1)
  // Ended actions wait for nothing either, and need no person.
  assert.equal((await rows('needsPerson=true')).length, 1)
})

test('an action about a number, an intercept or a subscription is named by its parcel', async () => {
  await using shipping = await aShippingHouse()
  const { db, shopId } = shipping
  await anAccount(shipping)
  const { id, orderId } = await shipping.released()
  const made = await sql<{ type: string; id: string }>`
    with w as (
      insert into waybill (delivery_id, round, account_id, shop_id, courier, state, asked_by)
      values (${id}, 1, 1, ${shopId}, 'YTO', 'asked', '') returning id
    ), i as (
      insert into intercept (delivery_id, delivery_no, order_id, order_no, tid, shop_id, courier, waybill_no, refund_no, amount_fen, way, state, created_by)
      select d.id, d.no, ${orderId}, 'SO', '1', ${shopId}, 'YTO', 'YT7', 'R', 0, 'recall', 'open', '' from delivery d where d.id = ${id} returning id
    ), p as (
      insert into parcel_subscription (account_id, courier, waybill_no, order_id, shop_id)
      values (1, 'YTO', 'YT8', ${orderId}, ${shopId}) returning id
    )
    select 'waybill' as type, id from w union all select 'intercept', id from i union all select 'parcel_subscription', id from p`.execute(
    db,
  )
  const { rows } = await sql<{ no: string }>`select no from delivery where id = ${id}`.execute(db)
  const no = rows[0]?.no
  const asked = [...made.rows, { type: 'waybill', id: '999999' }].map((row, at) => ({
    ...{ id: String(at), subjectType: row.type, subjectId: row.id, shopId, result: null },
  }))
  assert.deepEqual(
    [...(await subjectsOf(db, asked))],
    [
      ['0', { no, detail: '' }],
      ['1', { no, detail: 'YT7' }],
      ['2', { no: 'YT8', detail: 'YTO' }],
    ],
  )
})
