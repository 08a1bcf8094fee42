import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { record } from '../../../sandbox/world/modified-log.ts'
import { buildApp } from '../../app.ts'
import { loadConfig } from '../../config.ts'
import { connectors } from '../../connectors/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { startBatches } from '../../core/batches/loop.ts'
import { openDatabase } from '../../core/db/db.ts'
import { bulkActions } from '../../core/verbs.ts'
import { flowVerbs } from '../../flows/verbs.ts'
import { claimShops } from '../../fulfilment/asking/ask-marks.ts'
import { checkRefundsBeforeShipping } from '../../fulfilment/asking/asking.ts'
import { unshipDeliveries } from '../../fulfilment/shipping/unship.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { shipOverRefunds } from '../../orders/refunds/ship-over.ts'
import { callShop, openCall } from '../../shops/calls.ts'
import { type Answer, type Caller, callerAt, insertUser } from '../../testing/app.ts'
import { interceptsShown } from '../../testing/intercepts.ts'
import {
  aShippingHouse,
  listedRefunds,
  type Packed,
  packer,
  type ShippingHouse,
} from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { sessionCookieName, signCookie } from '../../users/sign-in/auth.ts'
import { ingestRefunds } from '../refunds/ingest-refunds.ts'
import { checkRefundsOfShop, type RefundCheckOptions } from './ask.ts'
import { refundCheckOf } from './ask-before.ts'
import { checkShopRefunds, startRefundChecks } from './ask-loop.ts'

type Place = { house: ShippingHouse; clerk: Caller; close(): Promise<void> }

/** Starts Sanyi with its API over HTTP, beside the simulator. */
async function open(platform: 'tmall' | 'pinduoduo'): Promise<Place> {
  const house = await aShippingHouse(platform)
  const database = openDatabase(house.databaseUrl)
  const { ring } = house
  const config = loadConfig({ PORT: '0', PUBLIC_URL: 'http://localhost:3000', SIMULATOR: '1' })
  const app = await buildApp({ ...database, config, ring, log: pino({ level: process.env.LOG ?? 'silent' }) })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const { id, token } = await insertUser(database, ['*'], 'all')
  return {
    house,
    clerk: callerAt(url, id, `${sessionCookieName(config)}=${signCookie(ring, token)}`),
    async close() {
      await app.close()
      await database.close()
      await house[Symbol.asyncDispose]()
    },
  }
}

/** The check that a worker makes for the shop every twenty seconds. */
const look = ({ db, ring, shopId }: ShippingHouse) => {
  const deps = { db, ring, connectors, simulator: true, limiter: createLimiter() }
  const how: RefundCheckOptions = { signal: AbortSignal.timeout(5000), tries: 1, actor: systemActor }
  return checkShopRefunds(deps, shopId, how)
}

/** Refunds are known up to so many seconds ago, and none arrived since. */
async function silentFor({ db, shopId }: ShippingHouse, seconds: number): Promise<void> {
  await sql`delete from refund_ask_trade`.execute(db)
  await sql`delete from stream_cursor where stream = 'refunds'`.execute(db)
  await sql`
    insert into refund_ask (shop_id, asked_to, answered_at)
    values (${shopId}::bigint, now() - make_interval(secs => ${seconds}), now() - make_interval(secs => ${seconds}))
    on conflict (shop_id) do update set asked_to = excluded.asked_to, answered_at = excluded.answered_at, tried_at = null, error_code = ''`.execute(
    db,
  )
}

const resultsOf = ({ status, body }: Answer) => {
  assert.equal(status, 200, JSON.stringify(body))
  return Object(body).results as { id: string; done: boolean; code?: string; message?: { zh: string } }[]
}
const codesOf = (answer: Answer) => resultsOf(answer).map(({ done, code }) => (done ? 'done' : code))
const unaskedOf = async ({ db }: ShippingHouse, { id }: Packed) =>
  (
    await sql<{ letBy: string; outcome: string }>`
      select let_by as "letBy", outcome from unasked_parcel where delivery_id = ${id} order by round`.execute(
      db,
    )
  ).rows.map(({ letBy, outcome }) => `${letBy} ${outcome}`.trim())

