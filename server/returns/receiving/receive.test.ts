import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { unshipDeliveries } from '../../fulfilment/shipping/unship.ts'
import { splitOrders } from '../../orders/split/split.ts'
import { viewOrder } from '../../orders/view/view.ts'
import { aReservedOrder } from '../../testing/orders.ts'
import { aReturnHouse, assertSound, codes, type ReturnHouse, sendOrder } from '../../testing/returns.ts'
import { packer } from '../../testing/shipping.ts'
import { aSku, balanceOf } from '../../testing/stock.ts'
import { createReturns, returnParcels } from '../create.ts'
import { makeDueExchanges, makeExchanges } from '../exchange.ts'
import { stopExchanges } from '../jobs.ts'
import { returnedOf } from '../queries.ts'
import { moveReturns } from '../transition.ts'
import { scan } from '../view/view.ts'
import { resolveDiscrepancies } from './problems.ts'
import { voidUnshipped } from './unshipped.ts'

let house: ReturnHouse
before(async () => {
  house = await aReturnHouse()
})
after(() => house[Symbol.asyncDispose]())

let refunds = 0
/** A shipped order with an agreed refund, whose goods are expected back. */
async function awaited(more: object = {}) {
  refunds += 1
  const order = await house.shipped()
  const refund = {
    tid: order.tid,
    refundNo: `q${refunds}`,
    status: 'agreed' as const,
    amountFen: 10_000,
    ...more,
  }
  await house.refund({ ...refund, waybillNo: `YD${refunds}000` })
  const [one] = await house.returnsOf(order.id)
  return { order, refund, id: one?.id ?? assert.fail('no return') }
}
const state = async (orderId: string) => (await house.returnsOf(orderId))[0] ?? assert.fail('no return')
const onHand = async (warehouseId = house.warehouseId) =>
  (await balanceOf(house.db, warehouseId, house.skuId))[0] ?? 0
const defective = async () =>
  (
    await sql<{ id: string }>`select id from warehouse where defective_of = ${house.warehouseId}`.execute(
      house.db,
    )
  ).rows[0]?.id ?? ''
const actions = async (returnId: string) =>
  (
    await sql<{ key: string }>`
      select idempotency_key as key from platform_action where subject_type = 'return' and subject_id = ${returnId}`.execute(
      house.db,
    )
  ).rows.map(({ key }) => key)
const problems = async (returnId: string) =>
  (
    await sql<{ id: string; kind: string; quantity: number; open: boolean }>`
      select id, kind, quantity, settled_at is null as open from return_problem where return_id = ${returnId} order by id`.execute(
      house.db,
    )
  ).rows
const sound = () => assertSound(house.db)

test('quick receipt confirms, receives whole, puts the goods on the shelf and tells the platform once', async () => {
  const { order, id } = await awaited()
  const before_ = await onHand()
  assert.deepEqual(await house.receive([{ id }]), ['done'])
  assert.equal(await onHand(), before_ + 3)
  const one = await state(order.id)
  assert.deepEqual([one.status, one.told, one.lines], ['received', 'waiting', ['1: 2 2 0', '2: 1 1 0']])
  assert.deepEqual(one.events, ['created', 'confirm', 'receive', 'receipt'])
  assert.deepEqual(await actions(id), [`return.receipt/${id}`])
  assert.deepEqual(await house.receive([{ id }]), ['already'])
  assert.equal(await onHand(), before_ + 3)
  await sound()
})

test('the same parcel scanned twice at once is received once', async () => {
  const { order, id } = await awaited()
  const { version } = await state(order.id)
  const before_ = await onHand()
  const lines = [{ lineNo: 1, good: 1, defective: 0 }]
  const told = await Promise.all([1, 2, 3, 4].map(() => house.receive([{ id, version, lines }])))
  assert.deepEqual(told.flat().sort(), ['changed', 'changed', 'changed', 'done'])
  assert.equal(await onHand(), before_ + 1)
  await sound()
})

