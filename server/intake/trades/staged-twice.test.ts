import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { Trade } from '../../connectors/connector.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { until } from '../../testing/until.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageIn,
  stageRefunds,
  tradeOf,
} from '../testing.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

/**
 * Stages the later version of a trade in a transaction that looks for the trade before anybody stages it, and writes it after `meanwhile`
 * has ended: it waits for another new trade, which a third transaction stages.
 */
async function stageLater(later: Trade, meanwhile: () => Promise<unknown>) {
  const first = { ...aTrade(), tid: `0${later.tid}` }
  const staging = await pool.db.transaction().execute(async (tx) => {
    await stageIn(tx, pool, systemActor, first)
    const both = stage(pool, { ...first, modifiedAt: later.modifiedAt }, later)
    await isWaiting()
    await meanwhile()
    return { both }
  })
  return staging.both
}

const isWaiting = () =>
  until(async () => {
    const waiting = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      pool.db,
    )
    return waiting.rows.length === 1
  })

const aSecondLater = (trade: Trade, changed: Partial<Trade> = {}): Trade => ({
  ...trade,
  modifiedAt: new Date(trade.modifiedAt.getTime() + 1000),
  ...changed,
})

test('a version of a trade that another transaction has staged meanwhile counts the refund that came meanwhile', async () => {
  const trade = aTrade()
  const counts = await stageLater(aSecondLater(trade, { sellerMemo: '加急' }), async () => {
    await stage(pool, trade)
    await stageRefunds(pool, aRefund(trade))
  })
  assert.deepEqual(counts, { created: 0, updated: 2, skipped: {} })
  const rows = await sql`
    select state, seller_memo as memo, open_refunds as refunds, reason from staged_trade where tid = ${trade.tid}`.execute(
    pool.db,
  )
  assert.deepEqual(rows.rows, [{ state: 'staged', memo: '加急', refunds: 1, reason: 'refund_open' }])
})

test('a version of a trade that another transaction has staged and converted meanwhile tells the order what changed', async () => {
  const trade = aTrade()
  const closed = aSecondLater(trade, { status: 'closed_refunded' })
  await stageLater(closed, async () => {
    await stage(pool, trade)
    const { id = '' } = (await tradeOf(pool, trade.tid)) ?? {}
    const by = { actor: systemActor, scope: wholeScope }
    const [outcome] = await pool.db.transaction().execute((tx) => convertTrades(tx, [id], by))
    assert.equal(outcome?.done, true)
  })
  const told = await sql`
    select kind, old_value as was, new_value as is, o.status, o.open_holds as holds
    from order_difference d join sales_order o on o.id = d.order_id where o.tid = ${trade.tid}`.execute(
    pool.db,
  )
  assert.deepEqual(told.rows, [
    { kind: 'closed', was: 'paid', is: 'closed_refunded', status: 'unconfirmed', holds: 1 },
  ])
})

test('an older version of a trade that another transaction has staged meanwhile is left out', async () => {
  const trade = aTrade({ lines: [aLine()] })
  const counts = await stageLater(trade, () => stage(pool, aSecondLater(trade, { sellerMemo: '后来的' })))
  assert.deepEqual(counts, { created: 0, updated: 0, skipped: { older: 1, same: 1 } })
  const rows = await sql`select seller_memo as memo from staged_trade where tid = ${trade.tid}`.execute(
    pool.db,
  )
  assert.deepEqual(rows.rows, [{ memo: '后来的' }])
})
