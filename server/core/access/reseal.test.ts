import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Trade } from '../../connectors/connector.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { findRefunds, findTrades } from '../../intake/find.ts'
import {
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageRefunds,
} from '../../intake/testing.ts'
import { addKey, dropKey, watchKeyFile } from '../../lib/key-file.ts'
import { buyerKeyMonth } from '../../lib/people.ts'
import { loadKeyRing, unseal } from '../../lib/seal.ts'
import { personalOf } from '../../orders/order/personal.ts'
import { findOrders } from '../../orders/view/find.ts'
import { until } from '../../testing/until.ts'
import { sealedPlaces } from '../../worker.ts'
import { systemActor, wholeScope } from './actor.ts'
import { resealing } from './reseal.ts'

type KeyedPool = IntakeFixture & { keyFile: string }

/** A database with a key ring that follows a key file, as in a running process. */
async function aKeyedPool(): Promise<KeyedPool> {
  const keyFile = join(await mkdtemp(join(tmpdir(), 'keys-')), 'sealing.json')
  const ring = await loadKeyRing(keyFile)
  const pool = await intakeFixture()
  const unwatch = watchKeyFile(ring, keyFile, { everyMs: 10 })
  return {
    ...pool,
    ring,
    keyFile,
    [Symbol.asyncDispose]: async () => {
      unwatch()
      await pool[Symbol.asyncDispose]()
    },
  }
}

async function rotate(pool: KeyedPool): Promise<void> {
  const { number } = await addKey(pool.keyFile, { usedInMs: 0 })
  await until(() => pool.ring.current.number === number)
}

async function drop(pool: KeyedPool, number: number): Promise<void> {
  await dropKey(pool.keyFile, number, Date.now() + 3_600_000)
  await until(() => !pool.ring.byNumber.has(number))
}

/** Runs the task as the worker does; returns its counts. */
async function reseal(pool: KeyedPool, signal = new AbortController().signal) {
  const kind = resealing(pool.ring, sealedPlaces)
  const context = { db: pool.db, params: {}, signal, progress: () => {} }
  return Reflect.apply(kind.run, kind, [context, undefined])
}

async function keysOf(pool: KeyedPool): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {}
  for (const place of sealedPlaces) {
    const uses = [...(await place.uses(pool.db)).keys()].sort()
    if (uses.length > 0) found[place.name] = uses
  }
  return found
}

const places = [
  'order_difference.personal',
  'parked_item.sealed',
  'raw_payload.sealed',
  'sales_order.personal',
  'staged_refund.personal',
  'staged_trade.personal',
]

async function convert(pool: IntakeFixture, trade: Trade): Promise<void> {
  const found = await sql<{ id: string }>`select id from staged_trade where tid = ${trade.tid}`.execute(
    pool.db,
  )
  const ids = found.rows.map((row) => row.id)
  const outcomes = await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
  assert.deepEqual(
    outcomes.map((one) => one.done),
    [true],
  )
}

const nos = (rows: readonly { no: string }[]) => rows.map((row) => row.no)

function search(pool: IntakeFixture, text: string) {
  return { ring: pool.ring, text, shop: undefined, scope: wholeScope }
}

/** Checks that the trade is found by each of its buyer's words, with its refund and order. */
async function assertFound(pool: IntakeFixture, trade: Trade, refundNo: string): Promise<void> {
  const { name, mobile } = trade.receiver
  for (const text of [mobile, mobile.slice(-4), name, trade.buyer.nick]) {
    assert.deepEqual(nos(await findTrades(pool.db, search(pool, text))), [trade.tid], text)
    assert.equal((await findOrders(pool.db, search(pool, text))).length, 1, text)
  }
  assert.deepEqual(nos(await findRefunds(pool.db, search(pool, trade.buyer.nick))), [refundNo])
}

