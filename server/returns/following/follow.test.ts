import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { unshipDeliveries } from '../../fulfilment/shipping/unship.ts'
import { orderState } from '../../testing/orders.ts'
import { aReturnHouse, codes, type ReturnHouse, wrongInReturns } from '../../testing/returns.ts'
import { packer } from '../../testing/shipping.ts'
import { createReturns } from '../create.ts'
import { moveReturns } from '../transition.ts'
import { syncReturns } from './follow.ts'

let house: ReturnHouse
before(async () => {
  house = await aReturnHouse()
})
after(() => house[Symbol.asyncDispose]())

let refunds = 0
const aNo = () => {
  refunds += 1
  return `r${refunds}`
}
const only = async (orderId: string) => {
  const rows = await house.returnsOf(orderId)
  assert.equal(rows.length, 1)
  return rows[0] ?? assert.fail('no return')
}

test('a return refund on a shipped order makes its return once, however often and at once it is told', async () => {
  const { tid, id } = await house.shipped()
  const spec = { tid, refundNo: aNo(), oid: 'o1', quantity: 1, amountFen: 3000, reason: '不喜欢' }
  await Promise.all([1, 2, 3].map(() => house.refund(spec)))
  const made = await only(id)
  assert.deepEqual(
    [made.kind, made.origin, made.status, made.amountFen, made.lines, made.refundStatus],
    ['return', 'refund', 'unconfirmed', 3000, ['1: 1 0 0'], 'applied'],
  )
  assert.deepEqual(made.events, ['created'])
  assert.deepEqual(
    (await orderState(house.db, id)).events.filter((event) => event === 'return_made').length,
    1,
  )
})

test('a refund of the whole trade asks for every line, and no refund of money only makes a return', async () => {
  const { tid, id } = await house.shipped()
  await house.refund({ tid, refundNo: aNo(), kind: 'refund_only', amountFen: 100 })
  assert.deepEqual(await house.returnsOf(id), [])
  await house.refund({ tid, refundNo: aNo(), kind: 'exchange' })
  const made = await only(id)
  assert.deepEqual([made.kind, made.lines], ['exchange', ['1: 2 0 0', '2: 1 0 0']])
})

test('what was paid back before the goods left makes no return of what was left, whatever version comes later', async () => {
  const { tid, id, deliveryId } = await house.shipped()
  await house.run((tx) => unshipDeliveries(tx, [deliveryId], { actor: packer, scope: wholeScope }))
  const spec = { tid, refundNo: aNo(), oid: 'o1', quantity: 1, amountFen: 3000, status: 'succeeded' as const }
  await house.refund(spec)
  const shipped = await house.run((tx) =>
    shipDeliveries(tx, [deliveryId], { actor: packer, scope: wholeScope }),
  )
  assert.deepEqual(codes(shipped), ['done'])
  await house.refund({ ...spec, at: 60 })
  assert.deepEqual(await house.returnsOf(id), [])
  await house.refund({ tid, refundNo: aNo(), oid: 'o2', quantity: 1, amountFen: 4000 })
  assert.deepEqual((await only(id)).lines, ['2: 1 0 0'])
})

test('a refund that is corrected after the goods left changes its money, and not what of them left', async () => {
  for (const corrected of [1, 2]) {
    const { tid, id, deliveryId } = await house.shipped()
    await house.run((tx) => unshipDeliveries(tx, [deliveryId], { actor: packer, scope: wholeScope }))
    const spec = {
      tid,
      refundNo: aNo(),
      oid: 'o1',
      kind: 'refund_only' as const,
      status: 'succeeded' as const,
    }
    const version = (quantity: number) => ({ ...spec, quantity, amountFen: 3_000 * quantity })
    await house.refund(version(3 - corrected))
    await house.run((tx) => shipDeliveries(tx, [deliveryId], { actor: packer, scope: wholeScope }))
    await house.refund({ ...version(corrected), at: 60 })
    assert.deepEqual((await orderState(house.db, id)).lines, [
      { oid: 'o1', fen: 3_000 * corrected, quantity: 3 - corrected },
      { oid: 'o2', fen: 0, quantity: 0 },
    ])
  }
})

