import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { Trade } from '../connectors/connector.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import { convertRefunds } from '../intake/refunds/convert-refunds.ts'
import { tradeReasonFacet } from '../intake/staged/trade-columns.ts'
import {
  aLine,
  aRefund,
  aTrade,
  count,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageRefunds,
  tradeOf,
} from '../intake/testing.ts'
import { facet, has } from '../lib/facets.ts'
import { courierFacet, designatedFacets } from '../orders/order/facets.ts'
import { convertTrades } from './convert-trade.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

const idOf = async (tid: string) => (await tradeOf(pool, tid))?.id ?? ''
const convert = (ids: string[], options = {}) =>
  pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }, options))
const convertRefund = (ids: string[]) =>
  pool.db.transaction().execute((tx) => convertRefunds(tx, ids, { actor: systemActor, scope: wholeScope }))
const refundId = async (refundNo: string) =>
  (await sql<{ id: string }>`select id from staged_refund where refund_no = ${refundNo}`.execute(pool.db))
    .rows[0]?.id ?? ''
const orderOf = async (tid: string) =>
  (
    await sql<{
      status: string
      payment_fen: string
      refunded_fen: string
      open_holds: number
      lines: number
    }>`
    select status, payment_fen, refunded_fen, open_holds, (select count(*)::int from order_line l where l.order_id = o.id) as lines
    from sales_order o where tid = ${tid}`.execute(pool.db)
  ).rows

test('a paid trade becomes one sales order with its lines, money and personal bytes', async () => {
  const trade = aTrade({ postFeeFen: 800, sellerMemo: '加急', flag: 1 })
  await stage(pool, trade)
  const [outcome] = await convert([await idOf(trade.tid)])
  assert.equal(outcome?.done, true)
  const order = (
    await sql<Record<string, unknown>>`
    select o.no, o.status, o.origin, o.payment_fen, o.goods_fen, o.post_fee_fen, o.quantity, o.seller_memo, o.flag, o.receiver_masked,
      o.personal = t.personal as same_bytes, t.state, t.order_no = o.no as named
    from sales_order o join staged_trade t on t.order_id = o.id where o.tid = ${trade.tid}`.execute(pool.db)
  ).rows[0]
  assert.match(String(order?.['no']), /^SO\d{12,}$/)
  assert.deepEqual(
    { ...order, no: '' },
    {
      no: '',
      status: 'unconfirmed',
      origin: 'trade',
      payment_fen: '18800',
      goods_fen: '20000',
      post_fee_fen: '800',
      quantity: 2,
      seller_memo: '加急',
      flag: 1,
      receiver_masked: `王** 138****${trade.receiver.mobile.slice(-4)}`,
      same_bytes: true,
      state: 'converted',
      named: true,
    },
  )
})

test('converting again, and from eight connections at once, makes no second order', async () => {
  const trades = Array.from({ length: 20 }, () => aTrade())
  await stage(pool, ...trades)
  const ids = await Promise.all(trades.map((trade) => idOf(trade.tid)))
  const before = await count(pool, 'sales_order')
  const answers = await Promise.all(Array.from({ length: 8 }, () => convert(ids)))
  assert.equal((await count(pool, 'sales_order')) - before, 20)
  for (const [at, id] of ids.entries()) {
    const outcomes = answers.map((answer) => answer[at])
    assert.equal(outcomes.filter((outcome) => outcome?.done).length, 1, id)
    const others = outcomes.filter((outcome) => outcome && !outcome.done)
    const no = outcomes.find((outcome) => outcome?.done)?.ref
    for (const other of others)
      assert.deepEqual(other, { id, done: false, code: 'already_converted', ref: no })
  }
})

test('says why a trade is not converted, and changes nothing', async () => {
  const cases: [Partial<Trade>, string][] = [
    [{ status: 'unpaid', paidAt: null }, 'not_paid'],
    [{ finalUnpaid: true }, 'final_unpaid'],
    [{ holds: ['top_hold'] }, 'platform_hold'],
    [{ status: 'shipped' }, 'shipped_elsewhere'],
    [{ status: 'unknown' }, 'unknown_status'],
    [{ paidAt: new Date('2025-12-31T10:00:00Z') }, 'before_go_live'],
    [{ lines: [aLine({ refund: 'applied' }), aLine()] }, 'refund_open'],
  ]
  for (const [overrides, code] of cases) {
    const trade = aTrade(overrides)
    await stage(pool, trade)
    const id = await idOf(trade.tid)
    assert.deepEqual(await convert([id]), [{ id, done: false, code }])
    assert.deepEqual(await orderOf(trade.tid), [])
    assert.equal((await tradeOf(pool, trade.tid))?.reason, code)
  }
})

test('what was shipped elsewhere converts by hand only, as a record', async () => {
  const trade = aTrade({ status: 'finished', lines: [aLine({ status: 'finished' })] })
  await stage(pool, trade)
  const [outcome] = await convert([await idOf(trade.tid)], { asRecord: true })
  assert.equal(outcome?.done, true)
  assert.equal((await orderOf(trade.tid))[0]?.status, 'completed')
})