test('what is defective lies in a warehouse of its own and is never promised', async () => {
  const { order, id } = await awaited()
  const { version } = await state(order.id)
  const before_ = await onHand()
  const lines = [
    { lineNo: 1, good: 1, defective: 1 },
    { lineNo: 2, good: 0, defective: 1 },
  ]
  assert.deepEqual(await house.receive([{ id, version, lines }]), ['done'])
  assert.deepEqual([await onHand(), await onHand(await defective())], [before_ + 1, 2])
  const { availableOf } = await import('../../inventory/stock.ts')
  assert.deepEqual(
    (await availableOf(house.db, [house.skuId])).map(({ warehouseId }) => warehouseId),
    [house.warehouseId],
  )
  await sound()
})

test('what is short stays as a problem, keeps the platform untold, and is settled by the rest', async () => {
  const { order, id } = await awaited()
  const first = await state(order.id)
  assert.deepEqual(
    await house.receive([{ id, version: first.version, lines: [{ lineNo: 1, good: 2, defective: 0 }] }]),
    ['done'],
  )
  const short = await state(order.id)
  assert.deepEqual([short.status, short.openProblems, short.told], ['received', 1, ''])
  assert.deepEqual(await actions(id), [])
  const rest = [{ lineNo: 2, good: 1, defective: 0 }]
  assert.deepEqual(await house.receive([{ id, version: first.version, lines: rest }]), ['changed'])
  assert.deepEqual(
    await house.receive([{ id, version: short.version, lines: [{ lineNo: 2, good: 2, defective: 0 }] }]),
    ['too_many'],
  )
  assert.deepEqual(await house.receive([{ id, version: short.version, lines: rest }]), ['done'])
  const whole = await state(order.id)
  assert.deepEqual([whole.openProblems, whole.told, whole.lines], [0, 'waiting', ['1: 2 2 0', '2: 1 1 0']])
  assert.deepEqual(await actions(id), [`return.receipt/${id}`])
  await sound()
})

test('wrong goods are set apart with a remedy; once a person settled them the platform is told', async () => {
  const { order, id } = await awaited()
  const { version } = await state(order.id)
  const stray = await aSku(house.db)
  const all = [
    { lineNo: 1, good: 2, defective: 0 },
    { lineNo: 2, good: 1, defective: 0 },
  ]
  const wrong = [{ skuId: stray, quantity: 2, note: '' }]
  assert.deepEqual(await house.receive([{ id, version, lines: all, wrong }]), ['done'])
  assert.deepEqual(await balanceOf(house.db, house.warehouseId, stray), [])
  const [problem] = await problems(id)
  assert.deepEqual([problem?.kind, problem?.quantity, (await state(order.id)).told], ['wrong', 2, ''])
  const settle = () =>
    house.run((tx) =>
      resolveDiscrepancies(tx, [problem?.id ?? ''], '已寄回买家', { actor: packer, scope: wholeScope }),
    )
  assert.deepEqual(codes(await settle()), ['done'])
  assert.deepEqual(codes(await settle()), ['already'])
  assert.deepEqual([(await state(order.id)).told, await actions(id)], ['waiting', [`return.receipt/${id}`]])
  await sound()
})

test('it is settled when the goods are back and the refund succeeded, in whichever order', async () => {
  const late = await awaited()
  assert.deepEqual(await house.receive([{ id: late.id }]), ['done'])
  assert.deepEqual(
    codes(
      await house.run((tx) =>
        moveReturns(tx, [late.id], { event: 'settle' }, { actor: packer, scope: wholeScope }),
      ),
    ),
    ['refund_open'],
  )
  await house.refund({ ...late.refund, at: 60, status: 'succeeded' })
  assert.equal((await state(late.order.id)).status, 'settled')
  const early = await awaited()
  await house.refund({ ...early.refund, at: 60, status: 'succeeded' })
  assert.equal((await state(early.order.id)).status, 'unconfirmed')
  assert.deepEqual(await house.receive([{ id: early.id }]), ['done'])
  const one = await state(early.order.id)
  assert.deepEqual([one.status, one.told], ['settled', 'none'])
  const owed = await sql<{ kind: string; amount_fen: string }>`
    select kind, amount_fen from settlement where source = ${early.refund.refundNo} and status <> 'voided'`.execute(
    house.db,
  )
  assert.deepEqual(owed.rows, [{ kind: 'return_refund', amount_fen: '-10000' }])
})

