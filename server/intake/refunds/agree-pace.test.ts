import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { lockActions } from '../../core/outbox/queries.ts'
import { aRefund, aTrade, intakeFixture, stage, stageRefunds } from '../testing.ts'
import { agreePace } from './agree-pace.ts'
import { agreeRefunds } from './refund-actions.ts'

const spaced = connectors.find(({ limits }) => limits.refundGapMs === 60_000) ?? assert.fail()

test('where a platform asks for a pause the second refund of an order is paid after it; other orders and platforms do not wait', async () => {
  await using pool = await intakeFixture()
  const { db, ring } = pool
  const [trade, other] = [aTrade(), aTrade()]
  await stage(pool, trade, other)
  const refunds = [aRefund(trade), aRefund(trade, { oid: trade.lines[1]?.oid ?? '' }), aRefund(other)]
  await stageRefunds(pool, ...refunds)
  await sql`update shop set platform = ${spaced.id}`.execute(db)
  const seen = await sql<{ id: string; version: string; amountFen: number }>`
    select id, version, amount_fen::int as "amountFen" from staged_refund order by id`.execute(db)
  await db
    .transaction()
    .execute((tx) =>
      agreeRefunds(tx, ring, { seen: seen.rows, request: {} }, { actor: systemActor, scope: wholeScope }),
    )
  await sql`update platform_action set state = 'sending', sent_at = clock_timestamp()`.execute(db)
  const all = await sql<{ id: string }>`select id from platform_action order by id`.execute(db)
  const ids = all.rows.map(({ id }) => id)
  assert.equal(ids.length, 3)
  const waiting = () =>
    db.transaction().execute(async (tx) => {
      const actions = (await lockActions(tx, ids, wholeScope)).map((action) => ({ ...action, claim: 1 }))
      const reasons = await agreePace.waits?.(db, actions)
      return ids.map((id) => reasons?.get(id) ?? '')
    })
  assert.deepEqual(await waiting(), ['', 'refund_spaced', ''])
  await sql`update platform_action set state = 'succeeded', sent_at = now() - interval '50 seconds' where id = ${ids[0]}`.execute(
    db,
  )
  assert.deepEqual(await waiting(), ['', 'refund_spaced', ''])
  await sql`update platform_action set sent_at = now() - interval '61 seconds' where id = ${ids[0]}`.execute(
    db,
  )
  assert.deepEqual(await waiting(), ['', '', ''])
  await sql`update platform_action set sent_at = now() where id = ${ids[0]}`.execute(db)
  await sql`update shop set platform = 'taobao'`.execute(db)
  assert.deepEqual(await waiting(), ['', '', ''])
})
