import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { aRefund, aTrade, intakeFixture, stage, stageRefunds } from '../testing.ts'

const pool = await intakeFixture()
after(() => pool[Symbol.asyncDispose]())

test('a trade that is read again without a change counts as unchanged, and not as updated', async () => {
  const [trade, other] = [aTrade(), aTrade()]
  assert.deepEqual(await stage(pool, trade, other), { created: 2, updated: 0, skipped: {} })
  assert.deepEqual(await stage(pool, trade, { ...other, sellerMemo: '加急' }), {
    created: 0,
    updated: 1,
    skipped: { same: 1 },
  })
  const later = { ...trade, modifiedAt: new Date(trade.modifiedAt.getTime() + 1000) }
  assert.deepEqual(await stage(pool, later), { created: 0, updated: 1, skipped: {} })
})

test('a refund that is read again without a change counts as unchanged, and not as updated', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  const [refund, other] = [aRefund(trade, { deadline: null }), aRefund(trade)]
  assert.deepEqual(await stageRefunds(pool, refund, other), { created: 2, updated: 0, skipped: {} })
  assert.deepEqual(await stageRefunds(pool, refund, { ...other, amountFen: other.amountFen - 1 }), {
    created: 0,
    updated: 1,
    skipped: { same: 1 },
  })
  const deadline = new Date(refund.modifiedAt.getTime() + 3_600_000)
  assert.deepEqual(await stageRefunds(pool, { ...refund, deadline }), { created: 0, updated: 1, skipped: {} })
  const sent = { ...refund, deadline, carrier: 'YTO', waybillNo: 'YT900' }
  assert.deepEqual(await stageRefunds(pool, sent), { created: 0, updated: 1, skipped: {} })
  assert.deepEqual(await stageRefunds(pool, sent), { created: 0, updated: 0, skipped: { same: 1 } })
})
