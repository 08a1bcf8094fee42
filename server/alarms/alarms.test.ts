import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type Scope, systemActor, wholeScope } from '../core/access/actor.ts'
import { convertTrades } from '../flows/convert-trade.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageRefunds,
} from '../intake/testing.ts'
import { dayMs, hourMs, minuteMs } from '../lib/time.ts'
import { holdOrders } from '../orders/holds/holds.ts'
import { shipOverRefunds } from '../orders/refunds/ship-over.ts'
import { alarmsNow } from './alarms.ts'
import { readQueueCounts } from './queue-counts.ts'

const ago = (minutes: number) => new Date(Date.now() - minutes * minuteMs)

async function alarms({ db }: IntakeFixture, scope: Scope = wholeScope) {
  const asked = { db, scope, now: new Date() }
  return alarmsNow(asked, await readQueueCounts(asked))
}
const idsOf = async (pool: IntakeFixture, scope?: Scope) =>
  (await alarms(pool, scope)).map((alarm) => alarm.id)

async function follow({ db, shopId }: IntakeFixture, behindMinutes: number, movedMinutes = 0) {
  await sql`update shop set created_at = ${new Date(Date.now() - dayMs)}`.execute(db)
  await sql`insert into task (kind, shop_id, interval_seconds, next_run_at)
    select k, ${shopId}::bigint, 120, now() + interval '1 minute' from unnest(array['trade_list', 'refund_list']) k`.execute(
    db,
  )
  await sql`insert into stream_cursor (shop_id, stream, complete_to, moved_at)
    select ${shopId}::bigint, s, ${ago(behindMinutes)}, ${ago(movedMinutes)} from unnest(array['trades', 'refunds']) s`.execute(
    db,
  )
}

async function aConvertedTrade(pool: IntakeFixture, own: Parameters<typeof aTrade>[0] = {}) {
  const trade = aTrade({ shipBy: new Date(Date.now() + dayMs), ...own })
  await stage(pool, trade)
  const found = await sql<{ id: string }>`select id from staged_trade where tid = ${trade.tid}`.execute(
    pool.db,
  )
  const [outcome] = await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, [found.rows[0]?.id ?? ''], { actor: systemActor, scope: wholeScope }))
  assert.ok(outcome?.done)
  const order = await sql<{
    id: string
    no: string
  }>`select id, no from sales_order where tid = ${trade.tid}`.execute(pool.db)
  return { trade, order: order.rows[0] ?? { id: '', no: '' } }
}

test('a healthy house raises no alarm', async () => {
  await using pool = await intakeFixture()
  await follow(pool, 2)
  await aConvertedTrade(pool)
  assert.deepEqual(await alarms(pool), [])
})

test('an ended authorisation alarms once for its shop, and not as a stream behind', async () => {
  await using pool = await intakeFixture()
  await follow(pool, 32)
  await sql`update shop set auth_state = 'expired', auth_changed_at = ${ago(32)}`.execute(pool.db)
  const [alarm, ...more] = await alarms(pool)
  assert.deepEqual(more, [])
  assert.deepEqual(
    [alarm?.id, alarm?.tone, alarm?.remedy, alarm?.shopId, alarm?.since, alarm?.to],
    [
      `auth_expired:${pool.shopId}`,
      'bad',
      'authorise',
      pool.shopId,
      alarm?.since,
      `/shops?open=${pool.shopId}`,
    ],
  )
  await sql`update shop set enabled = false`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), [])
})

