import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Refund, refundStatuses } from '../../connectors/connector.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { until } from '../../testing/until.ts'
import { relinkable, updateRefundReasons } from '../staged/refund-queries.ts'
import {
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageIn,
  stageRefunds,
  tradeOf,
} from '../testing.ts'
import { updateTradeReasonsOf } from '../trades/recheck.ts'
import { processTrades, removeTrades, unprocessTrades } from '../trades/trades.ts'
import { convertRefunds } from './convert-refunds.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

const kinds = ['refund_only', 'return'] as const
const phases = ['onsale', 'aftersale'] as const

/**
 * The effect of a refund that arrived before its original: the outcome of converting the refund, of converting the trade, and the pieces of
 * the order.
 */
const expected: Record<(typeof refundStatuses)[number], [refund: string, trade: string, pieces: number]> = {
  applied: ['trade_held', 'refund_open', 0],
  agreed: ['trade_held', 'refund_open', 0],
  refused: ['trade_released', 'done', 2],
  closed: ['trade_released', 'done', 2],
  succeeded: ['trade_lines_refunded', 'done', 1],
  unknown: ['unknown_status', 'done', 2],
}

test('a refund that comes before its original waits for it, and is applied to it, state by state', async () => {
  for (const status of refundStatuses) {
    for (const refundKind of kinds) {
      for (const phase of phases) {
        const place = `${refundKind} ${status} ${phase}`
        const trade = aTrade()
        const refund = aRefund(trade, { status, refundKind, phase })
        await stageRefunds(pool, refund)
        const row = await sql<{ id: string }>`
          select id from staged_refund where refund_no = ${refund.refundId}`.execute(pool.db)
        const ids = row.rows.map(({ id }) => id)
        const convert = async () => {
          const [one] = await pool.db
            .transaction()
            .execute((tx) => convertRefunds(tx, ids, { actor: systemActor, scope: wholeScope }))
          return one?.done ? one.ref : one?.code
        }
        assert.equal(await convert(), status === 'unknown' ? 'unknown_status' : 'no_original', place)
        await stage(pool, trade)
        const [onRefund, onTrade, pieces] = expected[status]
        assert.equal(await convert(), onRefund, place)
        const tradeId = (await tradeOf(pool, trade.tid))?.id ?? ''
        const [converted] = await pool.db
          .transaction()
          .execute((tx) => convertTrades(tx, [tradeId], { actor: systemActor, scope: wholeScope }))
        assert.equal(converted?.done ? 'done' : converted?.code, onTrade, place)
        const order = await sql<{ pieces: number; holds: number }>`
          select quantity as pieces, open_holds as holds from sales_order where tid = ${trade.tid}`.execute(
          pool.db,
        )
        assert.deepEqual(
          order.rows,
          pieces === 0 ? [] : [{ pieces, holds: status === 'unknown' ? 1 : 0 }],
          place,
        )
      }
    }
  }
})

/** Waits until one transaction waits for the rows of another. */
const isWaiting = () =>
  until(async () => {
    const waiting = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      pool.db,
    )
    return waiting.rows.length === 1
  })

test('a trade that comes while its refund does is waited for by nobody, and joined with it afterwards', async () => {
  const { db } = pool
  const [known, coming] = [aTrade(), aTrade()]
  await stage(pool, known)
  const first = aRefund(known)
  await stageRefunds(pool, first)
  // Two refunds arrive in one transaction and wait after they have locked the existing trades, so that another trade can arrive.
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const { promise: held, resolve: holds } = Promise.withResolvers<void>()
  const holder = db.transaction().execute(async (tx) => {
    await sql`select from staged_refund where refund_no = ${first.refundId} for update`.execute(tx)
    holds()
    await gate
  })
  await held
  const arriving = stageRefunds(pool, { ...first, version: '1411375308929' }, aRefund(coming))
  await isWaiting()
  await stage(pool, coming)
  // A transaction that has locked that trade would wait for the refunds next.
  await db.transaction().execute(async (tx) => {
    await sql`select from staged_trade where tid = ${coming.tid} for update`.execute(tx)
    open()
    await arriving
  })
  await holder
  assert.deepEqual(await relinkable(db, pool.shopId, 10), [coming.tid])
  assert.equal((await tradeOf(pool, coming.tid))?.reason, '')
})

