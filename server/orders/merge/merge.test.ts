import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, type Scope, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { cancelVoided, releaseOrders, unreleaseDeliveries } from '../../fulfilment/shipping/release.ts'
import { setWaybills } from '../../fulfilment/shipping/waybills.ts'
import { receiverHashes } from '../../lib/people.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import {
  anOrder,
  aReceiver,
  aRefund,
  aShop,
  matchGoods,
  type OrderInput,
  orderState,
} from '../../testing/orders.ts'
import { codes } from '../../testing/run.ts'
import { aWaybill, deliveryOf } from '../../testing/shipping.ts'
import { aWarehouse, putStock } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { reserveOrders } from '../allocation/goods.ts'
import { holdOrders } from '../holds/holds.ts'
import { designatedFacets } from '../order/facets.ts'
import { orderStatuses } from '../order/lifecycle.ts'
import { applyRefunds } from '../refunds/refunds.ts'
import { splitOrders } from '../split/split.ts'
import { transition } from '../status/transition.ts'
import { voidOrders } from '../status/void.ts'
import { viewOrder } from '../view/view.ts'
import { autoMerge } from './auto-merge.ts'
import { mergeOrders, mergeWithCandidates, unmergeOrders } from './merge.ts'
import { firstHash, mergeSuggestions } from './merge-suggest.ts'

let database: TestDatabase
let open: OpenDatabase
let shopId: string
let warehouse: string
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 12 })
  await createQueues(open.db, jobs)
  shopId = await aShop(open.db)
  warehouse = await aWarehouse(open.db, 1)
  await putStock(open.db, warehouse, await matchGoods(open.db, shopId), 1000)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const run = <T>(work: (tx: Tx) => Promise<T>) => open.db.transaction().execute(work)
async function order(receiverHash: number, input: Partial<OrderInput> = {}) {
  const made = await anOrder(open.db, { shopId, receiverHash, ...input })
  await run((tx) => reserveOrders(tx, [made.id]))
  return made
}
const merge = async (...ids: string[]) =>
  codes(await run((tx) => mergeOrders(tx, ids, { actor, scope: wholeScope })))
const unmerge = async (...ids: string[]) =>
  codes(await run((tx) => unmergeOrders(tx, ids, { actor, scope: wholeScope })))
const release = (...ids: string[]) => run((tx) => releaseOrders(tx, ids, { actor, scope: wholeScope }))
const ship = (...ids: string[]) => run((tx) => shipDeliveries(tx, ids, { actor, scope: wholeScope }))
const type = async (deliveryId: string, waybillNo: string) =>
  codes(
    await run((tx) =>
      setWaybills(tx, [{ deliveryId, courier: 'SF', waybillNo }], { actor, scope: wholeScope }),
    ),
  )

/** Returns which of these orders share a shipment, as letters: "aab" means the first two, "-" is an order without one. */
async function parcels(...ids: string[]): Promise<string> {
  const found = await sql<{ parcel: string | null }>`
    select parcel from unnest(${ids}::bigint[]) with ordinality d (id, n) join sales_order o using (id) order by n`.execute(
    open.db,
  )
  const known: string[] = []
  return found.rows
    .map(({ parcel }) => {
      if (parcel === null) return '-'
      if (!known.includes(parcel)) known.push(parcel)
      return 'abcdef'[known.indexOf(parcel)]
    })
    .join('')
}

const designate = (id: string, code: 'SF' | 'YTO') =>
  sql`update sales_order set facets = facets || ${designatedFacets([code])}::int[] where id = ${id}`.execute(
    open.db,
  )

async function twoInAParcel(input: Partial<OrderInput> = {}) {
  const receiver = aReceiver()
  const [one, two] = [await order(receiver, input), await order(receiver, input)]
  assert.deepEqual(await merge(one.id, two.id), ['done', 'done'])
  return [one, two] as const
}

test('orders to one receiver leave in one parcel; asked again, from many sides, nothing changes', async () => {
  const receiver = aReceiver()
  const [one, two] = [await order(receiver), await order(receiver)]
  const stranger = await order(aReceiver())
  const answers = await Promise.all(Array.from({ length: 4 }, () => merge(one.id, two.id, stranger.id)))
  assert.deepEqual(answers.map((answer) => answer.join(' ')).sort(), [
    'already already no_partner',
    'already already no_partner',
    'already already no_partner',
    'done done no_partner',
  ])
  assert.equal(await parcels(one.id, two.id, stranger.id), 'aa-')
  assert.deepEqual((await orderState(open.db, one.id)).events, ['convert', 'merged'])
  const third = await order(receiver)
  assert.deepEqual(await merge(third.id, one.id), ['done', 'already'])
  assert.equal(await parcels(one.id, two.id, third.id), 'aaa')
})