test('money that went out alarms until its order is held, voided or shipped, and not when converting counted it', async () => {
  await using pool = await intakeFixture()
  const { trade, order } = await aConvertedTrade(pool)
  const refund = aRefund(trade, { status: 'applied', modifiedAt: ago(60) })
  await stageRefunds(pool, refund)
  await sql`update staged_refund set state = 'processed'`.execute(pool.db)
  await sql`update sales_order set open_holds = 0`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), [])
  await sql`update staged_refund set status = 'succeeded', modified_at = ${ago(11)}`.execute(pool.db)
  const [alarm] = await alarms(pool)
  assert.deepEqual(
    [alarm?.id, alarm?.tone, alarm?.count, alarm?.amountFen, alarm?.ids, alarm?.remedy],
    ['refunded_unheld', 'bad', 1, refund.amountFen, [order.id], 'hold_orders'],
  )
  assert.deepEqual(alarm?.act, { zh: '拦下 1 单', en: 'Hold 1 order' })
  assert.match(alarm?.detail.zh ?? '', new RegExp(`${order.no.slice(-6)}，合计 ¥90.00$`))
  await pool.db
    .transaction()
    .execute((tx) =>
      holdOrders(
        tx,
        [order.id],
        { reason: 'other', note: '', until: null },
        { actor: systemActor, scope: wholeScope },
      ),
    )
  assert.deepEqual(await idsOf(pool), [])
  await sql`update sales_order set open_holds = 0`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), ['refunded_unheld'])
  await sql`update staged_refund set state = 'converted'`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), [])
})

test('a line that was refunded before its trade became an order is no alarm', async () => {
  await using pool = await intakeFixture()
  const [gone, sold] = [aLine({ refund: 'succeeded' }), aLine()]
  const { trade } = await aConvertedTrade(pool, { lines: [gone, sold] })
  await stageRefunds(pool, aRefund(trade, { oid: gone.oid, status: 'succeeded', modifiedAt: ago(11) }))
  assert.deepEqual(await idsOf(pool), [])
})

test('what a person lets leave over a refund alarms until the refund is settled', async () => {
  await using pool = await intakeFixture()
  const { trade, order } = await aConvertedTrade(pool)
  const refund = aRefund(trade, { status: 'applied' })
  await stageRefunds(pool, refund)
  const by = { actor: systemActor, scope: wholeScope, request: { ip: '', id: '' } }
  await pool.db.transaction().execute((tx) => shipOverRefunds(tx, order.id, '买家说不退了', by))
  const [alarm, ...more] = await alarms(pool)
  assert.deepEqual(more, [])
  assert.deepEqual(
    [alarm?.id, alarm?.tone, alarm?.count, alarm?.amountFen, alarm?.ids, alarm?.title.zh],
    ['refund_let_through', 'bad', 1, refund.amountFen, [order.id], '退款中照发 1 单'],
  )
  await sql`update sales_order set status = 'shipped' where id = ${order.id}`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), ['refund_let_through'])
  const closed = { version: '1411375309999', modifiedAt: new Date(refund.modifiedAt.getTime() + 1000) }
  await stageRefunds(pool, { ...refund, ...closed, status: 'closed' })
  assert.deepEqual(await idsOf(pool), [])
})

test('refunds that hold more than a tenth of a shop within ten minutes are one alarm, and a tenth is none', async () => {
  await using pool = await intakeFixture()
  const trades = []
  for (let n = 0; n < 50; n += 1) trades.push((await aConvertedTrade(pool)).trade)
  await stageRefunds(pool, ...trades.slice(0, 5).map((trade) => aRefund(trade)))
  assert.deepEqual(await idsOf(pool), [])
  await stageRefunds(pool, ...trades.slice(5, 6).map((trade) => aRefund(trade)))
  const [alarm, ...more] = await alarms(pool)
  assert.deepEqual(more, [])
  assert.deepEqual(
    [alarm?.id, alarm?.count, alarm?.shopId, alarm?.to],
    [`refund_flood:${pool.shopId}`, 6, pool.shopId, `/orders?tab=held&shop=${pool.shopId}&refund=open`],
  )
  assert.match(alarm?.detail.zh ?? '', /待发货共 50 单/)
  await sql`update order_hold set held_at = ${ago(11)}`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), [])
})

