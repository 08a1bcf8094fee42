import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import type { Doubt, Refund, Trade } from '../../connectors/connector.ts'
import { parseDetail, parseListed } from '../../connectors/pinduoduo/refunds.ts'
import { parseOrder } from '../../connectors/pinduoduo/trades.ts'
import { parseRefund } from '../../connectors/taobao/refunds.ts'
import { parseTrade } from '../../connectors/taobao/trade.ts'
import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { resolvePlatformChanges } from '../../orders/platform-changes/differences.ts'
import { mutated, orders, refunds, trades } from '../../testing/hostile.ts'
import { doubtsToKeep, doubtWords } from '../doubt-rules.ts'
import { convertRefunds } from '../refunds/convert-refunds.ts'
import { tradeColumns } from '../staged/trade-columns.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageRefunds,
  tradeOf,
} from '../testing.ts'
import { tradesToConvert } from '../trades/convertible.ts'
import { tradeRows } from '../trades/trade-view-queries.ts'
import { acceptRefundDoubts, acceptTradeDoubts } from './take-doubts.ts'

let pool: IntakeFixture
const clerk: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

const run = <T>(work: (tx: Tx) => Promise<T>) => pool.db.transaction().execute(work)
const later = (trade: Trade, changes: Partial<Trade>): Trade => ({
  ...trade,
  ...changes,
  modifiedAt: new Date(trade.modifiedAt.getTime() + 60_000),
})
const num: Doubt = { field: 'num', line: '1', raw: '0', guess: '1' }
const idOf = async (trade: Trade) => (await tradeOf(pool, trade.tid))?.id ?? ''
const reasonOf = async (trade: Trade) => (await tradeOf(pool, trade.tid))?.reason
const convert = async (id: string) => {
  const [outcome] = await run((tx) => convertTrades(tx, [id], { actor: systemActor, scope: wholeScope }))
  return outcome?.done ? 'done' : outcome?.code
}
const take = async (id: string, seen: Date) => {
  const [outcome] = await run((tx) =>
    acceptTradeDoubts(tx, [id], { [id]: seen.toISOString() }, { actor: clerk, scope: wholeScope }),
  )
  return outcome?.done ? 'done' : outcome?.code
}
const automatic = async () => {
  const wanted = {
    skipWithMessage: false,
    skipWithMemo: false,
    skipWithFlag: false,
    after: undefined,
    limit: 500,
  }
  const places = await tradesToConvert(pool.db, pool.shopId, { ...wanted, paidBy: new Date('2027-01-01') })
  return new Set(places.map(({ id }) => id))
}

test('a trade with a value in doubt waits, shows it with its raw text, and converts once a person has taken it', async () => {
  const trade = aTrade({ doubts: [num] })
  await stage(pool, trade)
  const id = await idOf(trade)
  assert.deepEqual(
    [await reasonOf(trade), await convert(id), (await automatic()).has(id)],
    ['doubtful', 'doubtful', false],
  )
  assert.deepEqual((await tradeRows(pool.db, [id]))[0]?.doubts, [{ ...num, taken: false }])

  assert.equal(await take(id, new Date(0)), 'conflict')
  assert.equal(await convert(id), 'doubtful')
  assert.equal(await take(id, trade.modifiedAt), 'done')
  assert.equal(await take(id, trade.modifiedAt), 'not_doubtful')
  assert.deepEqual((await tradeRows(pool.db, [id]))[0]?.doubts, [{ ...num, taken: true }])
  assert.deepEqual(
    [await reasonOf(trade), (await automatic()).has(id), await convert(id)],
    ['', true, 'done'],
  )

  const noted = await sql<{ actor_name: string; action: string; detail: unknown }>`
    select actor_name, action, detail from audit_log where subject_type = 'staged_trade' and subject_id = ${id}`.execute(
    pool.db,
  )
  assert.deepEqual(noted.rows, [
    { actor_name: '林晓', action: 'trade.take_doubts', detail: { fields: ['num'] } },
  ])
})

