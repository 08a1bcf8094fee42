import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { aTrade, intakeFixture, stage, tradeOf } from '../testing.ts'

test('a trade that comes without a flag keeps the flag that it had, and takes none from its order', async () => {
  await using pool = await intakeFixture()
  const trade = aTrade({ flag: 2 })
  await stage(pool, trade)
  const staged = (await tradeOf(pool, trade.tid))?.id ?? ''
  await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, [staged], { actor: systemActor, scope: wholeScope }))
  await sql`update sales_order set flag = 3 where tid = ${trade.tid}`.execute(pool.db)
  const shown = async () =>
    (
      await sql<{ flag: number; memo: string; kinds: string[] }>`
        select t.flag, t.seller_memo as memo, array(
          select d.kind || ' ' || d.new_value from order_difference d
          where d.order_id = t.order_id and d.settled_at is null order by 1) as kinds
        from staged_trade t where t.tid = ${trade.tid}`.execute(pool.db)
    ).rows
  const later = (minutes: number) => new Date(trade.modifiedAt.getTime() + minutes * 60_000)
  const without = { ...trade, flag: 0, flagUnsaid: true as const }

  await stage(pool, { ...without, modifiedAt: later(1), sellerMemo: '加急' })
  assert.deepEqual(await shown(), [{ flag: 2, memo: '加急', kinds: ['memo 加急'] }])
  // A flag that is said to be none is a change.
  await stage(pool, { ...trade, flag: 0, modifiedAt: later(2), sellerMemo: '加急' })
  assert.deepEqual(await shown(), [{ flag: 0, memo: '加急', kinds: ['flag 0', 'memo 加急'] }])
})
