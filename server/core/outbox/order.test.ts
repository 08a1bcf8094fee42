import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { aShop } from '../../testing/orders.ts'
import { systemActor } from '../access/actor.ts'
import { banShop, pauseShopTasks } from '../access/shop-gate.ts'
import { type OpenDatabase, openDatabase } from '../db/db.ts'
import { enqueueActions } from './actions.ts'
import { claimActions, type KindTimes } from './claim.ts'

let database: TestDatabase
let open: OpenDatabase
let shops: string[] = []

const times = { leaseMs: 60_000, lookAfterMs: 10_000, canLook: true }
const kinds: KindTimes[] = [
  { kind: 'ship', rank: 0, ...times },
  { kind: 'refuse', rank: 0, ...times },
  { kind: 'stock', rank: 2, ...times },
]

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 6 })
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await database.empty('platform_action', 'shop_gate')
  shops = [await aShop(open.db), await aShop(open.db), await aShop(open.db)]
})

test('write-backs and refusals leave before stock, and among them what is due soonest', async () => {
  await order(0, 'stock', ['s1', 's2', 's3'])
  await order(0, 'ship', ['late', 'none'], { deadlines: [at(30), null] })
  await order(0, 'refuse', ['soon'], { deadlines: [at(5)] })
  await order(0, 'ship', ['sooner'], { deadlines: [at(10)] })
  assert.deepEqual(await claim({ room: 5 }), ['soon', 'sooner', 'late', 'none', 's1'])
  assert.deepEqual(await claim({ room: 5 }), ['s2', 's3'])
})

test('a shop’s flood takes no turn from the others: the first of each come before the second of any', async () => {
  await order(0, 'stock', names('a', 50))
  await order(1, 'ship', ['b1', 'b2'])
  await order(2, 'stock', ['c1'])
  const claimed = await claim({ room: 10, limit: 6 })
  assert.deepEqual(claimed.toSorted(), ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'])
})

test('no shop takes more than its room, and one whose hands are full takes nothing', async () => {
  await order(0, 'ship', names('a', 9))
  await order(1, 'ship', names('b', 9))
  await order(2, 'ship', names('c', 9))
  const rooms = [
    { shopId: shops[0] ?? '', room: 0 },
    { shopId: shops[1] ?? '', room: 4 },
  ]
  assert.deepEqual((await claim({ room: 2, rooms })).toSorted(), ['b1', 'b2', 'b3', 'b4', 'c1', 'c2'])
})

test('of one subject the earlier goes first, however urgent the later is', async () => {
  await order(0, 'ship', ['first'], { deadlines: [at(60)], subject: 'D1' })
  await order(0, 'ship', ['second'], { deadlines: [at(1)], subject: 'D1' })
  assert.deepEqual(await claim({ room: 5 }), ['first'])
  assert.deepEqual(await claim({ room: 5 }), [])
})

test('paused and banned shops give nothing but answers that only our side waits for', async () => {
  await order(0, 'ship', ['paused', 'answered'])
  await order(1, 'ship', ['banned'])
  await order(2, 'ship', ['free'])
  await open.db.transaction().execute((tx) => pauseShopTasks(tx, shops[0] ?? '', 'shop_disabled'))
  await banShop(open.db, shops[1] ?? '', 60_000)
  await sql`update platform_action set state = 'unknown', answer = '{"state":"succeeded"}' where idempotency_key = 'answered'`.execute(
    open.db,
  )
  assert.deepEqual((await claim({ room: 5 })).toSorted(), ['answered', 'free'])
})

test('of a shop whose platform is away one worker gets one action, when its probe is due', async () => {
  await order(0, 'ship', names('a', 9))
  await sql`insert into shop_gate (shop_id, away_since, probe_at) values (${shops[0]}, now(), now() + interval '1 minute')`.execute(
    open.db,
  )
  assert.deepEqual(await claim({ room: 5 }), [])
  await sql`update shop_gate set probe_at = now()`.execute(open.db)
  const claims = await Promise.all([1, 2, 3, 4].map(() => claim({ room: 5 })))
  assert.deepEqual(claims.flat(), ['a1'])
  assert.deepEqual(await claim({ room: 5 }), [])
})

test('workers that claim at the same moment share nothing', async () => {
  await order(0, 'ship', names('a', 20))
  const claims: string[] = []
  while (claims.length < 20)
    claims.push(...(await Promise.all([1, 2, 3].map(() => claim({ room: 4 })))).flat())
  assert.deepEqual(claims.toSorted(), names('a', 20).toSorted())
})

test('what waits for its time does not hold what is behind it', async () => {
  await order(0, 'ship', names('a', 5), { deadlines: [at(1), at(2), at(3), at(4), at(5)] })
  await sql`update platform_action set next_at = now() + interval '1 minute' where idempotency_key in ('a1', 'a2')`.execute(
    open.db,
  )
  assert.deepEqual(await claim({ room: 2 }), ['a3', 'a4'])
})

const at = (minutes: number) => new Date(Date.now() + minutes * 60_000)
const names = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)

async function order(
  shop: number,
  kind: string,
  keys: readonly string[],
  { deadlines = [], subject }: { deadlines?: readonly (Date | null)[]; subject?: string | undefined } = {},
): Promise<void> {
  const actions = keys.map((key, index) => ({
    shopId: shops[shop] ?? '',
    kind,
    subject: { type: 'delivery', id: subject ?? key },
    idempotencyKey: key,
    payload: {},
    deadline: deadlines[index] ?? null,
  }))
  await open.db.transaction().execute((tx) => enqueueActions(tx, actions, systemActor))
}

/** Returns the keys of one claim in the order of sending. */
async function claim({
  room,
  limit = 100,
  rooms = [],
}: {
  room: number
  limit?: number
  rooms?: { shopId: string; room: number }[]
}): Promise<string[]> {
  const claimed = await claimActions(open.db, 'worker', kinds, { limit, usualRoom: room, rooms })
  return claimed.map(({ idempotencyKey }) => idempotencyKey)
}
