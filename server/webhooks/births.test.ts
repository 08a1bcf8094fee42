import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import Value from 'typebox/value'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import '../lib/formats.ts'
import { convertTrades } from '../flows/convert-trade.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageRefunds,
  tradeOf,
} from '../intake/testing.ts'
import { holdOrders } from '../orders/holds/holds.ts'
import { eventLabels } from '../orders/order/lifecycle.ts'
import { returnEventLabels } from '../returns/lifecycle.ts'
import { must } from '../testing/run.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../testing/shipping.ts'
import { documentNames, webhookBody } from './events-contract.ts'
import { documentOf, subscribable, webhookKinds } from './lifecycle.ts'
import { bodyOf } from './send.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

type Born = {
  id: string
  kind: string
  document: string
  no: string
  shopId: string | null
  data: Record<string, unknown>
  createdAt: Date
}

const bornIn = async (db: IntakeFixture['db']) =>
  (
    await sql<Born>`
      select id, kind, document, no, shop_id as "shopId", data, created_at as "createdAt" from webhook_message order by id`.execute(
      db,
    )
  ).rows

const wants = (db: IntakeFixture['db'], kinds: readonly string[], shops: readonly string[] | null = null) =>
  sql`insert into webhook_subscription (name, credentials, kinds, shop_ids, created_by)
    values ('程序', '\\x00', ${[...kinds]}::text[], ${shops}::bigint[], '林晓')`.execute(db)
const nothingIsWanted = (db: IntakeFixture['db']) =>
  sql`with gone as (delete from webhook_message) delete from webhook_subscription`.execute(db)

const convert = async (...tids: string[]) => {
  const ids = await Promise.all(tids.map(async (tid) => (await tradeOf(pool, tid))?.id ?? ''))
  return pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
}

