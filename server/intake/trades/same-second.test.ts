import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { systemActor } from '../../core/access/actor.ts'
import { stageTrades } from '../refunds/stage-trades.ts'
import { aTrade, intakeFixture } from '../testing.ts'
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