test('what may not go along says why, and the others do', async () => {
  const receiver = aReceiver()
  const [one, two, held, cod, unpaid, open1] = [
    await order(receiver),
    await order(receiver),
    await order(receiver),
    await order(receiver, { cod: true }),
    await order(receiver, { paid: false }),
    await order(receiver),
  ]
  await run((tx) =>
    holdOrders(tx, [held.id], { reason: 'risk', note: '', until: null }, { actor, scope: wholeScope }),
  )
  await run((tx) =>
    applyRefunds(
      tx,
      [aRefund({ shopId, tid: open1.tid, refundNo: `m${open1.id}`, oid: 'o1', amountFen: 1 })],
      actor,
    ),
  )
  const gone = await order(receiver, { status: 'shipped' })
  const ids = [one.id, two.id, held.id, cod.id, unpaid.id, open1.id, gone.id]
  assert.deepEqual(await merge(...ids), [
    'done',
    'done',
    'on_hold',
    'cod',
    'not_paid',
    'refund_open',
    'wrong_status',
  ])
  assert.equal(await parcels(...ids), 'aa-----')
})

test('two who are masked alike by chance are not one receiver', async () => {
  const receiver = aReceiver()
  const [one, two] = [await order(receiver), await order(receiver)]
  await sql`update sales_order set receiver_masked = '李** 139****0000' where id = ${two.id}`.execute(open.db)
  assert.deepEqual(await merge(one.id, two.id), ['no_partner', 'no_partner'])
  assert.equal(await parcels(one.id, two.id), '--')
})

test('orders of two platforms never share a parcel, nor do masked receivers of two shops', async () => {
  const receiver = aReceiver()
  const elsewhere = await aShop(open.db)
  await sql`update shop set platform = 'pinduoduo' where id = ${elsewhere}`.execute(open.db)
  await putStock(open.db, warehouse, await matchGoods(open.db, elsewhere), 100)
  const [one, other] = [await order(receiver), await order(receiver, { shopId: elsewhere })]
  assert.deepEqual(await merge(one.id, other.id), ['no_partner', 'other_platform'])
  const masked = {
    name: '王*',
    mobile: '138****1234',
    phone: '',
    province: '浙江省',
    city: '杭州市',
    district: '',
  }
  const ring = memoryKeyRing()
  const hash = (shop: string, token: string) =>
    receiverHashes(ring, { ...masked, town: '', address: '文一路*', token }, { shopId: shop, nick: '龙' })[0]
  assert.notEqual(hash(shopId, 'oaid'), hash(elsewhere, 'oaid'))
  assert.notEqual(hash(shopId, 'oaid'), hash(shopId, ''))
  assert.equal(hash(shopId, 'oaid'), hash(shopId, 'the oaid of next week'))
  const known = (identity: string) =>
    receiverHashes(
      ring,
      { ...masked, town: '', address: '***', token: 'any', identity },
      { shopId, nick: '' },
    )
  assert.equal(known('王小明 at 文一路')[0], known('王小明 at 文一路')[0])
  assert.notEqual(
    known('王小明 at 文一路')[0],
    known('王大明 at 文二路')[0],
    'strangers whose masks are equal',
  )
  const [, earlier] = known('王小明 at 文一路')
  assert.equal(known('王大明 at 文二路')[1], earlier, 'a row that was stored without it has not moved')
})

test('a parcel is released, gets its waybill and leaves as one, and each order is written back', async () => {
  const [one, two] = await twoInAParcel({ status: 'confirmed' })
  assert.deepEqual(codes(await release(one.id)), ['done'])
  const [first, second] = [await deliveryOf(open.db, one.id), await deliveryOf(open.db, two.id)]
  const waybill = aWaybill()
  assert.deepEqual(await type(second, waybill), ['done'])
  const [other, third] = [await order(aReceiver(), { status: 'confirmed' }), aWaybill()]
  await release(other.id)
  assert.deepEqual(await type(await deliveryOf(open.db, other.id), waybill), ['waybill_used'])
  assert.deepEqual(await type(first, third), ['done'])
  assert.deepEqual(codes(await ship(second)), ['done'])
  const left = await sql<{ text: string }>`
    select format('%s %s %s', d.status, d.waybill_no = ${third}, a.payload ->> 'tid' = d.tid) as text
    from delivery d join platform_action a on a.id = d.action_id where d.id = any(${[first, second]}::bigint[])`.execute(
    open.db,
  )
  assert.deepEqual(
    left.rows.map(({ text }) => text),
    ['shipped t t', 'shipped t t'],
  )
  for (const { id } of [one, two]) assert.equal((await orderState(open.db, id)).status, 'shipped')
})