test('later versions bring the parcel, the amount and the kind; an older one changes nothing', async () => {
  const { tid, id } = await house.shipped()
  const spec = { tid, refundNo: aNo(), oid: 'o1', quantity: 2, amountFen: 6000 }
  await house.refund(spec)
  await house.refund({
    ...spec,
    at: 60,
    status: 'agreed',
    courier: 'YUNDA',
    waybillNo: 'yd1001',
    amountFen: 5000,
  })
  await house.refund({ ...spec, at: 30, status: 'closed', waybillNo: 'OLD' })
  const one = await only(id)
  assert.deepEqual(
    [one.status, one.refundStatus, one.waybillNo, one.amountFen],
    ['unconfirmed', 'agreed', 'YD1001', 5000],
  )
  assert.deepEqual(one.events, ['created', 'refund'])
  await house.refund({ ...spec, at: 90, kind: 'exchange', status: 'agreed' })
  assert.equal((await only(id)).kind, 'exchange')
})

test('a closed refund voids what nobody sent back, and the same number asked for again revives it', async () => {
  const { tid, id } = await house.shipped()
  const spec = { tid, refundNo: aNo(), oid: 'o2', quantity: 1, amountFen: 4000 }
  await house.refund(spec)
  await house.refund({ ...spec, at: 60, status: 'closed' })
  assert.equal((await only(id)).status, 'voided')
  await house.refund({ ...spec, at: 120 })
  const one = await only(id)
  assert.deepEqual(
    [one.status, one.events],
    ['unconfirmed', ['created', 'refund', 'void', 'refund', 'revive']],
  )
  // The refund now asks for money only, so the goods are not expected any more.
  await house.refund({ ...spec, at: 180, kind: 'refund_only' })
  assert.equal((await only(id)).status, 'voided')
  const reasons = await sql<{ reason: string }>`
    select detail ->> 'reason' as reason from return_event e join return_order t on t.id = e.return_id
    where t.order_id = ${id} and event = 'void' order by e.id`.execute(house.db)
  assert.deepEqual(
    reasons.rows.map(({ reason }) => reason),
    ['refund_closed', 'money_only'],
  )
})

test('a voided return is not revived when its goods are on another one meanwhile', async () => {
  const { tid, id } = await house.shipped()
  const spec = { tid, refundNo: aNo(), oid: 'o2', quantity: 1 }
  await house.refund(spec)
  await house.refund({ ...spec, at: 60, status: 'closed' })
  await house.refund({ tid, refundNo: aNo(), oid: 'o2', quantity: 1 })
  await house.refund({ ...spec, at: 120 })
  assert.deepEqual(
    (await house.returnsOf(id)).map(({ status }) => status),
    ['voided', 'unconfirmed'],
  )
})

test('a refund joins the return that a person made before it, and makes no second one', async () => {
  const { tid, id } = await house.shipped()
  const wish = {
    orderId: id,
    kind: 'return' as const,
    reason: '客户来电',
    courier: 'SF',
    waybillNo: 'SF9001',
    warehouseId: undefined,
    exchangeWhen: undefined,
    lines: [{ lineNo: 1, quantity: 2 }],
  }
  await house.run((tx) => createReturns(tx, [wish], { actor: packer, scope: wholeScope }))
  await house.refund({
    tid,
    refundNo: aNo(),
    oid: 'o1',
    quantity: 2,
    amountFen: 6000,
    waybillNo: 'OTHER1',
    status: 'agreed',
  })
  const one = await only(id)
  assert.deepEqual(
    [one.origin, one.waybillNo, one.refundStatus, one.amountFen, one.events],
    ['person', 'SF9001', 'agreed', 6000, ['created', 'adopted']],
  )
})

test('a refund whose return was voided joins the return that a person makes in its place, which the platform hears of', async () => {
  const by = { actor: packer, scope: wholeScope }
  for (const how of ['person', 'closed'] as const) {
    const { tid, id } = await house.shipped()
    const spec = { tid, refundNo: aNo(), oid: 'o1', quantity: 2, amountFen: 6000, status: 'agreed' as const }
    await house.refund(spec)
    const first = await only(id)
    const move = { event: 'void', detail: { reason: '填错了' } } as const
    if (how === 'person') await house.run((tx) => moveReturns(tx, [first.id], move, by))
    else await house.refund({ ...spec, at: 60, status: 'closed' })
    const wish = {
      orderId: id,
      kind: 'return' as const,
      reason: '重新填',
      courier: 'SF',
      waybillNo: aNo(),
      warehouseId: undefined,
      exchangeWhen: undefined,
      lines: [{ lineNo: 1, quantity: 2 }],
    }
    await house.run((tx) => createReturns(tx, [wish], by))
    await house.refund({ ...spec, at: 120 })
    await house.refund({ ...spec, at: 180 })
    const [voided, own] = await house.returnsOf(id)
    assert.deepEqual(
      [voided?.id, voided?.status, voided?.refundNo, voided?.events.at(-1)],
      [first.id, 'voided', '', 'refund_moved'],
    )
    assert.deepEqual(
      [own?.origin, own?.status, own?.refundNo, own?.refundStatus, own?.events],
      ['person', 'unconfirmed', spec.refundNo, 'agreed', ['created', 'adopted']],
    )
    assert.deepEqual(await house.receive([{ id: own?.id ?? '' }]), ['done'])
    const told = (await house.returnsOf(id)).map((one) => one.told)
    assert.deepEqual(told, ['', 'waiting'])
  }
  assert.deepEqual(await wrongInReturns(house.db), [])
})

