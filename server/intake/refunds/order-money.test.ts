import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import type { Trade } from '../../connectors/connector.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { moneyOf } from '../../orders/view/money.ts'
import { viewOrder } from '../../orders/view/view.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageRefunds,
  tradeOf,
} from '../testing.ts'
import { convertRefunds } from './convert-refunds.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

async function shown(trade: Trade) {
  await pool.db.transaction().execute(async (tx) => {
    await convertTrades(tx, [(await tradeOf(pool, trade.tid))?.id ?? ''], {
      actor: systemActor,
      scope: wholeScope,
    })
  })
  const found = await sql<{ id: string }>`select id from sales_order where tid = ${trade.tid}`.execute(
    pool.db,
  )
  const view = await viewOrder(pool.db, found.rows[0]?.id ?? '', { actor: systemActor, scope: wholeScope })
  assert.ok(view)
  return view
}

const line = (priceFen: number, paymentFen: number, more: Partial<ReturnType<typeof aLine>> = {}) =>
  aLine({ quantity: 1, priceFen, paymentFen, discountFen: priceFen - paymentFen, ...more })

test('a line that was refunded before converting leaves goods, discount and due that add up, and is a row of its own', async () => {
  const trade = aTrade({
    lines: [line(61_000, 56_595), line(20_000, 12_247, { refund: 'succeeded' })],
    ...{ paymentFen: 68_842, postFeeFen: 0, discountFen: 12_158, subsidyFen: 300 },
  })
  const refund = aRefund(trade, { oid: trade.lines[1]?.oid ?? '', status: 'succeeded', amountFen: 12_247 })
  await stage(pool, trade)
  await stageRefunds(pool, refund)
  const { money, earlierRefunds, refunds } = await shown(trade)
  assert.deepEqual(money, {
    ...{ goodsFen: 61_000, discountFen: 4_405, postFeeFen: 0, dueFen: 56_595, paidFen: 56_595, unpaidFen: 0 },
    ...{ refundedFen: 0, receivedFen: 56_595, subsidyFen: 300, gaps: [] },
  })
  assert.deepEqual(earlierRefunds, [{ refundNo: refund.refundId, amountFen: 12_247 }])
  assert.deepEqual(refunds, [])
})

test('what is paid on delivery is unpaid, and a price that the seller raised is no discount', async () => {
  const trade = aTrade({
    lines: [line(3_500, 4_000)],
    ...{ paymentFen: 4_500, postFeeFen: 500, discountFen: 0, cod: true, paidAt: null },
  })
  await stage(pool, trade)
  const { money } = await shown(trade)
  assert.deepEqual(
    [money.discountFen, money.dueFen, money.paidFen, money.unpaidFen, money.receivedFen, money.gaps],
    [-500, 4_500, 0, 4_500, 0, []],
  )
})

test('what went back is taken off what was paid', async () => {
  const trade = aTrade({
    lines: [line(5_000, 5_000), line(3_000, 3_000)],
    ...{ paymentFen: 8_000, postFeeFen: 0, discountFen: 0 },
  })
  await stage(pool, trade)
  await shown(trade)
  await stageRefunds(
    pool,
    aRefund(trade, { oid: trade.lines[0]?.oid ?? '', status: 'succeeded', amountFen: 5_000 }),
  )
  const found = await sql<{ id: string }>`select id from staged_refund where tid = ${trade.tid}`.execute(
    pool.db,
  )
  await pool.db
    .transaction()
    .execute((tx) => convertRefunds(tx, [found.rows[0]?.id ?? ''], { actor: systemActor, scope: wholeScope }))
  const { money, earlierRefunds } = await shown(trade)
  assert.deepEqual(
    [money.dueFen, money.paidFen, money.refundedFen, money.receivedFen, money.gaps, earlierRefunds],
    [8_000, 8_000, 5_000, 3_000, [], []],
  )
})

test('due is paid and unpaid, received is paid less refunded, and every gap is named with its amount', () => {
  const fen = fc.integer({ min: 0, max: 1_000_000 })
  fc.assert(
    fc.property(
      fc.record({
        ...{ goodsFen: fen, postFeeFen: fen, paymentFen: fen, subsidyFen: fen, refundedFen: fen },
        discountFen: fc.integer({ min: -1000, max: 1000 }),
        ...{ paid: fc.boolean(), cod: fc.boolean(), completed: fc.boolean() },
        refunds: fc.array(fc.record({ countedFen: fen }), { maxLength: 3 }),
        extraRefunds: fc.array(
          fc.record({ status: fc.constantFrom('draft', 'approved', 'voided'), amountFen: fen }),
          { maxLength: 3 },
        ),
      }),
      (facts) => {
        const money = moneyOf(facts)
        const gap = (of: string) => money.gaps.find((one) => one.of === of)?.fen ?? 0
        assert.equal(money.dueFen, money.paidFen + money.unpaidFen)
        assert.equal(money.paidFen - money.refundedFen, money.receivedFen)
        assert.equal(money.goodsFen - money.discountFen + money.postFeeFen + gap('due'), money.dueFen)
        assert.equal(gap('received'), Math.min(0, money.receivedFen))
        assert.equal(
          facts.refunds.reduce((sum, { countedFen }) => sum + countedFen, 0) + gap('refunded'),
          facts.refundedFen,
        )
      },
    ),
  )
})