test('an order knows that an invoice was asked for and that the platform oversold it, and one without does not', async () => {
  const [plain, marked] = [aTrade(), aTrade({ invoice: true, oversold: true })]
  await stage(pool, plain, marked)
  await convert([await idOf(plain.tid), await idOf(marked.tid)])
  const told = await sql<{ tid: string; told: number[] }>`
    select tid, array(select f from unnest(facets) f where f = any(${[has.invoice, has.oversold].map((one) => facet('has', one))}::int[]) order by f) as told
    from sales_order where tid = any(${[plain.tid, marked.tid]}) order by id`.execute(pool.db)
  assert.deepEqual(told.rows, [
    { tid: plain.tid, told: [] },
    { tid: marked.tid, told: [facet('has', has.invoice), facet('has', has.oversold)] },
  ])
})

test('an order goes by the courier that its trade designates, and of several none is chosen without rules', async () => {
  const [free, one, two] = [aTrade(), aTrade({ designated: ['SF'] }), aTrade({ designated: ['ZTO', 'STO'] })]
  await stage(pool, free, one, two)
  await convert(await Promise.all([free, one, two].map(({ tid }) => idOf(tid))))
  const found = await sql<{ courier: string; kept: boolean; found: boolean }>`
    select courier, facets @> ${designatedFacets(['STO', 'ZTO'])}::int[] as kept, facets @> array[${courierFacet('SF')}]::int[] as found
    from sales_order where tid = any(${[free.tid, one.tid, two.tid]}) order by id`.execute(pool.db)
  assert.deepEqual(found.rows, [
    { courier: '', kept: false, found: false },
    { courier: 'SF', kept: false, found: true },
    { courier: '', kept: true, found: false },
  ])
})

test('only the unshipped and unrefunded lines go onto the order', async () => {
  const trade = aTrade({
    status: 'partly_shipped',
    postFeeFen: 500,
    lines: [
      aLine({ status: 'shipped' }),
      aLine({ paymentFen: 7000 }),
      aLine({ refund: 'succeeded', status: 'closed_refunded' }),
    ],
  })
  await stage(pool, trade)
  await convert([await idOf(trade.tid)])
  assert.deepEqual(await orderOf(trade.tid), [
    { status: 'unconfirmed', payment_fen: '7000', refunded_fen: '0', open_holds: 0, lines: 1 },
  ])
})

test('a trade of which one part was shipped and the rest is refunded says so, and becomes a record by hand', async () => {
  const [sent, rest] = [aLine({ status: 'shipped' }), aLine()]
  const trade = aTrade({ status: 'partly_shipped', lines: [sent, rest] })
  await stage(pool, trade)
  assert.equal((await tradeOf(pool, trade.tid))?.reason, '')
  const refunded: Trade = {
    ...trade,
    modifiedAt: new Date(trade.modifiedAt.getTime() + 60_000),
    lines: [sent, { ...rest, refund: 'succeeded', status: 'closed_refunded' }],
  }
  await stage(pool, refunded)
  const id = await idOf(trade.tid)
  assert.equal((await tradeOf(pool, trade.tid))?.reason, 'shipped_elsewhere')

  // One that an earlier release stored without a reason gets it when it is tried.
  await sql`
    update staged_trade set reason = '', facets[3] = ${tradeReasonFacet('')} where id = ${id}`.execute(
    pool.db,
  )
  assert.deepEqual(await convert([id]), [{ id, done: false, code: 'shipped_elsewhere' }])
  const shown = await sql<{ state: string; reason: string; facet: boolean }>`
    select state, reason, facets[3] = ${tradeReasonFacet('shipped_elsewhere')} as facet from staged_trade
    where id = ${id}`.execute(pool.db)
  assert.deepEqual(shown.rows, [{ state: 'staged', reason: 'shipped_elsewhere', facet: true }])
  assert.deepEqual(await orderOf(trade.tid), [])

  const [outcome] = await convert([id], { asRecord: true })
  assert.equal(outcome?.done, true)
  assert.deepEqual(
    (await orderOf(trade.tid)).map(({ status, lines }) => [status, lines]),
    [['shipped', 2]],
  )
})

test('closed trades are processed by the system with a note', async () => {
  const trade = aTrade({ status: 'closed_unpaid', paidAt: null })
  await stage(pool, trade)
  const row = await tradeOf(pool, trade.tid)
  assert.equal(row?.state, 'processed')
  assert.equal(row?.note, 'closed_unpaid')
})

test('a refund holds back a staged trade, and frees it when it closes', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  const refund = aRefund(trade)
  await stageRefunds(pool, refund)
  assert.equal((await tradeOf(pool, trade.tid))?.reason, 'refund_open')
  await stageRefunds(pool, {
    ...refund,
    status: 'closed',
    version: '1411375308928',
    modifiedAt: new Date(refund.modifiedAt.getTime() + 1000),
  })
  assert.equal((await tradeOf(pool, trade.tid))?.reason, '')
})