/** Returns a function that counts the calls for refunds by method since its last call. */
function counter({ sandbox }: ShippingHouse) {
  const read = () =>
    new Map(
      [...sandbox.sandbox.calls]
        .filter(([name]) => /refund/.test(name))
        .map(([name, n]) => [name.split(' ')[1] ?? '', n]),
    )
  let before = read()
  return () => {
    const now = read()
    const since = [...now].map(([name, n]) => [name, n - (before.get(name) ?? 0)] as const)
    before = now
    return Object.fromEntries(since.filter(([, n]) => n > 0))
  }
}

const silence = (house: ShippingHouse) => house.control('faults', { kind: 'http', status: 502 })

describe('asking a shop by its list before shipping', () => {
  let place: Place
  let house: ShippingHouse
  before(async () => {
    place = await open('tmall')
    house = place.house
  })
  after(() => place.close())
  const ship = (...packed: Packed[]) =>
    place.clerk.call('POST', '/api/deliveries/ship', { ids: packed.map(({ id }) => id) })
  const list = 'taobao.refunds.receive.get'

  test('asked a moment ago: nothing is asked, and no row is left', async () => {
    const packed = await house.packed()
    await silentFor(house, 50)
    const calls = counter(house)
    assert.deepEqual(codesOf(await ship(packed)), ['done'])
    assert.deepEqual(calls(), {})
    assert.deepEqual(await unaskedOf(house, packed), [])
  })

  test('what the downloads listed a moment ago is known too', async () => {
    const packed = await house.packed()
    await silentFor(house, 400)
    await sql`insert into stream_cursor (shop_id, stream, complete_to, fence) values (${house.shopId}, 'refunds', now() - interval '25 seconds', 1)`.execute(
      house.db,
    )
    const calls = counter(house)
    assert.deepEqual(codesOf(await ship(packed)), ['done'])
    assert.deepEqual(calls(), {})
  })

  test('not asked for a minute: one call for all its parcels, and the next need none', async () => {
    const parcels = [await house.packed(), await house.packed(), await house.packed()]
    await silentFor(house, 61)
    const calls = counter(house)
    assert.deepEqual(codesOf(await ship(...parcels.slice(0, 2))), ['done', 'done'])
    assert.deepEqual(calls(), { [list]: 1 })
    assert.deepEqual(codesOf(await ship(...parcels.slice(2))), ['done'])
    assert.deepEqual(calls(), {})
    for (const one of parcels) assert.deepEqual(await unaskedOf(house, one), [])
  })

  test('asked, and the platform shows a refund: it stays, and the reason names the refund', async () => {
    const [packed, other] = [await house.packed(), await house.packed()]
    await silentFor(house, 120)
    await house.control('refunds', { tid: packed.tid, kind: 'REFUND' })
    const calls = counter(house)
    const results = resultsOf(await ship(packed, other))
    assert.deepEqual(calls(), { [list]: 1 })
    const refund = await sql<{
      no: string
    }>`select refund_no as no from staged_refund where tid = ${packed.tid}`.execute(house.db)
    assert.deepEqual(
      results.map(({ done, code }) => [done, code]),
      [
        [false, 'refund_open'],
        [true, undefined],
      ],
    )
    assert.match(results[0]?.message?.zh ?? '', new RegExp(refund.rows[0]?.no ?? 'no refund'))
    assert.equal((await house.state(packed.id)).delivery, 'pending')
    assert.deepEqual([await unaskedOf(house, packed), await unaskedOf(house, other)], [[], []])
  })

  test('a bulk action asks before its chunk, and names what it stopped', async () => {
    const [packed, other] = [await house.packed(), await house.packed()]
    await silentFor(house, 120)
    await house.control('refunds', { tid: packed.tid, kind: 'REFUND' })
    const calls = counter(house)
    const ask = refundCheckOf({ db: house.db, ring: house.ring, connectors, simulator: true })
    const engine = startBatches({
      db: house.db,
      ring: house.ring,
      log: pino({ level: 'silent' }),
      actions: bulkActions(flowVerbs(house.ring, ask)),
      authorise: async (_actor, _permission, scope) => scope,
      pollMs: 20,
    })
    const target = { ids: [packed.id, other.id] }
    const started = await place.clerk.call('POST', '/api/batches', { action: 'deliveries.ship', target })
    assert.equal(started.status, 202, JSON.stringify(started.body))
    const batch = async () =>
      Object((await place.clerk.call('GET', `/api/batches/${Object(started.body).id}`)).body)
    await until(async () => (await batch()).state === 'done')
    await engine.stop()
    const { succeeded, reasons } = await batch()
    const [{ code, count, message }] = reasons
    assert.deepEqual([succeeded, reasons.length, code, count], [1, 1, 'refund_open', 1])
    assert.match(message.zh, /^已拦截：买家在退款（退款 \d+），有结果前不能出库$/)
    assert.deepEqual(calls(), { [list]: 1 })
    assert.deepEqual(await unaskedOf(house, other), [])
  })

  test('a paste of waybills that ships asks too', async () => {
    const packed = await house.packed()
    await silentFor(house, 120)
    const calls = counter(house)
    const text = `${packed.tid}\t顺丰\t${packed.waybillNo}`
    const report = await place.clerk.call('POST', '/api/deliveries/import', { text, ship: true })
    assert.deepEqual([report.status, Object(report.body).shipped], [200, 1])
    assert.deepEqual(calls(), { [list]: 1 })
    assert.deepEqual(await unaskedOf(house, packed), [])
  })

  test('two who ship at the same moment ask once, and the parcel leaves once', async () => {
    const packed = await house.packed()
    await silentFor(house, 120)
    const calls = counter(house)
    const answers = await Promise.all([ship(packed), ship(packed)])
    assert.deepEqual(answers.flatMap(codesOf).toSorted(), ['already', 'done'])
    assert.deepEqual(calls(), { [list]: 1 })
  })

  test('silent for nine minutes: it goes and is listed; asked again, its refund begins an intercept', async () => {
    const [packed, other] = [await house.packed(), await house.packed()]
    await silentFor(house, 9 * 60)
    await silence(house)
    assert.deepEqual(codesOf(await ship(packed, other)), ['done', 'done'])
    assert.deepEqual(await unaskedOf(house, packed), ['patience'])
    const listed = await place.clerk.call('GET', '/api/deliveries?tab=shipped&unasked=waiting')
    assert.deepEqual(
      Object(listed.body)
        .rows.map((row: { id: string; unasked: string }) => [row.id, row.unasked])
        .toSorted(),
      [packed, other].map(({ id }) => [id, 'waiting']).toSorted(),
    )
    const alarms = await place.clerk.call('GET', '/api/alarms')
    const alarm = Object(alarms.body).rows.find(({ id }: { id: string }) => id === 'parcels_unasked')
    assert.deepEqual([alarm?.count, alarm?.to], [2, '/deliveries?tab=shipped&unasked=waiting'])
    await house.control('refunds', { tid: packed.tid, kind: 'REFUND' })
    await look(house)
    assert.deepEqual(await unaskedOf(house, packed), ['patience'])
    assert.deepEqual(await interceptsShown(house, packed), [])
    house.sandbox.sandbox.board.faults = []
    // Later than the platform's lag.
    await sql`update unasked_parcel set left_at = left_at - interval '3 seconds'`.execute(house.db)
    await look(house)
    assert.deepEqual(await unaskedOf(house, packed), ['patience refund'])
    assert.deepEqual(await unaskedOf(house, other), ['patience clear'])
    assert.deepEqual(await interceptsShown(house, packed), ['pull open'])
    assert.deepEqual(await interceptsShown(house, other), [])
    const rowsOf = async (state: string) =>
      Object((await place.clerk.call('GET', `/api/deliveries?tab=all&unasked=${state}`)).body).rows.map(
        ({ id }: { id: string }) => id,
      )
    assert.deepEqual([await rowsOf('waiting'), await rowsOf('refund')], [[], [packed.id]])
  })

  test('silent for eleven minutes: it stays, and the reason says for how long', async () => {
    const packed = await house.packed()
    await silentFor(house, 11 * 60 + 5)
    await silence(house)
    const [result] = resultsOf(await ship(packed))
    assert.deepEqual([result?.done, result?.code], [false, 'refund_unasked'])
    assert.match(result?.message?.zh ?? '', /^平台 11 分钟没有回答有没有退款/)
    assert.deepEqual(await unaskedOf(house, packed), [])
    assert.equal((await house.state(packed.id)).delivery, 'pending')
    const peak = (shipUnasked: boolean) =>
      place.clerk.call('PATCH', `/api/shops/${house.shopId}`, { settings: { shipUnasked } })
    assert.equal((await peak(true)).status, 200)
    assert.deepEqual(codesOf(await ship(packed)), ['done'])
    assert.deepEqual(await unaskedOf(house, packed), ['setting'])
    await peak(false)
    house.sandbox.sandbox.board.faults = []
  })

  test('a shop that just did not answer is not asked by every next parcel', async () => {
    const parcels = [await house.packed(), await house.packed()]
    await silentFor(house, 5 * 60)
    await silence(house)
    const calls = counter(house)
    for (const one of parcels) assert.deepEqual(codesOf(await ship(one)), ['done'])
    assert.deepEqual(calls(), { [list]: 2 })
    house.sandbox.sandbox.board.faults = []
  })

  test('what is undone before it was answered for needs no answer', async () => {
    const packed = await house.packed()
    await silentFor(house, 5 * 60)
    await silence(house)
    await ship(packed)
    assert.deepEqual(
      codesOf(await place.clerk.call('POST', '/api/deliveries/unship', { ids: [packed.id] })),
      ['done'],
    )
    house.sandbox.sandbox.board.faults = []
    await sql`update unasked_parcel set left_at = left_at - interval '3 seconds'`.execute(house.db)
    await look(house)
    assert.deepEqual(await unaskedOf(house, packed), ['patience undone'])
  })

  test('what is being undone at this moment is answered for when that is done', async () => {
    const packed = await house.packed()
    await silentFor(house, 5 * 60)
    await silence(house)
    await ship(packed)
    house.sandbox.sandbox.board.faults = []
    await sql`update unasked_parcel set left_at = left_at - interval '3 seconds'`.execute(house.db)
    const looking = await house.run(async (tx) => {
      await unshipDeliveries(tx, [packed.id], { actor: packer, scope: wholeScope })
      const asked = look(house)
      await until(async () => {
        const waiting = await sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          house.db,
        )
        return waiting.rows.length > 0 || (await unaskedOf(house, packed)).join() !== 'patience'
      })
      return { asked }
    })
    await looking.asked
    assert.deepEqual(await unaskedOf(house, packed), ['patience undone'])
  })

  test('whoever asked and died before he shipped has asked for the next', async () => {
    const packed = await house.packed()
    await silentFor(house, 120)
    const calls = counter(house)
    const ask = refundCheckOf({ db: house.db, ring: house.ring, connectors, simulator: true })
    await checkRefundsBeforeShipping(house.db, ask, [packed.id], wholeScope)
    assert.deepEqual(calls(), { [list]: 1 })
    assert.deepEqual(codesOf(await ship(packed)), ['done'])
    assert.deepEqual(calls(), {})
    assert.deepEqual(await unaskedOf(house, packed), [])
  })

  test('whoever was asking when it died leaves nothing behind that passes for an answer', async () => {
    const packed = await house.packed()
    await silentFor(house, 120)
    await house.control('faults', { kind: 'slow', ms: 1500, count: 1 })
    const dying = AbortSignal.timeout(200)
    const deps = { db: house.db, ring: house.ring, connectors, simulator: true }
    assert.equal(
      await checkRefundsOfShop(deps, house.shopId, async () => [], {
        signal: dying,
        tries: 1,
        actor: systemActor,
      }),
      false,
    )
    await sql`update refund_ask set tried_at = now() - interval '1 minute'`.execute(house.db)
    const calls = counter(house)
    assert.deepEqual(codesOf(await ship(packed)), ['done'])
    assert.deepEqual(calls(), { [list]: 1 })
    assert.deepEqual(await unaskedOf(house, packed), [])
  })

  test('a shop with something to ship is taken by one worker each twenty seconds, and again when that one died', async () => {
    await house.packed()
    await sql`update refund_ask set next_at = now()`.execute(house.db)
    const claims = await Promise.all([claimShops(house.db, 5, 20), claimShops(house.db, 5, 20)])
    assert.deepEqual(claims.flat(), [{ shopId: house.shopId }])
    await sql`update refund_ask set next_at = next_at - interval '19 seconds'`.execute(house.db)
    assert.deepEqual(await claimShops(house.db, 5, 20), [])
    await sql`update refund_ask set next_at = next_at - interval '2 seconds'`.execute(house.db)
    assert.deepEqual(await claimShops(house.db, 5, 20), [{ shopId: house.shopId }])
  })

  test('a shop with nothing to ship is not looked at', async () => {
    await sql`update refund_ask set next_at = now()`.execute(house.db)
    const waiting = await sql<{ id: string }>`select id from delivery where status = 'pending'`.execute(
      house.db,
    )
    await sql`update delivery set status = 'cancelled' where status = 'pending'`.execute(house.db)
    assert.deepEqual(await claimShops(house.db, 5, 20), [])
    await sql`update delivery set status = 'pending' where id = any(${waiting.rows.map(({ id }) => id)}::bigint[])`.execute(
      house.db,
    )
  })

  test('before the first load has come near, trades are asked one by one', async () => {
    const parcels = [await house.packed(), await house.packed()]
    await silentFor(house, 3 * 86_400)
    const calls = counter(house)
    assert.deepEqual(codesOf(await ship(...parcels)), ['done', 'done'])
    assert.deepEqual(calls(), { 'taobao.refund.status.get': 2 })
    for (const one of parcels) assert.deepEqual(await unaskedOf(house, one), [])
  })

  test('trades that are asked one by one are noted together, and where there is no refund none is looked for', async () => {
    const parcels = [await house.packed(), await house.packed(), await house.packed()]
    await silentFor(house, 3 * 86_400)
    const seen = { noted: 0, looked: 0 }
    const db = house.db.withPlugin({
      transformQuery({ node }) {
        const text = JSON.stringify(node)
        if (text.includes('insert into refund_ask_trade')) seen.noted += 1
        if (text.includes('staged_refund')) seen.looked += 1
        return node
      },
      transformResult: async ({ result }) => result,
    })
    const deps = { db, ring: house.ring, connectors, simulator: true }
    const how = { signal: AbortSignal.timeout(5000), tries: 1, actor: systemActor }
    assert.equal(
      await checkRefundsOfShop(deps, house.shopId, async () => parcels.map(({ tid }) => tid), how),
      true,
    )
    assert.deepEqual(seen, { noted: 1, looked: 0 })
    const calls = counter(house)
    assert.deepEqual(codesOf(await ship(...parcels)), ['done', 'done', 'done'])
    assert.deepEqual(calls(), {})
  })

  test('more refunds than a page: a call for each page and no detail, and every one is here', async () => {
    const packed = await house.packed()
    await silentFor(house, 120)
    const { key = '' } = house.sandbox.world.shops[0] ?? {}
    const tids = Array.from({ length: 150 }, (_, at) => `77105733${String(100_000_000 + at)}`)
    for (const tid of tids) {
      await house.control('trades', {
        shop: key,
        tid,
        type: 'fixed',
        lines: 1,
        status: 'WAIT_SELLER_SEND_GOODS',
      })
      await house.control('refunds', { tid, kind: 'REFUND' })
    }
    const calls = counter(house)
    assert.deepEqual(codesOf(await ship(packed)), ['done'])
    const { [list]: pages = 0, ...others } = calls()
    assert.deepEqual(others, {})
    // Rows of the second in which a page ends are read twice.
    assert.ok(pages >= 2 && pages <= 4, `${pages} calls`)
    const found = await sql<{ n: number }>`
      select count(*)::int as n from staged_refund where tid = any(${tids}::text[]) and detail_missing`.execute(
      house.db,
    )
    assert.equal(found.rows[0]?.n, 150)
  })
})

