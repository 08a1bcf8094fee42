import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import type { Call, Connector } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/index.ts'
import type { MaskedTrade } from '../../connectors/receivers.ts'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { createShopTasks } from '../../core/tasks/tasks.ts'
import { releaseOrders } from '../../fulfilment/shipping/release.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { memoryKeyRing, seal } from '../../lib/seal.ts'
import { openCall } from '../../shops/calls.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aReceiver, aShop, matchGoods, type OrderInput } from '../../testing/orders.ts'
import { aRun } from '../../testing/run.ts'
import { aWarehouse, putStock } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { reserveOrders } from '../allocation/goods.ts'
import { comparingReceivers } from '../tasks.ts'
import { autoMerge } from './auto-merge.ts'
import { mergeOrders } from './merge.ts'
import { mergeSuggestions } from './merge-suggest.ts'

/** Where each trade really goes, by trade number, as the platform knows. The platform refuses a trade without an entry. */
const homes = new Map<string, string>()
let asked: MaskedTrade[][] = []
/** The failure that the platform gives instead of an answer; null: it answers. */
let failing: PlatformError | null = null

const [first = assert.fail()] = connectors
const connector: Connector = {
  ...first,
  receivers: {
    most: 4,
    async together(_call: Call, trades) {
      asked.push([...trades])
      if (failing) throw failing
      if (trades.some(({ tid }) => !homes.has(tid)))
        throw new PlatformError('rejected', 'isv.trade-not-exist', 'no such trade')
      return [...Map.groupBy(trades, ({ tid }) => homes.get(tid)).values()].map((some) =>
        some.map(({ tid }) => tid),
      )
    },
  },
}

let database: TestDatabase
let house: OpenDatabase
let warehouse: string
let shopId: string
const ring = memoryKeyRing()
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  house = openDatabase(database.url, { max: 12 })
  await createQueues(house.db, jobs)
  warehouse = await aWarehouse(house.db, 1)
})
after(async () => {
  await house.close()
  await database[Symbol.asyncDispose]()
})
beforeEach(async () => {
  shopId = await aShop(house.db)
  await putStock(house.db, warehouse, await matchGoods(house.db, shopId), 100)
  const token = { accessToken: 'a', refreshToken: '' }
  await sql`
    update shop set credentials = ${seal(ring, shopId, JSON.stringify({ appKey: '1', appSecret: '2' }))},
      token = ${seal(ring, shopId, JSON.stringify(token))}, auth_state = 'live'
    where id = ${shopId}`.execute(house.db)
  asked = []
  failing = null
})

/** An order whose masked receiver really lives at `home`; undefined: the receiver is not masked. */
async function order(receiverHash: number, home: string | undefined, input: Partial<OrderInput> = {}) {
  const personal = {
    nick: 'tb1',
    receiver: { name: '王**', token: home === undefined ? '' : `oaid ${home}` },
  }
  const made = await anOrder(house.db, {
    shopId,
    receiverHash,
    personal: seal(ring, shopId, JSON.stringify(personal)),
    ...input,
  })
  if (home !== undefined) homes.set(made.tid, home)
  await house.db.transaction().execute((tx) => reserveOrders(tx, [made.id]))
  return made
}
const ask = () =>
  comparingReceivers.run(aRun(house.db, {}), () =>
    openCall({ db: house.db, ring, connectors: [connector], simulator: true }, shopId),
  )
const merge = async (...ids: string[]) =>
  (await house.db.transaction().execute((tx) => mergeOrders(tx, ids, { actor, scope: wholeScope }))).map(
    (one) => (one.done ? 'done' : one.code),
  )
const parcelOf = async ({ id }: { id: string }) =>
  (await sql<{ parcel: string | null }>`select parcel from sales_order where id = ${id}`.execute(house.db))
    .rows[0]?.parcel
const mergeByTask = () =>
  autoMerge({
    db: house.db,
    params: { waitMinutes: 0, acrossShops: true, sameNick: false, withoutNotes: false, withoutShort: false },
    actor,
    signal: new AbortController().signal,
    progress: () => undefined,
  })

