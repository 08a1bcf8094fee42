import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type RefundPhase, refundKinds, refundStatuses } from '../../connectors/connector.ts'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { fulfilmentJobs } from '../../fulfilment/jobs.ts'
import { facet } from '../../lib/facets.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aRefund, aShop, type OrderInput, orderState } from '../../testing/orders.ts'
import { statusFacet } from '../order/facets.ts'
import { voidOrders } from '../status/void.ts'
import { type GoodsGoal, type NoticeEffect, originals, refundRule, refundRules } from './refund-rules.ts'
import { applyRefunds, type RefundVersion } from './refunds.ts'

let database: TestDatabase
let open: OpenDatabase
let shopId: string
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 12 })
  await createQueues(open.db, fulfilmentJobs)
  shopId = await aShop(open.db)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const apply = (...refunds: RefundVersion[]) =>
  open.db.transaction().execute((tx) => applyRefunds(tx, refunds, actor))
const order = (input: Partial<OrderInput> = {}) => anOrder(open.db, { shopId, ...input })

const phases = ['onsale', 'aftersale'] as const satisfies readonly RefundPhase[]

/** Every combination that the refund rules must cover. */
function* combinations() {
  for (const original of originals)
    for (const kind of refundKinds)
      for (const status of refundStatuses) for (const phase of phases) yield { original, kind, status, phase }
}
type Combination = typeof combinations extends () => Generator<infer One> ? One : never
const nameOf = ({ kind, status, phase, original }: Combination) => `${kind} ${status} ${phase} on ${original}`

test('the table has exactly one row for every kind × status × phase × original', () => {
  for (const one of combinations()) {
    const rows = refundRules.filter(
      (r) =>
        r.kinds.includes(one.kind) &&
        r.statuses.includes(one.status) &&
        r.phases.includes(one.phase) &&
        r.originals.includes(one.original),
    )
    assert.equal(rows.length, 1, `${nameOf(one)}: ${rows.map((row) => row.id).join(', ')}`)
  }
  assert.equal(new Set(refundRules.map((rule) => rule.id)).size, refundRules.length)
})

test('of a refund that was refused or closed no row says that its result is waited for', () => {
  const ended = [...combinations()].filter(({ status }) => status === 'refused' || status === 'closed')
  const waiting = ended.filter((one) => refundRule(one, one.original).zh.includes('等退款结果'))
  assert.deepEqual(waiting.map(nameOf), [])
})

const isOpen = (status: string) => status === 'applied' || status === 'agreed'

type Expected = 'hold' | 'release' | 'reduce' | 'record' | `money ${string}` | `refuse ${string}`

/** The whole table, written by hand a second time: the effect of the first version of a refund of all of line o2. */
function expected({ kind, status, original }: Combination): Expected {
  if (status === 'unknown') return 'refuse status_unknown'
  const unshipped = original === 'unconfirmed' || original === 'confirmed' || original === 'released'
  if (status !== 'succeeded') {
    if (!unshipped || (kind === 'money_only' && isOpen(status))) return 'record'
    return status === 'applied' || status === 'agreed' ? 'hold' : 'release'
  }
  const money = kind === 'refund_only' || kind === 'return' || kind === 'money_only'
  if (original === 'voided') return money ? 'money void_refund' : 'refuse original_voided'
  if (kind === 'other') return 'refuse kind_unknown'
  if (kind === 'money_only') return 'money refund_only'
  if (unshipped) return money ? 'reduce' : 'release'
  return money ? `money ${kind === 'return' ? 'return_refund' : 'refund_only'}` : 'record'
}

/** The goal for the goods in that table. */
function expectedGoods({ kind, status, phase, original }: Combination): GoodsGoal {
  const isUnclear = status === 'unknown' || (status === 'succeeded' && kind === 'other')
  if (isUnclear) return original === 'shipped_unwritten' ? 'pull' : 'stay'
  if (kind === 'money_only') return 'stay'
  const isOpen = status === 'applied' || status === 'agreed'
  const money = kind === 'refund_only' || kind === 'return'
  const paidBack = status === 'succeeded' && money
  if (original === 'released') return paidBack ? 'put_back' : 'stay'
  if (original === 'shipped_unwritten' && phase === 'onsale') return isOpen || paidBack ? 'pull' : 'stay'
  if (original !== 'shipped_unwritten' && original !== 'shipped' && original !== 'completed') return 'stay'
  if (isOpen && (kind === 'return' || kind === 'exchange' || kind === 'repair')) return 'return'
  if (paidBack && kind === 'return') return 'return'
  if (original !== 'shipped' || phase === 'aftersale') return 'stay'
  if (isOpen) return kind === 'reship' ? 'stay' : 'recall'
  return paidBack ? 'recall' : 'stay'
}

