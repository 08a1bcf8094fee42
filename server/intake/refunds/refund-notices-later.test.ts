import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { retryActions } from '../../core/outbox/actions.ts'
import { mergeOrders } from '../../orders/merge/merge.ts'
import { restoreOrders } from '../../orders/refunds/restore.ts'
import { splitOrders } from '../../orders/split/split.ts'
import { voidOrders } from '../../orders/status/void.ts'
import { aRefundHouse, later } from '../../testing/refund-house.ts'
import { intakeActions } from '../outbox.ts'
import { aLine, aRefund, aTrade, stage, stageRefunds } from '../testing.ts'
import { processRefunds } from './refund-decisions.ts'

// After refunds were noted, they are converted, their orders come back, or the refunds change.

const house = await aRefundHouse()
const { pool, run, verb, confirm, release, ship, unship, orderOf, packed, waybill, seen, convert } = house
const { agree, platformSays, shipOver, stagedId } = house
after(() => house[Symbol.asyncDispose]())

const split = async (id: string, lineNo: number) => {
  const lines = [{ lineNo, quantity: 1 }]
  const [answer] = await run((tx: Tx) =>
    splitOrders(tx, [{ id, cause: 'hand', parts: [{ lines }] }], { actor: systemActor, scope: wholeScope }),
  )
  return answer?.done ? 'done' : answer?.code
}

/** Creates orders of one receiver in one parcel, released with one waybill. */
async function oneParcel(address: string, trades: ReturnType<typeof aTrade>[]): Promise<string[]> {
  const ids: string[] = []
  for (const trade of trades) {
    const receiver = { ...aTrade().receiver, name: '同户', mobile: '13900000001', address }
    ids.push(await orderOf({ ...trade, receiver }))
  }
  assert.deepEqual(
    await verb(mergeOrders)(...ids),
    ids.map(() => 'done'),
  )
  await confirm(...ids)
  assert.deepEqual(
    await release(...ids),
    ids.map(() => 'done'),
  )
  await waybill(ids[0] ?? '')
  return ids
}

test('what is only about money, converted while it is asked for, stops no parcel and splits no less', async () => {
  const [goes, parts] = [aTrade(), aTrade()]
  const [order, whole] = [await orderOf(goes), await orderOf(parts)]
  await packed(order)
  const money = { refundKind: 'money_only', amountFen: 300, quantity: 0 } as const
  const refunds = [aRefund(goes, money), aRefund(parts, money)]
  await stageRefunds(pool, ...refunds)
  assert.deepEqual(await convert(...refunds.map(({ refundId }) => refundId)), ['done', 'done'])
  const kept = await sql<{ status: string }>`
    select distinct refund_status as status from order_refund where order_id = any(${[order, whole]}::bigint[])`.execute(
    pool.db,
  )
  assert.deepEqual(kept.rows, [{ status: 'applied' }])
  const { holds, refund } = await seen(order)
  assert.deepEqual([holds, refund], [[], ''])
  assert.deepEqual(await ship(order), ['done'])
  assert.equal(await split(whole, 1), 'done')
  // Goods that came back here are not held for this refund either.
  assert.deepEqual(await unship(order), ['done'])
  assert.deepEqual((await seen(order)).holds, [])
  assert.deepEqual(await ship(order), ['done'])
})

test('converting holds one of a released parcel, and the others go under its waybill', async () => {
  for (const mates of [1, 2]) {
    const trades = [aTrade(), ...Array.from({ length: mates }, () => aTrade())]
    const [held = '', ...others] = await oneParcel(`转退单 ${mates}`, trades)
    const refund = aRefund(trades[0] ?? aTrade(), { phase: 'aftersale' })
    await stageRefunds(pool, refund)
    assert.deepEqual((await seen(held)).holds, [])
    assert.deepEqual(await convert(refund.refundId), ['done'])
    const { holds, parcel } = await seen(held)
    assert.deepEqual([holds, parcel], [[refund.refundId], null])
    assert.deepEqual(await ship(others[0] ?? ''), ['done'])
    for (const id of others) {
      const { status, waybill: has } = await seen(id)
      assert.deepEqual([status, has], ['shipped', true])
    }
    const stays = await seen(held)
    assert.deepEqual([stays.status, stays.deliveryParcel, stays.waybill], ['released', null, false])
    assert.deepEqual(await ship(held), ['refund_open'])
  }
})

