import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { autoConvertRefunds } from '../../flows/auto-convert.ts'
import { asksNothing } from '../../orders/gifts/gift-rules.ts'
import { saveGiftRules } from '../../orders/gifts/settings.ts'
import { mergeOrders } from '../../orders/merge/merge.ts'
import { splitOrders } from '../../orders/split/split.ts'
import { aRefundHouse, later } from '../../testing/refund-house.ts'
import { aRun } from '../../testing/run.ts'
import { aSku, putStock } from '../../testing/stock.ts'
import { aRefund, aTrade, stage, stageRefunds } from '../testing.ts'
import { agreeRefunds } from './refund-actions.ts'

// No refund is converted here: every hold comes from staging.

const house = await aRefundHouse()
const { pool, warehouseId, run, verb, confirm, release, ship, orderOf, packed, waybill, seen } = house
const { stagedId, agree, platformSays, shipOver } = house
after(() => house[Symbol.asyncDispose]())

test('a refund that is applied for holds its order when it is staged: nothing confirms, releases or ships it', async () => {
  for (const status of ['applied', 'agreed', 'unknown'] as const) {
    const [fresh, confirmed, released] = [aTrade(), aTrade(), aTrade()]
    const [a, b, c] = [await orderOf(fresh), await orderOf(confirmed), await orderOf(released)]
    await confirm(b)
    await packed(c)
    const refunds = [fresh, confirmed, released].map((trade) => aRefund(trade, { status }))
    await stageRefunds(pool, ...refunds)
    for (const [at, id] of [a, b, c].entries()) {
      const { holds, refund } = await seen(id)
      assert.deepEqual([holds, refund], [[refunds[at]?.refundId], 'open'], status)
    }
    assert.deepEqual(await confirm(a), ['refund_open'], status)
    assert.deepEqual(await release(b), ['refund_open'], status)
    assert.deepEqual(await ship(c), ['refund_open'], status)
    assert.deepEqual(
      [(await seen(a)).status, (await seen(b)).status, (await seen(c)).status],
      ['unconfirmed', 'confirmed', 'released'],
    )
    const staged = await sql<{ state: string }>`
      select distinct state from staged_refund where refund_no = any(${refunds.map(({ refundId }) => refundId)})`.execute(
      pool.db,
    )
    assert.deepEqual(staged.rows, [{ state: 'staged' }])
  }
})

test('one that is closed or refused lifts its own hold and no other, and what was released keeps its place', async () => {
  for (const status of ['closed', 'refused'] as const) {
    const trade = aTrade()
    const id = await orderOf(trade)
    await packed(id)
    const [one, other] = [aRefund(trade), aRefund(trade, { oid: trade.lines[1]?.oid ?? '' })]
    await stageRefunds(pool, one, other)
    assert.deepEqual((await seen(id)).holds, [one.refundId, other.refundId].toSorted())
    await stageRefunds(pool, later(one, { status }))
    const { holds, ...place } = await seen(id)
    assert.deepEqual(holds, [other.refundId])
    assert.deepEqual([place.status, place.delivery, place.waybill], ['released', 'pending', true])
    assert.deepEqual(await ship(id), ['refund_open'])
    await stageRefunds(pool, later(other, { status }))
    assert.deepEqual((await seen(id)).holds, [])
    assert.deepEqual(await ship(id), ['done'])
  }
})

test('what is older than what we hold changes nothing', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  const refund = aRefund(trade)
  await stageRefunds(pool, later(refund, { status: 'closed' }))
  await stageRefunds(pool, refund)
  assert.deepEqual((await seen(id)).holds, [])
})

test('of an order that was split the part that has the goods is held, and the other goes', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  const [answer] = await run((tx) =>
    splitOrders(tx, [{ id, cause: 'hand', parts: [{ lines: [{ lineNo: 2, quantity: 1 }] }] }], {
      actor: systemActor,
      scope: wholeScope,
    }),
  )
  assert.equal(answer?.done, true)
  const part = await sql<{ id: string }>`select id from sales_order where split_from = ${id}`.execute(pool.db)
  const child = part.rows[0]?.id ?? ''
  const refund = aRefund(trade, { oid: trade.lines[1]?.oid ?? '' })
  await stageRefunds(pool, refund)
  assert.deepEqual([(await seen(id)).holds, (await seen(child)).holds], [[], [refund.refundId]])
  await packed(id)
  assert.deepEqual(await ship(id), ['done'])
  assert.deepEqual(await confirm(child), ['refund_open'])
})