test('what a refund holds alarms four hours before it is to be shipped, and gravely once that has passed', async () => {
  await using pool = await intakeFixture()
  const { trade, order } = await aConvertedTrade(pool)
  await stageRefunds(pool, aRefund(trade))
  const shipBy = (hours: number) =>
    sql`update sales_order set ship_by = ${new Date(Date.now() + hours * hourMs)}`.execute(pool.db)
  const told = async () =>
    (await alarms(pool)).filter(({ id }) => id === 'refund_held_due').map(({ tone, ids }) => [tone, ids])
  await shipBy(5)
  assert.deepEqual(await told(), [])
  await shipBy(3)
  assert.deepEqual(await told(), [['warn', [order.id]]])
  await shipBy(-1)
  assert.deepEqual(await told(), [['bad', [order.id]]])
})

test('refunds due within four hours alarm with their money, and gravely once one is overdue', async () => {
  await using pool = await intakeFixture()
  await stageRefunds(
    pool,
    aRefund(aTrade(), { amountFen: 100, deadline: new Date(Date.now() + 3 * hourMs) }),
    aRefund(aTrade(), { amountFen: 200, deadline: new Date(Date.now() + hourMs) }),
    aRefund(aTrade(), { amountFen: 400, deadline: new Date(Date.now() + 5 * hourMs) }),
    aRefund(aTrade(), { amountFen: 800, deadline: new Date(Date.now() + hourMs), status: 'agreed' }),
  )
  const [alarm, ...more] = await alarms(pool)
  assert.deepEqual(more, [])
  assert.deepEqual(
    [alarm?.id, alarm?.tone, alarm?.count, alarm?.amountFen, alarm?.title.zh, alarm?.detail.zh],
    ['refunds_due', 'warn', 2, 300, '2 笔退款 4 小时内到期', '到期不处理视为同意，共 ¥3.00'],
  )
  await sql`update staged_refund set deadline = ${ago(5)} where amount_fen = 100`.execute(pool.db)
  assert.deepEqual(
    (await alarms(pool)).map(({ id, tone }) => [id, tone]),
    [['refunds_due', 'bad']],
  )
})

test('a stream more than fifteen minutes behind alarms; a first load that moves does not', async () => {
  await using pool = await intakeFixture()
  await follow(pool, 16)
  const trades = `stream_behind:${pool.shopId}:trades`
  const refunds = `stream_behind:${pool.shopId}:refunds`
  assert.deepEqual((await idsOf(pool)).sort(), [refunds, trades])
  await sql`update stream_cursor set complete_to = now() - interval '14 minutes' where stream = 'trades'`.execute(
    pool.db,
  )
  await sql`update stream_cursor set complete_to = now() - interval '9 days' where stream = 'refunds'`.execute(
    pool.db,
  )
  assert.deepEqual(await idsOf(pool), [])
  await sql`update stream_cursor set moved_at = now() - interval '11 minutes'`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), [refunds])
})

test('an unshipped order whose ship-by time has passed is not said to have four hours left', async () => {
  await using pool = await intakeFixture()
  await follow(pool, 2)
  const { order } = await aConvertedTrade(pool)
  const titles = async (shipBy: Date) => {
    await sql`update sales_order set status = 'confirmed', ship_by = ${shipBy} where id = ${order.id}`.execute(
      pool.db,
    )
    return (await alarms(pool)).map(({ title }) => title.zh)
  }
  assert.deepEqual(await titles(new Date(Date.now() + 3 * hourMs)), ['1 单 4 小时内要发货'])
  assert.deepEqual(await titles(ago(10)), ['1 单已过发货时限或 4 小时内要发货'])
})