describe('what is born', () => {
  test('without a subscription nothing is written, also if one wants other events or other shops', async () => {
    await wants(pool.db, ['delivery.*', 'order.confirmed'])
    await wants(pool.db, ['order.*'], ['999'])
    const trade = aTrade()
    await stage(pool, trade)
    await convert(trade.tid)
    assert.deepEqual(await bornIn(pool.db), [])
    await nothingIsWanted(pool.db)
  })

  test('an order has its facts at the time of the event, and no personal data', async () => {
    await wants(pool.db, ['order.created'])
    const trade = aTrade({ postFeeFen: 800, buyerMessage: '放门口', sellerMemo: '熟客' })
    await stage(pool, trade)
    await convert(trade.tid)
    const [one, ...more] = await bornIn(pool.db)
    assert.deepEqual(more, [])
    const { rows } = await sql<{
      id: string
      no: string
    }>`select id, no from sales_order where tid = ${trade.tid}`.execute(pool.db)
    const { id = '', no = '' } = rows[0] ?? {}
    assert.deepEqual(
      [one?.kind, one?.document, one?.no, one?.shopId],
      ['order.created', `order:${id}`, no, pool.shopId],
    )
    const { createdAt, ...data } = one?.data ?? {}
    assert.match(String(createdAt), /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.deepEqual(data, {
      ...{ id, no, shopId: pool.shopId, tid: trade.tid, origin: 'trade', status: 'unconfirmed', version: 1 },
      ...{
        warehouseId: data['warehouseId'],
        courier: '',
        quantity: 2,
        refundedQuantity: 0,
        openHolds: 0,
        openProblems: 0,
      },
      ...{ cod: false, currency: 'CNY', paymentFen: 18_800, postFeeFen: 800, refundedFen: 0 },
      ...{
        orderedAt: '2026-11-20T08:00:00.000Z',
        paidAt: trade.paidAt?.toISOString(),
        shipBy: '2026-11-22T08:00:00.000Z',
      },
    })
    const text = JSON.stringify(one)
    for (const personal of [
      trade.receiver.name,
      trade.receiver.mobile,
      trade.receiver.address,
      trade.buyer.nick,
      '放门口',
      '熟客',
    ])
      assert.ok(!text.includes(personal), personal)
    await nothingIsWanted(pool.db)
  })

  test('what is rolled back was never born', async () => {
    await wants(pool.db, ['order.*'])
    const trade = aTrade()
    await stage(pool, trade)
    const id = (await tradeOf(pool, trade.tid))?.id ?? ''
    const rolledBack = pool.db.transaction().execute(async (tx) => {
      await convertTrades(tx, [id], { actor: systemActor, scope: wholeScope })
      const inside = await sql`select from webhook_message`.execute(tx)
      assert.equal(inside.rows.length, 1)
      throw new Error('taken back')
    })
    await assert.rejects(rolledBack, /taken back/)
    assert.deepEqual(await bornIn(pool.db), [])
    await nothingIsWanted(pool.db)
  })

  test('many orders of one statement have a message each, for each subscription, in the order of their history', async () => {
    await wants(pool.db, ['order.*'])
    await wants(pool.db, ['order.created'])
    const trades = Array.from({ length: 60 }, () => aTrade({ lines: [aLine()] }))
    await stage(pool, ...trades)
    await convert(...trades.map(({ tid }) => tid))
    const born = await bornIn(pool.db)
    assert.equal(born.length, 120)
    assert.equal(new Set(born.map(({ document }) => document)).size, 60)
    const ids = await sql<{ id: string }>`
      select e.order_id as id from order_event e join sales_order o on o.id = e.order_id
      where o.tid = any(${trades.map(({ tid }) => tid)}::text[]) order by e.id`.execute(pool.db)
    assert.deepEqual(
      born.filter((_, at) => at % 2 === 0).map(({ document }) => document),
      ids.rows.map(({ id }) => `order:${id}`),
    )
    await nothingIsWanted(pool.db)
  })

  test('an order without a SKU says that it is on hold', async () => {
    await wants(pool.db, ['order.*'])
    const trade = aTrade({ lines: [aLine({ itemId: 'unknown', skuId: 'unknown', outerSkuId: 'unknown' })] })
    await stage(pool, trade)
    await convert(trade.tid)
    const born = await bornIn(pool.db)
    assert.deepEqual(
      born.map(({ kind, data }) => [kind, data['openHolds']]),
      [['order.created', 1]],
    )
    await nothingIsWanted(pool.db)
  })

  test('a refund has a message when it comes and when it changes', async () => {
    await wants(pool.db, ['refund.*'])
    const trade = aTrade()
    const refund = aRefund(trade)
    await stage(pool, trade)
    await stageRefunds(pool, refund)
    await stageRefunds(pool, {
      ...refund,
      status: 'succeeded',
      platformStatus: 'SUCCESS',
      version: '1411375308999',
      modifiedAt: new Date('2026-11-20T09:00:00Z'),
    })
    const born = await bornIn(pool.db)
    assert.deepEqual(
      born.map(({ kind, no, data }) => [kind, no, data['status'], data['amountFen']]),
      [
        ['refund.created', refund.refundId, 'applied', 9000],
        ['refund.changed', refund.refundId, 'succeeded', 9000],
      ],
    )
    await nothingIsWanted(pool.db)
  })
})

describe('a parcel', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
    await wants(
      house.db,
      subscribable.filter((kind) => kind.endsWith('.*')),
    )
  })
  after(() => house[Symbol.asyncDispose]())

  test('from the trade to the platform tells each step, with the states of then', async () => {
    const outbox = house.outbox()
    const packed = await house.shipped()
    await house.settled(packed.id)
    await outbox.stop()
    const born = await bornIn(house.db)
    const of = (document: string) =>
      born
        .filter((one) => one.document === document)
        .map(({ kind, data }) => [kind, data['status'], data['writeBack'] ?? data['version']])
    assert.deepEqual(
      of(`delivery:${packed.id}`).map(([kind, status, writeBack]) => [kind, status, writeBack]),
      [
        ['delivery.created', 'pending', ''],
        ['delivery.waybill_changed', 'pending', ''],
        ['delivery.shipped', 'shipped', 'waiting'],
        ['delivery.written_back', 'shipped', 'done'],
      ],
    )
    const order = of(`order:${packed.orderId}`).map(([kind, status]) => [kind, status])
    assert.deepEqual(order[0], ['order.created', 'unconfirmed'])
    assert.deepEqual(order.slice(-3), [
      ['order.confirmed', 'confirmed'],
      ['order.released', 'released'],
      ['order.shipped', 'shipped'],
    ])
    const stock = born.filter(({ kind }) => kind === 'stock.changed')
    const [first, last] = [
      stock[0]?.data,
      stock.findLast(({ document }) => document === stock[0]?.document)?.data,
    ]
    assert.deepEqual([first?.['onHand'], first?.['reserved']], [1000, 0])
    assert.equal(Number(last?.['onHand']) < 1000, true)
    assert.equal(
      last?.['available'],
      Number(last?.['onHand']) - Number(last?.['reserved']) - Number(last?.['frozen']),
    )
  })

  test('a hold is told with the number of holds that the order has then', async () => {
    const { id } = await house.order()
    must(
      await house.run((tx) =>
        holdOrders(
          tx,
          [id],
          { reason: 'address', note: '', until: null },
          { actor: packer, scope: wholeScope },
        ),
      ),
    )
    const born = (await bornIn(house.db)).filter(({ document }) => document === `order:${id}`)
    assert.deepEqual([born.at(-1)?.kind, born.at(-1)?.data['openHolds']], ['order.held', 1])
  })

  test('each message has the fields of its schema and no other, of every document', async () => {
    const { shopId, db } = house
    await sql`
      with made as (
        insert into return_order (no, shop_id, order_id, order_no, tid, kind, origin, status, quantity, created_by)
        select 'RT1', ${shopId}, id, no, tid, 'return', 'person', 'unconfirmed', 1, '周强' from sales_order limit 1 returning id
      )
      insert into return_event (return_id, event, actor_kind, actor_id, actor_name) select id, 'created', 'user', '9', '周强' from made`.execute(
      db,
    )
    const { tid = '' } =
      (await sql<{ tid: string }>`select tid from sales_order limit 1`.execute(db)).rows[0] ?? {}
    const refund = aRefund(aTrade({ tid }))
    await stageRefunds({ ...house, shopId }, refund)
    const born = await bornIn(db)
    for (const document of documentNames) {
      const some = born.filter(({ kind }) => documentOf(kind) === document)
      assert.ok(some.length > 0, document)
      for (const one of some) {
        const body: unknown = JSON.parse(bodyOf(one))
        assert.deepEqual(
          [...Value.Errors(webhookBody(document), body)].map(
            ({ instancePath, message }) => `${one.kind} ${instancePath} ${message}`,
          ),
          [],
        )
      }
    }
  })
})