test('a refund that is closed after the goods came back is a problem that a person settles', async () => {
  const { order, refund, id } = await awaited()
  await house.receive([{ id }])
  await house.refund({ ...refund, at: 60, status: 'closed' })
  const one = await state(order.id)
  assert.deepEqual([one.status, one.openProblems], ['received', 1])
  assert.equal((await problems(id))[0]?.kind, 'refund_closed')
})

test('a refund that is applied for again after it was closed is told of the goods that came before', async () => {
  const { order, refund, id } = await awaited()
  const { version } = await state(order.id)
  await house.receive([{ id, version, lines: [{ lineNo: 1, good: 2, defective: 0 }] }])
  await house.refund({ ...refund, at: 60, status: 'closed' })
  const open = (await problems(id)).map((one) => one.id)
  await house.run((tx) => resolveDiscrepancies(tx, open, '买家留下了', { actor: packer, scope: wholeScope }))
  assert.deepEqual([(await state(order.id)).told, await actions(id)], ['none', []])
  await house.refund({ ...refund, at: 120, status: 'applied' })
  assert.deepEqual([(await state(order.id)).told, await actions(id)], ['waiting', [`return.receipt/${id}`]])
  await house.refund({ ...refund, at: 180, status: 'agreed' })
  assert.deepEqual([(await state(order.id)).told, await actions(id)], ['waiting', [`return.receipt/${id}`]])
})

test('received goods whose refund now asks for money only are no problem, and settled once it is paid', async () => {
  const { order, refund, id } = await awaited()
  await house.receive([{ id }])
  await house.refund({ ...refund, at: 60, kind: 'refund_only' })
  const asked = await state(order.id)
  assert.deepEqual([asked.status, await problems(id)], ['received', []])
  await house.refund({ ...refund, at: 120, kind: 'refund_only', status: 'succeeded' })
  assert.equal((await state(order.id)).status, 'settled')
})

test('of what a person said is all nothing more comes, whatever else about it stays open', async () => {
  const { order, refund, id } = await awaited()
  const { version } = await state(order.id)
  await house.receive([{ id, version, lines: [{ lineNo: 1, good: 2, defective: 0 }] }])
  const asked = async () => [...(await returnedOf(house.db, [order.id])).values()].toSorted()
  assert.deepEqual(await asked(), [1, 2])
  const [short] = await problems(id)
  assert.equal(short?.kind, 'short')
  await house.run((tx) =>
    resolveDiscrepancies(tx, [short?.id ?? ''], '买家留下了', { actor: packer, scope: wholeScope }),
  )
  await house.refund({ ...refund, at: 60, status: 'closed' })
  const one = await state(order.id)
  assert.deepEqual([one.openProblems, await asked()], [1, [0, 2]])
  const rest = [{ lineNo: 2, good: 1, defective: 0 }]
  assert.deepEqual(await house.receive([{ id, version: one.version, lines: rest }]), ['already'])
  assert.deepEqual((await state(order.id)).lines, ['1: 2 2 0', '2: 1 0 0'])
  await sound()
})

test('without a warehouse, in one that is not granted, or with nothing counted, nothing is received', async () => {
  const { order, id } = await awaited()
  const { version } = await state(order.id)
  const before_ = await onHand()
  assert.deepEqual(await house.receive([{ id, version, lines: [] }]), ['nothing'])
  assert.deepEqual(await house.receive([{ id, version, lines: [{ lineNo: 9, good: 1, defective: 0 }] }]), [
    'no_line',
  ])
  assert.deepEqual(await house.receive([{ id }], { shops: 'all', warehouses: ['999'] }), ['not_found'])
  assert.deepEqual(await house.receive([{ id, warehouseId: '999' }]), ['no_warehouse'])
  await sql`update return_order set warehouse_id = null where id = ${id}`.execute(house.db)
  assert.deepEqual(await house.receive([{ id }]), ['no_warehouse'])
  assert.equal((await state(order.id)).status, 'unconfirmed')
  assert.equal(await onHand(), before_)
})