test('of a parcel that came back the order with a refund stays, and the other goes again', async () => {
  for (const converted of [false, true]) {
    const trades = [aTrade(), aTrade()]
    const [held = '', other = ''] = await oneParcel(`撤销发货 ${converted}`, trades)
    assert.deepEqual(await ship(held), ['done'])
    const refund = aRefund(trades[0] ?? aTrade())
    await stageRefunds(pool, refund)
    if (converted) assert.deepEqual(await convert(refund.refundId), ['done'])
    assert.deepEqual(await unship(held, other), ['done', 'done'])
    const { holds, parcel } = await seen(held)
    assert.deepEqual([holds, parcel], [[refund.refundId], null], `converted ${converted}`)
    assert.deepEqual(await ship(other), ['done'])
    assert.deepEqual([(await seen(held)).status, (await seen(other)).status], ['released', 'shipped'])
    assert.equal((await seen(other)).waybill, true)
    assert.deepEqual(await ship(held), ['refund_open'])
  }
})

const voided = verb((tx, ids, by) => voidOrders(tx, ids, '买家不要了', by))
const restore = verb(restoreOrders)

test('the hold of a refund that ended while its order was voided is gone when it is restored, and no other', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  const [ends, stays] = [aRefund(trade), aRefund(trade, { oid: trade.lines[1]?.oid ?? '' })]
  await stageRefunds(pool, ends, stays)
  assert.deepEqual(await voided(id), ['done'])
  await stageRefunds(pool, later(ends, { status: 'closed' }))
  assert.deepEqual(await restore(id), ['done'])
  assert.deepEqual((await seen(id)).holds, [stays.refundId])
  assert.deepEqual(await voided(id), ['done'])
  await stageRefunds(pool, later(stays, { status: 'refused' }))
  assert.deepEqual(await restore(id), ['done'])
  const { holds, openHolds, refund } = await seen(id)
  assert.deepEqual([holds, openHolds, refund], [[], 0, ''])
  assert.deepEqual(await confirm(id), ['done'])
})

test('an exchange that ended while its order was voided is none when the order comes back, and the order goes', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  const asked = aRefund(trade, { refundKind: 'exchange', status: 'agreed' })
  await stageRefunds(pool, asked)
  assert.deepEqual(await convert(asked.refundId), ['done'])
  assert.deepEqual(await voided(id), ['done'])
  await stageRefunds(pool, later(asked, { status: 'succeeded' }))
  const known =
    await sql`select refund_status as status, effect, fact from order_refund where order_id = ${id}`.execute(
      pool.db,
    )
  assert.deepEqual(known.rows, [{ status: 'succeeded', effect: 'record', fact: null }])
  assert.deepEqual(await restore(id), ['done'])
  const { holds, openHolds, refund } = await seen(id)
  assert.deepEqual([holds, openHolds, refund], [[], 0, ''])
  await packed(id)
  assert.deepEqual(await ship(id), ['done'])
})

const byHand = { state: 'manual', actor: systemActor, reason: '平台上处理' } as const

test('an agreement that a person took over holds until the platform says that the refund is over, before or after', async () => {
  for (const order of ['taken over first', 'over first'] as const) {
    const trade = aTrade()
    const id = await orderOf(trade)
    await packed(id)
    const refund = aRefund(trade, { phase: 'aftersale' })
    await stageRefunds(pool, refund)
    await agree(refund)
    const steps = [
      () => platformSays(refund.refundId, byHand),
      () => stageRefunds(pool, later(refund, { status: 'closed' })),
    ]
    const [one, other] = order === 'over first' ? steps.toReversed() : steps
    await one?.()
    assert.deepEqual((await seen(id)).holds, [refund.refundId], order)
    assert.deepEqual(await ship(id), ['refund_open'], order)
    assert.equal(await shipOver(id), 'refund_paid', order)
    await other?.()
    assert.deepEqual((await seen(id)).holds, [], order)
    assert.deepEqual(await ship(id), ['done'], order)
  }
})