test('what was taken stands for later versions with the same doubt; a clean one ends it, and another doubt asks anew', async () => {
  const trade = aTrade({ doubts: [num] })
  await stage(pool, trade)
  await take(await idOf(trade), trade.modifiedAt)
  const memo = later(trade, { sellerMemo: '加急' })
  await stage(pool, memo)
  assert.equal(await reasonOf(trade), '')
  const other = later(memo, { doubts: [num, { ...num, field: 'price' }] })
  await stage(pool, other)
  assert.equal(await reasonOf(trade), 'doubtful')
  const clean = later(other, {})
  delete clean.doubts
  await stage(pool, clean)
  assert.equal(await reasonOf(trade), '')
  await stage(pool, later(clean, { doubts: [num] }))
  assert.equal(await reasonOf(trade), 'doubtful')
})

test('a doubt also keeps a trade from becoming a record, and one with a line left out from being closed as refunded', async () => {
  const gone = aTrade({ status: 'finished', doubts: [num] })
  const twice: Doubt = { field: 'oid twice', line: '1', raw: '床单 × 1', guess: '' }
  const refunded = aTrade({ lines: [aLine({ refund: 'succeeded' })], doubts: [twice] })
  await stage(pool, gone, refunded)
  const id = await idOf(gone)
  const [outcome] = await run((tx) =>
    convertTrades(tx, [id], { actor: clerk, scope: wholeScope }, { asRecord: true }),
  )
  assert.equal(outcome?.done ? 'done' : outcome?.code, 'doubtful')
  const held = await tradeOf(pool, refunded.tid)
  assert.deepEqual([held?.state, held?.reason], ['staged', 'doubtful'])
})

