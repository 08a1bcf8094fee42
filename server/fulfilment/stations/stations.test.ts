import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, type Scope, systemActor, wholeScope } from '../../core/access/actor.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { holdOrders, liftHolds } from '../../orders/holds/holds.ts'
import {
  anAccount,
  aShippingHouse,
  numbered,
  type Packed,
  printLabel,
  type ShippingHouse,
} from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { lockDeliveries } from '../held.ts'
import { renewShipSteps } from '../ship-steps.ts'
import { unreleaseDeliveries } from '../shipping/release.ts'
import { setWaybills } from '../shipping/waybills.ts'
import type { StationAnswer } from './contract.ts'
import { recount, scan, setAside, weigh } from './station.ts'
import { nowAt } from './station-now.ts'

const sun: Actor = { kind: 'user', id: '21', name: '孙悦' }
const he: Actor = { kind: 'user', id: '22', name: '何勇' }
const sunHere = { actor: sun, scope: wholeScope }

describe('a station', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
    await anAccount(house)
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    await sql`delete from station_parcel`.execute(house.db)
    await requireSteps(['print', 'check'])
  })

  const requireSteps = (steps: readonly string[]) =>
    house.run(async (tx) => {
      const changed = await sql<{ id: string }>`
        update warehouse set ship_steps = ${[...steps]} returning id`.execute(tx)
      await renewShipSteps(tx, changed.rows[0]?.id ?? '')
    })
  const at = (station: string, actor: Actor, scope: Scope = wholeScope) => {
    const by = { actor, scope }
    const deps = () => ({ db: house.db, leaving: { ask: async () => {}, ship: shipDeliveries } })
    return {
      scan: (code: string, key: string = randomUUID()) => scan(deps(), { station, key, code }, by),
      weigh: (grams: number, reason?: string) =>
        weigh(deps(), { station, key: randomUUID(), grams, ...(reason ? { reason } : {}) }, by),
      aside: (short = false) => setAside(deps(), { station, key: randomUUID(), short }, by),
      recount: () => recount(deps(), { station, key: randomUUID() }, by),
    }
  }
  const one = at('1 号台', sun)
  const two = at('2 号台', he)
  const kind = ({ verdict }: StationAnswer) => verdict.kind
  /** The codes of a parcel's pieces: two lines, of which the first has two pieces. */
  const codesOf = async (deliveryId: string) => {
    const found = await sql<{ code: string; pieces: number }>`
      select s.code, l.quantity as pieces from delivery d join order_line l on l.order_id = d.order_id join sku s on s.id = l.sku_id
      where d.id = ${deliveryId} order by l.line_no`.execute(house.db)
    return found.rows.flatMap(({ code, pieces }) => Array.from({ length: pieces }, () => code))
  }
  const counts = async (deliveryId: string) => {
    const found = await sql<{ is: string }>`
      select coalesce(sum(counted), 0)::text as is from station_count where delivery_id = ${deliveryId}`.execute(
      house.db,
    )
    return Number(found.rows[0]?.is)
  }
  /** The buyer applies for a refund on the platform. */
  const applied = async (tid: string) => {
    await house.control('refunds', { tid, kind: 'REFUND' })
    return house.trade(tid).refunds.at(-1)?.id ?? assert.fail('no refund')
  }
  /** Makes a parcel with its codes, the last of which is the only one of its kind. */
  const aParcel = async (): Promise<Packed & { codes: string[] }> => {
    const packed = await house.packed()
    return { ...packed, codes: await codesOf(packed.id) }
  }
  const all = async (parcel: { waybillNo: string; codes: readonly string[] }, station = one) => {
    let last = await station.scan(parcel.waybillNo)
    for (const code of parcel.codes) last = await station.scan(code)
    return last
  }

  test('a parcel is opened by its waybill, each piece is counted, and the last one ships it', async () => {
    const parcel = await aParcel()
    const opened = await one.scan(parcel.waybillNo.toLowerCase())
    assert.equal(kind(opened), 'opened')
    assert.deepEqual(
      [opened.parcel?.deliveryId, opened.parcel?.lines.map(({ code, counted }) => [code, counted])],
      [parcel.id, [...new Set(parcel.codes)].map((code) => [code, 0])],
    )
    for (const [n, code] of parcel.codes.slice(0, -1).entries()) {
      const right = await one.scan(code)
      const left = parcel.codes.length - 1 - n
      assert.deepEqual([kind(right), right.verdict.message.zh], ['right', `对，还差 ${left} 件`])
    }
    const shipped = await one.scan(parcel.codes.at(-1) ?? '')
    assert.deepEqual([kind(shipped), shipped.parcel], ['shipped', null])
    assert.equal(shipped.verdict.message.zh, `发了，${parcel.codes.length} 件`)
    assert.equal((await house.state(parcel.id)).delivery, 'shipped')
    const facts = await sql<{ by: string; pieces: number }>`
      select checked_by as by, checked_pieces as pieces from delivery where id = ${parcel.id}`.execute(
      house.db,
    )
    assert.deepEqual(facts.rows, [{ by: '孙悦', pieces: parcel.codes.length }])
    assert.equal(await counts(parcel.id), 0)
    const outbox = house.outbox()
    assert.equal((await house.settled(parcel.id)).writeBack, 'done')
    await outbox.stop()
    assert.equal(house.trade(parcel.tid).lines[0]?.waybill, parcel.waybillNo)
  })

  test('a wrong piece, one too many and an unknown code change no count and name what is wanted', async () => {
    const [parcel, other] = [await aParcel(), await aParcel()]
    await one.scan(parcel.waybillNo)
    const wrong = await one.scan(other.codes[0] ?? '')
    assert.equal(kind(wrong), 'wrong')
    assert.match(wrong.verdict.message.zh, /^不对，要 .*，这是 /)
    assert.equal(kind(await one.scan('6901234567890')), 'unknown')
    const first = parcel.codes[0] ?? ''
    for (const code of parcel.codes.filter((each) => each === first)) await one.scan(code)
    const counted = await counts(parcel.id)
    assert.equal(kind(await one.scan(first)), 'extra')
    assert.equal(await counts(parcel.id), counted)
    assert.equal((await house.state(parcel.id)).delivery, 'pending')
  })

  test('the basket of a wave opens its parcel; two waves with the same basket ask for the label', async () => {
    const [parcel, other] = [await aParcel(), await aParcel()]
    const sorted = (deliveryId: string) =>
      sql`
        with made as (
          insert into wave (no, warehouse_id, rule_name, sorting, status, order_count, piece_count, created_by, claimed_by_id, done_at)
          select 'W-' || ${deliveryId}::text, warehouse_id, '多件', 'picking', 'done', 1, 1, '孙悦', '21', now() from delivery where id = ${deliveryId}
          returning id
        )
        insert into wave_delivery (wave_id, delivery_id, order_id, shop_id, basket)
        select made.id, d.id, d.order_id, d.shop_id, 7 from made, delivery d where d.id = ${deliveryId}`.execute(
        house.db,
      )
    await sorted(parcel.id)
    const opened = await one.scan('lj-07')
    assert.deepEqual([kind(opened), opened.parcel?.deliveryId], ['opened', parcel.id])
    await one.aside()
    await sorted(other.id)
    const several = await one.scan('LJ-07')
    assert.deepEqual([kind(several), several.verdict.message.zh], ['unknown', '有几个波次用 LJ-07'])
  })

  test('without a parcel goods are not counted, and an unknown code is said', async () => {
    const { codes } = await aParcel()
    assert.equal(kind(await one.scan(codes[0] ?? '')), 'idle')
    assert.equal(kind(await one.scan('SF9999999999999')), 'unknown')
  })

  test('a barcode counts like the code, and so does the code of the listing', async () => {
    const parcel = await aParcel()
    await sql`insert into sku_barcode (code, sku_id) select '69-' || code, id from sku where code = any(${parcel.codes})`.execute(
      house.db,
    )
    await one.scan(parcel.waybillNo)
    const right = await one.scan(`69-${parcel.codes[0]}`)
    assert.equal(kind(right), 'right')
    assert.equal(right.parcel?.lines[0]?.barcodeTail, `69-${parcel.codes[0]}`.slice(-4))
    await sql`
      update order_line set outer_sku_id = 'SJ-' || line_no where order_id = ${parcel.orderId}`.execute(
      house.db,
    )
    assert.equal(kind(await one.scan('sj-2')), parcel.codes.length === 2 ? 'shipped' : 'right')
  })

  test('a bundle is counted by its parts', async () => {
    const parcel = await aParcel()
    const [bundle = ''] = parcel.codes
    const part = await sql<{ code: string }>`
      with p as (insert into product (code, name) values ('B-P', '枕芯') returning id),
        s as (insert into sku (code, product_id, spec, words) select 'B-PART', id, '一只', '' from p returning id, code),
        made as (update sku set is_bundle = true where code = ${bundle} returning id),
        parts as (insert into bundle_part (bundle_id, part_id, quantity) select made.id, s.id, 2 from made, s)
      select code from s`.execute(house.db)
    const opened = await one.scan(parcel.waybillNo)
    const wanted = 2 * parcel.codes.filter((code) => code === bundle).length
    assert.deepEqual(opened.parcel?.lines.map(({ code, wanted: pieces }) => [code, pieces])[0], [
      part.rows[0]?.code,
      wanted,
    ])
    assert.equal(kind(await one.scan(bundle)), 'wrong')
    assert.equal(kind(await one.scan('B-PART')), 'right')
    await sql`delete from bundle_part`.execute(house.db)
    await sql`update sku set is_bundle = false where code = ${bundle}`.execute(house.db)
  })

  test('counts outlive the page and the process, and F8 keeps them for later', async () => {
    const parcel = await aParcel()
    await one.scan(parcel.waybillNo)
    await one.scan(parcel.codes[0] ?? '')
    const now = await nowAt(house.db, '1 号台', sunHere)
    assert.equal(now.parcel?.lines[0]?.counted, 1)
    assert.equal(kind(await one.aside()), 'aside')
    assert.equal((await nowAt(house.db, '1 号台', sunHere)).parcel, null)
    const again = await two.scan(parcel.waybillNo)
    assert.equal(again.parcel?.lines[0]?.counted, 1)
    assert.equal((await two.recount()).parcel?.lines[0]?.counted, 0)
  })

  test('the same key changes nothing a second time, and two at once count one piece', async () => {
    const parcel = await aParcel()
    await one.scan(parcel.waybillNo)
    const code = parcel.codes[0] ?? ''
    const [first, second] = await Promise.all([one.scan(code, 'same-key-1'), one.scan(code, 'same-key-1')])
    assert.deepEqual([kind(first), kind(second)], ['right', 'right'])
    assert.deepEqual(first.verdict, second.verdict)
    assert.equal(await counts(parcel.id), 1)
    await one.scan(code, 'same-key-1')
    assert.equal(await counts(parcel.id), 1)
  })

  test('the last scan, sent twice at once, ships once and says so twice', async () => {
    const parcel = await aParcel()
    await one.scan(parcel.waybillNo)
    for (const code of parcel.codes.slice(0, -1)) await one.scan(code)
    const last = () => one.scan(parcel.codes.at(-1) ?? '', 'same-key-last')
    const both = await Promise.all([last(), last()])
    assert.deepEqual(both.map(kind), ['shipped', 'shipped'])
    assert.equal((await house.state(parcel.id)).delivery, 'shipped')
  })

  test('a second station is told who has the parcel, until that station has been idle for long', async () => {
    const parcel = await aParcel()
    await one.scan(parcel.waybillNo)
    const busy = await two.scan(parcel.waybillNo)
    assert.deepEqual(
      [kind(busy), busy.verdict.message.zh, busy.parcel],
      ['busy', '1 号台 正在验这一单', null],
    )
    await sql`update station_parcel set touched_at = now() - interval '16 minutes'`.execute(house.db)
    // It was opened long ago and is still being counted.
    assert.equal(kind(await one.scan('SF0000')), 'unknown')
    assert.equal(kind(await two.scan(parcel.waybillNo)), 'busy')
    await sql`update station_parcel set touched_at = now() - interval '16 minutes'`.execute(house.db)
    assert.equal(kind(await two.scan(parcel.waybillNo)), 'opened')
    assert.equal(kind(await one.scan(parcel.codes[0] ?? '')), 'idle')
  })

  test('two stations that open one parcel at once: one has it', async () => {
    const parcel = await aParcel()
    const both = await Promise.all([one.scan(parcel.waybillNo), two.scan(parcel.waybillNo)])
    assert.deepEqual(both.map(kind).sort(), ['busy', 'opened'])
  })

  test('a refund while the goods are counted stops at the next scan, and only its label or a basket ends the stop', async () => {
    const parcel = await aParcel()
    await one.scan(parcel.waybillNo)
    await house.downloadRefund(await applied(parcel.tid))
    const stop = await one.scan(parcel.codes[0] ?? '')
    assert.deepEqual([kind(stop), stop.parcel?.stop?.code], ['stop', 'refund_open'])
    assert.equal(kind(await one.weigh(500)), 'stop')
    assert.equal(kind(await one.aside()), 'stop')
    assert.equal(kind(await one.scan('SF0000')), 'stop')
    assert.equal(await counts(parcel.id), 0)
    assert.equal((await nowAt(house.db, '1 号台', sunHere)).parcel?.stop?.code, 'refund_open')
    assert.equal(kind(await one.scan('lj-03')), 'aside')
    assert.equal((await nowAt(house.db, '1 号台', sunHere)).parcel, null)
    assert.equal(kind(await one.scan(parcel.waybillNo)), 'stop')
    assert.equal(kind(await one.scan(parcel.waybillNo)), 'aside')
    assert.equal((await house.state(parcel.id)).delivery, 'pending')
  })

  test('a hold stops, and when it is lifted the counts go on', async () => {
    const parcel = await aParcel()
    await one.scan(parcel.waybillNo)
    await one.scan(parcel.codes[0] ?? '')
    const by = { actor: systemActor, scope: wholeScope }
    await house.run((tx) => holdOrders(tx, [parcel.orderId], { reason: 'other', note: '', until: null }, by))
    assert.equal(kind(await one.scan(parcel.codes[1] ?? '')), 'stop')
    await one.scan('LJ-1')
    await house.run((tx) => liftHolds(tx, [parcel.orderId], {}, by))
    const again = await one.scan(parcel.waybillNo)
    assert.deepEqual([kind(again), again.parcel?.lines[0]?.counted], ['opened', 1])
  })

  test('a parcel that left already, a cancelled one and a label that was given back stop', async () => {
    const parcel = await aParcel()
    await all(parcel)
    const again = await two.scan(parcel.waybillNo)
    assert.deepEqual([kind(again), again.verdict.message.zh], ['stop', '拦下，已经发过'])
    await two.scan('LJ-2')
    const [{ id = '' } = {}] = await numbered(house, 1)
    const number = await sql<{ no: string; waybill: string }>`
      select no, waybill_no as waybill from delivery where id = ${id}`.execute(house.db)
    const { no = '', waybill = '' } = number.rows[0] ?? {}
    await house.run((tx) => unreleaseDeliveries(tx, [id], { actor: sun, scope: wholeScope }))
    assert.deepEqual((await one.scan(no)).parcel?.stop?.code, 'voided')
    await one.scan('LJ-3')
    assert.deepEqual((await one.scan(waybill)).parcel?.stop?.code, 'voided')
    await one.scan('LJ-3')
    const [{ id: other = '' } = {}] = await numbered(house, 1)
    const old = await sql<{ waybill: string }>`
      select waybill_no as waybill from delivery where id = ${other}`.execute(house.db)
    await house.run((tx) =>
      setWaybills(tx, [{ deliveryId: other, courier: 'SF', waybillNo: 'SF7700000001' }], {
        actor: sun,
        scope: wholeScope,
      }),
    )
    assert.deepEqual((await one.scan(old.rows[0]?.waybill ?? '')).parcel?.stop?.code, 'old_number')
  })

  test('a page that is opened again shows that its parcel was taken back meanwhile', async () => {
    const parcel = await aParcel()
    await one.scan(parcel.waybillNo)
    await house.run((tx) => unreleaseDeliveries(tx, [parcel.id], { actor: sun, scope: wholeScope }))
    assert.equal((await nowAt(house.db, '1 号台', sunHere)).parcel?.stop?.code, 'voided')
    assert.equal(kind(await one.scan('LJ-3')), 'stop')
    await one.scan('LJ-3')
  })

  test('another parcel’s label stops while goods are counted; the right label goes on', async () => {
    const [parcel, other] = [await aParcel(), await aParcel()]
    await one.scan(parcel.waybillNo)
    await one.scan(parcel.codes[0] ?? '')
    const stop = await one.scan(other.waybillNo)
    assert.deepEqual([kind(stop), stop.parcel?.stop?.code], ['stop', 'wrong_waybill'])
    assert.equal(kind(await one.scan(parcel.codes[1] ?? '')), 'stop')
    const on = await one.scan(parcel.waybillNo)
    assert.deepEqual(
      [kind(on), on.parcel?.deliveryId, on.parcel?.lines[0]?.counted],
      ['opened', parcel.id, 1],
    )
  })

  test('a hold that comes while a wrong label is looked for stops when the right label is scanned', async () => {
    const [parcel, other] = [await aParcel(), await aParcel()]
    await one.scan(parcel.waybillNo)
    await one.scan(parcel.codes[0] ?? '')
    assert.equal((await one.scan(other.waybillNo)).parcel?.stop?.code, 'wrong_waybill')
    const hold = { reason: 'ask_buyer', note: '', until: null } as const
    await house.run((tx) => holdOrders(tx, [parcel.orderId], hold, sunHere))
    const stopped = await one.scan(parcel.waybillNo)
    assert.deepEqual([kind(stopped), stopped.parcel?.stop?.code], ['stop', 'on_hold'])
    assert.equal((await nowAt(house.db, '1 号台', sunHere)).parcel?.stop?.code, 'on_hold')
    assert.equal(kind(await one.scan(parcel.waybillNo)), 'aside')
  })

  test('before the first piece another label changes the parcel', async () => {
    const [parcel, other] = [await aParcel(), await aParcel()]
    await one.scan(parcel.waybillNo)
    const opened = await one.scan(other.waybillNo)
    assert.deepEqual([kind(opened), opened.parcel?.deliveryId], ['opened', other.id])
  })

  test('another parcel’s label waits for its turn without holding the parcel that is here', async () => {
    const [early, late] = [await aParcel(), await aParcel()]
    await one.scan(late.waybillNo)
    const { scanning } = await house.run(async (tx) => {
      await lockDeliveries(tx, [early.id], wholeScope)
      const scanning = one.scan(early.waybillNo)
      await until(async () => {
        const waiting = await sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          house.db,
        )
        return waiting.rows.length > 0
      })
      await lockDeliveries(tx, [late.id], wholeScope)
      return { scanning }
    })
    const opened = await scanning
    assert.deepEqual([kind(opened), opened.parcel?.deliveryId], ['opened', early.id])
  })

  test('a parcel without its printed label is checked and not shipped', async () => {
    const [{ id = '' } = {}] = await numbered(house, 1)
    const { rows } = await sql<{ no: string }>`select no from delivery where id = ${id}`.execute(house.db)
    await one.scan(rows[0]?.no ?? '')
    let last: StationAnswer | undefined
    for (const code of await codesOf(id)) last = await one.scan(code)
    assert.deepEqual([last && kind(last), last?.verdict.message.zh], ['done', '验完了，面单还没打'])
    assert.equal((await house.state(id)).delivery, 'pending')
    await printLabel(house, id)
    assert.equal(kind(await one.scan(rows[0]?.no ?? '')), 'shipped')
  })

  test('weights: 3 % or 50 g may differ; outside it is weighed again or taken with a reason', async () => {
    await requireSteps(['check', 'weigh'])
    const parcel = await aParcel()
    await sql`update sku set weight_g = 1000 where code = any(${parcel.codes})`.execute(house.db)
    const expected = 1000 * parcel.codes.length
    await one.scan(parcel.waybillNo)
    assert.equal(kind(await one.weigh(expected)), 'stuck')
    let last: StationAnswer | undefined
    for (const code of parcel.codes) last = await one.scan(code)
    assert.deepEqual([last && kind(last), last?.parcel?.workState], ['done', 'weigh'])
    // Esc counts nothing anew where the goods are checked: it names the next step.
    const again = await one.recount()
    assert.deepEqual([again.verdict.message.zh, again.parcel?.workState], ['验完了，称重', 'weigh'])
    assert.equal(again.parcel?.lines[0]?.counted, again.parcel?.lines[0]?.wanted)
    assert.equal(last?.parcel?.toleranceGrams, Math.max(50, Math.round(expected * 0.03)))
    const off = await one.weigh(expected - 150)
    assert.deepEqual([kind(off), off.verdict.message.zh], ['off', '轻了 0.15 kg，没发'])
    assert.equal((await house.state(parcel.id)).delivery, 'pending')
    assert.equal(kind(await one.weigh(expected + 20)), 'shipped')
    const second = await aParcel()
    await sql`update sku set weight_g = 1000 where code = any(${second.codes})`.execute(house.db)
    await all(second)
    assert.equal(kind(await one.weigh(100)), 'off')
    const taken = await one.weigh(100, '空盒样品')
    assert.equal(kind(taken), 'shipped')
    const event = await sql<{ detail: unknown }>`
      select detail from order_event where order_id = ${second.orderId} and event = 'weighed'`.execute(
      house.db,
    )
    assert.deepEqual(event.rows, [
      { detail: { grams: 100, expected: 1000 * second.codes.length, note: '空盒样品' } },
    ])
  })

  test('without the weight of one SKU any weight is taken', async () => {
    await requireSteps(['weigh'])
    const parcel = await aParcel()
    const opened = await one.scan(parcel.waybillNo)
    assert.deepEqual([kind(opened), opened.parcel?.expectedGrams], ['opened', null])
    assert.equal(kind(await one.weigh(12_345)), 'shipped')
  })

  test('where nothing is required, the label alone ships', async () => {
    await requireSteps([])
    const parcel = await aParcel()
    assert.equal(kind(await one.scan(parcel.waybillNo)), 'shipped')
  })

  test('a piece that is refunded after the check is checked again before it ships', async () => {
    await requireSteps(['check', 'weigh'])
    const parcel = await aParcel()
    await all(parcel)
    await sql`
      update order_line set refunded_quantity = quantity where order_id = ${parcel.orderId} and line_no = 2`.execute(
      house.db,
    )
    await sql`update delivery set weighed_at = now() where id = ${parcel.id}`.execute(house.db)
    const refused = await house.run((tx) =>
      shipDeliveries(tx, [parcel.id], { actor: sun, scope: wholeScope }),
    )
    assert.equal(refused[0]?.done === false && refused[0].code, 'goods_changed')
    const again = await one.scan(parcel.waybillNo)
    assert.deepEqual([again.parcel?.workState, again.parcel?.lines.length], ['check', 1])
  })

  test('missing goods hold the order and clear the station', async () => {
    const parcel = await aParcel()
    await one.scan(parcel.waybillNo)
    assert.equal(kind(await one.aside(true)), 'aside')
    const held = await sql<{ reason: string }>`
      select reason from order_hold where order_id = ${parcel.orderId} and released_at is null`.execute(
      house.db,
    )
    assert.deepEqual(held.rows, [{ reason: 'stock' }])
  })

  test('missing goods of an order that a colleague edits hold nothing: the parcel stays, with the reason, until it can be held', async () => {
    const parcel = await aParcel()
    await one.scan(parcel.waybillNo)
    await sql`
      update sales_order set locked_by = 'user:99', locked_name = '林晓', locked_at = now() where id = ${parcel.orderId}`.execute(
      house.db,
    )
    const refused = await one.aside(true)
    assert.deepEqual(
      [kind(refused), refused.verdict.message.zh, refused.parcel?.deliveryId],
      ['stuck', '少货，没挂起来', parcel.id],
    )
    assert.match(refused.verdict.hint.zh, /林晓/)
    const holds = async () =>
      (await sql`select from order_hold where order_id = ${parcel.orderId}`.execute(house.db)).rows.length
    assert.equal(await holds(), 0)
    assert.equal((await nowAt(house.db, '1 号台', sunHere)).parcel?.deliveryId, parcel.id)
    await sql`
      update sales_order set locked_by = null, locked_name = '', locked_at = null where id = ${parcel.orderId}`.execute(
      house.db,
    )
    assert.equal(kind(await one.aside(true)), 'aside')
    assert.equal(await holds(), 1)
    assert.equal((await nowAt(house.db, '1 号台', sunHere)).parcel, null)
  })

  test('a process that ends after the last scan loses nothing: the label ships it', async () => {
    const parcel = await aParcel()
    const dying = { ask: async () => {}, ship: () => Promise.reject(new Error('killed')) }
    await one.scan(parcel.waybillNo)
    for (const code of parcel.codes.slice(0, -1)) await one.scan(code)
    const last = { station: '1 号台', key: 'the-last-piece', code: parcel.codes.at(-1) ?? '' }
    await assert.rejects(
      scan({ db: house.db, leaving: dying }, last, { actor: sun, scope: wholeScope }),
      /killed/,
    )
    assert.equal((await house.state(parcel.id)).delivery, 'pending')
    assert.equal(kind(await one.scan(last.code, last.key)), 'shipped')
    assert.equal(kind(await one.scan(last.code, last.key)), 'shipped')
    const shipped = await sql<{ n: string }>`
      select count(*) as n from stock_movement where document_kind = 'order' and document_id = ${parcel.orderId}`.execute(
      house.db,
    )
    assert.equal(Number(shipped.rows[0]?.n), new Set(parcel.codes).size)
  })

  test('a platform that does not answer delays the last scan by two seconds, and is said', async () => {
    const parcel = await aParcel()
    await sql`update shop set auth_changed_at = now()`.execute(house.db)
    const silent = { ask: () => new Promise<void>(() => {}), ship: shipDeliveries }
    await one.scan(parcel.waybillNo)
    for (const code of parcel.codes.slice(0, -1)) await one.scan(code)
    const started = Date.now()
    const answer = await scan(
      { db: house.db, leaving: silent },
      { station: '1 号台', key: randomUUID(), code: parcel.codes.at(-1) ?? '' },
      { actor: sun, scope: wholeScope },
    )
    assert.ok(Date.now() - started < 4000)
    assert.deepEqual([kind(answer), answer.verdict.unchecked], ['shipped', true])
  })

  test('a refund that arrives with the last scan never lets the parcel out, and a shipped one is wanted back', async () => {
    for (let round = 0; round < 5; round += 1) {
      const parcel = await aParcel()
      const refundId = await applied(parcel.tid)
      await one.scan(parcel.waybillNo)
      for (const code of parcel.codes.slice(0, -1)) await one.scan(code)
      const [answer] = await Promise.all([
        one.scan(parcel.codes.at(-1) ?? ''),
        house.downloadRefund(refundId),
      ])
      const state = await house.state(parcel.id)
      const wanted = await sql`select from intercept where delivery_id = ${parcel.id}`.execute(house.db)
      assert.ok(
        kind(answer) === 'stop'
          ? state.delivery === 'pending'
          : state.delivery === 'shipped' && wanted.rows.length === 1,
        `${kind(answer)} ${state.delivery} ${wanted.rows.length}`,
      )
      await one.scan('LJ-9')
    }
  })

  test('a parcel of another shop or warehouse is unknown, also on a station where it lies', async () => {
    const parcel = await aParcel()
    const scopes = [
      { shops: ['999'], warehouses: 'all' },
      { shops: 'all', warehouses: ['999'] },
    ] as const
    for (const scope of scopes) {
      const outside = at('1 号台', he, scope)
      assert.equal(kind(await outside.scan(parcel.waybillNo)), 'unknown')
      await one.scan(parcel.waybillNo)
      assert.equal((await nowAt(house.db, '1 号台', { actor: he, scope })).parcel, null)
      assert.deepEqual(
        [
          kind(await outside.scan(parcel.codes[0] ?? '')),
          kind(await outside.weigh(100)),
          kind(await outside.aside()),
        ],
        ['idle', 'idle', 'idle'],
      )
      assert.equal(await counts(parcel.id), 0)
    }
  })

  test('the figures of today name who checked how much', async () => {
    const { users, stopped } = await nowAt(house.db, '3 号台', sunHere)
    assert.deepEqual(
      users.map(({ name }) => name),
      ['孙悦', '何勇'],
    )
    const left = await sql<{ name: string; parcels: number }>`
      select shipped_by as name, count(*)::int as parcels from delivery
      where status = 'shipped' and not beside and shipped_by in ('孙悦', '何勇') group by 1 order by 2 desc`.execute(
      house.db,
    )
    assert.deepEqual(
      users.filter(({ parcels }) => parcels > 0).map(({ name, parcels }) => ({ name, parcels })),
      left.rows,
    )
    assert.ok((users[0]?.wrong ?? 0) >= 4 && stopped >= 5)
    const elsewhere = { actor: { ...he, id: '23' }, scope: { shops: 'all', warehouses: ['999'] } } as const
    const theirs = await nowAt(house.db, '3 号台', elsewhere)
    assert.deepEqual([theirs.users, theirs.stopped], [[], 0])
  })
})