test('an agreement that is sent again holds again, also while another of the same refund has failed', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  const refund = aRefund(trade, { phase: 'aftersale' })
  await stageRefunds(pool, refund)
  await agree(refund)
  await platformSays(refund.refundId, { state: 'failed', code: 'x', message: '不能退' })
  assert.deepEqual((await seen(id)).holds, [])
  const action = await sql<{ id: string }>`
    select id from platform_action where kind = 'refund.agree' and subject_id = ${await stagedId(refund.refundId)}`.execute(
    pool.db,
  )
  const actionId = action.rows[0]?.id ?? ''
  const outcomes = await run((tx) =>
    retryActions(
      tx,
      intakeActions,
      { ids: [actionId], reason: '再试一次' },
      { actor: systemActor, scope: wholeScope },
    ),
  )
  assert.deepEqual(outcomes, [{ id: actionId, done: true }])
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  // A newer version is agreed to as well and refused, while the first agreement is still being sent.
  const newer = later(refund, { description: '少一件' })
  await stageRefunds(pool, newer)
  await agree(newer)
  await platformSays(refund.refundId, { state: 'failed', code: 'x', message: '不能退' })
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
})

test('nobody lets an order leave over a state that is not known, nor over another kind than he saw', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  await packed(id)
  const refund = aRefund(trade, { amountFen: 5000 })
  await stageRefunds(pool, refund)
  assert.equal(await shipOver(id), 'done')
  assert.deepEqual((await seen(id)).holds, [])
  const unknown = later(refund, { status: 'unknown' })
  await stageRefunds(pool, unknown)
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.equal(await shipOver(id), 'refund_unknown')
  assert.deepEqual(await ship(id), ['refund_open'])
  const applied = later(unknown, { status: 'applied' })
  await stageRefunds(pool, applied)
  assert.equal(await shipOver(id), 'done')
  await stageRefunds(pool, later(applied, { refundKind: 'return' }))
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.deepEqual(await ship(id), ['refund_open'])
  const waivers = await sql<{ kind: string; open: boolean }>`
    select kind, ended_at is null as open from refund_waiver where order_id = ${id} order by id`.execute(
    pool.db,
  )
  assert.deepEqual(waivers.rows, [
    { kind: 'refund_only', open: false },
    { kind: 'refund_only', open: false },
  ])
})

const stories = async (id: string) => {
  const found = await sql<{ refundNo: string; status: string }>`
    select detail ->> 'refundNo' as "refundNo", detail ->> 'status' as status from order_event
    where order_id = ${id} and event = 'refund_noted' order by id`.execute(pool.db)
  return found.rows.map(({ refundNo, status }) => `${refundNo} ${status}`)
}

test('a refund that a line of the trade showed first is told once, and again when it asks for something else', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  const [line] = trade.lines
  assert.ok(line)
  const refund = aRefund(trade, { oid: line.oid, amountFen: line.paymentFen, quantity: line.quantity })
  await stage(pool, {
    ...trade,
    modifiedAt: new Date(trade.modifiedAt.getTime() + 60_000),
    lines: [{ ...line, refund: 'applied', refundId: refund.refundId }, ...trade.lines.slice(1)],
  })
  assert.deepEqual(await stories(id), [`${refund.refundId} applied`])
  await stageRefunds(pool, refund)
  assert.deepEqual(await stories(id), [`${refund.refundId} applied`])
  await stageRefunds(pool, later(refund, { refundKind: 'return' }))
  assert.deepEqual(await stories(id), [`${refund.refundId} applied`, `${refund.refundId} applied`])
})

test('an order that comes to be held tells of what holds it, and of nothing that it told before', async () => {
  const born = aTrade()
  const [over, open] = [aRefund(born, { status: 'closed' }), aRefund(born, { status: 'unknown' })]
  await stageRefunds(pool, over, open)
  const held = await orderOf(born)
  assert.deepEqual((await seen(held)).holds, [open.refundId])
  assert.deepEqual(await stories(held), [`${open.refundId} unknown`])

  const trade = aTrade()
  const id = await orderOf(trade)
  await packed(id)
  assert.deepEqual(await ship(id), ['done'])
  const refund = aRefund(trade)
  await stageRefunds(pool, refund)
  assert.deepEqual(await stories(id), [`${refund.refundId} applied`])
  assert.deepEqual(await unship(id), ['done'])
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.deepEqual(await stories(id), [`${refund.refundId} applied`])
})