test('what stops one order stops its parcel, by name, until it is taken out', async () => {
  const [one, two] = await twoInAParcel({ status: 'confirmed' })
  await run((tx) =>
    holdOrders(tx, [two.id], { reason: 'risk', note: '', until: null }, { actor, scope: wholeScope }),
  )
  const [refused] = await release(one.id)
  assert.ok(refused && !refused.done)
  assert.deepEqual([refused.code, refused.message?.zh.includes(two.no)], ['parcel', true])
  for (const { id } of [one, two]) assert.equal((await orderState(open.db, id)).status, 'confirmed')
  assert.deepEqual(await unmerge(two.id), ['done'])
  assert.equal(await parcels(one.id, two.id), '--')
  assert.deepEqual(codes(await release(one.id)), ['done'])
  assert.equal((await orderState(open.db, two.id)).status, 'confirmed')
})

test('a refund of one order stops the parcel that waits to be shipped', async () => {
  const [one, two] = await twoInAParcel({ status: 'confirmed' })
  await release(one.id)
  const delivery = await deliveryOf(open.db, one.id)
  await type(delivery, aWaybill())
  await run((tx) =>
    applyRefunds(
      tx,
      [aRefund({ shopId, tid: two.tid, refundNo: `p${two.id}`, oid: 'o1', amountFen: 1 })],
      actor,
    ),
  )
  assert.deepEqual(codes(await ship(delivery)), ['refund_open'])
  assert.equal((await orderState(open.db, one.id)).status, 'released')
  assert.deepEqual(await unmerge(two.id), ['wrong_status'])
  assert.deepEqual(
    codes(await run((tx) => unreleaseDeliveries(tx, [delivery], { actor, scope: wholeScope }))),
    ['done'],
  )
  for (const { id } of [one, two]) assert.equal((await orderState(open.db, id)).status, 'confirmed')
})

test('an order that is voided leaves its parcel, and the other one goes alone', async () => {
  const [one, two] = await twoInAParcel({ status: 'confirmed' })
  await run((tx) => voidOrders(tx, [one.id], '不要了', { actor, scope: wholeScope }))
  assert.equal(await parcels(one.id, two.id), '--')
  assert.deepEqual(codes(await release(two.id)), ['done'])
})

test('of three orders in a parcel one is voided and two still leave together; of a released parcel the last one goes alone', async () => {
  const receiver = aReceiver()
  const confirmed = () => order(receiver, { status: 'confirmed' })
  const ids = [await confirmed(), await confirmed(), await confirmed()].map(({ id }) => id)
  const [first = '', second = '', third = ''] = ids
  assert.deepEqual(await merge(...ids), ['done', 'done', 'done'])
  await run((tx) => voidOrders(tx, [first], '不要了', { actor, scope: wholeScope }))
  assert.equal(await parcels(first, second, third), '-aa')
  assert.deepEqual(codes(await release(second, third)), ['done', 'done'])
  await run((tx) => voidOrders(tx, [second], '不要了', { actor, scope: wholeScope }))
  assert.equal(await parcels(second, third), '--')
  await run((tx) => cancelVoided(tx, [second], actor))
  const left = await sql<{ is: string }>`
    select concat_ws(' ', status, coalesce(parcel::text, '-')) as is from delivery where order_id = any(${ids}) order by order_id`.execute(
    open.db,
  )
  assert.deepEqual(
    left.rows.map((row) => row.is),
    ['cancelled -', 'pending -'],
  )
})

test('a receiver who changes parts from the parcel before it is packed', async () => {
  const [one, two] = await twoInAParcel({ status: 'confirmed' })
  await sql`update sales_order set receiver_hash = ${aReceiver()} where id = ${two.id}`.execute(open.db)
  assert.deepEqual(codes(await release(one.id, two.id)), ['parcel', 'parcel'])
  for (const { id } of [one, two]) assert.equal((await orderState(open.db, id)).status, 'confirmed')
})