test('late unconfirmed orders say how many of them are on hold, and are not to be confirmed if all are', async () => {
  await using pool = await intakeFixture()
  await follow(pool, 2)
  const { order } = await aConvertedTrade(pool)
  await aConvertedTrade(pool)
  await sql`update sales_order set ship_by = ${ago(10)}`.execute(pool.db)
  const late = async () => {
    const found = (await alarms(pool)).find(({ kind }) => kind === 'ship_by_passed')
    return [found?.title.zh, found?.detail.zh.replace(/^.*?，/, ''), found?.act?.zh]
  }
  const title = '2 单过了发货时限还未确认'
  assert.deepEqual(await late(), [title, '平台会判迟发', '去确认'])
  await sql`update sales_order set open_holds = 1 where id = ${order.id}`.execute(pool.db)
  const one = '其中 1 单挂起，解除后才能确认；平台会判迟发'
  assert.deepEqual(await late(), [title, one, '去确认'])
  await sql`update sales_order set open_holds = 1`.execute(pool.db)
  const both = '其中 2 单挂起，解除后才能确认；平台会判迟发'
  assert.deepEqual(await late(), [title, both, '去看挂起'])
})

test('tasks that fail in a row, details that keep failing, late orders, actions and parked items each alarm', async () => {
  await using pool = await intakeFixture()
  await follow(pool, 2)
  const { order } = await aConvertedTrade(pool)
  await sql`update task set failures = 3 where kind = 'refund_list'`.execute(pool.db)
  await sql`update sales_order set ship_by = ${ago(10)} where id = ${order.id}`.execute(pool.db)
  await sql`insert into trade_fetch (trade_id, shop_id, tid, wanted_at, tries, error)
    select id, shop_id, tid, now(), 5, 'isp.timeout' from staged_trade`.execute(pool.db)
  await sql`insert into parked_item (shop_id, kind, reason, sealed, fingerprint)
    values (${pool.shopId}, 'trade', 'no tid', '', 'f')`.execute(pool.db)
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, next_at, created_by)
    select ${pool.shopId}::bigint, 'x', 'refund', k, k, '{}', s, null, '{}' from (values ('a', 'failed'), ('b', 'unknown')) x (k, s)`.execute(
    pool.db,
  )
  const told = await alarms(pool)
  const task = await sql<{ id: string }>`select id from task where kind = 'refund_list'`.execute(pool.db)
  assert.deepEqual(told.map(({ id, tone }) => `${tone} ${id}`).sort(), [
    'bad actions_failed',
    'bad actions_unclear',
    'warn details_failing',
    'warn parked_items',
    'warn ship_by_passed',
    `warn task_failing:${task.rows[0]?.id}`,
  ])
  assert.deepEqual(
    told.map(({ tone }) => tone),
    ['bad', 'bad', 'warn', 'warn', 'warn', 'warn'],
  )
  assert.deepEqual(await idsOf(pool, { shops: ['999'], warehouses: 'all' }), [])
})

test('a worker that takes nothing is told of, and one that is merely busy is not', async () => {
  await using pool = await intakeFixture()
  await follow(pool, 2)
  await sql`update task set next_run_at = ${ago(6)} where kind = 'trade_list'`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), ['worker_silent'])
  await sql`update task set run_id = 1, lease_until = now() + interval '9 s' where kind = 'refund_list'`.execute(
    pool.db,
  )
  assert.deepEqual(await idsOf(pool), [])
})

test('two looks at the same cause give the same ids', async () => {
  await using pool = await intakeFixture()
  await follow(pool, 40, 40)
  assert.deepEqual(await idsOf(pool), await idsOf(pool))
})

test('a parcel that refunds want back alarms until somebody looks for it, for who sees its shop', async () => {
  await using pool = await intakeFixture()
  await sql`
    insert into intercept (delivery_id, delivery_no, order_id, order_no, tid, shop_id, courier, waybill_no, refund_no, amount_fen,
      way, state, created_at, created_by)
    values (1, 'DN2611240000001', 1, 'SO1', 't1', ${pool.shopId}, 'SF', 'SF1', 'r1', 100, 'pull', 'open', ${ago(7)}, '')`.execute(
    pool.db,
  )
  const [alarm, ...more] = await alarms(pool)
  assert.deepEqual(more, [])
  assert.deepEqual(
    [alarm?.id, alarm?.tone, alarm?.count, alarm?.remedy, alarm?.to],
    ['parcels_to_stop', 'bad', 1, 'stop_parcels', `/intercepts?tab=all&ids=${alarm?.ids}`],
  )
  assert.match(alarm?.detail.zh ?? '', /DN…000001/)
  assert.deepEqual(await idsOf(pool, { shops: [], warehouses: 'all' }), [])
  // Older alarms come after it: each minute takes the parcel farther away.
  await sql`update shop set auth_state = 'expired', auth_changed_at = ${ago(900)}`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), ['parcels_to_stop', `auth_expired:${pool.shopId}`])
  await sql`update intercept set state = 'asked', asked_at = now()`.execute(pool.db)
  assert.deepEqual(await idsOf(pool), [`auth_expired:${pool.shopId}`])
})

test('returns alarm before their platform acts, and when a parcel should long be here; what is done or is the buyer’s time does not', async () => {
  await using pool = await intakeFixture()
  let made = 0
  const aReturn = async (own: {
    status?: string
    refundStatus?: string
    waybill?: string
    hours?: number | null
    days?: number
    told?: string
  }) => {
    made += 1
    const {
      status = 'confirmed',
      refundStatus = 'agreed',
      waybill = '',
      hours = null,
      days = 0,
      told = '',
    } = own
    const found = await sql<{ id: string }>`
      insert into return_order (no, shop_id, order_id, order_no, tid, kind, origin, refund_no, refund_status, status, waybill_no, quantity,
        deadline, told, created_at, created_by, received_at)
      values (${`RT261125000000${made}`}, ${pool.shopId}, 1, 'SO1', 't1', 'return', 'refund', ${`r${made}`}, ${refundStatus}, ${status},
        ${waybill}, 1, now() + ${hours}::int * interval '1 hour', ${told}, now() - make_interval(days => ${days}), '',
        case when ${status} in ('received', 'settled') then now() end)
      returning id`.execute(pool.db)
    return found.rows[0]?.id ?? ''
  }
  const due = [
    await aReturn({ refundStatus: 'applied', status: 'unconfirmed', hours: 3 }),
    await aReturn({ waybill: 'YD1', hours: 20 }),
    await aReturn({ status: 'received', hours: 23 }),
  ]
  await aReturn({ waybill: 'YD2', hours: 30 })
  await aReturn({ hours: 2 })
  await aReturn({ status: 'received', told: 'done', hours: 2 })
  await aReturn({ refundStatus: 'succeeded', waybill: 'YD3', hours: 2 })
  await aReturn({ status: 'voided', waybill: 'YD4', hours: 2, days: 20 })
  await aReturn({ waybill: '', days: 20 })
  const [alarm, ...more] = await alarms(pool)
  assert.deepEqual(more, [])
  assert.deepEqual(
    [alarm?.id, alarm?.tone, alarm?.count, alarm?.ids, alarm?.remedy, alarm?.to, alarm?.title.zh],
    [
      'returns_due',
      'warn',
      3,
      due,
      'see_returns',
      `/returns?tab=all&ids=${due.join(',')}`,
      '3 张退货 24 小时内到平台期限',
    ],
  )
  const late = await aReturn({ waybill: 'YD5', days: 11 })
  await sql`update return_order set deadline = now() - interval '1 hour' where id = ${due[1] ?? ''}`.execute(
    pool.db,
  )
  assert.deepEqual(
    (await alarms(pool)).map(({ id, tone, ids }) => [id, tone, ids]),
    [
      ['returns_due', 'bad', [due[1], due[0], due[2]]],
      ['returns_late', 'warn', [late]],
    ],
  )
  assert.deepEqual(await idsOf(pool, { shops: [], warehouses: 'all' }), [])
  assert.deepEqual(await idsOf(pool, { shops: 'all', warehouses: ['999'] }), [])
})