test('an order that is held leaves its parcel, and the others go', async () => {
  for (const place of ['confirmed', 'released'] as const) {
    const receiver = { ...aTrade().receiver, address: `同一户 ${place}` }
    const trades = [aTrade({ receiver }), aTrade({ receiver }), aTrade({ receiver })]
    const ids: string[] = []
    for (const trade of trades) ids.push(await orderOf(trade))
    const [first = '', second = '', third = ''] = ids
    assert.deepEqual(await verb(mergeOrders)(...ids), ['done', 'done', 'done'])
    await confirm(...ids)
    if (place === 'released') {
      assert.deepEqual(await release(...ids), ['done', 'done', 'done'])
      await waybill(first)
    }
    const [trade] = trades
    assert.ok(trade)
    await stageRefunds(pool, aRefund(trade))
    const held = await seen(first)
    assert.deepEqual([held.parcel, held.holds.length, held.status, held.waybill], [null, 1, place, false])
    const parcels = [(await seen(second)).parcel, (await seen(third)).parcel]
    assert.ok(parcels[0] !== null && parcels[0] === parcels[1])
    if (place === 'confirmed') {
      assert.deepEqual(await release(second), ['done'])
      await waybill(second)
    }
    assert.deepEqual(await ship(second), ['done'])
    assert.deepEqual([(await seen(second)).status, (await seen(third)).status], ['shipped', 'shipped'])
    assert.deepEqual((await seen(first)).status, place)
  }
})

test('an order that is born over a refund that succeeded is born held', async () => {
  const trade = aTrade()
  const refund = aRefund(trade, { status: 'succeeded' })
  await stageRefunds(pool, refund)
  const id = await orderOf(trade)
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.deepEqual(await confirm(id), ['refund_open'])
})

test('what a line of its trade says holds an order before the refund is here, which then takes its place', async () => {
  const trade = aTrade()
  const [line] = trade.lines
  assert.ok(line)
  const id = await orderOf(trade)
  await packed(id)
  const says = (refund: 'applied' | 'closed', refundId = '') => ({
    ...trade,
    modifiedAt: new Date(trade.modifiedAt.getTime() + (refund === 'applied' ? 1000 : 2000)),
    lines: [{ ...line, refund, refundId }, ...trade.lines.slice(1)],
  })
  const refund = aRefund(trade, { oid: line.oid })
  await stage(pool, says('applied', refund.refundId))
  assert.deepEqual((await seen(id)).holds, [`line/${line.oid}`])
  assert.deepEqual(await ship(id), ['refund_open'])
  await stageRefunds(pool, refund)
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  await stageRefunds(pool, later(refund, { status: 'closed' }))
  assert.deepEqual((await seen(id)).holds, [])

  // A second application whose number is unknown; the trade itself later shows that it was closed.
  await stage(pool, { ...says('applied'), modifiedAt: new Date(refund.modifiedAt.getTime() + 60_000) })
  assert.deepEqual((await seen(id)).holds, [`line/${line.oid}`])
  await stage(pool, { ...says('closed'), modifiedAt: new Date(refund.modifiedAt.getTime() + 120_000) })
  const { holds, status, delivery, waybill: has } = await seen(id)
  assert.deepEqual([holds, status, delivery, has], [[], 'released', 'pending', true])
})

test('what we agree to ourselves holds before the platform answers, and until it has refused', async () => {
  // By the buyer the goods were received; by itself such a refund holds nothing.
  const trade = aTrade()
  const id = await orderOf(trade)
  await packed(id)
  const refund = aRefund(trade, { phase: 'aftersale' })
  await stageRefunds(pool, refund)
  assert.deepEqual((await seen(id)).holds, [])
  assert.equal(await agree(refund), true)
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.deepEqual(await ship(id), ['refund_open'])
  // While the agreement is being sent its outcome is unclear, so the hold stays even if the buyer seems to have closed the refund.
  await stageRefunds(pool, later(refund, { status: 'closed' }))
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  await platformSays(refund.refundId, { state: 'failed', code: 'x', message: '不能退' })
  assert.deepEqual((await seen(id)).holds, [])
  assert.deepEqual(await ship(id), ['done'])
})

test('what the platform paid holds until a newer version tells more', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  const refund = aRefund(trade, { phase: 'aftersale' })
  await stageRefunds(pool, refund)
  await agree(refund)
  await platformSays(refund.refundId, { state: 'succeeded', result: null })
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  await stageRefunds(pool, later(refund, { status: 'succeeded' }))
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.deepEqual(await confirm(id), ['refund_open'])
})