test('merged orders are not split; taken apart they are', async () => {
  const [one] = await twoInAParcel()
  const split = () =>
    run((tx) =>
      splitOrders(tx, [{ id: one.id, parts: [{ lines: [{ lineNo: 1, quantity: 1 }] }], cause: 'hand' }], {
        actor,
        scope: wholeScope,
      }),
    )
  assert.deepEqual(codes(await split()), ['in_parcel'])
  assert.deepEqual(await unmerge(one.id), ['done'])
  assert.deepEqual(codes(await split()), ['done'])
})

test('suggestions name who goes together and why others do not, a page at a time', async () => {
  const receiver = aReceiver()
  const [one, two, cod] = [await order(receiver), await order(receiver), await order(receiver, { cod: true })]
  const lone = aReceiver()
  await order(lone)
  const read = async (scope = wholeScope) => {
    const rows: string[] = []
    for (let from: number | null = firstHash; from !== null; ) {
      const page: Awaited<ReturnType<typeof mergeSuggestions>> = await mergeSuggestions(
        open.db,
        { from, limit: 1 },
        scope,
      )
      for (const { receiverHash, members } of page.rows)
        rows.push(
          `${receiverHash}: ${members.map(({ id, why }) => `${id} ${why?.code ?? 'goes'}`).join(', ')}`,
        )
      from = page.next
    }
    return rows
  }
  const rows = await read()
  assert.ok(rows.includes(`${receiver}: ${one.id} goes, ${two.id} goes, ${cod.id} cod`), rows.join('\n'))
  assert.ok(!rows.some((row) => row.startsWith(`${lone}:`)))
  assert.deepEqual(await read({ shops: [await aShop(open.db)], warehouses: 'all' }), [])
  assert.deepEqual(
    codes(await run((tx) => mergeWithCandidates(tx, [two.id], { actor, scope: wholeScope }))),
    ['done'],
  )
  assert.equal(await parcels(one.id, two.id, cod.id), 'aa-')
  assert.ok(!(await read()).some((row) => row.startsWith(`${receiver}:`)))
})

test('beside a parcel that is whole the others are suggested, with who cannot join them', async () => {
  const to = aReceiver()
  const [first, second] = [await order(to), await order(to)]
  assert.deepEqual(await merge(first.id, second.id), ['done', 'done'])
  const others = [(await order(to)).id, (await order(to)).id]
  const elsewhere = await aWarehouse(open.db, 9)
  await sql`update sales_order set warehouse_id = ${elsewhere} where id = any(${others}::bigint[])`.execute(
    open.db,
  )
  const held = await order(to)
  await sql`update sales_order set open_holds = 1 where id = ${held.id}`.execute(open.db)
  const { rows } = await mergeSuggestions(open.db, { from: to, limit: 1 }, wholeScope)
  assert.deepEqual(
    rows.map(({ members }) => members.map(({ id, why }) => [id, why?.code ?? ''])),
    [[...others.map((id) => [id, '']), [held.id, 'on_hold']]],
  )
})

test('what can be merged stands before what cannot, and alone where only that is asked for', async () => {
  const receivers = [aReceiver(), aReceiver(), aReceiver()]
  const numbers = new Map<number, number>(receivers.map((receiver, at) => [receiver, at]))
  // The receiver with the lowest hash has no orders that can be merged; the one with the highest hash has the most.
  for (const _ of [1, 2]) await order(receivers[0] ?? 0, { cod: true })
  for (const _ of [1, 2]) await order(receivers[1] ?? 0)
  for (const _ of [1, 2, 3]) await order(receivers[2] ?? 0)
  const read = async (tab: 'ready' | 'all') => {
    const { rows } = await mergeSuggestions(open.db, { from: firstHash, limit: 500, tab }, wholeScope)
    return rows.flatMap(({ receiverHash, members }) => {
      const at = numbers.get(receiverHash)
      return at === undefined ? [] : [`${at}: ${members.filter(({ why }) => why === null).length}`]
    })
  }
  assert.deepEqual(await read('ready'), ['2: 3', '1: 2'])
  const one = async (from: number) => {
    const asked = { from, limit: 1, tab: 'ready' } as const
    const { rows, next } = await mergeSuggestions(open.db, asked, wholeScope)
    return { at: rows.map(({ receiverHash }) => numbers.get(receiverHash)), next }
  }
  // The page skips receivers without orders that can be merged; the next page begins behind the last receiver that was shown.
  const [nearest = 0, middle = 0, last = 0] = receivers
  assert.deepEqual(await one(nearest), { at: [1], next: middle + 1 })
  assert.deepEqual(await one(middle + 1), { at: [2], next: null })
  assert.deepEqual(await one(last + 1), { at: [], next: null })
  const all = await read('all')
  assert.deepEqual(all.slice(0, 2), ['2: 3', '1: 2'])
  assert.ok(all.length > 2 && all.slice(2).every((row) => /^0: [01]$/.test(row)), all.join())
})

