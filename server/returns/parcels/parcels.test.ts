import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { buyerKeyMonth, makeBuyerKeys } from '../../lib/people.ts'
import { aReturnHouse, assertSound, codes, type ReturnHouse } from '../../testing/returns.ts'
import { packer } from '../../testing/shipping.ts'
import { balanceOf } from '../../testing/stock.ts'
import { viewCandidates, viewReturn } from '../view/view.ts'
import { claimParcels, type ParcelInput, registerParcels, stockParcels } from './parcels.ts'

let house: ReturnHouse
let code: string
before(async () => {
  house = await aReturnHouse()
  code = `OF-SHOP-${house.shopId}`
})
after(() => house[Symbol.asyncDispose]())

let made = 0
const parcel = (more: Partial<ParcelInput> = {}): ParcelInput => {
  made += 1
  return {
    warehouseId: house.warehouseId,
    courier: '',
    waybillNo: `UN${made}0000`,
    phone: '',
    note: '',
    lines: [{ skuCode: code, good: 2, defective: 1 }],
    ...more,
  }
}
const register = (...parcels: ParcelInput[]) =>
  house.run((tx) => registerParcels(tx, house.ring, parcels, { actor: packer, scope: wholeScope }))
const registered = async (more: Partial<ParcelInput> = {}) => {
  const [one] = await register(parcel(more))
  return one?.done ? one.id : assert.fail(JSON.stringify(one))
}
const stock = (id: string) => house.run((tx) => stockParcels(tx, [id], { actor: packer, scope: wholeScope }))
const claim = (parcelId: string, returnId: string) =>
  house.run((tx) =>
    claimParcels(tx, [{ parcelId, returnId }], 'person', { actor: packer, scope: wholeScope }),
  )
const parcelState = async (id: string) =>
  (
    await sql<{ status: string; how: string; returnId: string | null }>`
      select status, claimed_how as how, return_id as "returnId" from unclaimed_parcel where id = ${id}`.execute(
      house.db,
    )
  ).rows[0]
const onHand = async () => (await balanceOf(house.db, house.warehouseId, house.skuId))[0] ?? 0
const sound = () => assertSound(house.db)
async function awaited(waybillNo = '') {
  made += 1
  const order = await house.shipped()
  await house.refund({ tid: order.tid, refundNo: `p${made}`, status: 'agreed', waybillNo })
  const [one] = await house.returnsOf(order.id)
  return { order, id: one?.id ?? assert.fail('no return') }
}

test('a parcel scanned twice at once is registered once, and what cannot be read is refused by itself', async () => {
  const one = parcel()
  const told = await Promise.all([register(one), register(one)])
  assert.deepEqual(told.flatMap(codes).sort(), ['already', 'done'])
  const strange = [
    parcel({ lines: [{ skuCode: 'NOBODY', good: 1, defective: 0 }] }),
    parcel({ warehouseId: '999' }),
    parcel({ lines: [{ skuCode: code, good: 0, defective: 0 }] }),
    parcel(),
  ]
  assert.deepEqual(codes(await register(...strange)), ['no_such_sku', 'no_such_warehouse', 'nothing', 'done'])
})

test('a return that appears with its waybill claims it by itself, and its goods come in with that', async () => {
  const id = await registered({ waybillNo: 'MATCH0001' })
  const { order, id: returnId } = await awaited('match0001')
  const before_ = await onHand()
  await house.match()
  assert.deepEqual(await parcelState(id), { status: 'claimed', how: 'waybill', returnId })
  const [one] = await house.returnsOf(order.id)
  assert.deepEqual([one?.status, one?.lines], ['received', ['1: 2 2 0', '2: 1 0 1']])
  assert.equal(await onHand(), before_ + 2)
  await sound()
})

test('a parcel registered when its return is there already finds it as well; two returns with one waybill wait for a person', async () => {
  const { id: returnId } = await awaited('MATCH0002')
  const id = await registered({ waybillNo: 'MATCH0002' })
  await house.match()
  assert.deepEqual(await parcelState(id), { status: 'claimed', how: 'waybill', returnId })
  await awaited('MATCH0003')
  await awaited('MATCH0003')
  const other = await registered({ waybillNo: 'MATCH0003' })
  await house.match()
  assert.equal((await parcelState(other))?.status, 'unclaimed')
})

