import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import { type IntakeFixture, intakeFixture } from '../intake/testing.ts'
import { failingTasks } from './alarm-queries.ts'
import { readQueueCounts } from './queue-counts.ts'

test('a failing task of the installation is an alarm to those of all shops only, who find it in the list of tasks', async () => {
  await using pool = await intakeFixture()
  await sql`insert into task (kind, shop_id, interval_seconds, next_run_at, failures)
    select k, s, 60, now(), 3 from (values ('backup', null), ('trade_list', ${pool.shopId}::bigint)) t (k, s)`.execute(
    pool.db,
  )
  const kinds = async (scope: typeof wholeScope) =>
    (await failingTasks(pool.db, scope, 3)).map(({ kind }) => kind).toSorted()
  assert.deepEqual(await kinds(wholeScope), ['backup', 'trade_list'])
  assert.deepEqual(await kinds({ ...wholeScope, shops: [pool.shopId] }), ['trade_list'])
})

/** Makes unclear actions of a kind, of which the first wait for a person and the others are looked at again. Returns the counts. */
async function countedOf(pool: IntakeFixture, made: { kind: string; all: number; forPerson: number }) {
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, next_at, created_by)
    select ${pool.shopId}::bigint, ${made.kind}, 'x', n, n, '{}', 'unknown', case when n > ${made.forPerson} then now() end, '{}'
    from generate_series(1, ${made.all}::int) n`.execute(pool.db)
  return (await readQueueCounts({ db: pool.db, scope: wholeScope, now: new Date() })).actions
}

test('ten thousand write-backs that are looked at again hide none that waits for a person', async () => {
  await using pool = await intakeFixture()
  const actions = await countedOf(pool, { kind: 'x', all: 10003, forPerson: 2 })
  assert.deepEqual([actions.unclear, actions.pending, actions.failed], [2, 0, 0])
})

test('a stock upload that waits for a person is among the unclear ones, and one that is looked at again is not', async () => {
  await using pool = await intakeFixture()
  const actions = await countedOf(pool, { kind: 'stock_upload', all: 3, forPerson: 1 })
  assert.deepEqual([actions.unclear, actions.stockFailed, actions.pending, actions.failed], [1, 0, 0, 0])
})
