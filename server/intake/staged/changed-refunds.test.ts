import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { Refund } from '../../connectors/connector.ts'
import { aRefund, aTrade, type IntakeFixture, intakeFixture, stageRefunds } from '../testing.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

/** Returns the number of the transaction that last wrote the refund. */
async function writtenBy(refundNo: string): Promise<string> {
  const found = await sql<{ xmin: string }>`
    select xmin::text from staged_refund where refund_no = ${refundNo}`.execute(pool.db)
  return found.rows[0]?.xmin ?? assert.fail('no refund')
}

const seen = { created: 0, updated: 0, skipped: { same: 1 } }

/** Another value of each fact that a platform may change. */
const changes: Partial<Refund> = {
  oid: '',
  refundKind: 'return',
  phase: 'aftersale',
  status: 'agreed',
  platformStatus: 'WAIT_BUYER_RETURN_GOODS',
  version: '1411375308928',
  modifiedAt: new Date('2027-01-01T00:00:00Z'),
  amountFen: 1,
  quantity: 7,
  title: '被套',
  spec: '白色',
  outerId: 'SY-9',
  reason: '不喜欢',
  description: '颜色不对',
  goodsReceived: 'returned',
  carrier: '圆通速递',
  waybillNo: 'YT1',
  deadline: new Date('2027-01-02T00:00:00Z'),
  buyerNick: '另一位买家',
  constraint: '极速退款',
  doubts: [{ field: 'refund_amount', line: '', raw: 'x', guess: '0' }],
}

for (const [name, value] of Object.entries(changes))
  test(`a refund is written again when only its ${name} differs, and not when a list shows it once more`, async () => {
    const refund = aRefund(aTrade())
    await stageRefunds(pool, refund)
    const first = await writtenBy(refund.refundId)
    assert.deepEqual(await stageRefunds(pool, refund), seen)
    assert.equal(await writtenBy(refund.refundId), first)
    const changed = { ...refund, [name]: value }
    await stageRefunds(pool, changed)
    const second = await writtenBy(refund.refundId)
    assert.notEqual(second, first)
    assert.deepEqual(await stageRefunds(pool, changed), seen)
    assert.equal(await writtenBy(refund.refundId), second)
  })

test('of two refunds of a page, of which one differs, only that one is written', async () => {
  const trade = aTrade()
  const [one, other] = [aRefund(trade), aRefund(trade)]
  await stageRefunds(pool, one, other)
  const [first, second] = [await writtenBy(one.refundId), await writtenBy(other.refundId)]
  const counts = await stageRefunds(pool, one, { ...other, waybillNo: 'YT2' })
  assert.deepEqual(counts, { created: 0, updated: 1, skipped: { same: 1 } })
  assert.equal(await writtenBy(one.refundId), first)
  assert.notEqual(await writtenBy(other.refundId), second)
})
