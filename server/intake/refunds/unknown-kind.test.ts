import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import {
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageRefunds,
  tradeOf,
} from '../testing.ts'
import { convertRefunds } from './convert-refunds.ts'
import { processRefunds } from './refund-decisions.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

const by = { actor: systemActor, scope: wholeScope }

async function refundOf(refundNo: string) {
  const found = await sql<{ id: string; state: string; orderNo: string; holds: number; open: boolean }>`
    select r.id, r.state, r.order_no as "orderNo", o.open_holds as holds, r.facets[1] = (
      select facets[1] from staged_refund where state = 'staged' and refund_no = 'never converted') as open
    from staged_refund r join sales_order o on o.id = r.order_id where r.refund_no = ${refundNo}`.execute(
    pool.db,
  )
  return found.rows[0] ?? assert.fail()
}

test('a converted refund of unknown kind that is paid waits for a person again, and its order stays on hold until then', async () => {
  const trade = aTrade()
  await stage(pool, trade, aTrade())
  const tradeId = (await tradeOf(pool, trade.tid))?.id ?? ''
  await pool.db.transaction().execute((tx) => convertTrades(tx, [tradeId], by))
  const applied = aRefund(trade, { refundKind: 'other', status: 'applied', version: '1' })
  await stageRefunds(pool, applied, aRefund(aTrade(), { refundId: 'never converted' }))
  const ids = await sql<{ id: string }>`
    select id from staged_refund where refund_no = ${applied.refundId}`.execute(pool.db)
  const id = ids.rows[0]?.id ?? assert.fail()
  await pool.db.transaction().execute((tx) => convertRefunds(tx, [id], by))
  const { orderNo } = await refundOf(applied.refundId)
  assert.deepEqual(await refundOf(applied.refundId), {
    id,
    state: 'converted',
    orderNo,
    holds: 1,
    open: false,
  })

  const paid = { ...applied, status: 'succeeded', version: '2', modifiedAt: new Date() } as const
  await stageRefunds(pool, paid)
  await stageRefunds(pool, paid)
  assert.deepEqual(await refundOf(applied.refundId), { id, state: 'staged', orderNo, holds: 1, open: true })
  const said = await sql<{ event: string }>`
    select event from refund_event where refund_no = ${applied.refundId} order by id`.execute(pool.db)
  assert.deepEqual(
    said.rows.map(({ event }) => event),
    ['downloaded', 'converted', 'changed', 'reopened'],
  )
  const [refused] = await pool.db.transaction().execute((tx) => convertRefunds(tx, [id], by))
  assert.deepEqual([refused?.done, refused && 'code' in refused && refused.code], [false, 'kind_unknown'])
  await pool.db.transaction().execute((tx) => processRefunds(tx, [id], by))
  assert.deepEqual(await refundOf(applied.refundId), {
    id,
    state: 'processed',
    orderNo,
    holds: 0,
    open: false,
  })
})