test('goods put on the shelf before anybody knew whose they are do not come in again', async () => {
  const before_ = await onHand()
  const id = await registered()
  assert.equal(await onHand(), before_)
  assert.deepEqual((await Promise.all([stock(id), stock(id)])).flatMap(codes).sort(), ['already', 'done'])
  assert.equal(await onHand(), before_ + 2)
  const { order, id: returnId } = await awaited()
  const shelf = await onHand()
  assert.deepEqual((await Promise.all([claim(id, returnId), claim(id, returnId)])).flatMap(codes).sort(), [
    'already',
    'done',
  ])
  assert.equal(await onHand(), shelf)
  const [one] = await house.returnsOf(order.id)
  assert.deepEqual([one?.status, one?.lines], ['received', ['1: 2 2 0', '2: 1 0 1']])
  await sound()
})

test('goods of a stocked parcel that its return did not ask for are shown as in stock, and others are not', async () => {
  await sql`
    with product as (insert into product (code, name) values ('VASE', '瓶') returning id)
    insert into sku (code, product_id, spec, words) select 'VASE', id, '', '' from product`.execute(house.db)
  const lines = [
    { skuCode: code, good: 2, defective: 1 },
    { skuCode: 'VASE', good: 1, defective: 0 },
  ]
  const shown: (readonly [string, string, boolean])[] = []
  for (const isStocked of [true, false]) {
    const id = await registered({ lines })
    if (isStocked) await stock(id)
    const { id: returnId } = await awaited()
    assert.deepEqual(codes(await claim(id, returnId)), ['done'])
    const { problems } = await viewReturn(house.db, returnId, wholeScope)
    shown.push(...problems.map(({ kind, skuCode, inStock }) => [kind, skuCode, inStock] as const))
  }
  assert.deepEqual(shown, [
    ['wrong', 'VASE', true],
    ['wrong', 'VASE', false],
  ])
  await sound()
})

test('it says whose it may be, with the reasons, the likeliest first', async () => {
  const phone = '13911112222'
  const mine = await awaited()
  const keys = makeBuyerKeys(house.ring, buyerKeyMonth(new Date()), {
    nick: '',
    receiver: { name: '', mobile: phone, phone: '' },
  })
  await sql`update sales_order set people = ${keys}::bigint[] where id = ${mine.order.id}`.execute(house.db)
  const byWaybill = await awaited('MATCH0009')
  const id = await registered({ waybillNo: 'MATCH0009', phone })
  const { rows } = await viewCandidates(house.db, id, wholeScope)
  assert.deepEqual(
    rows.slice(0, 2).map((row) => [row.id, row.byWaybill, row.byPhone, row.goods]),
    [
      [byWaybill.id, true, false, 1],
      [mine.id, false, true, 1],
    ],
  )
  assert.deepEqual((await viewCandidates(house.db, id, { ...wholeScope, shops: ['999'] })).rows, [])
  assert.deepEqual(codes(await claim(id, mine.id)), ['done'])
  assert.deepEqual(codes(await claim(id, byWaybill.id)), ['already'])
})

test('of two parcels for one return one is claimed; goods of other SKUs claim nothing', async () => {
  const { id: returnId } = await awaited()
  const [one, other] = [await registered(), await registered()]
  const told = await Promise.all([claim(one, returnId), claim(other, returnId)])
  assert.equal(told.flatMap(codes).filter((answer) => answer === 'done').length, 1)
  await sql`
    with product as (insert into product (code, name) values ('LAMP', '灯') returning id)
    insert into sku (code, product_id, spec, words) select 'LAMP', id, '', '' from product`.execute(house.db)
  const stray = await registered({ lines: [{ skuCode: 'LAMP', good: 1, defective: 0 }] })
  const { id } = await awaited()
  assert.deepEqual(codes(await claim(stray, id)), ['nothing_shared'])
  await sound()
})
