import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { resolvePlatformChanges } from '../../orders/platform-changes/differences.ts'
import { stageTrades } from '../refunds/stage-trades.ts'
import { aLine, aTrade, intakeFixture, stage, tradeOf } from '../testing.ts'
import { prepareTrades } from './ingest.ts'

test('of two details of one second the later request counts, whichever answer is written first', async () => {
  await using pool = await intakeFixture()
  const trade = aTrade()
  const shop = { id: pool.shopId, facts: { goLiveAt: new Date('2026-01-01'), convertUnpaid: false } }
  const stage = (sellerMemo: string, fetchedMs: number) => {
    const prepared = prepareTrades(pool.ring, shop, [{ trade: { ...trade, sellerMemo }, raw: sellerMemo }])
    const fetchedAt = new Date(trade.modifiedAt.getTime() + fetchedMs)
    return pool.db
      .transaction()
      .execute((tx) => stageTrades(tx, pool.ring, { shop, prepared, fetchedAt }, systemActor))
  }
  const memo = async () =>
    (
      await sql<{ memo: string; ms: number }>`
        select seller_memo as memo, (extract(epoch from fetched_at - modified_at) * 1000)::int as ms from staged_trade
        where tid = ${trade.tid}`.execute(pool.db)
    ).rows
  assert.deepEqual(await stage('later', 900), { created: 1, updated: 0, skipped: {} })
  assert.deepEqual(await stage('earlier', 300), { created: 0, updated: 0, skipped: { older: 1 } })
  assert.deepEqual(await memo(), [{ memo: 'later', ms: 900 }])
  assert.deepEqual(await stage('latest', 901), { created: 0, updated: 1, skipped: {} })
  assert.deepEqual(await memo(), [{ memo: 'latest', ms: 901 }])
})

test('of two addresses of one second the later one is what a clerk applies, and who saw the first applies neither', async () => {
  await using pool = await intakeFixture()
  const by = { actor: systemActor, scope: wholeScope }
  const trade = aTrade({ lines: [aLine()] })
  await stage(pool, trade)
  const staged = (await tradeOf(pool, trade.tid))?.id ?? ''
  await pool.db.transaction().execute((tx) => convertTrades(tx, [staged], by))
  const modifiedAt = new Date(trade.modifiedAt.getTime() + 60_000)
  const movesTo = (address: string) =>
    stage(pool, { ...trade, modifiedAt, receiver: { ...trade.receiver, address } })
  const open = async () =>
    (
      await sql<{ id: string; hash: boolean; personal: boolean; orderId: string }>`
        select d.id, d.order_id as "orderId", d.receiver_hash = t.receiver_hash as hash, d.personal = t.personal as personal
        from order_difference d join staged_trade t on t.order_id = d.order_id
        where t.tid = ${trade.tid} and d.kind = 'address' and d.settled_at is null`.execute(pool.db)
    ).rows

  await movesTo('乙路2号')
  const [first] = await open()
  await movesTo('丙路3号')
  const both = await open()
  assert.deepEqual(
    both.map(({ hash, personal }) => [hash, personal]),
    [[true, true]],
  )
  const orderId = first?.orderId ?? ''
  const apply = async (id: string) =>
    (
      await pool.db
        .transaction()
        .execute((tx) => resolvePlatformChanges(tx, [orderId], { how: 'apply', differenceIds: [id] }, by))
    ).map((one) => (one.done ? 'done' : one.code))
  assert.deepEqual(await apply(first?.id ?? ''), ['no_difference'])
  assert.deepEqual(await apply(both[0]?.id ?? ''), ['done'])
  const same = await sql<{ same: boolean }>`
    select o.personal = t.personal and o.receiver_hash = t.receiver_hash as same
    from sales_order o join staged_trade t on t.order_id = o.id where o.id = ${orderId}`.execute(pool.db)
  assert.deepEqual(same.rows, [{ same: true }])

  // The same detail once more is no change, and what comes back in that second is one.
  await movesTo('丙路3号')
  assert.deepEqual(await open(), [])
  await movesTo('乙路2号')
  assert.equal((await open()).length, 1)
})

test('a trade that is closed and open again within one second does not hold its order', async () => {
  await using pool = await intakeFixture()
  const trade = aTrade({ lines: [aLine()] })
  await stage(pool, trade)
  const staged = (await tradeOf(pool, trade.tid))?.id ?? ''
  await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, [staged], { actor: systemActor, scope: wholeScope }))
  const modifiedAt = new Date(trade.modifiedAt.getTime() + 60_000)
  await stage(pool, { ...trade, modifiedAt, status: 'closed_unpaid' })
  const holds = async () =>
    (
      await sql<{ reason: string }>`
        select reason from order_hold h join sales_order o on o.id = h.order_id
        where o.tid = ${trade.tid} and h.released_at is null`.execute(pool.db)
    ).rows.map(({ reason }) => reason)
  assert.deepEqual(await holds(), ['platform_closed'])
  await stage(pool, { ...trade, modifiedAt })
  assert.deepEqual(await holds(), [])
})