test('a parcel that comes back by its own waybill is found, makes one return, and is received', async () => {
  const order = await house.shipped()
  const found = await scan(house.db, order.waybillNo.toLowerCase(), wholeScope)
  assert.deepEqual([found.returns, found.left.map(({ id }) => id)], [[], [order.deliveryId]])
  const make = () =>
    house.run((tx) => returnParcels(tx, [order.deliveryId], { actor: packer, scope: wholeScope }))
  const made = await Promise.all([make(), make()])
  assert.deepEqual(
    made
      .flat()
      .map((one) => (one.done ? 'done' : one.code))
      .sort(),
    ['done', 'nothing_left'],
  )
  const again = await scan(house.db, order.waybillNo, wholeScope)
  const [one] = again.returns
  assert.deepEqual([one?.kind, one?.quantity, one?.waybillNo], ['refused', 3, order.waybillNo])
  const before_ = await onHand()
  assert.deepEqual(await house.receive([{ id: one?.id ?? '' }]), ['done'])
  assert.equal(await onHand(), before_ + 3)
  // The system does not know whether the buyer is owed money, so a person settles the return.
  assert.equal((await state(order.id)).status, 'received')
  await sound()
})

test('a refused parcel is settled by the refund of money that its buyer asked for, before or after it came back', async () => {
  const early = await house.shipped()
  const asked = { kind: 'refund_only' as const, amountFen: 10_000 }
  await house.refund({ ...asked, tid: early.tid, refundNo: 'only1' })
  assert.deepEqual(await house.returnsOf(early.id), [])
  await house.run((tx) => returnParcels(tx, [early.deliveryId], { actor: packer, scope: wholeScope }))
  const made = await state(early.id)
  assert.deepEqual(
    [made.kind, made.refundNo, made.refundStatus, made.amountFen],
    ['refused', 'only1', 'applied', 10_000],
  )
  await house.receive([{ id: made.id }])
  assert.deepEqual([(await state(early.id)).status, (await state(early.id)).told], ['received', 'none'])
  await house.refund({ ...asked, tid: early.tid, refundNo: 'only1', at: 60, status: 'succeeded' })
  assert.equal((await state(early.id)).status, 'settled')

  const late = await house.shipped()
  await house.run((tx) => returnParcels(tx, [late.deliveryId], { actor: packer, scope: wholeScope }))
  await house.receive([{ id: (await state(late.id)).id }])
  await house.refund({ ...asked, tid: late.tid, refundNo: 'only2', status: 'succeeded' })
  const one = await state(late.id)
  assert.deepEqual([one.status, one.refundNo, one.kind], ['settled', 'only2', 'refused'])
  await sound()
})

test('of two parcels that share a refund and come back together both have a return, and the first has the refund', async () => {
  const orders = [await house.shipped(), await house.shipped()]
  for (const [at, { id }] of orders.entries())
    await sql`
      insert into order_refund (order_id, refund_no, shop_id, oid, kind, refund_status, version, modified_at, amount_fen, quantity, effect)
      values (${id}, 'both1', ${house.shopId}, '', 'refund_only', 'agreed', '1', now(), ${at === 0 ? 9_000 : 0}, 0, 'record')`.execute(
      house.db,
    )
  const parcels = orders.map(({ deliveryId }) => deliveryId)
  const made = await house.run((tx) => returnParcels(tx, parcels, { actor: packer, scope: wholeScope }))
  assert.deepEqual(
    made.map((one) => (one.done ? 'done' : one.code)),
    ['done', 'done'],
  )
  const rows = await Promise.all(orders.map(({ id }) => state(id)))
  assert.deepEqual(
    rows.map(({ kind, refundNo, refundStatus, amountFen }) => [kind, refundNo, refundStatus, amountFen]),
    [
      ['refused', 'both1', 'agreed', 9_000],
      ['refused', '', '', 0],
    ],
  )
  const again = await house.run((tx) => returnParcels(tx, parcels, { actor: packer, scope: wholeScope }))
  assert.ok(again.every((one) => !one.done))
  await sound()
})

