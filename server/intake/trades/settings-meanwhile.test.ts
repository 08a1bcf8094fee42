import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import { systemActor } from '../../core/access/actor.ts'
import { updatingShopReasons } from '../jobs.ts'
import { tradeReasonFacet } from '../staged/trade-columns.ts'
import { aTrade, type IntakeFixture, intakeFixture, stage, stageIn } from '../testing.ts'

// Details are judged by the settings that were read before their transaction, here a go-live in 2026 and no unpaid trades.

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
afterEach(() => setting({ goLiveAt: '2026-01-01T00:00:00Z', convertUnpaid: false }))
after(() => pool[Symbol.asyncDispose]())

const setting = ({ goLiveAt, convertUnpaid }: { goLiveAt: string; convertUnpaid: boolean }) =>
  sql`
    update shop set go_live_at = ${goLiveAt}, settings = settings || ${JSON.stringify({ convertUnpaid })}::jsonb
    where id = ${pool.shopId}`.execute(pool.db)
const recheck = () =>
  updatingShopReasons.run({ db: pool.db, log: pino({ level: 'silent' }) }, [{ shopId: pool.shopId }])

async function reasonOf({ tid }: { tid: string }): Promise<string> {
  const found = await sql<{ reason: string; facet: number }>`
    select reason, facets[3] as facet from staged_trade where tid = ${tid}`.execute(pool.db)
  const { reason = 'none', facet } = found.rows[0] ?? {}
  for (const one of ['', 'not_paid', 'before_go_live'] as const)
    if (one === reason) assert.equal(facet, tradeReasonFacet(one))
  return reason
}

test('a trade that is staged after the settings changed has the reason that they give', async () => {
  const [paid, unpaid] = [aTrade(), aTrade({ status: 'unpaid', paidAt: null })]
  await stage(pool, paid, unpaid)
  assert.deepEqual([await reasonOf(paid), await reasonOf(unpaid)], ['', 'not_paid'])

  await setting({ goLiveAt: '2026-01-01T00:00:00Z', convertUnpaid: true })
  const second = aTrade({ status: 'unpaid', paidAt: null })
  await stage(pool, second)
  assert.equal(await reasonOf(second), '')

  await setting({ goLiveAt: '2027-01-01', convertUnpaid: true })
  const third = aTrade()
  await stage(pool, third)
  assert.equal(await reasonOf(third), 'before_go_live')
})

test('a change of the settings waits for trades that are being staged, and its recheck finds them', async () => {
  const trade = aTrade()
  let changed = false
  const changing = await pool.db.transaction().execute(async (tx) => {
    await stageIn(tx, pool, systemActor, trade)
    const change = setting({ goLiveAt: '2027-01-01', convertUnpaid: false }).then(() => {
      changed = true
    })
    await sleep(300)
    assert.equal(changed, false)
    return { change }
  })
  await changing.change
  assert.equal(await reasonOf(trade), '')
  await recheck()
  assert.equal(await reasonOf(trade), 'before_go_live')
})