test('lines of a converted trade are unfolded only where a version is written that has a line to ship', async () => {
  const trade = aTrade({ lines: [aLine(), aLine()] })
  await stage(pool, trade)
  assert.equal(await convert(await idOf(trade)), 'done')
  let unfolded = 0
  const watched = pool.db.withPlugin({
    transformQuery({ node }) {
      if (JSON.stringify(node).includes('jsonb_array_elements(g.lines)')) unfolded += 1
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const staging = async (version: Trade) => {
    unfolded = 0
    await stage({ ...pool, db: watched }, version)
    return unfolded
  }
  const next = later(trade, { sellerMemo: '加急' })
  assert.equal(await staging(next), 1)
  assert.equal(await staging(trade), 0)
  const lines = trade.lines.map((line) => ({ ...line, status: 'shipped' as const }))
  assert.equal(await staging(later(next, { status: 'shipped', lines })), 0)
})

test('a paid line of unknown status holds its trade; left behind by a person, it comes back as a difference with a hold', async () => {
  const [known, strange] = [
    aLine(),
    aLine({ status: 'unknown', platformStatus: 'SOME_LINE_STATUS', paymentFen: 1000 }),
  ]
  const trade = aTrade({ lines: [known, strange] })
  await stage(pool, trade)
  const id = await idOf(trade)
  assert.deepEqual(
    [await reasonOf(trade), await convert(id), (await automatic()).has(id)],
    ['unknown_status', 'unknown_status', false],
  )
  assert.deepEqual((await tradeRows(pool.db, [id]))[0]?.doubts, [
    { field: 'line_status', line: strange.oid, raw: 'SOME_LINE_STATUS', guess: '', taken: false },
  ])
  assert.equal(await take(id, trade.modifiedAt), 'done')
  assert.equal(await convert(id), 'done')
  assert.deepEqual(await linesOf(trade), [known.oid])
  assert.deepEqual(await differencesOf(trade), [])

  const still = later(trade, { sellerMemo: '在等' })
  await stage(pool, still)
  assert.deepEqual(
    (await differencesOf(trade)).map(({ kind }) => kind),
    ['memo'],
  )
  const paid = later(still, {
    lines: [known, { ...strange, status: 'paid', platformStatus: 'WAIT_SELLER_SEND_GOODS' }],
  })
  await stage(pool, paid)
  const left = { kind: 'left_line', new_value: '60支长绒棉四件套 雾蓝 / 1.8m 床 × 1' }
  assert.deepEqual(
    (await differencesOf(trade)).filter(({ kind }) => kind !== 'memo'),
    [left],
  )
  assert.deepEqual(await holdsOf(trade), ['line_left'])
  assert.deepEqual(await linesOf(trade), [known.oid])

  const orderId = (await orderOf(trade)) ?? ''
  await run((tx) =>
    resolvePlatformChanges(
      tx,
      [orderId],
      { how: 'ignore', kinds: ['left_line'] },
      { actor: clerk, scope: wholeScope },
    ),
  )
  await stage(pool, later(paid, { sellerMemo: '补发了' }))
  assert.deepEqual(await holdsOf(trade), [])
})

test('a line that is on the order is never told as left behind, whatever its status was in between', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  assert.equal(await convert(await idOf(trade)), 'done')
  const strange = later(trade, {
    lines: trade.lines.map((line) => ({ ...line, status: 'unknown' as const })),
  })
  await stage(pool, strange)
  await stage(pool, later(strange, { lines: trade.lines }))
  assert.deepEqual([await differencesOf(trade), await holdsOf(trade)], [[], []])
})

test('a refund whose amount could not be read is applied to nothing until a person takes it, nor is a later version of one', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  await convert(await idOf(trade))
  const doubts: Doubt[] = [{ field: 'refund_fee', line: '', raw: '一百', guess: '0.00' }]
  const refund = aRefund(trade, { amountFen: 0, status: 'succeeded', doubts })
  await stageRefunds(pool, refund)
  const held = await refundRow(refund)
  assert.equal(held?.reason, 'doubtful')
  const convertIt = async () => {
    const [outcome] = await run((tx) =>
      convertRefunds(tx, [held?.id ?? ''], { actor: clerk, scope: wholeScope }),
    )
    return outcome?.done ? 'done' : outcome?.code
  }
  const takeIt = (one: Refund) =>
    run((tx) =>
      acceptRefundDoubts(
        tx,
        [held?.id ?? ''],
        { [held?.id ?? '']: one.modifiedAt.toISOString() },
        { actor: clerk, scope: wholeScope },
      ),
    )
  assert.equal(await convertIt(), 'doubtful')
  assert.equal(await refundedOn(trade), 0)
  assert.equal((await takeIt(refund))[0]?.done, true)
  assert.equal((await refundRow(refund))?.reason, '')
  assert.equal(await convertIt(), 'done')

  const next: Refund = {
    ...refund,
    amountFen: 900,
    version: '1411375308928',
    modifiedAt: new Date(refund.modifiedAt.getTime() + 60_000),
    doubts: [{ field: 'oid', line: '', raw: '#?', guess: '' }],
  }
  await stageRefunds(pool, next)
  assert.equal(await refundedOn(trade), 0)
  assert.equal((await takeIt(next))[0]?.done, true)
  assert.equal(await refundedOn(trade), 900)
})

test('a refund in doubt is applied to nothing, and holds its order all the same', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  await convert(await idOf(trade))
  const refund = aRefund(trade, { status: 'closed' })
  await stageRefunds(pool, refund)
  const id = (await refundRow(refund))?.id ?? ''
  await run((tx) => convertRefunds(tx, [id], { actor: clerk, scope: wholeScope }))
  assert.deepEqual(await holdsOf(trade), [])
  await stageRefunds(pool, {
    ...refund,
    status: 'applied',
    version: '1411375308929',
    modifiedAt: new Date(refund.modifiedAt.getTime() + 60_000),
    doubts: [{ field: 'refund_fee', line: '', raw: '一百', guess: '' }],
  })
  assert.deepEqual(await holdsOf(trade), ['refund_open'])
})

test('text of a field that might hold personal data is not kept', () => {
  const strange = { field: 'receiver_mobile', line: '', raw: '13800138000', guess: '' }
  assert.deepEqual(doubtsToKeep([strange, num]), [{ ...strange, raw: '' }, num])
})