test('a refund whose goods are all on other returns makes none, and its order says so', async () => {
  const { tid, id } = await house.shipped()
  await house.refund({ tid, refundNo: aNo(), oid: 'o2', quantity: 1 })
  await house.refund({ tid, refundNo: aNo(), oid: 'o2', quantity: 1 })
  assert.equal((await house.returnsOf(id)).length, 1)
  assert.ok((await orderState(house.db, id)).events.includes('return_not_made'))
})

test('two refunds told together share what was shipped between them', async () => {
  const { tid, id } = await house.shipped()
  await house.refund(
    { tid, refundNo: aNo(), oid: 'o1', quantity: 1 },
    { tid, refundNo: aNo(), oid: 'o1', quantity: 2 },
  )
  assert.deepEqual(
    (await house.returnsOf(id)).map(({ lines }) => lines),
    [['1: 1 0 0'], ['1: 1 0 0']],
  )
  assert.deepEqual(await wrongInReturns(house.db), [])
})

test('a refund that the parts of a trade share asks each for its own, and its money once', async () => {
  const { id } = await house.shipped()
  const other = await house.shipped()
  const share = (orderId: string, amountFen: number, quantity: number) =>
    sql`
    insert into order_refund (order_id, refund_no, shop_id, oid, kind, refund_status, version, modified_at, amount_fen, quantity, effect)
    values (${orderId}, 'shared1', ${house.shopId}, 'o1', 'return', 'agreed', '1', now(), ${amountFen}, ${quantity}, 'record')`.execute(
      house.db,
    )
  await share(id, 6000, 2)
  await share(other.id, 0, 0)
  const parcel = { shopId: house.shopId, refundNo: 'shared1', courier: '', waybillNo: '', reason: '' }
  await house.run((tx) => syncReturns(tx, [parcel], packer))
  const one = await only(id)
  assert.deepEqual([one.amountFen, one.lines, one.status], [6000, ['1: 2 0 0'], 'unconfirmed'])
  assert.deepEqual(await house.returnsOf(other.id), [])
})

test('no more is asked for by hand than was shipped and is on no return, also when two ask at once', async () => {
  const { id } = await house.shipped()
  const wish = (quantity: number) => ({
    orderId: id,
    kind: 'return' as const,
    reason: '',
    courier: '',
    waybillNo: '',
    warehouseId: undefined,
    exchangeWhen: undefined,
    lines: [{ lineNo: 1, quantity }],
  })
  const make = async (quantity: number) => {
    const [one] = await house.run((tx) =>
      createReturns(tx, [wish(quantity)], { actor: packer, scope: wholeScope }),
    )
    return one?.done ? 'done' : one?.code
  }
  assert.equal(await make(3), 'too_many')
  assert.deepEqual((await Promise.all([make(2), make(2)])).sort(), ['done', 'too_many'])
  const [one] = await house.returnsOf(id)
  await house.run((tx) =>
    moveReturns(
      tx,
      [one?.id ?? ''],
      { event: 'void', detail: { reason: '填错' } },
      { actor: packer, scope: wholeScope },
    ),
  )
  assert.equal(await make(2), 'done')
})

test('of an order that did not leave the house nothing comes back', async () => {
  const scope = { shops: ['999'], warehouses: 'all' as const }
  const { id } = await house.shipped()
  const [foreign] = await house.run((tx) =>
    createReturns(
      tx,
      [
        {
          orderId: id,
          kind: 'return',
          reason: '',
          courier: '',
          waybillNo: '',
          warehouseId: undefined,
          exchangeWhen: undefined,
          lines: [{ lineNo: 1, quantity: 1 }],
        },
      ],
      { actor: packer, scope },
    ),
  )
  assert.equal(foreign?.done === false && foreign.code, 'not_found')
  assert.deepEqual(
    codes(
      await house.run((tx) =>
        moveReturns(tx, ['999999'], { event: 'confirm' }, { actor: packer, scope: wholeScope }),
      ),
    ),
    ['not_found'],
  )
})