test('goods that came back stay: the shipping cannot be undone under them, nor can they come from an order that is not out', async () => {
  const { order, id } = await awaited()
  const unship = (deliveryId: string) =>
    house.run((tx) => unshipDeliveries(tx, [deliveryId], { actor: packer, scope: wholeScope }))
  const away = await awaited()
  assert.deepEqual(codes(await unship(away.order.deliveryId)), ['done'])
  assert.deepEqual(await house.receive([{ id: away.id }]), ['not_shipped'])
  assert.deepEqual(await house.receive([{ id }]), ['done'])
  const before_ = await onHand()
  assert.deepEqual(codes(await unship(order.deliveryId)), ['came_back'])
  const shown = await viewOrder(house.db, order.id, { actor: packer, scope: wholeScope })
  const offered = shown?.actions.find(({ action }) => action === 'unship')
  assert.deepEqual([offered?.allowed, offered?.code], [false, 'came_back'])
  assert.equal(await onHand(), before_)
  await sound()
})

test('what never left is waited for no longer, until it was shipped again and the refund asks again', async () => {
  const { order, refund } = await awaited()
  const other = await awaited()
  await house.run((tx) => unshipDeliveries(tx, [order.deliveryId], { actor: packer, scope: wholeScope }))
  const heard = await sql<{ data: unknown }>`
    select data from job where name = 'fulfilment.unshipped' and data -> 'orderIds' @> ${JSON.stringify([order.id])}::jsonb`.execute(
    house.db,
  )
  assert.deepEqual(heard.rows, [{ data: { orderIds: [order.id] } }])
  await house.run((tx) => voidUnshipped(tx, [order.id, other.order.id]))
  assert.equal((await state(order.id)).status, 'voided')
  assert.equal((await state(other.order.id)).status, 'unconfirmed')
  // Its goods are in our warehouse, so its return is not expected in any state of the refund.
  await house.refund({ ...refund, amountFen: 9_000, at: 60 })
  assert.equal((await state(order.id)).status, 'voided')
  await house.refund({ ...refund, status: 'refused', at: 120 })
  const shipped = await house.run((tx) =>
    shipDeliveries(tx, [order.deliveryId], { actor: packer, scope: wholeScope }),
  )
  assert.deepEqual(codes(shipped), ['done'])
  await house.refund({ ...refund, status: 'applied', at: 180 })
  const one = await state(order.id)
  assert.deepEqual([one.status, one.lines], ['unconfirmed', ['1: 2 0 0', '2: 1 0 0']])
  assert.deepEqual(await house.receive([{ id: one.id }]), ['done'])
  await sound()
})

test('no more comes in than went out, whatever a return asked for before', async () => {
  const order = await house.shipped()
  const wish = { orderId: order.id, kind: 'return' as const, reason: '', courier: '', waybillNo: '' }
  const more = { warehouseId: undefined, exchangeWhen: undefined, lines: [{ lineNo: 1, quantity: 2 }] }
  await house.run((tx) => createReturns(tx, [{ ...wish, ...more }], { actor: packer, scope: wholeScope }))
  await house.run((tx) => unshipDeliveries(tx, [order.deliveryId], { actor: packer, scope: wholeScope }))
  const paid = { kind: 'refund_only', oid: 'o1', quantity: 1, amountFen: 3_000, status: 'succeeded' } as const
  await house.refund({ tid: order.tid, refundNo: 'before', ...paid })
  await house.run((tx) => shipDeliveries(tx, [order.deliveryId], { actor: packer, scope: wholeScope }))
  const { id, version } = await state(order.id)
  const counted = (good: number) => ({ id, version, lines: [{ lineNo: 1, good, defective: 0 }] })
  assert.deepEqual(await house.receive([{ id }]), ['too_many'])
  assert.deepEqual(await house.receive([counted(2)]), ['too_many'])
  assert.deepEqual(await house.receive([counted(1)]), ['done'])
  assert.deepEqual((await state(order.id)).lines, ['1: 2 1 0'])
  await sound()
})

