import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { jobs } from '../../worker.ts'
import { aTrade, type IntakeFixture, intakeFixture, stage, tradeOf } from '../testing.ts'
import { processTrades } from './trades.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
  await createQueues(pool.db, jobs)
})
after(() => pool[Symbol.asyncDispose]())

const open = aTrade()
const later = (minutes: number) => new Date(open.modifiedAt.getTime() + minutes * 60_000)
const stateOf = async (tid: string) => {
  const found = await sql<{ state: string; note: string; reason: string; standing: number }>`
    select state, note, reason, facets[4] as standing from staged_trade where tid = ${tid}`.execute(pool.db)
  return found.rows[0] ?? assert.fail()
}

test('a trade that the platform closed unpaid and opens again waits to be converted once more', async () => {
  await stage(pool, open)
  const waiting = await stateOf(open.tid)
  assert.deepEqual([waiting.state, waiting.reason], ['staged', ''])
  await stage(pool, { ...open, status: 'closed_unpaid', modifiedAt: later(1) })
  const closed = await stateOf(open.tid)
  assert.deepEqual([closed.state, closed.note], ['processed', 'closed_unpaid'])
  await stage(pool, { ...open, modifiedAt: later(2) })
  assert.deepEqual(await stateOf(open.tid), waiting)
})

test('what a person marked processed stays so, whatever the platform says later', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  const id = (await tradeOf(pool, trade.tid))?.id ?? ''
  await pool.db
    .transaction()
    .execute((tx) => processTrades(tx, [id], { actor: systemActor, scope: wholeScope }))
  await stage(pool, { ...trade, sellerMemo: '加急', modifiedAt: later(3) })
  const { state, note } = await stateOf(trade.tid)
  assert.deepEqual([state, note], ['processed', ''])
})