/** The effect in that table of a staged refund on an unshipped order, converted or not. */
function expectedNotice({ kind, status, phase, original }: Combination): NoticeEffect {
  const money = kind === 'refund_only' || kind === 'return'
  // Only decisions about unshipped orders use this value. A refund of unknown status cannot be converted, so it holds them.
  if (status === 'unknown') return 'hold'
  if (original === 'voided')
    return status === 'succeeded' && !money && kind !== 'money_only' ? 'hold' : 'note'
  if (status === 'succeeded' && kind === 'other') return 'hold'
  if (original !== 'unconfirmed' && original !== 'confirmed' && original !== 'released') return 'note'
  if (status === 'refused' || status === 'closed') return 'lift'
  if (kind === 'money_only') return 'note'
  if (isOpen(status)) return phase === 'onsale' ? 'hold' : 'note'
  return money ? 'until_taken' : 'lift'
}

test('says of every pair what it does to an order before anybody converts it', () => {
  for (const one of combinations())
    assert.equal(refundRule(one, one.original).notice, expectedNotice(one), nameOf(one))
})

test('says of every pair what becomes of the goods', () => {
  for (const one of combinations())
    assert.equal(refundRule(one, one.original).goods, expectedGoods(one), nameOf(one))
})

test('does to every kind of original what the table says, pair by pair', async () => {
  for (const one of combinations()) await walk(one)
})

async function walk(one: Combination) {
  const { original, kind, status, phase } = one
  const place = nameOf(one)
  const start =
    original === 'record'
      ? ({ origin: 'record', status: 'shipped' } as const)
      : { status: original === 'shipped_unwritten' ? ('shipped' as const) : original }
  const { id, no, tid } = await order(start)
  if (original === 'shipped')
    await sql`update sales_order set written_back_at = now() where id = ${id}`.execute(open.db)
  const was = await orderState(open.db, id)
  const [outcome] = await apply(
    aRefund({
      shopId,
      tid,
      oid: 'o2',
      kind,
      status,
      phase,
      amountFen: 4000,
      quantity: 1,
      refundNo: `r${id}`,
    }),
  )
  const is = await orderState(open.db, id)
  const [effect = '', word = ''] = expected(one).split(' ')
  if (effect === 'refuse') {
    assert.equal(outcome?.done === false && outcome.code, word, place)
    assert.deepEqual(is, was, place)
    return
  }
  assert.ok(outcome?.done, place)
  assert.deepEqual(
    [outcome.effect, outcome.ref, outcome.orderId, outcome.voided],
    [effect, no, id, false],
    place,
  )
  assert.equal(outcome.rule, refundRule(one, original).id, place)
  const counted = effect === 'reduce' || effect === 'money'
  assert.equal(is.status, was.status, place)
  assert.deepEqual(is.holds, effect === 'hold' ? [{ reason: 'refund_open', source: `r${id}` }] : [], place)
  assert.equal(is.refundedFen, counted ? 4000 : 0, place)
  assert.deepEqual(
    is.lines[1],
    { oid: 'o2', fen: counted ? 4000 : 0, quantity: effect === 'reduce' ? 1 : 0 },
    place,
  )
  assert.deepEqual(is.lines[0], { oid: 'o1', fen: 0, quantity: 0 }, place)
  const fact = effect === 'reduce' ? 'order_refund' : word
  assert.deepEqual(is.facts, counted ? [{ kind: fact, fen: 4000, source: `r${id}` }] : [], place)
  const isOpen = (status === 'applied' || status === 'agreed') && kind !== 'money_only'
  assert.deepEqual(
    is.facets,
    [
      was.facets[0],
      facet('held', effect === 'hold' ? 1 : 0),
      facet('differs', 0),
      facet('refundState', isOpen ? 1 : counted ? 2 : 0),
    ],
    place,
  )
  assert.deepEqual(is.events, ['convert', `refund_${effect}`], place)
}