test('a converted refund of unknown kind that is paid waits for a person again, and its order stays on hold until then', async () => {
  const [trade, gone] = [aTrade(), aTrade()]
  const [order, shipped] = [await orderOf(trade), await orderOf(gone)]
  await packed(shipped)
  assert.deepEqual(await ship(shipped), ['done'])
  const unknown = { refundKind: 'other', version: '1' } as const
  const refunds = [aRefund(trade, unknown), aRefund(gone, { ...unknown, phase: 'aftersale' })]
  const numbers = refunds.map(({ refundId }) => refundId)
  const fresh = aRefund(trade)
  await stageRefunds(pool, fresh, ...refunds)
  const states = async () => {
    const found = await sql<{ state: string; listed: boolean }>`
      select r.state, r.facets[1] = f.facets[1] as listed
      from staged_refund r join staged_refund f on f.refund_no = ${fresh.refundId}
      where r.refund_no = any(${numbers}::text[]) order by r.id`.execute(pool.db)
    return found.rows.map(({ state, listed }) => [state, listed])
  }
  assert.deepEqual(await convert(...numbers), ['done', 'done'])
  assert.deepEqual(await states(), Array(2).fill(['converted', false]))

  const paid = refunds.map((one) => ({
    ...{ ...one, status: 'succeeded' as const },
    ...{ version: '2', modifiedAt: new Date() },
  }))
  await stageRefunds(pool, ...paid)
  await stageRefunds(pool, ...paid)
  assert.deepEqual(await states(), Array(2).fill(['staged', true]))
  assert.ok((await seen(order)).holds.includes(numbers[0] ?? ''))
  const said = await sql<{ event: string }>`
    select event from refund_event where refund_no = ${numbers[0]} order by id`.execute(pool.db)
  assert.deepEqual(
    said.rows.map(({ event }) => event),
    ['downloaded', 'converted', 'changed', 'reopened'],
  )
  assert.deepEqual(await convert(...numbers), ['kind_unknown', 'kind_unknown'])
  const ids = await Promise.all(numbers.map(stagedId))
  assert.deepEqual(await verb(processRefunds)(...ids), ['done', 'done'])
  assert.ok(!(await seen(order)).holds.includes(numbers[0] ?? ''))
})

test('two refunds of one piece each hold both orders that have a piece of the line, in whatever state they are', async () => {
  for (const statuses of [
    ['applied', 'applied'],
    ['succeeded', 'succeeded'],
    ['applied', 'succeeded'],
  ] as const) {
    const line = aLine({ quantity: 2, paymentFen: 6000 })
    const trade = aTrade({ lines: [line] })
    const root = await orderOf(trade)
    assert.equal(await split(root, 1), 'done')
    const child = await sql<{ id: string }>`select id from sales_order where split_from = ${root}`.execute(
      pool.db,
    )
    const part = child.rows[0]?.id ?? ''
    const refunds = statuses.map((status) =>
      aRefund(trade, { status, oid: line.oid, amountFen: 3000, quantity: 1 }),
    )
    const [first, second] = refunds.map(({ refundId }) => refundId)
    const holds = async () => [(await seen(root)).holds, (await seen(part)).holds]
    await stageRefunds(pool, ...refunds)
    const paidFirst = statuses[0] === statuses[1] ? [[first], [second]] : [[second], [first]]
    assert.deepEqual(await holds(), paidFirst, statuses.join())
    assert.deepEqual(await confirm(root, part), ['refund_open', 'refund_open'])
    if (statuses[1] !== 'succeeded') continue
    assert.deepEqual(await convert(second ?? ''), ['done'])
    assert.deepEqual(await holds(), [[], [first]], statuses.join())
    assert.deepEqual([(await seen(root)).status, (await seen(part)).status], ['voided', 'unconfirmed'])
  }
})
