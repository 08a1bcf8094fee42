import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { LineRefund, TradeStatus } from '../../connectors/connector.ts'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { convertRefunds } from '../refunds/convert-refunds.ts'
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

const clerk: Actor = { kind: 'user', id: '7', name: '林晓' }
let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

type Line = [TradeStatus, LineRefund]

/** Stages a paid trade with lines in these states, and returns its state, note and reason and the answers to converting it. */
async function stagedWith(lines: readonly Line[], options: { asRecord?: boolean } = {}) {
  const trade = aTrade({ lines: lines.map(([status, refund]) => aLine({ status, refund })) })
  await stage(pool, trade)
  const staged = await tradeOf(pool, trade.tid)
  const [outcome] = await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, [staged?.id ?? ''], { actor: clerk, scope: wholeScope }, options))
  return [staged?.state, staged?.note, staged?.reason, outcome?.done ? 'done' : outcome?.code]
}

const cases: [string, readonly Line[], readonly string[]][] = [
  [
    'each line is closed or refunded ends, because there is nothing to ship',
    [
      ['closed_refunded', 'none'],
      ['paid', 'succeeded'],
    ],
    ['processed', 'closed_refunded', 'closed', 'already_processed'],
  ],
  [
    'each open line left without us says so, and becomes a record only',
    [
      ['shipped', 'none'],
      ['closed_unpaid', 'none'],
    ],
    ['staged', '', 'shipped_elsewhere', 'shipped_elsewhere'],
  ],
  [
    'a refund of a closed line is open waits for the refund',
    [['closed_unpaid', 'applied']],
    ['staged', '', 'refund_open', 'refund_open'],
  ],
  [
    'one line can be shipped converts',
    [
      ['closed_unpaid', 'none'],
      ['paid', 'none'],
    ],
    ['staged', '', '', 'done'],
  ],
]
for (const [name, lines, wanted] of cases)
  test(`a paid trade of which ${name}`, async () => {
    assert.deepEqual(await stagedWith(lines), wanted)
  })

test('a paid trade whose open lines left elsewhere becomes a record by hand', async () => {
  const [, , , answer] = await stagedWith([['shipped', 'none']], { asRecord: true })
  assert.equal(answer, 'done')
})

test('a trade whose last open line is refunded here ends beside its closed lines', async () => {
  const trade = aTrade({ lines: [aLine(), aLine({ status: 'closed_unpaid' })] })
  await stage(pool, trade)
  const refund = aRefund(trade, { status: 'succeeded', amountFen: 9000 })
  await stageRefunds(pool, refund)
  const found = await sql<{ id: string }>`select id from staged_refund where tid = ${trade.tid}`.execute(
    pool.db,
  )
  const ids = found.rows.map(({ id }) => id)
  await pool.db.transaction().execute((tx) => convertRefunds(tx, ids, { actor: clerk, scope: wholeScope }))
  const { state, note } = (await tradeOf(pool, trade.tid)) ?? {}
  assert.deepEqual([state, note], ['processed', 'closed_refunded'])
})

test('a trade that was staged before this had a reason gets one when it is to be converted', async () => {
  const trade = aTrade({ lines: [aLine({ status: 'shipped' })] })
  await stage(pool, trade)
  const id = (await tradeOf(pool, trade.tid))?.id ?? ''
  await sql`update staged_trade set reason = '' where id = ${id}`.execute(pool.db)
  const outcomes = await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, [id], { actor: clerk, scope: wholeScope }))
  assert.deepEqual(outcomes, [{ id, done: false, code: 'shipped_elsewhere' }])
  assert.equal((await tradeOf(pool, trade.tid))?.reason, 'shipped_elsewhere')
})