test('an exchange sends its goods once, after the old ones came, and both orders know', async () => {
  const { order, id } = await awaited({ kind: 'exchange', oid: 'o1', quantity: 1, amountFen: 0 })
  const make = () =>
    house.run((tx) => makeExchanges(tx, house.ring, [id], { actor: packer, scope: wholeScope }))
  assert.deepEqual(codes(await make()), ['wrong_status'])
  await house.receive([{ id }])
  assert.equal((await state(order.id)).status, 'received')
  const told = await Promise.all([make(), make()])
  assert.deepEqual(told.flatMap(codes).sort(), ['already', 'done'])
  const one = await state(order.id)
  assert.deepEqual([one.status, one.exchangeOrderNo.slice(0, 2)], ['settled', 'SO'])
  const sent = await sql<{ origin: string; quantity: number; payment: number; source: string }>`
    select o.origin, o.quantity, o.payment_fen::int as payment, s.source_id as source
    from sales_order o join order_source s on s.order_id = o.id where o.no = ${one.exchangeOrderNo}`.execute(
    house.db,
  )
  assert.deepEqual(sent.rows, [{ origin: 'reship', quantity: 1, payment: 0, source: order.id }])
})

test('an exchange of a split order sends the goods of every part again, in one order', async () => {
  const order = await aReservedOrder(house.db, { shopId: house.shopId })
  const parts = [{ lines: [{ lineNo: 2, quantity: 1 }] }]
  const by = { actor: packer, scope: wholeScope }
  const [split] = await house.run((tx) => splitOrders(tx, [{ id: order.id, parts, cause: 'hand' }], by))
  assert.ok(split?.done)
  const part = split.parts[0]?.id ?? ''
  await sendOrder(house.db, order.id)
  await sendOrder(house.db, part)
  await house.refund({
    tid: order.tid,
    refundNo: 'split',
    kind: 'exchange',
    oid: '',
    quantity: 3,
    amountFen: 0,
    status: 'agreed',
  })
  const asked = await state(order.id)
  assert.deepEqual(asked.lines, ['1: 2 0 0', '2: 1 0 0'])
  assert.deepEqual(await house.receive([{ id: asked.id }]), ['done'])
  assert.deepEqual(codes(await house.run((tx) => makeExchanges(tx, house.ring, [asked.id], by))), ['done'])
  const { exchangeOrderNo } = await state(order.id)
  const sent = await sql<{ sku_id: string; quantity: number }>`
    select l.sku_id, l.quantity from order_line l join sales_order o on o.id = l.order_id where o.no = ${exchangeOrderNo}
    order by l.line_no`.execute(house.db)
  assert.deepEqual(sent.rows, [
    { sku_id: house.skuId, quantity: 2 },
    { sku_id: house.skuId, quantity: 1 },
  ])
  const told = await sql<{ order_id: string }>`
    select order_id from order_event where event = 'reshipped' and detail ->> 'no' = ${exchangeOrderNo} order by order_id`.execute(
    house.db,
  )
  assert.deepEqual(
    told.rows.map(({ order_id }) => order_id),
    [order.id, part],
  )
  await sound()
})

test('an exchange that shall leave at once is made by the task when it is confirmed, and held when its return is voided', async () => {
  const { order, id } = await awaited({ kind: 'exchange', oid: 'o2', quantity: 1, amountFen: 0 })
  await sql`update return_order set exchange_when = 'confirmed' where id = ${id}`.execute(house.db)
  const due = () => makeDueExchanges(house.db, house.ring, String(Number(id) - 1), 100)
  assert.equal((await due()).seen, 0)
  await house.run((tx) => moveReturns(tx, [id], { event: 'confirm' }, { actor: packer, scope: wholeScope }))
  assert.deepEqual(await due(), { last: id, made: 1, seen: 1 })
  assert.equal((await due()).seen, 0)
  const { exchangeOrderNo } = await state(order.id)
  await house.run((tx) =>
    moveReturns(
      tx,
      [id],
      { event: 'void', detail: { reason: '不换了' } },
      { actor: packer, scope: wholeScope },
    ),
  )
  const waiting = await sql<{ data: { orderId: string; no: string } }>`
    select data from job where name = ${'returns.stop_exchange'}`.execute(house.db)
  await house.run((tx) =>
    stopExchanges(
      tx,
      waiting.rows.map(({ data }) => data),
    ),
  )
  const held = await sql<{
    open_holds: number
  }>`select open_holds from sales_order where no = ${exchangeOrderNo}`.execute(house.db)
  assert.equal(held.rows[0]?.open_holds, 1)
})