test('one that succeeded holds until the task has taken its goods off, and the gift that is not earned any more', async () => {
  const mug = await aSku(pool.db, 'MUG')
  await putStock(pool.db, warehouseId, mug, 10)
  await giveMugs(15_000)
  const [part, whole] = [aTrade(), aTrade()]
  const ids = [await orderOf(part), await orderOf(whole)]
  await giveMugs(null)
  const lines = (id: string) =>
    sql<{ gift: boolean; left: number }>`
      select gift, quantity - refunded_quantity as left from order_line where order_id = ${id} order by line_no`.execute(
      pool.db,
    )
  const [id = '', gone = ''] = ids
  assert.deepEqual(
    (await lines(id)).rows.map(({ gift }) => gift),
    [false, false, true],
  )
  const refunds = [
    aRefund(part, { status: 'succeeded' }),
    ...whole.lines.map(({ oid }) => aRefund(whole, { oid, status: 'succeeded' })),
  ]
  const open = aRefund(part, { oid: part.lines[1]?.oid ?? '' })
  await stageRefunds(pool, ...refunds, open)
  assert.deepEqual((await seen(id)).holds, [refunds[0]?.refundId, open.refundId].toSorted())
  assert.deepEqual(await confirm(...ids), ['refund_open', 'refund_open'])

  const counts = await autoConvertRefunds({
    ...aRun(pool.db, { allStatuses: false, refundsPerRun: 1000 }),
    shop: { id: pool.shopId },
  })
  assert.ok((counts.created ?? 0) >= 3)
  // A refund that is only applied for was left to a user, and holds nevertheless.
  assert.deepEqual((await seen(id)).holds, [open.refundId])
  assert.deepEqual((await lines(id)).rows, [
    { gift: false, left: 0 },
    { gift: false, left: 1 },
    { gift: true, left: 0 },
  ])
  const { status, openHolds, holds } = await seen(gone)
  assert.deepEqual([status, openHolds, holds], ['voided', 0, []])
  const staged = await sql<{ state: string }>`
    select state from staged_refund where refund_no = ${open.refundId}`.execute(pool.db)
  assert.deepEqual(staged.rows, [{ state: 'staged' }])
  await stageRefunds(pool, later(open, { status: 'closed' }))
  await packed(id)
  assert.deepEqual(await ship(id), ['done'])
})

async function giveMugs(minFen: number | null): Promise<void> {
  const head = await sql<{ version: number }>`select version from gift_rules`.execute(pool.db)
  const rule = {
    ...asksNothing,
    name: '满赠',
    gifts: [{ code: 'MUG', quantity: 1, instead: '' as const }],
    minFen,
  }
  const wish = { rules: minFen === null ? [] : [rule], version: head.rows[0]?.version ?? 0 }
  const by = { actor: systemActor, scope: wholeScope, request: { ip: '', id: '' } }
  await run((tx) => saveGiftRules(tx, wish, by))
}

test('whoever agrees again while the platform’s answer is being written waits for nobody', async () => {
  const trade = aTrade()
  await orderOf(trade)
  const refund = aRefund(trade)
  await stageRefunds(pool, refund)
  await agree(refund)
  const id = await stagedId(refund.refundId)
  const { promise: ending, resolve: ended } = Promise.withResolvers<void>()
  const { promise: locked, resolve: lock } = Promise.withResolvers<void>()
  // Code that ends an action locks the action before the refund.
  const writer = run(async (tx) => {
    await sql`update platform_action set attempt = attempt + 1 where subject_id = ${id} and kind = 'refund.agree'`.execute(
      tx,
    )
    ended()
    await locked
    await sql`set local lock_timeout = '10s'`.execute(tx)
    await sql`select from staged_refund where id = ${id} for update`.execute(tx)
  })
  await ending
  const again = run(async (tx) => {
    await sql`select from staged_refund where id = ${id} for update`.execute(tx)
    lock()
    const { already } = await agreeRefunds(
      tx,
      pool.ring,
      { seen: [{ id, version: refund.version, amountFen: refund.amountFen }], request: {} },
      { actor: systemActor, scope: wholeScope },
    )
    return already.has(id)
  })
  assert.deepEqual(await Promise.all([writer, again]), [undefined, true])
  const actions = await sql<{ n: number }>`
    select count(*)::int as n from platform_action where subject_id = ${id} and kind = 'refund.agree'`.execute(
    pool.db,
  )
  assert.deepEqual(actions.rows, [{ n: 1 }])
})