test('applied holds, closed lifts that hold and no other', async () => {
  const { id, tid } = await order()
  const [one, two] = [`a${id}`, `b${id}`]
  await apply(
    aRefund({ shopId, tid, oid: 'o1', refundNo: one, amountFen: 6000, quantity: 2 }),
    aRefund({ shopId, tid, oid: 'o2', refundNo: two, amountFen: 4000, quantity: 1 }),
  )
  assert.equal((await orderState(open.db, id)).openHolds, 2)
  await apply(
    aRefund({ shopId, tid, oid: 'o1', refundNo: one, amountFen: 6000, quantity: 2, status: 'closed', at: 9 }),
  )
  const is = await orderState(open.db, id)
  assert.deepEqual(is.holds, [{ reason: 'refund_open', source: two }])
  assert.deepEqual(is.facets.slice(1), [facet('held', 1), facet('differs', 0), facet('refundState', 1)])
  assert.deepEqual([is.status, is.refundedFen, is.facts], ['unconfirmed', 0, []])
  await apply(
    aRefund({
      shopId,
      tid,
      oid: 'o1',
      refundNo: one,
      amountFen: 6000,
      quantity: 2,
      status: 'agreed',
      at: 10,
    }),
  )
  assert.equal((await orderState(open.db, id)).openHolds, 2)
})

test('whole is cumulative over all refunds of the order, and then it is voided', async () => {
  const { id, tid } = await order({ postFeeFen: 800 })
  await apply(
    aRefund({
      shopId,
      tid,
      oid: 'o1',
      refundNo: `a${id}`,
      amountFen: 6000,
      quantity: 2,
      status: 'succeeded',
    }),
  )
  assert.equal((await orderState(open.db, id)).status, 'unconfirmed')
  const [last] = await apply(
    aRefund({
      shopId,
      tid,
      oid: 'o2',
      refundNo: `b${id}`,
      amountFen: 4800,
      quantity: 1,
      status: 'succeeded',
    }),
  )
  assert.equal(last?.done && last.voided, true)
  const is = await orderState(open.db, id)
  assert.deepEqual(
    [is.status, is.voidReason, is.refundedFen, is.facets[0]],
    ['voided', 'refunded_whole', 10_800, statusFacet('voided')],
  )
  assert.deepEqual(is.lines, [
    { oid: 'o1', fen: 6000, quantity: 2 },
    { oid: 'o2', fen: 4000, quantity: 1 },
  ])
  assert.deepEqual(is.events, ['convert', 'refund_reduce', 'refund_reduce', 'void'])
})

test('a quantity of 0, or less money than the goods cost, is money only', async () => {
  const { id, tid } = await order()
  await apply(
    aRefund({
      shopId,
      tid,
      oid: 'o1',
      refundNo: `a${id}`,
      amountFen: 5999,
      quantity: 2,
      status: 'succeeded',
    }),
    aRefund({
      shopId,
      tid,
      oid: 'o2',
      refundNo: `b${id}`,
      amountFen: 4000,
      quantity: 0,
      status: 'succeeded',
    }),
  )
  const is = await orderState(open.db, id)
  assert.deepEqual(is.lines, [
    { oid: 'o1', fen: 5999, quantity: 0 },
    { oid: 'o2', fen: 4000, quantity: 0 },
  ])
  assert.deepEqual([is.status, is.refundedFen], ['unconfirmed', 9999])
})

test('a newer version replaces what the last one did; its fact follows', async () => {
  const { id, tid } = await order()
  const base = { shopId, tid, refundNo: `a${id}`, status: 'succeeded' } as const
  await apply(aRefund({ ...base, oid: 'o1', amountFen: 6000, quantity: 2 }))
  await apply(aRefund({ ...base, oid: 'o2', amountFen: 1500, quantity: 1, at: 1 }))
  const is = await orderState(open.db, id)
  assert.deepEqual(is.lines, [
    { oid: 'o1', fen: 0, quantity: 0 },
    { oid: 'o2', fen: 1500, quantity: 0 },
  ])
  assert.deepEqual(is.facts, [{ kind: 'order_refund', fen: 1500, source: `a${id}` }])
  await apply(aRefund({ ...base, oid: 'o2', amountFen: 1500, quantity: 1, status: 'closed', at: 2 }))
  assert.deepEqual((await orderState(open.db, id)).facts, is.facts)
})

test('after posting, a changed amount is a fact of its own', async () => {
  const { id, tid } = await order()
  const base = { shopId, tid, refundNo: `a${id}`, oid: 'o2', status: 'succeeded', quantity: 1 } as const
  await apply(aRefund({ ...base, amountFen: 4000 }))
  await sql`update settlement set status = 'approved', approved_at = now() where order_id = ${id}`.execute(
    open.db,
  )
  await apply(aRefund({ ...base, amountFen: 4000, version: '9'.repeat(14), at: 1 }))
  assert.equal((await orderState(open.db, id)).facts.length, 1)
  await apply(aRefund({ ...base, amountFen: 3000, at: 2 }))
  await apply(aRefund({ ...base, amountFen: 3500, at: 3 }))
  assert.deepEqual(
    (await orderState(open.db, id)).facts.map((fact) => fact.fen),
    [4000, -500],
  )
})