test('by itself the house merges what was paid long enough ago, and leaves shops apart', async () => {
  const [late, early] = [aReceiver(), aReceiver()]
  const waiting = [await order(late), await order(late)]
  const due = [await order(early), await order(early)]
  const elsewhere = await aShop(open.db)
  await putStock(open.db, warehouse, await matchGoods(open.db, elsewhere), 100)
  const foreign = await order(early, { shopId: elsewhere })
  await sql`update sales_order set paid_at = now() - interval '1 hour' where receiver_hash = ${early}`.execute(
    open.db,
  )
  const params = {
    waitMinutes: 30,
    acrossShops: false,
    sameNick: false,
    withoutNotes: false,
    withoutShort: true,
  }
  const task = (more: object = {}) =>
    autoMerge({
      db: open.db,
      params: { ...params, ...more },
      actor,
      signal: new AbortController().signal,
      progress: () => undefined,
    })
  await task()
  assert.equal(await parcels(...[...due, foreign, ...waiting].map(({ id }) => id)), 'aa---')
  await task({ acrossShops: true, waitMinutes: 0 })
  assert.equal(await parcels(...[...due, foreign, ...waiting].map(({ id }) => id)), 'aaabb')
})

test('what does not go with the first parcel goes with one another', async () => {
  const [receiver, elsewhere] = [aReceiver(), await aWarehouse(open.db, 2)]
  const [one, two, three] = [await order(receiver), await order(receiver), await order(receiver)]
  const far = [two.id, three.id]
  await sql`update sales_order set warehouse_id = ${elsewhere} where id = any(${far}::bigint[])`.execute(
    open.db,
  )
  assert.deepEqual(await merge(one.id, two.id, three.id), ['no_partner', 'done', 'done'])
  assert.equal(await parcels(one.id, two.id, three.id), '-aa')
  // The existing shipment decides on the warehouse, so the order from another warehouse is refused.
  assert.deepEqual(await merge(one.id, two.id, three.id), ['other_warehouse', 'already', 'already'])
})

test('orders whose platforms designate different couriers do not go together, and one without does with each', async () => {
  const receiver = aReceiver()
  const [one, two, free] = [await order(receiver), await order(receiver), await order(receiver)]
  await designate(one.id, 'SF')
  await designate(two.id, 'YTO')
  assert.deepEqual(await merge(one.id, two.id, free.id), ['done', 'other_courier', 'done'])
})

test('an order joins a parcel only if it goes with each order in it, whoever leads', async () => {
  const receiver = aReceiver()
  const older = await order(receiver)
  const root = await order(receiver)
  const [outcome] = await run((tx) =>
    splitOrders(tx, [{ id: root.id, cause: 'hand', parts: [{ lines: [{ lineNo: 1, quantity: 1 }] }] }], {
      actor,
      scope: wholeScope,
    }),
  )
  const part = outcome?.done ? (outcome.parts[0]?.id ?? '') : ''
  assert.deepEqual(await merge(older.id, root.id, part), ['done', 'done', 'same_trade'])
  assert.equal(await parcels(older.id, root.id, part), 'aa-')
  assert.deepEqual(await merge(older.id, part), ['already', 'same_trade'])
  assert.equal(await parcels(older.id, root.id, part), 'aa-')

  const free = await order(receiver)
  const [sf, yto] = [await order(receiver), await order(receiver)]
  await designate(sf.id, 'SF')
  await designate(yto.id, 'YTO')
  assert.deepEqual(await merge(free.id, sf.id, yto.id), ['done', 'done', 'other_courier'])
  assert.equal(await parcels(free.id, sf.id, yto.id), 'aa-')
  const view = await viewOrder(open.db, yto.id, { actor, scope: wholeScope })
  assert.deepEqual(
    view?.relations.mates.filter(({ id }) => id === free.id || id === sf.id).map(({ why }) => why?.code),
    ['other_courier', 'other_courier'],
  )
  await sql`update sales_order set parcel = (select parcel from sales_order where id = ${free.id}) where id = ${yto.id}`.execute(
    open.db,
  )
  await sql`insert into parcel_order (parcel, order_id) select parcel, id from sales_order where id = ${yto.id}`.execute(
    open.db,
  )
  await run((tx) => transition(tx, [free.id, sf.id, yto.id], { event: 'confirm' }, actor))
  const released = await release(free.id)
  assert.deepEqual(codes(released), ['parcel'])
})

