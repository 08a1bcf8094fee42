import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../actor.ts'
import { refundStatuses } from '../connectors/connector.ts'
import { convertTrades } from './convert.ts'
import { convertRefunds } from './convert-refunds.ts'
import { aPool, aRefund, aTrade, type Pool, stage, stageRefunds, tradeOf } from './testing.ts'

let pool: Pool
before(async () => {
  pool = await aPool()
})
after(() => pool[Symbol.asyncDispose]())

const kinds = ['refund_only', 'return'] as const
const phases = ['onsale', 'aftersale'] as const

/** What a refund does that came before its original: to converting the refund, to converting the trade, and to its order. */
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
            .execute((tx) => convertRefunds(tx, ids, systemActor, wholeScope))
          return one?.done ? one.ref : one?.code
        }
        assert.equal(await convert(), status === 'unknown' ? 'unknown_status' : 'no_original', place)
        await stage(pool, trade)
        const [onRefund, onTrade, pieces] = expected[status]
        assert.equal(await convert(), onRefund, place)
        const tradeId = (await tradeOf(pool, trade.tid))?.id ?? ''
        const [converted] = await pool.db
          .transaction()
          .execute((tx) => convertTrades(tx, [tradeId], systemActor, wholeScope))
        assert.equal(converted?.done ? 'done' : converted?.code, onTrade, place)
        const order = await sql<{ pieces: number; holds: number }>`
          select quantity as pieces, open_holds as holds from sales_order where tid = ${trade.tid}`.execute(
          pool.db,
        )
        assert.deepEqual(order.rows, pieces === 0 ? [] : [{ pieces, holds: 0 }], place)
      }
    }
  }
})