test('masks that look alike are asked about once, and what the platform keeps apart does not leave together', async () => {
  const receiver = aReceiver()
  const [one, other, again] = [
    await order(receiver, 'a'),
    await order(receiver, 'b'),
    await order(receiver, 'a'),
  ]
  await order(aReceiver(), 'c')
  const counts = await ask()
  assert.deepEqual([counts?.seen, counts?.updated, counts?.failed], [3, 1, 0])
  assert.deepEqual(asked, [[one, other, again].map(({ tid }) => ({ tid, token: `oaid ${homes.get(tid)}` }))])
  await ask()
  assert.equal(asked.length, 1)

  const { rows } = await mergeSuggestions(house.db, { from: receiver, limit: 1 }, wholeScope)
  assert.deepEqual(
    rows.map(({ members }) => members.map(({ id, why }) => [id, why?.code ?? 'goes'])),
    [
      [
        [one.id, 'goes'],
        [again.id, 'goes'],
        [other.id, 'platform_apart'],
      ],
    ],
  )
  assert.deepEqual(await merge(one.id, other.id), ['no_partner', 'platform_apart'])
  assert.deepEqual(await merge(one.id, other.id, again.id), ['done', 'platform_apart', 'done'])
})

test('a further order is asked about together with those before it; a changed receiver has no answer', async () => {
  const receiver = aReceiver()
  const [one, two] = [await order(receiver, 'a'), await order(receiver, 'a')]
  await ask()
  const third = await order(receiver, 'b')
  await ask()
  assert.deepEqual(
    asked.map((trades) => trades.map(({ tid }) => tid)),
    [
      [one.tid, two.tid],
      [one.tid, two.tid, third.tid],
    ],
  )
  assert.deepEqual(await merge(one.id, two.id, third.id), ['done', 'done', 'platform_apart'])
  const moved = aReceiver()
  await sql`
    update sales_order set receiver_hash = ${moved}, parcel = null where id = any(${[one.id, third.id]}::bigint[])`.execute(
    house.db,
  )
  homes.set(third.tid, 'a')
  await ask()
  assert.equal(asked.length, 3)
  assert.deepEqual(await merge(one.id, third.id), ['done', 'done'])
})

test('who is known in clear is asked about by nobody', async () => {
  const receiver = aReceiver()
  const [one, two] = [await order(receiver, undefined), await order(receiver, undefined)]
  await ask()
  assert.deepEqual(asked, [])
  assert.deepEqual(await merge(one.id, two.id), ['done', 'done'])
})

test('while platforms are asked, merging by itself waits for the answer, and a person need not', async () => {
  const kind = { ...comparingReceivers, applies: () => true }
  await house.db
    .transaction()
    .execute((tx) => createShopTasks(tx, [kind], { id: shopId, platform: 'taobao', path: 'two_stage' }))
  const [masked, clear] = [aReceiver(), aReceiver()]
  const [one, two] = [await order(masked, 'a'), await order(masked, 'a')]
  const [three, four] = [await order(clear, undefined), await order(clear, undefined)]
  await mergeByTask()
  for (const each of [one, two, three, four]) assert.equal(await parcelOf(each), null)
  await ask()
  await mergeByTask()
  assert.ok(await parcelOf(one))
  assert.equal(await parcelOf(one), await parcelOf(two))
  assert.ok(await parcelOf(three))
  assert.equal(await parcelOf(three), await parcelOf(four))
  const later = aReceiver()
  const [five, six] = [await order(later, 'a'), await order(later, 'a')]
  assert.deepEqual(await merge(five.id, six.id), ['done', 'done'])
})

test('a parcel that the platform takes apart after it was made is not released', async () => {
  const receiver = aReceiver()
  const [one, two] = [
    await order(receiver, 'a', { status: 'confirmed' }),
    await order(receiver, 'b', { status: 'confirmed' }),
  ]
  assert.deepEqual(await merge(one.id, two.id), ['done', 'done'])
  await ask()
  const released = await house.db
    .transaction()
    .execute((tx) => releaseOrders(tx, [one.id, two.id], { actor, scope: wholeScope }))
  assert.deepEqual(
    released.map((outcome) => (outcome.done ? 'done' : outcome.code)),
    ['parcel', 'parcel'],
  )
})