test('a person lets one order leave over what is applied for, until it becomes worse, and never over money that has gone', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  await packed(id)
  assert.equal(await shipOver(id), 'not_held')
  const refund = aRefund(trade, { amountFen: 5000 })
  await stageRefunds(pool, refund)
  assert.deepEqual(await ship(id), ['refund_open'])
  assert.equal(await shipOver(id), 'done')
  assert.deepEqual((await seen(id)).holds, [])
  // The same refund again stays let through; a greater amount or the platform's approval holds again.
  await stageRefunds(pool, later(refund, { description: '少一件' }))
  assert.deepEqual((await seen(id)).holds, [])
  const more = later(later(refund, {}), { amountFen: 5001 })
  await stageRefunds(pool, more)
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.deepEqual(await ship(id), ['refund_open'])
  assert.equal(await shipOver(id), 'done')
  const agreedTo = later(more, { status: 'agreed' })
  await stageRefunds(pool, agreedTo)
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.equal(await shipOver(id), 'done')
  const waivers = await sql<{ status: string; amount: string; reason: string; by: string; open: boolean }>`
    select refund_status as status, amount_fen::text as amount, reason, given_by as by, ended_at is null as open
    from refund_waiver where order_id = ${id} order by id`.execute(pool.db)
  const given = { reason: '买家说不退了', by: systemActor.name }
  assert.deepEqual(waivers.rows, [
    { status: 'applied', amount: '5000', ...given, open: false },
    { status: 'applied', amount: '5001', ...given, open: false },
    { status: 'agreed', amount: '5001', ...given, open: true },
  ])
  const paid = later(agreedTo, { status: 'succeeded' })
  await stageRefunds(pool, paid)
  assert.deepEqual((await seen(id)).holds, [refund.refundId])
  assert.equal(await shipOver(id), 'refund_paid')
  assert.deepEqual(await ship(id), ['refund_open'])
  const told = await sql<{ event: string; n: number }>`
    select event, count(*)::int as n from order_event where order_id = ${id} and event = 'refund_let_through' group by 1`.execute(
    pool.db,
  )
  assert.deepEqual(told.rows, [{ event: 'refund_let_through', n: 3 }])
  const audited = await sql<{ action: string; subject: string; no: boolean }>`
    select action, subject_type as subject, detail ->> 'no' <> '' as no from audit_log
    where action = 'order.ship_over_refund' and subject_id = ${id}`.execute(pool.db)
  assert.deepEqual(
    audited.rows,
    Array(3).fill({ action: 'order.ship_over_refund', subject: 'sales_order', no: true }),
  )
})

test('an order that was let through leaves, and what we agreed to is not let through', async () => {
  const [first, second] = [aTrade(), aTrade()]
  const [goes, stays] = [await orderOf(first), await orderOf(second)]
  await packed(goes, stays)
  const [one, other] = [aRefund(first), aRefund(second)]
  await stageRefunds(pool, one, other)
  await agree(other)
  assert.deepEqual([await shipOver(goes), await shipOver(stays)], ['done', 'refund_paid'])
  assert.deepEqual(await ship(goes), ['done'])
  assert.deepEqual(await ship(stays), ['refund_open'])
})

test('price protection, freight and differences are noted and hold nothing, unless the platform says it of the line', async () => {
  const trade = aTrade()
  const [line] = trade.lines
  assert.ok(line)
  const id = await orderOf(trade)
  await packed(id)
  const refund = aRefund(trade, { refundKind: 'money_only', amountFen: 300, quantity: 0 })
  await stageRefunds(pool, refund)
  assert.deepEqual((await seen(id)).holds, [])
  const noted = await sql<{ kind: string; stops: boolean }>`
    select detail ->> 'kind' as kind, (detail ->> 'stops')::boolean as stops from order_event
    where order_id = ${id} and event = 'refund_noted'`.execute(pool.db)
  assert.deepEqual(noted.rows, [{ kind: 'money_only', stops: false }])
  // A platform that marks the line as being refunded does not allow to ship it.
  const modifiedAt = (minutes: number) => new Date(refund.modifiedAt.getTime() + minutes * 60_000)
  const says = (refundState: 'applied' | 'none', minutes: number) =>
    stage(pool, {
      ...trade,
      modifiedAt: modifiedAt(minutes),
      lines: [{ ...line, refund: refundState, refundId: refund.refundId }, ...trade.lines.slice(1)],
    })
  await says('applied', 1)
  assert.deepEqual((await seen(id)).holds, [`line/${line.oid}`])
  await says('none', 2)
  assert.deepEqual((await seen(id)).holds, [])
  await stageRefunds(pool, later(refund, { status: 'succeeded' }))
  assert.deepEqual((await seen(id)).holds, [])
  assert.deepEqual(await ship(id), ['done'])
  const left = await sql<{ quantity: number }>`
    select sum(quantity - refunded_quantity)::int as quantity from order_line where order_id = ${id}`.execute(
    pool.db,
  )
  assert.deepEqual(left.rows, [{ quantity: 2 }])
})

test('what was asked back of goods that were received holds nothing until it is converted', async () => {
  const trade = aTrade()
  const id = await orderOf(trade)
  await stageRefunds(pool, aRefund(trade, { phase: 'aftersale', refundKind: 'return' }))
  assert.deepEqual((await seen(id)).holds, [])
  assert.deepEqual(await confirm(id), ['done'])
})