test('orders of two platforms do not meet in a parcel that an own order leads', async () => {
  const receiver = aReceiver()
  const own = await order(receiver)
  await sql`update sales_order set origin = 'manual' where id = ${own.id}`.execute(open.db)
  const ours = await order(receiver)
  const otherShop = await aShop(open.db)
  await sql`update shop set platform = 'pinduoduo' where id = ${otherShop}`.execute(open.db)
  await putStock(open.db, warehouse, await matchGoods(open.db, otherShop), 10)
  const theirs = await order(receiver, { shopId: otherShop })
  assert.deepEqual(await merge(own.id, ours.id, theirs.id), ['done', 'done', 'other_platform'])
  assert.deepEqual(await merge(own.id, theirs.id), ['already', 'other_platform'])
})

test('an order is taken out of its parcel until the warehouse has it, and says why not after that', async () => {
  for (const status of orderStatuses) {
    const [one, two] = await twoInAParcel()
    if (status !== 'voided')
      await sql`update sales_order set status = ${status} where id = ${one.id}`.execute(open.db)
    else await run((tx) => voidOrders(tx, [one.id], '不要了', { actor, scope: wholeScope }))
    const [outcome] = await run((tx) => unmergeOrders(tx, [one.id], { actor, scope: wholeScope }))
    const isOpen = status === 'unconfirmed' || status === 'confirmed'
    assert.equal(outcome?.done, isOpen, status)
    if (outcome && !outcome.done)
      assert.deepEqual(
        [outcome.code, outcome.message?.zh],
        {
          released: ['wrong_status', '已通知配货，取消配货后可取消合单'],
          shipped: ['wrong_status', '已发货，不能取消合单'],
          completed: ['wrong_status', '已完成，不能取消合单'],
          voided: ['not_merged', '没有合单'],
        }[String(status)],
      )
    assert.equal(await parcels(one.id, two.id), isOpen || status === 'voided' ? '--' : 'aa', status)
  }
})

test('an order shows what else goes to its receiver, its own parcel and parts apart, and why each does not go along', async () => {
  const receiver = aReceiver()
  const [one, two] = [await order(receiver), await order(receiver)]
  await merge(one.id, two.id)
  const [free, cod, unpaid] = [
    await order(receiver),
    await order(receiver, { cod: true }),
    await order(receiver, { paid: false }),
  ]
  const elsewhere = await order(receiver, { shopId: await aShop(open.db) })
  await order(receiver, { status: 'shipped' })
  const shown = async (id: string, scope: Scope = wholeScope) => {
    const view = await viewOrder(open.db, id, { actor, scope })
    return [
      view?.relations.parcel.map(({ no }) => no),
      view?.relations.mates.map(({ no, why }) => [no, why?.message.zh ?? '可合']),
    ]
  }
  const inShop: Scope = { shops: [shopId], warehouses: 'all' }
  assert.deepEqual(await shown(one.id, inShop), [
    [two.no],
    [
      [free.no, '可合'],
      [cod.no, '货到付款，各收各的'],
      [unpaid.no, '未付款'],
    ],
  ])
  assert.deepEqual(await shown(unpaid.id, inShop), [
    [],
    [
      [one.no, '本单未付款'],
      [two.no, '本单未付款'],
      [free.no, '本单未付款'],
      [cod.no, '本单未付款'],
    ],
  ])
  const all = (await shown(one.id))[1]?.map((row) => row[0])
  assert.deepEqual(all, [free.no, cod.no, unpaid.no, elsewhere.no])
  const [split] = await run((tx) =>
    splitOrders(tx, [{ id: free.id, parts: [{ lines: [{ lineNo: 1, quantity: 1 }] }], cause: 'hand' }], {
      actor,
      scope: wholeScope,
    }),
  )
  assert.ok(split?.done)
  assert.deepEqual(
    (await shown(free.id, inShop))[1]?.map((row) => row[0]),
    [one.no, two.no, cod.no, unpaid.no],
  )
})
