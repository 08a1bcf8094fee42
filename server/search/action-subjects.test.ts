import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { anAccount, aShippingHouse } from '../testing/shipping.ts'
import { subjectsOf } from './action-subjects.ts'

test('an action about a number, an intercept or a subscription is named by its parcel', async () => {
  await using house = await aShippingHouse()
  const { db, shopId } = house
  await anAccount(house)
  const { id, orderId } = await house.released()
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