test('a converted refund that is open again while its removed trade comes back is counted afterwards', async () => {
  const { db } = pool
  const by = { actor: systemActor, scope: wholeScope }
  const coming = aTrade()
  await stage(pool, coming)
  const refused = aRefund(coming, { status: 'refused' })
  await stageRefunds(pool, refused)
  const row = await sql<{
    id: string
  }>`select id from staged_refund where refund_no = ${refused.refundId}`.execute(db)
  const ids = row.rows.map(({ id }) => id)
  const { id = '' } = (await tradeOf(pool, coming.tid)) ?? {}
  await db.transaction().execute(async (tx) => {
    await convertRefunds(tx, ids, by)
    await removeTrades(tx, [id], by)
  })
  const again: Refund = {
    ...{ ...refused, status: 'applied', version: '1411375308930' },
    modifiedAt: new Date(refused.modifiedAt.getTime() + 1000),
  }
  const arriving = await db.transaction().execute(async (tx) => {
    await stageIn(tx, pool, systemActor, coming)
    const refunds = stageRefunds(pool, again)
    await isWaiting()
    return { refunds }
  })
  await arriving.refunds
  assert.equal((await tradeOf(pool, coming.tid))?.reason, '')
  assert.ok((await relinkable(db, pool.shopId, 10)).includes(coming.tid))
  await db.transaction().execute((tx) => updateTradeReasonsOf(tx, pool.shopId, [coming.tid]))
  assert.equal((await tradeOf(pool, coming.tid))?.reason, 'refund_open')
  assert.ok(!(await relinkable(db, pool.shopId, 10)).includes(coming.tid))
})

test('of a trade that is not here each refund is asked by whoever brings it, and waits for no other', async () => {
  const { db } = pool
  const trade = aTrade()
  const [mine, other] = [aRefund(trade), aRefund(trade)]
  await stageRefunds(pool, mine, other)
  await sql`update staged_refund set reason = '' where tid = ${trade.tid}`.execute(db)
  await db.transaction().execute(async (holder) => {
    await sql`select from staged_refund where refund_no = ${other.refundId} for update`.execute(holder)
    await db
      .transaction()
      .execute((tx) =>
        updateRefundReasons(tx, pool.shopId, [trade.tid], { trades: [], refunds: [mine.refundId] }),
      )
  })
  const found = await sql<{ reason: string }>`
    select reason from staged_refund where tid = ${trade.tid} order by refund_no`.execute(db)
  assert.deepEqual(found.rows, [{ reason: 'no_original' }, { reason: '' }])
})

test('a converted refund that pays back while its trade is removed or fetched again is settled when the trade is back, once', async () => {
  const { db } = pool
  const by = { actor: systemActor, scope: wholeScope }
  const ways = {
    removed: [removeTrades],
    'fetched again': [processTrades, unprocessTrades],
  }
  for (const [way, verbs] of Object.entries(ways)) {
    const trade = aTrade({ status: 'shipped', platformStatus: 'WAIT_BUYER_CONFIRM_GOODS' })
    const refund = aRefund(trade)
    await stage(pool, trade)
    await stageRefunds(pool, refund)
    const row = await sql<{ id: string }>`
      select id from staged_refund where refund_no = ${refund.refundId}`.execute(db)
    await db.transaction().execute((tx) =>
      convertRefunds(
        tx,
        row.rows.map(({ id }) => id),
        by,
      ),
    )
    const { id = '' } = (await tradeOf(pool, trade.tid)) ?? {}
    for (const verb of verbs) await db.transaction().execute((tx) => verb(tx, [id], by))
    await stageRefunds(pool, {
      ...refund,
      status: 'succeeded',
      version: '1411375308928',
      modifiedAt: new Date(refund.modifiedAt.getTime() + 1000),
    })
    const settled = async () => {
      const { rows } = await sql<{ outcome: string; kind: string; amount: number }>`
        select r.outcome, s.kind, s.amount_fen::int as amount from staged_refund r
        left join settlement s on s.shop_id = r.shop_id and s.source = r.refund_no
        where r.refund_no = ${refund.refundId}`.execute(db)
      return rows.map(({ outcome, kind, amount }) => [outcome, kind, amount])
    }
    assert.deepEqual(await settled(), [['money_only', null, null]], way)
    await stage(pool, trade)
    const once = [['money_only', 'refund_only', 0 - refund.amountFen]]
    assert.deepEqual(await settled(), once, way)
    await stage(pool, { ...trade, modifiedAt: new Date(trade.modifiedAt.getTime() + 1000) })
    assert.deepEqual(await settled(), once, way)
  }
})