test('a refund before its trade waits with a reason and heals by itself', async () => {
  const trade = aTrade()
  const refund = aRefund(trade)
  await stageRefunds(pool, refund)
  const id = await refundId(refund.refundId)
  assert.deepEqual(await convertRefund([id]), [{ id, done: false, code: 'no_original' }])
  await stage(pool, trade)
  assert.equal((await tradeOf(pool, trade.tid))?.reason, 'refund_open')
  const [outcome] = await convertRefund([id])
  assert.equal(outcome?.done, true)
})

test('a succeeded refund of a staged line keeps it off the order; of every line closes the trade', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  const refund = aRefund(trade, { status: 'succeeded' })
  await stageRefunds(pool, refund)
  await convertRefund([await refundId(refund.refundId)])
  assert.equal((await tradeOf(pool, trade.tid))?.lines_refunded, 1)
  await convert([await idOf(trade.tid)])
  assert.equal((await orderOf(trade.tid))[0]?.lines, 1)

  const whole = aTrade({ lines: [aLine()] })
  await stage(pool, whole)
  const all = aRefund(whole, { status: 'succeeded' })
  await stageRefunds(pool, all)
  await convertRefund([await refundId(all.refundId)])
  assert.equal((await tradeOf(pool, whole.tid))?.state, 'processed')
})

test('a refund of an order holds it, and a newer version of the converted refund acts again by itself', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  await convert([await idOf(trade.tid)])
  const refund = aRefund(trade)
  await stageRefunds(pool, refund)
  await convertRefund([await refundId(refund.refundId)])
  assert.equal((await orderOf(trade.tid))[0]?.open_holds, 1)
  await stageRefunds(pool, {
    ...refund,
    status: 'succeeded',
    version: '1411375308929',
    modifiedAt: new Date(refund.modifiedAt.getTime() + 5000),
  })
  assert.deepEqual(await orderOf(trade.tid), [
    { status: 'unconfirmed', payment_fen: '18000', refunded_fen: '9000', open_holds: 0, lines: 2 },
  ])
})

test('a partial refund converted before its trade acts on the order as soon as it exists', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  const refund = aRefund(trade, { status: 'succeeded', amountFen: 100 })
  await stageRefunds(pool, refund)
  await convertRefund([await refundId(refund.refundId)])
  await convert([await idOf(trade.tid)])
  assert.equal((await orderOf(trade.tid))[0]?.refunded_fen, '100')
})

test('an older version never overwrites a newer one, whichever comes first', async () => {
  const trade = aTrade({ sellerMemo: '新' })
  await stage(pool, trade)
  const counts = await stage(pool, {
    ...trade,
    sellerMemo: '旧',
    modifiedAt: new Date(trade.modifiedAt.getTime() - 1000),
  })
  assert.deepEqual(counts, { created: 0, updated: 0, skipped: { older: 1 } })
  const memo = await sql<{
    seller_memo: string
  }>`select seller_memo from staged_trade where tid = ${trade.tid}`.execute(pool.db)
  assert.equal(memo.rows[0]?.seller_memo, '新')
})

test('of two versions of one second that come together, the greater number is the newer', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  const refund = aRefund(trade)
  await stageRefunds(pool, { ...refund, version: '1411375308928', status: 'agreed' }, refund)
  const found = await sql<{ version: string; status: string }>`
    select version, status from staged_refund where refund_no = ${refund.refundId}`.execute(pool.db)
  assert.deepEqual(found.rows, [{ version: '1411375308928', status: 'agreed' }])
})

test('a change after conversion is a difference on the order, never an overwrite', async () => {
  const trade = aTrade({ sellerMemo: 'a' })
  await stage(pool, trade)
  await convert([await idOf(trade.tid)])
  await stage(pool, {
    ...trade,
    sellerMemo: 'b',
    receiver: { ...trade.receiver, address: '新地址 1 号' },
    modifiedAt: new Date(trade.modifiedAt.getTime() + 1000),
  })
  const seen = await sql<{ kind: string; old_value: string; new_value: string }>`
    select d.kind, d.old_value, d.new_value from order_difference d join sales_order o on o.id = d.order_id where o.tid = ${trade.tid} order by kind`.execute(
    pool.db,
  )
  assert.deepEqual(
    seen.rows.map((row) => row.kind),
    ['address', 'memo'],
  )
  assert.deepEqual([seen.rows[1]?.old_value, seen.rows[1]?.new_value], ['a', 'b'])
  assert.ok(!JSON.stringify(seen.rows).includes('新地址'))
  const memo = await sql<{
    seller_memo: string
  }>`select seller_memo from sales_order where tid = ${trade.tid}`.execute(pool.db)
  assert.equal(memo.rows[0]?.seller_memo, 'a')
  assert.equal(
    await count(pool, 'sales_order'),
    Number(
      (await sql<{ n: string }>`select count(distinct tid) as n from sales_order`.execute(pool.db)).rows[0]
        ?.n,
    ),
  )
})