test('a search finds a row before, during and after a change of keys, and everything opens when the old key is gone', async () => {
  await using pool = await aKeyedPool()
  const trade = aTrade({ receiver: { ...aTrade().receiver, name: '欧阳锦', mobile: '13911112222' } })
  const refund = aRefund(trade, { status: 'closed' })
  await stage(pool, trade)
  await stageRefunds(pool, refund)
  await convert(pool, trade)
  const moved = { ...trade.receiver, address: '古墩路 9 号' }
  await stage(pool, { ...trade, receiver: moved, modifiedAt: new Date(trade.modifiedAt.getTime() + 1000) })
  await sql`
    insert into parked_item (shop_id, kind, reason, sealed, fingerprint)
    select shop_id, 'trade', 'unreadable', sealed, 'f' from raw_payload where kind = 'trade'`.execute(pool.db)
  await assertFound(pool, trade, refund.refundId)

  await rotate(pool)
  await assertFound(pool, trade, refund.refundId)
  const counts = await reseal(pool)
  assert.deepEqual([counts.updated, counts.failed], [7, 0])
  assert.deepEqual(await keysOf(pool), Object.fromEntries(places.toSorted(byWalk).map((name) => [name, [2]])))
  await assertFound(pool, trade, refund.refundId)

  await drop(pool, 1)
  await assertFound(pool, trade, refund.refundId)
  const rows = await sql<{ personal: Buffer; difference: Buffer; ordered: Buffer; raw: Buffer }>`
    select t.personal, d.personal as difference, o.personal as ordered, r.sealed as raw
    from staged_trade t join sales_order o on o.id = t.order_id
    join order_difference d on d.order_id = o.id and d.kind = 'address'
    join raw_payload r on r.platform_id = t.tid and r.kind = 'trade'`.execute(pool.db)
  const row = rows.rows[0]
  assert.ok(row)
  assert.deepEqual(personalOf(pool.ring, pool.shopId, row.personal).receiver, moved)
  assert.deepEqual(JSON.parse(unseal(pool.ring, pool.shopId, row.difference).toString()).receiver, moved)
  assert.deepEqual(
    JSON.parse(unseal(pool.ring, pool.shopId, row.ordered).toString()).receiver,
    trade.receiver,
  )
  assert.equal(JSON.parse(unseal(pool.ring, pool.shopId, row.raw).toString()).tid, trade.tid)
})

const byWalk = (a: string, b: string) =>
  sealedPlaces.findIndex(({ name }) => name === a) - sealedPlaces.findIndex(({ name }) => name === b)

test('an unchanged address under a new key is no change of address', async () => {
  await using pool = await aKeyedPool()
  const trade = aTrade()
  await stage(pool, trade)
  await convert(pool, trade)
  await rotate(pool)
  await stage(pool, { ...trade, flag: 3, modifiedAt: new Date(trade.modifiedAt.getTime() + 1000) })
  const kinds = await sql<{ kind: string }>`select kind from order_difference order by id`.execute(pool.db)
  assert.deepEqual(
    kinds.rows.map((row) => row.kind),
    ['flag'],
  )
  const address = { ...trade.receiver, address: '别处 1 号' }
  await stage(pool, {
    ...trade,
    flag: 3,
    receiver: address,
    modifiedAt: new Date(trade.modifiedAt.getTime() + 2000),
  })
  const after = await sql<{ kind: string }>`select kind from order_difference order by id`.execute(pool.db)
  assert.deepEqual(
    after.rows.map((row) => row.kind),
    ['flag', 'address'],
  )
})

test('the keys of a buyer are made anew within their month, and facets are not touched', async () => {
  await using pool = await aKeyedPool()
  const trade = aTrade({ buyerMessage: '尽快', sellerMemo: '老客户', flag: 2 })
  await stage(pool, trade)
  await convert(pool, trade)
  type Found = { trade: number[]; ordered: number[]; tradePeople: string[]; orderedPeople: string[] }
  const facets = () =>
    sql<Found>`
      select t.facets as trade, o.facets as ordered, t.people as "tradePeople", o.people as "orderedPeople" from staged_trade t join sales_order o on o.id = t.order_id`.execute(
      pool.db,
    )
  const before = (await facets()).rows[0]
  await rotate(pool)
  await reseal(pool)
  const after = (await facets()).rows[0]
  assert.ok(before && after)
  assert.deepEqual([after.trade, after.ordered], [before.trade, before.ordered])
  const places = (keys: readonly string[]) => keys.map((key) => BigInt(key) >> 32n)
  const month = buyerKeyMonth(trade.createdAt)
  for (const which of ['tradePeople', 'orderedPeople'] as const) {
    assert.deepEqual(
      places(after[which]),
      [0, 1, 2, 3].map((kind) => BigInt(month * 4 + kind)),
    )
    assert.deepEqual(places(after[which]), places(before[which]))
    assert.equal(after[which].filter((one) => before[which].includes(one)).length, 0)
  }
})