test('older and equal versions change nothing, in any order and within one call', async () => {
  const { id, no, tid } = await order()
  const versions = (['applied', 'agreed', 'succeeded'] as const).map((status, at) =>
    aRefund({ shopId, tid, refundNo: `a${id}`, oid: 'o2', status, amountFen: 4000, quantity: 1, at }),
  )
  const [applied, agreed, succeeded] = versions
  assert.ok(applied && agreed && succeeded)
  const outcomes = await apply(succeeded, applied, agreed, succeeded)
  assert.deepEqual(
    outcomes.map((one) => (one.done ? one.effect : one.code)),
    ['reduce', 'already', 'already', 'already'],
  )
  const was = await orderState(open.db, id)
  for (const late of [applied, agreed, succeeded]) {
    const [outcome] = await apply(late)
    assert.deepEqual([outcome?.done, outcome?.ref, outcome?.orderId], [false, no, id])
  }
  assert.deepEqual(await orderState(open.db, id), was)
})

test('two states of one second end the same way, whichever comes first', async () => {
  const ends: unknown[] = []
  for (const order2 of [
    [0, 1],
    [1, 0],
  ]) {
    const { id, tid } = await order()
    const versions = (['closed', 'succeeded'] as const).map((status) =>
      aRefund({
        shopId,
        tid,
        refundNo: `a${id}`,
        oid: 'o2',
        status,
        amountFen: 4000,
        quantity: 1,
        version: '5',
      }),
    )
    for (const index of order2) await apply(...versions.slice(index, index + 1))
    const { status, refundedFen, lines, openHolds } = await orderState(open.db, id)
    ends.push({ status, refundedFen, lines, openHolds })
  }
  assert.deepEqual(ends[0], ends[1])
})

test('the same version from eight connections at once is applied once', async () => {
  const orders = await Promise.all(Array.from({ length: 6 }, () => order()))
  const refunds = orders.map(({ id, tid }) =>
    aRefund({
      shopId,
      tid,
      refundNo: `a${id}`,
      oid: 'o1',
      status: 'succeeded',
      amountFen: 6000,
      quantity: 2,
    }),
  )
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => apply(...(index % 2 ? refunds.toReversed() : refunds))),
  )
  assert.equal(answers.flat().filter((outcome) => outcome.done).length, 6)
  for (const { id } of orders) {
    const is = await orderState(open.db, id)
    assert.deepEqual([is.refundedFen, is.facts.length, is.events], [6000, 1, ['convert', 'refund_reduce']])
  }
})

test('voiding while a refund succeeds ends with one void and one fact of the right kind', async () => {
  const orders = await Promise.all(Array.from({ length: 12 }, () => order()))
  const ids = orders.map(({ id }) => id)
  const refunds = orders.map(({ id, tid }) =>
    aRefund({ shopId, tid, refundNo: `a${id}`, status: 'succeeded', amountFen: 10_000, quantity: 3 }),
  )
  await Promise.all([
    ...ids.map((id) =>
      open.db.transaction().execute((tx) => voidOrders(tx, [id], '重复下单', { actor, scope: wholeScope })),
    ),
    apply(...refunds.slice(0, 6)),
    apply(...refunds.slice(6).toReversed()),
  ])
  for (const id of ids) {
    const is = await orderState(open.db, id)
    const byRefund = is.voidReason === 'refunded_whole'
    assert.deepEqual([is.status, is.refundedFen], ['voided', 10_000])
    assert.deepEqual(is.facts, [
      { kind: byRefund ? 'order_refund' : 'void_refund', fen: 10_000, source: `a${id}` },
    ])
    assert.equal(is.events.filter((event) => event === 'void').length, 1)
  }
})

test('an unknown original and a line that is not on the order are refused, the others done', async () => {
  const { id, no, tid } = await order()
  const outcomes = await apply(
    aRefund({ shopId, tid: 'nowhere', refundNo: 'x1' }),
    aRefund({ shopId, tid, refundNo: 'x2', oid: 'gone' }),
    aRefund({ shopId, tid, refundNo: 'x3', oid: 'o1', amountFen: 10, quantity: 1 }),
  )
  assert.deepEqual(
    outcomes.map((one) => [one.id, one.done ? one.effect : one.code, one.ref]),
    [
      ['x1', 'no_original', undefined],
      ['x2', 'line_not_in_order', no],
      ['x3', 'hold', no],
    ],
  )
  assert.deepEqual((await orderState(open.db, id)).holds, [{ reason: 'refund_open', source: 'x3' }])
})