test('whatever a parser doubts of a trade keeps it from converting, and has words', () => {
  const ring = memoryKeyRing()
  const shop = { goLiveAt: new Date(0), convertUnpaid: true }
  const seen = new Set<string>()
  const check = (found: ReturnType<typeof parseTrade>) => {
    if (!('trade' in found)) return
    const { trade } = found
    const { reason, doubts, state, note } = tradeColumns(ring, { id: '1', facts: shop }, trade)
    const unknown = trade.lines.some(({ status, refund }) => status === 'unknown' && refund !== 'succeeded')
    if (!trade.doubts && !unknown) return
    for (const { field } of doubts ?? []) seen.add(field)
    assert.ok(
      ['doubtful', 'unknown_status', 'closed', 'final_unpaid'].includes(reason),
      `${reason} ${JSON.stringify(doubts)}`,
    )
    assert.ok(state === 'staged' || note.startsWith('closed'))
  }
  fc.assert(
    fc.property(mutated(trades), (tree) => check(parseTrade(tree, 'raw'))),
    { numRuns: 700 },
  )
  fc.assert(
    fc.property(mutated(orders), (tree) => check(parseOrder(tree, 'raw'))),
    { numRuns: 800 },
  )
  assert.deepEqual(
    [...seen].filter((field) => !Object.hasOwn(doubtWords, field)),
    [],
  )
  assert.ok(
    seen.has('num') && seen.has('payment') && seen.has('line_status') && seen.has('goods_count'),
    [...seen].join(),
  )
})

test('whatever a parser doubts of a refund keeps it from converting, and has words', async () => {
  const trade = aTrade()
  await stage(pool, trade)
  const doubted: Refund[] = []
  const check = (found: ReturnType<typeof parseRefund> | ReturnType<typeof parseListed>) => {
    const refund = 'refund' in found ? found.refund : found
    if (refund.kind !== 'refund' || !refund.doubts) return
    doubted.push({ ...refund, tid: trade.tid, refundId: `9${doubted.length}` })
  }
  fc.assert(
    fc.property(mutated(refunds), (tree) => {
      check(parseRefund(tree, 'raw'))
      check(parseListed(tree))
      check(parseDetail(tree))
    }),
    { numRuns: 800 },
  )
  await stageRefunds(pool, ...doubted)
  const found = await sql<{ reason: string; n: number }>`
    select reason, count(*)::int as n from staged_refund where tid = ${trade.tid} group by 1`.execute(pool.db)
  const byReason = new Map(found.rows.map(({ reason, n }) => [reason, n]))
  const unknown = byReason.get('unknown_status') ?? 0
  assert.deepEqual([byReason.get('doubtful'), doubted.length > 50], [doubted.length - unknown, true])
  const fields = new Set(doubted.flatMap(({ doubts }) => doubts?.map(({ field }) => field) ?? []))
  assert.deepEqual(
    [...fields].filter((field) => !Object.hasOwn(doubtWords, field)),
    [],
  )
})

async function orderOf(trade: Trade): Promise<string | undefined> {
  const found = await sql<{ id: string }>`select id from sales_order where tid = ${trade.tid}`.execute(
    pool.db,
  )
  return found.rows[0]?.id
}

async function linesOf(trade: Trade): Promise<string[]> {
  const found = await sql<{ oid: string }>`
    select l.oid from order_line l join sales_order o on o.id = l.order_id where o.tid = ${trade.tid} order by l.line_no`.execute(
    pool.db,
  )
  return found.rows.map(({ oid }) => oid)
}

async function differencesOf(trade: Trade) {
  const found = await sql<{ kind: string; new_value: string }>`
    select d.kind, d.new_value from order_difference d join sales_order o on o.id = d.order_id
    where o.tid = ${trade.tid} and d.settled_at is null order by d.kind`.execute(pool.db)
  return found.rows
}

async function holdsOf(trade: Trade): Promise<string[]> {
  const found = await sql<{ reason: string }>`
    select h.reason from order_hold h join sales_order o on o.id = h.order_id
    where o.tid = ${trade.tid} and h.released_at is null order by 1`.execute(pool.db)
  return found.rows.map(({ reason }) => reason)
}

async function refundRow(refund: Refund) {
  const found = await sql<{ id: string; reason: string }>`
    select id, reason from staged_refund where refund_no = ${refund.refundId}`.execute(pool.db)
  return found.rows[0]
}

async function refundedOn(trade: Trade): Promise<number> {
  const found = await sql<{ fen: string }>`
    select coalesce(sum(r.amount_fen), 0) as fen from order_refund r join sales_order o on o.id = r.order_id where o.tid = ${trade.tid}`.execute(
    pool.db,
  )
  return Number(found.rows[0]?.fen)
}