test('what is ingested while it walks is neither lost nor put back', async () => {
  await using pool = await aKeyedPool()
  const trades = Array.from({ length: 1200 }, () => aTrade())
  await stage(pool, ...trades)
  await rotate(pool)
  const later = trades.map((trade, at) => ({
    ...trade,
    sellerMemo: `第 ${at} 单`,
    receiver: { ...trade.receiver, address: `新址 ${at} 号` },
    modifiedAt: new Date(trade.modifiedAt.getTime() + 1000),
  }))
  const chunks = Array.from({ length: 12 }, (_, at) => later.slice(at * 100, at * 100 + 100))
  const ingesting = (async () => {
    // In reverse order, so that the two meet in the middle.
    for (const chunk of chunks.toReversed()) await stage(pool, ...chunk)
  })()
  await Promise.all([reseal(pool), ingesting])
  await drop(pool, 1)
  const rows = await sql<{ tid: string; sellerMemo: string; personal: Buffer; key: number }>`
    select tid, seller_memo as "sellerMemo", personal, get_byte(personal, 1) as key from staged_trade`.execute(
    pool.db,
  )
  const byTid = new Map(rows.rows.map((row) => [row.tid, row]))
  assert.equal(byTid.size, trades.length)
  for (const trade of later) {
    const row = byTid.get(trade.tid)
    assert.ok(row)
    assert.deepEqual([row.key, row.sellerMemo], [2, trade.sellerMemo])
    assert.equal(personalOf(pool.ring, pool.shopId, row.personal).receiver.address, trade.receiver.address)
  }
  const { mobile } = later[700]?.receiver ?? { mobile: '' }
  assert.deepEqual(nos(await findTrades(pool.db, search(pool, mobile))), [later[700]?.tid])
})

test('a walk that was cut off is ended by the next one, and with one key nothing is read', async () => {
  await using pool = await aKeyedPool()
  await stage(pool, ...Array.from({ length: 700 }, () => aTrade()))
  assert.equal(await reseal(pool), undefined)
  await rotate(pool)
  let slices = 0
  const signal = Object.assign(new AbortController().signal, {
    throwIfAborted() {
      slices += 1
      if (slices > 1) throw new Error('the process was killed')
    },
  })
  const place = sealedPlaces.find(({ name }) => name === 'staged_trade.personal')
  assert.ok(place)
  await assert.rejects(place.reseal({ db: pool.db, ring: pool.ring, signal }))
  assert.deepEqual(Object.fromEntries(await place.uses(pool.db)), { 1: 200, 2: 500 })
  await reseal(pool)
  assert.equal(await place.names(pool.db, 1), false)
  const again = await reseal(pool)
  // 700 trades with their raw payloads, and the shop's credentials and token.
  assert.deepEqual([again.seen, again.updated], [1402, 0])
})

test('a value that does not open is counted, left alone, and keeps its key from being dropped', async () => {
  await using pool = await aKeyedPool()
  const [broken, good] = [aTrade(), aTrade()]
  await stage(pool, broken, good)
  await sql`
    update staged_trade set personal = set_byte(personal, 20, 255 - get_byte(personal, 20)) where tid = ${broken.tid}`.execute(
    pool.db,
  )
  await rotate(pool)
  const counts = await reseal(pool)
  assert.equal(counts.failed, 1)
  const uses = await sealedPlaces.find(({ name }) => name === 'staged_trade.personal')?.uses(pool.db)
  assert.deepEqual(Object.fromEntries(uses ?? []), { 1: 1, 2: 1 })
})

test('every column of bytes is resealed, or holds a hash', async () => {
  await using pool = await intakeFixture()
  const found = await sql<{ name: string }>`
    select table_name || '.' || column_name as name from information_schema.columns
    where table_schema = current_schema() and data_type = 'bytea'`.execute(pool.db)
  const known = [
    ...sealedPlaces.map(({ name }) => name),
    'api_key.key_hash',
    'audit_seal.hash',
    'audit_seal.previous',
    'idempotency_key.request_hash',
    'idempotency_key.rights_hash',
    'one_time_link.token_hash',
    'report_mail.stop_hash',
    'report_threshold_notice.stop_hash',
    'sign_in_failure.subject',
  ]
  assert.deepEqual(
    found.rows.map(({ name }) => name).filter((name) => !known.includes(name)),
    [],
  )
})
