import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Refund, refundStatuses, type Trade } from '../../connectors/connector.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
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
import { ingestRefunds } from './ingest-refunds.ts'
import { setRefundsRefusing } from './refund-action-queries.ts'
import { processRefunds } from './refund-decisions.ts'
import { relinkRefunds } from './relink.ts'

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

test('goods that were exchanged, sent once more or repaired are no refund of a trade: its lines stay, and it is converted whole', async () => {
  for (const refundKind of ['exchange', 'reship', 'repair'] as const) {
    const trade = aTrade()
    await stage(pool, trade)
    const refund = aRefund(trade, { status: 'succeeded', refundKind, phase: 'aftersale' })
    await stageRefunds(pool, refund)
    const row = await sql<{ id: string }>`
      select id from staged_refund where refund_no = ${refund.refundId}`.execute(pool.db)
    const [one] = await pool.db.transaction().execute((tx) =>
      convertRefunds(
        tx,
        row.rows.map(({ id }) => id),
        { actor: systemActor, scope: wholeScope },
      ),
    )
    assert.equal(one?.done ? one.ref : one?.code, 'trade_released', refundKind)
    const staged = await sql<{ state: string; reason: string; refunded: number }>`
      select state, reason, lines_refunded as refunded from staged_trade where tid = ${trade.tid}`.execute(
      pool.db,
    )
    assert.deepEqual(staged.rows, [{ state: 'staged', reason: '', refunded: 0 }], refundKind)
    const tradeId = (await tradeOf(pool, trade.tid))?.id ?? ''
    await pool.db
      .transaction()
      .execute((tx) => convertTrades(tx, [tradeId], { actor: systemActor, scope: wholeScope }))
    const order = await sql<{ pieces: number; holds: number }>`
      select quantity as pieces, open_holds as holds from sales_order where tid = ${trade.tid}`.execute(
      pool.db,
    )
    assert.deepEqual(order.rows, [{ pieces: 2, holds: 0 }], refundKind)
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

/** The decision of a person about a refund that then changes while its removed trade comes back. */
const decisions: Record<string, (tx: Tx, ids: string[]) => Promise<unknown>> = {
  converted: (tx, ids) => convertRefunds(tx, ids, by),
  processed: (tx, ids) => processRefunds(tx, ids, by),
  refusing: (tx, ids) => setRefundsRefusing(tx, ids, by.actor.name),
}
const by = { actor: systemActor, scope: wholeScope }

for (const [state, decide] of Object.entries(decisions))
  test(`a ${state} refund that opens or ends while its removed trade comes back is counted afterwards as it is`, async () => {
    const { db } = pool
    for (const [was, is] of [
      ['refused', 'applied'],
      ['applied', 'closed'],
    ] as const) {
      const coming = aTrade()
      await stage(pool, coming)
      const [refund, other] = [aRefund(coming, { status: was }), aRefund(coming)]
      await stageRefunds(pool, refund, other)
      const { id = '' } = (await tradeOf(pool, coming.tid)) ?? {}
      const ids = await idsOf(refund)
      await db.transaction().execute(async (tx) => {
        await decide(tx, ids)
        await removeTrades(tx, [id], by)
      })
      await comesBackWhile(coming, {
        ...{ ...refund, status: is, version: '1411375308930' },
        modifiedAt: new Date(refund.modifiedAt.getTime() + 1000),
      })
      assert.equal(await openRefundsOf(coming), was === 'applied' ? 2 : 1)
      await relinkRefunds(db, pool.shopId)
      assert.equal(await openRefundsOf(coming), is === 'applied' ? 2 : 1, `${was} → ${is}`)
      assert.deepEqual(await relinkable(db, pool.shopId, 10), [])
    }
  })

test('a refund that is processed or converted before it is joined with its trade is counted all the same', async () => {
  const { db } = pool
  for (const decide of [decisions.processed, decisions.converted]) {
    const [known, coming] = [aTrade(), aTrade()]
    await stage(pool, known)
    const [first, fresh] = [aRefund(known), aRefund(coming)]
    await stageRefunds(pool, first)
    const arriving = await db.transaction().execute(async (tx) => {
      await sql`select from staged_refund where refund_no = ${first.refundId} for update`.execute(tx)
      const refunds = stageRefunds(pool, { ...first, version: '1411375308929' }, fresh)
      await isWaiting()
      await stage(pool, coming)
      return { refunds }
    })
    await arriving.refunds
    const ids = await idsOf(fresh)
    await db.transaction().execute(async (tx) => decide?.(tx, ids))
    assert.equal(await openRefundsOf(coming), 0)
    await relinkRefunds(db, pool.shopId)
    assert.equal(await openRefundsOf(coming), 1)
    assert.equal((await tradeOf(pool, coming.tid))?.reason, 'refund_open')
    assert.deepEqual(await relinkable(db, pool.shopId, 10), [])
  }
})

test('a trade that comes and is converted while its refund does is an order that the refund holds, after they are joined', async () => {
  const { db } = pool
  const [known, coming] = [aTrade(), aTrade()]
  await stage(pool, known)
  const [first, fresh] = [aRefund(known), aRefund(coming)]
  await stageRefunds(pool, first)
  const held = async () =>
    (
      await sql<{ held: string }>`
        select h.source as held from order_hold h join sales_order o on o.id = h.order_id
        where o.tid = ${coming.tid} and h.released_at is null`.execute(db)
    ).rows
  // The refund's transaction has looked for the trade, and ends while the conversion is not committed.
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const { promise: isHeld, resolve: holds } = Promise.withResolvers<void>()
  const holder = db.transaction().execute(async (tx) => {
    await sql`select from staged_refund where refund_no = ${first.refundId} for update`.execute(tx)
    holds()
    await gate
  })
  await isHeld
  const arriving = stageRefunds(pool, { ...first, version: '1411375308929' }, fresh)
  await isWaiting()
  await stage(pool, coming)
  const { id = '' } = (await tradeOf(pool, coming.tid)) ?? {}
  await db.transaction().execute(async (tx) => {
    assert.equal((await convertTrades(tx, [id], by))[0]?.done, true)
    open()
    await Promise.all([holder, arriving])
  })
  assert.deepEqual(await held(), [])
  await relinkRefunds(db, pool.shopId)
  assert.deepEqual(await held(), [{ held: fresh.refundId }])
  assert.equal(await openRefundsOf(coming), 1)
})

test('reasons that are determined again while a refund arrives count that refund', async () => {
  const { db } = pool
  const trade = aTrade()
  await stage(pool, trade)
  const again = await db.transaction().execute(async (tx) => {
    const arrived = [{ refund: aRefund(trade), raw: '', detailMissing: false }]
    await ingestRefunds(tx, pool.ring, { shopId: pool.shopId, arrived }, systemActor)
    const reasons = db.transaction().execute((other) => updateTradeReasonsOf(other, pool.shopId, [trade.tid]))
    await isWaiting()
    return { reasons }
  })
  assert.equal(await again.reasons, 0)
  assert.equal(await openRefundsOf(trade), 1)
  assert.equal((await tradeOf(pool, trade.tid))?.reason, 'refund_open')
})

test('a version of a refund that another transaction has staged and a person has processed meanwhile leaves it processed', async () => {
  const { db } = pool
  const trade = aTrade()
  const [first, refund] = [aRefund(trade), aRefund(trade)]
  const later = {
    ...refund,
    version: '1411375308930',
    modifiedAt: new Date(refund.modifiedAt.getTime() + 1000),
  }
  const arriving = await db.transaction().execute(async (tx) => {
    const arrived = [{ refund: first, raw: '', detailMissing: false }]
    await ingestRefunds(tx, pool.ring, { shopId: pool.shopId, arrived }, systemActor)
    const both = stageRefunds(pool, { ...first, version: later.version }, later)
    await isWaiting()
    await stageRefunds(pool, refund)
    await db.transaction().execute(async (other) => processRefunds(other, await idsOf(refund), by))
    return { both }
  })
  assert.deepEqual(await arriving.both, { created: 0, updated: 2, skipped: {} })
  const found = await sql`
    select refund_no, state, version from staged_refund where tid = ${trade.tid} order by id`.execute(db)
  assert.deepEqual(found.rows, [
    { refund_no: first.refundId, state: 'staged', version: later.version },
    { refund_no: refund.refundId, state: 'processed', version: later.version },
  ])
})

/** Stages a removed trade again, while a transaction that found no trade writes the refund. */
async function comesBackWhile(trade: Trade, refund: Refund): Promise<void> {
  const arriving = await pool.db.transaction().execute(async (tx) => {
    await stageIn(tx, pool, systemActor, trade)
    await sql`select from staged_refund where refund_no = ${refund.refundId} for update`.execute(tx)
    const refunds = stageRefunds(pool, refund)
    await isWaiting()
    return { refunds }
  })
  await arriving.refunds
}

async function idsOf(refund: Refund): Promise<string[]> {
  const found = await sql<{ id: string }>`
    select id from staged_refund where refund_no = ${refund.refundId}`.execute(pool.db)
  return found.rows.map(({ id }) => id)
}

async function openRefundsOf({ tid }: Trade): Promise<number | undefined> {
  const found = await sql<{
    n: number
  }>`select open_refunds as n from staged_trade where tid = ${tid}`.execute(pool.db)
  return found.rows[0]?.n
}

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