describe('asking a shop by its trades before shipping', () => {
  let place: Place
  let house: ShippingHouse
  before(async () => {
    place = await open('pinduoduo')
    house = place.house
  })
  after(() => place.close())
  const ship = (...packed: Packed[]) =>
    place.clerk.call('POST', '/api/deliveries/ship', { ids: packed.map(({ id }) => id) })
  const check = 'pdd.refund.status.check'

  test('one call for all of them; what workers asked about a moment ago needs none', async () => {
    const parcels = [await house.packed(), await house.packed(), await house.packed()]
    await silentFor(house, 120)
    const calls = counter(house)
    assert.deepEqual(codesOf(await ship(...parcels.slice(0, 2))), ['done', 'done'])
    assert.deepEqual(calls(), { [check]: 1 })
    await look(house)
    assert.deepEqual(calls(), { [check]: 1 })
    assert.deepEqual(codesOf(await ship(...parcels.slice(2))), ['done'])
    assert.deepEqual(calls(), {})
    for (const one of parcels) assert.deepEqual(await unaskedOf(house, one), [])
  })

  test('asked, and the platform shows a refund: it stays, and the reason names the refund', async () => {
    const packed = await house.packed({ status: 'WAIT_SELLER_SEND_GOODS' })
    await silentFor(house, 120)
    await house.control('refunds', { tid: packed.tid, kind: 'REFUND' })
    const calls = counter(house)
    const [result] = resultsOf(await ship(packed))
    assert.deepEqual(calls(), { [check]: 1, 'pdd.refund.information.get': 1 })
    const refund = await sql<{
      no: string
    }>`select refund_no as no from staged_refund where tid = ${packed.tid}`.execute(house.db)
    assert.deepEqual([result?.done, result?.code], [false, 'refund_open'])
    assert.match(result?.message?.zh ?? '', new RegExp(refund.rows[0]?.no ?? 'no refund'))
    // An order that is already on hold is not checked again.
    await silentFor(house, 120)
    assert.deepEqual(codesOf(await ship(packed)), ['refund_open'])
    assert.deepEqual(calls(), { [check]: 1 })
  })

  test('silent: it goes, is listed, and its refund begins an intercept when the platform is back', async () => {
    const packed = await house.packed({ status: 'WAIT_SELLER_SEND_GOODS' })
    await silentFor(house, 8 * 60)
    await silence(house)
    assert.deepEqual(codesOf(await ship(packed)), ['done'])
    assert.deepEqual(await unaskedOf(house, packed), ['patience'])
    await house.control('refunds', { tid: packed.tid, kind: 'REFUND' })
    house.sandbox.sandbox.board.faults = []
    const calls = counter(house)
    await look(house)
    assert.deepEqual(calls(), { [check]: 1, 'pdd.refund.information.get': 1 })
    assert.deepEqual(await unaskedOf(house, packed), ['patience refund'])
    assert.deepEqual(await interceptsShown(house, packed), ['pull open'])
    await look(house)
    assert.deepEqual(await interceptsShown(house, packed), ['pull open'])
  })

  /** The buyer opens a refund on the platform, and a worker reads it without converting it. */
  const opened = async (packed: Packed, kind: string) => {
    await house.control('refunds', { tid: packed.tid, kind })
    await silentFor(house, 120)
    await look(house)
  }
  const stagedOf = async ({ tid }: Packed) =>
    (
      await sql<{ kind: string; phase: string; quantity: number }>`
        select kind, phase, quantity from staged_refund where tid = ${tid} order by id`.execute(house.db)
    ).rows

  test('a refund that stops nothing hides no later one of the same trade', async () => {
    const packed = await house.packed({ status: 'WAIT_SELLER_SEND_GOODS' })
    await opened(packed, 'REFUND_AND_RETURN')
    assert.deepEqual(
      (await stagedOf(packed)).map(({ kind, phase }) => [kind, phase]),
      [['return', 'aftersale']],
    )
    await house.control('refunds', { tid: packed.tid, kind: 'REFUND' })
    await silentFor(house, 120)
    assert.deepEqual(codesOf(await ship(packed)), ['refund_open'])
    assert.deepEqual(
      (await stagedOf(packed)).map(({ kind, phase }) => [kind, phase]),
      [
        ['return', 'aftersale'],
        ['refund_only', 'onsale'],
      ],
    )
    assert.equal((await house.state(packed.id)).delivery, 'pending')
  })

  test('nor does one that a person lets the order leave over', async () => {
    const packed = await house.packed({ status: 'WAIT_SELLER_SEND_GOODS' })
    await opened(packed, 'REFUND')
    const by = { actor: packer, scope: wholeScope, request: { ip: '', id: '' } }
    const outcome = await house.run((tx) => shipOverRefunds(tx, packed.orderId, '买家说不退了', by))
    assert.equal(outcome.done, true, JSON.stringify(outcome))
    await house.control('refunds', { tid: packed.tid, kind: 'REFUND' })
    await silentFor(house, 120)
    assert.deepEqual(codesOf(await ship(packed)), ['refund_open'])
    assert.equal((await house.state(packed.id)).delivery, 'pending')
  })

  test('a refund that became another kind is taken in, though it stands where it stood', async () => {
    const packed = await house.packed({ status: 'WAIT_SELLER_SEND_GOODS' })
    await opened(packed, 'REFUND_AND_RETURN')
    const { refunds } = house.trade(packed.tid)
    for (const refund of refunds) Object.assign(refund, { kind: 'REFUND', num: 7 })
    await silentFor(house, 120)
    assert.deepEqual(codesOf(await ship(packed)), ['refund_open'])
    assert.deepEqual(await stagedOf(packed), [{ kind: 'refund_only', phase: 'onsale', quantity: 7 }])
  })

  test('a detail that does not say whether the goods arrived contradicts no list that did', async () => {
    const packed = await house.packed({ status: 'WAIT_SELLER_SEND_GOODS' })
    await house.control('refunds', { tid: packed.tid, kind: 'REFUND' })
    for (const refund of house.trade(packed.tid).refunds) {
      refund.goodStatus = 'BUYER_RECEIVED'
      // The platform's lists lag by minutes.
      refund.modified -= 600
      record(refund.trade.shop.refundLog, refund)
    }
    await silentFor(house, 120)
    const deps = { db: house.db, ring: house.ring, connectors, simulator: true }
    const shop = await openCall(deps, house.shopId)
    const window = { from: new Date(Date.now() - 1_200_000), to: new Date(Date.now() - 300_000) }
    const items = await listedRefunds(shop, window)
    const listed = items.find((item) => item.kind === 'refund' && item.tid === packed.tid)
    assert.ok(listed?.kind === 'refund')
    const { raw, ...refund } = listed
    await house.run((tx) =>
      ingestRefunds(
        tx,
        house.ring,
        { shopId: house.shopId, arrived: [{ refund, raw, detailMissing: false }] },
        systemActor,
      ),
    )
    assert.deepEqual(codesOf(await ship(packed)), ['done'])
    assert.deepEqual(
      (await stagedOf(packed)).map(({ kind, phase }) => [kind, phase]),
      [['refund_only', 'aftersale']],
    )
    assert.deepEqual(await unaskedOf(house, packed), [])
  })

  test('one refund that cannot be read keeps its own trade, and no other', async () => {
    const status = 'WAIT_SELLER_SEND_GOODS'
    const [unread, others] = [
      await house.packed({ status }),
      [await house.packed({ status }), await house.packed({ status })],
    ]
    await silentFor(house, 11 * 60 + 5)
    await house.control('refunds', { tid: unread.tid, kind: 'REFUND' })
    await house.control('faults', { kind: 'http', status: 502, method: 'pdd.refund.information.get' })
    assert.deepEqual(codesOf(await ship(unread, ...others)), ['refund_unasked', 'done', 'done'])
    for (const one of others) assert.deepEqual(await unaskedOf(house, one), [])
    assert.equal((await house.state(unread.id)).delivery, 'pending')
    const noted = await sql<{ error: string; tids: string[] }>`
      select error_code as error, array(select tid from refund_ask_trade where tid = any(${[unread, ...others].map(({ tid }) => tid)}::text[]) order by tid) as tids
      from refund_ask where shop_id = ${house.shopId}::bigint`.execute(house.db)
    assert.notEqual(noted.rows[0]?.error, '')
    assert.deepEqual(noted.rows[0]?.tids, others.map(({ tid }) => tid).toSorted())
    // A check for other trades meanwhile gives no answer for this trade.
    await sql`delete from refund_ask_trade where tid <> ${unread.tid}`.execute(house.db)
    assert.deepEqual(codesOf(await ship(await house.packed({ status }))), ['done'])
    await look(house)
    assert.deepEqual(codesOf(await ship(unread)), ['refund_unasked'])
    house.sandbox.sandbox.board.faults = []
    await look(house)
    assert.deepEqual(codesOf(await ship(unread)), ['refund_open'])
  })

  test('workers ask within a quarter of the quota, and whoever calls besides waits for none of it', async () => {
    await sql`
      insert into unasked_parcel (delivery_id, round, order_id, shop_id, tid, let_by)
      select 1000000 + n, 1, 1, ${house.shopId}, 'none-' || n, 'patience' from generate_series(1, 400) n`.execute(
      house.db,
    )
    await sql`update shop set settings = settings || '{"requestsPerSecond": 10}'`.execute(house.db)
    await silentFor(house, 120)
    await sql`update refund_ask set next_at = now()`.execute(house.db)
    const deps = { db: house.db, ring: house.ring, connectors, simulator: true, limiter: createLimiter() }
    const calls = counter(house)
    const seen: number[] = []
    const stillOpen = async () =>
      (
        await sql`select from unasked_parcel where answered_at is null and tid like 'none-%'`.execute(
          house.db,
        )
      ).rows.length
    const loop = startRefundChecks({ deps, log: pino({ level: 'silent' }), everyMs: 20 })
    const began = performance.now()
    let slowest = 0
    await until(async () => {
      const asked = performance.now()
      await callShop(await openCall(deps, house.shopId), ({ verify }, call) => verify(call))
      slowest = Math.max(slowest, performance.now() - asked)
      const { [check]: n = 0 } = calls()
      for (let at = 0; at < n; at += 1) seen.push(performance.now() - began)
      return seen.length >= 4 && (await stillOpen()) === 0
    })
    await loop.stop()
    // 2.5 calls a second: the fourth begins after at least three pauses of 400 ms.
    assert.ok((seen[3] ?? 0) >= 1200, `${seen}`)
    assert.ok(slowest < 1000, `${slowest} ms`)
  })
})
