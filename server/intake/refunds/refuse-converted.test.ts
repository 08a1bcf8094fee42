import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { aRefundHouse, later } from '../../testing/refund-house.ts'
import { afterSalesRows } from '../aftersales/desk-view.ts'
import { aRefund, aTrade, stageRefunds } from '../testing.ts'
import { agreeRefunds, outcomesOf, refuseRefunds } from './refund-actions.ts'
import { viewRefund } from './refund-view.ts'

const house = await aRefundHouse()
const { pool, run, orderOf, confirm, convert, stagedId, seen, platformSays } = house
const { db, ring } = pool
after(() => house[Symbol.asyncDispose]())

const by = { actor: systemActor, scope: wholeScope }

/** A refund that was converted while it was open, so that its order is on hold. */
async function convertedRefund() {
  const trade = aTrade()
  const orderId = await orderOf(trade)
  const refund = aRefund(trade)
  await stageRefunds(pool, refund)
  assert.deepEqual(await convert(refund.refundId), ['done'])
  const id = await stagedId(refund.refundId)
  const meant = { id, version: refund.version, amountFen: refund.amountFen }
  const request = { reasonId: '1', message: '商品已发出' }
  const answer = async (verb: 'agree' | 'refuse', version = refund.version) => {
    const seen = [{ ...meant, version }]
    const sent = await run((tx) =>
      verb === 'agree'
        ? agreeRefunds(tx, ring, { seen, request: {} }, by)
        : refuseRefunds(tx, ring, { seen, request }, by),
    )
    return outcomesOf(seen, sent).map((one) => (one.done ? 'done' : one.code))
  }
  return {
    orderId,
    refund,
    id,
    refuse: (version?: string) => answer('refuse', version),
    agree: () => answer('agree'),
  }
}

const stateOf = async (id: string) => {
  const found = await sql<{ state: string; status: string; error: string; events: string[] }>`
    select r.state, r.status, r.error, array(select event from refund_event e where e.shop_id = r.shop_id and e.refund_no = r.refund_no
      and event in ('refusing', 'refused', 'refuse_failed') order by e.id) as events
    from staged_refund r where id = ${id}`.execute(db)
  return found.rows[0] ?? assert.fail()
}
const buttonsOf = async (id: string) => {
  const { actions } = (await viewRefund(db, id, wholeScope)) ?? assert.fail()
  return ['agree', 'refuse'].map((name) => actions.find(({ action }) => action === name)?.code)
}
const suggestionFor = async (id: string) => (await afterSalesRows(db, [id])).map((row) => row.suggestion)

test('a converted refund is refused without another state, and its order goes on once the platform says that it is over', async () => {
  const { orderId, refund, id, refuse, agree } = await convertedRefund()
  assert.deepEqual([(await seen(orderId)).holds, await buttonsOf(id)], [[refund.refundId], ['', '']])
  assert.deepEqual(await refuse('an older one'), ['conflict'])
  assert.deepEqual(await refuse(), ['done'])
  // Until the platform answers, neither answer is sent a second time.
  assert.deepEqual([await refuse(), await agree()], [['being_answered'], ['being_answered']])
  assert.deepEqual(
    [await buttonsOf(id), await suggestionFor(id)],
    [['being_answered', 'being_answered'], ['wait_platform']],
  )
  const begun = { state: 'converted', status: 'applied', error: '', events: ['refusing'] }
  assert.deepEqual(await stateOf(id), begun)
  await platformSays(refund.refundId, { state: 'succeeded', result: null })
  assert.deepEqual(await stateOf(id), { ...begun, events: ['refusing', 'refused'] })
  // The platform's list shows the new status later, and until then nothing else is answered or shipped.
  assert.deepEqual([await refuse(), await agree()], [['being_answered'], ['being_answered']])
  assert.deepEqual([await suggestionFor(id), await confirm(orderId)], [['wait_platform'], ['refund_open']])
  await stageRefunds(pool, later(refund, { status: 'refused' }))
  assert.deepEqual([(await seen(orderId)).holds, await confirm(orderId)], [[], ['done']])
  assert.equal((await stateOf(id)).state, 'converted')
  const sent =
    await sql`select from platform_action where kind = 'refund.refuse' and subject_id = ${id}`.execute(db)
  assert.equal(sent.rows.length, 1)
})

test('a buyer who asks again after the refusal is answered again', async () => {
  const { refund, id, refuse } = await convertedRefund()
  assert.deepEqual(await refuse(), ['done'])
  await platformSays(refund.refundId, { state: 'succeeded', result: null })
  const again = later(refund, { amountFen: refund.amountFen - 100 })
  await stageRefunds(pool, again)
  assert.deepEqual(await buttonsOf(id), ['', ''])
  assert.deepEqual([await refuse(), await refuse(again.version)], [['conflict'], ['done']])
})

test('a refusal that the platform did not take shows why, keeps the hold, and leaves both answers open', async () => {
  const { orderId, refund, id, refuse, agree } = await convertedRefund()
  assert.deepEqual(await refuse(), ['done'])
  await platformSays(refund.refundId, { state: 'failed', code: 'x', message: '凭证不清楚' })
  const failed = {
    state: 'converted',
    status: 'applied',
    error: '凭证不清楚',
    events: ['refusing', 'refuse_failed'],
  }
  assert.deepEqual([await stateOf(id), (await seen(orderId)).holds], [failed, [refund.refundId]])
  assert.deepEqual(await buttonsOf(id), ['', ''])
  assert.deepEqual(await refuse(), ['done'])
  assert.equal((await stateOf(id)).error, '')
  await platformSays(refund.refundId, { state: 'failed', code: 'x', message: '凭证不清楚' })
  assert.deepEqual([await agree(), await refuse()], [['done'], ['refund_not_open']])
  const sent = await sql<{ kind: string; count: number }>`
    select kind, count(*)::int as count from platform_action where subject_id = ${id} group by kind order by kind`.execute(
    db,
  )
  assert.deepEqual(sent.rows, [
    { kind: 'refund.agree', count: 1 },
    { kind: 'refund.refuse', count: 2 },
  ])
})

test('a refusal that a person took over, and left, can be sent again', async () => {
  const { refund, id, refuse } = await convertedRefund()
  assert.deepEqual(await refuse(), ['done'])
  await platformSays(refund.refundId, { state: 'manual', actor: systemActor, reason: '去后台看' })
  assert.deepEqual([await buttonsOf(id), await refuse()], [['', ''], ['done']])
  const sent = await sql<{ state: string }>`
    select state from platform_action where kind = 'refund.refuse' and subject_id = ${id} order by id`.execute(
    db,
  )
  assert.deepEqual(
    sent.rows.map(({ state }) => state),
    ['manual', 'pending'],
  )
})

test('two clerks refuse one converted refund at once: one refusal is sent', async () => {
  const { id, refuse } = await convertedRefund()
  const answers = (await Promise.all([refuse(), refuse(), refuse()])).flat()
  assert.deepEqual(answers.toSorted(), ['being_answered', 'being_answered', 'done'])
  const sent =
    await sql`select from platform_action where kind = 'refund.refuse' and subject_id = ${id}`.execute(db)
  assert.equal(sent.rows.length, 1)
})