describe('kinds', () => {
  /** Entries of the histories that are no events for programs: they change no fact that is sent. */
  const untold: Record<string, readonly string[]> = {
    order: [
      ...['copied', 'memo', 'edit_note', 'lock', 'unlock', 'waive', 'reshipped', 'blacklisted', 'difference'],
      ...[
        'difference_ignored',
        'refund_noted',
        'refund_let_through',
        'return_made',
        'return_not_made',
        'return_received',
        'gift_short',
      ],
    ],
    return: [
      'adopted',
      'told_done',
      'told_failed',
      'told_forced',
      'told_manual',
      'claimed',
      'exchange_stopped',
      'refund_moved',
    ],
    // Those of trades are among them, since one table has the words of both.
    refund: [
      ...[
        'staged',
        'removed',
        'removed_from_queue',
        'memo_succeeded',
        'memo_failed',
        'memo_forced',
        'memo_manual',
      ],
      ...[
        'applied',
        'cancel_succeeded',
        'cancel_failed',
        'cancel_forced',
        'cancel_withdrawn',
        'cancel_manual',
      ],
      ...['duty', 'reveal'],
    ],
  }
  const kindOf = async (document: string, entry: string) =>
    (await sql<{ kind: string | null }>`select webhook_kind(${document}, ${entry}) as kind`.execute(pool.db))
      .rows[0]?.kind ?? null

  test('each entry of the history of an order, a return and a refund is one of them, or named here', async () => {
    // The module reads the browser's language when it is loaded.
    Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
    const { knownEvents } = await import('../../web/src/intake/events.ts')
    for (const [document, labels] of [
      ['order', eventLabels],
      ['return', returnEventLabels],
      ['refund', knownEvents],
    ] as const) {
      const none: string[] = []
      for (const entry of Object.keys(labels)) if ((await kindOf(document, entry)) === null) none.push(entry)
      assert.deepEqual(none.toSorted(), untold[document]?.toSorted(), document)
    }
  })

  test('all that the database can make are declared, and each declared one can be made', async () => {
    const found = await sql<{ source: string }>`
      select string_agg(pg_get_functiondef(oid), ' ') as source from pg_proc where proname like '%webhook%' and pronamespace = 'public'::regnamespace`.execute(
      pool.db,
    )
    const made = new Set(
      [...(found.rows[0]?.source ?? '').matchAll(/'((?:order|delivery|return|refund|stock)\.[a-z_]+)'/g)].map(
        ([, kind]) => kind,
      ),
    )
    assert.deepEqual([...made].toSorted(), Object.keys(webhookKinds).toSorted())
  })
})