test('more receivers than one question takes are several, and never cut', async () => {
  const [a, b, c] = [aReceiver(), aReceiver(), aReceiver()]
  for (const receiver of [a, b, c]) for (const home of ['x', 'x', 'y']) await order(receiver, home)
  // One receiver has more orders than one call takes; only the oldest are checked.
  const crowd = aReceiver()
  for (let n = 0; n < 6; n += 1) await order(crowd, 'z')
  await ask()
  assert.deepEqual(
    asked.map(({ length }) => length),
    [3, 3, 3, 4],
  )
  await ask()
  assert.equal(asked.length, 4)
})

test('a trade that the platform refuses fails only its own receiver, whose orders stay apart', async () => {
  const [good, bad] = [aReceiver(), aReceiver()]
  const [one, two] = [await order(good, 'a'), await order(good, 'a')]
  const [three, four] = [await order(bad, 'a'), await order(bad, 'a')]
  homes.delete(three.tid)
  const counts = await ask()
  assert.deepEqual([counts?.updated, counts?.failed], [1, 1])
  assert.deepEqual(await merge(one.id, two.id, three.id, four.id), [
    'done',
    'done',
    'no_partner',
    'platform_apart',
  ])
  // A receiver that the platform rejected is checked again later, not in every run.
  asked = []
  await ask()
  assert.deepEqual(asked, [])
  await sql`update receiver_answer set at = now() - interval '2 hours'`.execute(house.db)
  homes.set(three.tid, 'a')
  await ask()
  assert.deepEqual(await merge(three.id, four.id), ['done', 'done'])
})

test('one receiver alone that the platform refuses is said once, and asked about again only later', async () => {
  const bad = aReceiver()
  const [one] = [await order(bad, 'a'), await order(bad, 'a')]
  homes.delete(one.tid)
  await assert.rejects(ask(), { kind: 'rejected' })
  asked = []
  const good = aReceiver()
  const [three, four] = [await order(good, 'b'), await order(good, 'b')]
  const counts = await ask()
  assert.deepEqual([counts?.updated, counts?.failed], [1, 0])
  assert.deepEqual(await merge(three.id, four.id), ['done', 'done'])
})

test('a copy with a masked receiver is not asked about: the platform knows no such number, and its trades are compared', async () => {
  const receiver = aReceiver()
  const [one, two, copy] = [
    await order(receiver, 'a'),
    await order(receiver, 'a'),
    await order(receiver, 'a'),
  ]
  await sql`update sales_order set origin = 'reship', tid = ${`M${copy.tid}`} where id = ${copy.id}`.execute(
    house.db,
  )
  await ask()
  assert.deepEqual(
    asked.map((trades) => trades.map(({ tid }) => tid)),
    [[one.tid, two.tid]],
  )
  await ask()
  assert.equal(asked.length, 1)
  const lone = aReceiver()
  const [trade, again] = [await order(lone, 'b'), await order(lone, 'b')]
  await sql`update sales_order set origin = 'copy', tid = ${`M${again.tid}`} where id = ${again.id}`.execute(
    house.db,
  )
  await ask()
  assert.equal(asked.length, 1)
  assert.deepEqual(await merge(one.id, two.id, copy.id), ['done', 'done', 'done'])
  assert.deepEqual(await merge(trade.id, again.id), ['done', 'done'])
})

test('a shop that may not ask says so, and nothing is noted', async () => {
  const [a, b] = [aReceiver(), aReceiver()]
  for (const receiver of [a, a, b, b]) await order(receiver, 'x')
  failing = new PlatformError('rejected', 'isv.permission-api-package-limit', 'no permission')
  await assert.rejects(ask(), { code: 'isv.permission-api-package-limit' })
  const noted = await sql<{ n: number }>`
    select count(*)::int as n from receiver_answer where receiver_hash = any(${[a, b]}::int[])`.execute(
    house.db,
  )
  assert.deepEqual(noted.rows, [{ n: 0 }])
})

test('asked by two at once, the answers are those of one question', async () => {
  const receiver = aReceiver()
  const [one, two] = [await order(receiver, 'a'), await order(receiver, 'a')]
  await Promise.all([ask(), ask()])
  await ask()
  assert.deepEqual(await merge(one.id, two.id), ['done', 'done'])
})
