import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase } from '../../core/db/db.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aRefund, aShop, orderState } from '../../testing/orders.ts'
import { totalRefunds } from '../refunds/refund-money.ts'
import { applyRefunds, type RefundVersion } from '../refunds/refunds.ts'
import {
  approveExtraRefunds,
  createExtraRefund,
  type ExtraRefundInput,
  voidExtraRefunds,
} from '../settle/extra-refunds.ts'

let database: TestDatabase
let open: OpenDatabase
let shopId: string
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 12 })
  shopId = await aShop(open.db)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const apply = (refunds: RefundVersion[]) =>
  open.db.transaction().execute((tx) => applyRefunds(tx, refunds, actor))

const line = fc.record({
  quantity: fc.integer({ min: 1, max: 3 }),
  paymentFen: fc.integer({ min: 0, max: 500 }),
})
/** The versions of one refund: first open or refused ones, then perhaps an end, perhaps with another amount. */
const story = fc.record({
  line: fc.integer({ min: 0, max: 3 }),
  kind: fc.constantFrom('refund_only' as const, 'return' as const),
  quantity: fc.integer({ min: 0, max: 3 }),
  pending: fc.array(fc.constantFrom('applied' as const, 'agreed' as const, 'refused' as const), {
    maxLength: 2,
  }),
  end: fc.constantFrom('closed' as const, 'succeeded' as const, 'none' as const),
  amounts: fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 2 }),
})
const world = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 3 }),
  postFeeFen: fc.integer({ min: 0, max: 100 }),
  stories: fc.array(story, { minLength: 1, maxLength: 4 }),
  /** The sequence in which the versions arrive, and how many arrive in one call. */
  shuffle: fc.array(fc.nat(1000), { minLength: 20, maxLength: 20 }),
  callSize: fc.integer({ min: 1, max: 4 }),
})
type World = typeof world extends fc.Arbitrary<infer T> ? T : never

function versionsOf({ stories, lines }: World, tid: string): RefundVersion[] {
  return stories.flatMap((one, index) => {
    const oid = one.line < lines.length ? `o${one.line}` : ''
    const base = {
      shopId,
      tid,
      oid,
      kind: one.kind,
      quantity: one.quantity,
      refundNo: `${tid}r${index}`,
      amountFen: one.amounts[0] ?? 0,
    }
    const pending = one.pending.map((status, at) => aRefund({ ...base, status, at }))
    const at = pending.length
    if (one.end === 'none') return pending
    if (one.end === 'closed') return [...pending, aRefund({ ...base, status: 'closed', at })]
    return [
      ...pending,
      ...one.amounts.map((amountFen, i) => aRefund({ ...base, status: 'succeeded', amountFen, at: at + i })),
    ]
  })
}

/** Returns the names of the conditions between an order's rows that do not hold, computed without the code that writes the rows. */
async function violations(orderId: string): Promise<string[]> {
  const found = await sql<{ name: string }>`
    with o as (select * from sales_order where id = ${orderId}),
    l as (select sum(payment_fen) as paid, sum(refunded_fen) as fen, sum(refunded_quantity) as quantity,
                 bool_and(refunded_fen <= payment_fen) as within, bool_and(refunded_quantity = quantity) as all_goods
          from order_line where order_id = ${orderId}),
    r as (select coalesce(sum(counted_fen), 0) as fen, coalesce(bool_or(refund_status in ('applied', 'agreed') and kind <> 'money_only'), false) as open,
                 coalesce(bool_or(fact is not null), false) as some from order_refund where order_id = ${orderId}),
    f as (select coalesce(sum(amount_fen), 0) as fen, count(*) = count(distinct source) as once from (
      select 0 - amount_fen as amount_fen, s.source from settlement s, o where s.order_id = o.id and s.source <> o.no and s.status <> 'voided') s),
    h as (select count(*) as open from order_hold where order_id = ${orderId} and released_at is null)
    select unnest(array_remove(array[
      case when o.payment_fen <> l.paid + o.post_fee_fen then 'payment is not lines and freight' end,
      case when o.refunded_fen <> r.fen then 'refunded is not the sum of refunds' end,
      case when o.refunded_fen <> f.fen then 'facts do not sum to refunded' end,
      case when not f.once then 'a refund has two facts' end,
      case when not l.within or l.fen > o.refunded_fen then 'lines refunded more than there is' end,
      case when o.refunded_quantity <> l.quantity then 'quantity is not the sum of lines' end,
      case when o.open_holds <> h.open then 'holds miscounted' end,
      case when o.facets[2] & 67108863 <> (h.open > 0)::int then 'held facet' end,
      case when o.facets[4] & 67108863 <> case when r.open then 1 when r.some then 2 else 0 end then 'refund facet' end,
      case when o.status <> 'voided' and (l.all_goods or (o.payment_fen > 0 and o.refunded_fen >= o.payment_fen))
           then 'whole but not voided' end
    ], null)) as name from o, l, r, f, h`.execute(open.db)
  return found.rows.map((row) => row.name)
}

test('money is conserved to the fen, and the end depends on the versions, not on the way they came', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const orders = [await ordered(given), await ordered(given)]
      for (const [at, { id, tid }] of orders.entries()) {
        const versions = versionsOf(given, tid)
        const came = at === 0 ? versions : shuffled([...versions, ...versions], given.shuffle)
        for (let from = 0; from < came.length; from += at === 0 ? 1 : given.callSize) {
          await apply(came.slice(from, from + (at === 0 ? 1 : given.callSize)))
          assert.deepEqual(await violations(id), [])
        }
        const succeeded = given.stories
          .filter((one) => one.end === 'succeeded')
          .map((one) => one.amounts.at(-1) ?? 0)
        assert.equal(
          (await orderState(open.db, id)).refundedFen,
          succeeded.reduce((a, b) => a + b, 0),
        )
      }
      const ends = await Promise.all(orders.map(({ id }) => orderState(open.db, id)))
      // Refunds after a void change money only, and it depends on the sequence whether an order was voided in between. Then only the money
      // of the lines is compared.
      const compared = ends.map((end) =>
        ends.some((one) => one.status === 'voided') ? end.lines.map((one) => one.fen) : end.lines,
      )
      assert.deepEqual(compared[0], compared[1])
    }),
    { numRuns: 60 },
  )
})

const ordered = ({ lines, postFeeFen }: World) =>
  anOrder(open.db, { shopId, postFeeFen, lines: lines.map((one, index) => ({ oid: `o${index}`, ...one })) })

function shuffled<T>(items: readonly T[], keys: readonly number[]): T[] {
  return items
    .map((item, index) => ({ item, key: keys[index % keys.length] ?? 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

const lines = [
  { lineNo: 1, oid: 'a', quantity: 3, paymentFen: 1000 },
  { lineNo: 2, oid: 'b', quantity: 1, paymentFen: 500 },
]
const counted = (refundNo: string, oid: string, fen: number, quantity: number) => ({
  refundNo,
  oid,
  fen,
  quantity,
  takesGoods: true,
})
const settled = (...refunds: ReturnType<typeof counted>[]) => {
  const { lines: off, whole } = totalRefunds({ paymentFen: 1600, postFeeFen: 100 }, lines, refunds)
  return [off.map((one) => [one.refundedFen, one.refundedQuantity]), whole]
}

test('goods come off a line when the money covers them', () => {
  assert.deepEqual(settled(counted('1', 'a', 333, 1)), [
    [
      [333, 1],
      [0, 0],
    ],
    false,
  ])
  assert.deepEqual(settled(counted('1', 'a', 332, 1)), [
    [
      [332, 0],
      [0, 0],
    ],
    false,
  ])
  assert.deepEqual(settled(counted('1', 'a', 400, 3), counted('2', 'a', 600, 3)), [
    [
      [1000, 3],
      [0, 0],
    ],
    false,
  ])
  assert.deepEqual(settled(counted('1', 'a', 1000, 0)), [
    [
      [1000, 0],
      [0, 0],
    ],
    false,
  ])
  assert.deepEqual(settled(counted('1', 'a', 1000, 3), counted('2', 'b', 500, 1)), [
    [
      [1000, 3],
      [500, 1],
    ],
    true,
  ])
})

test('a refund of the whole trade is spread to the last fen', () => {
  assert.deepEqual(settled(counted('1', '', 1600, 4)), [
    [
      [1000, 3],
      [500, 1],
    ],
    true,
  ])
  assert.deepEqual(settled(counted('1', '', 160, 4)), [
    [
      [100, 0],
      [50, 0],
    ],
    false,
  ])
  assert.deepEqual(settled(counted('1', '', 1100, 1), counted('2', 'b', 500, 1)), [
    [
      [1000, 3],
      [500, 1],
    ],
    true,
  ])
  assert.deepEqual(settled(counted('1', '', 1600, 0)), [
    [
      [1000, 0],
      [500, 0],
    ],
    true,
  ])
})

const draft = (orderId: string, amountFen: number, more: Partial<ExtraRefundInput> = {}) =>
  open.db
    .transaction()
    .execute((tx) =>
      createExtraRefund(
        tx,
        { orderId, amountFen, kind: 'compensation', reason: '破损', ...more },
        { actor, scope: wholeScope },
      ),
    )
const approve = (ids: string[]) =>
  open.db.transaction().execute((tx) => approveExtraRefunds(tx, ids, { actor, scope: wholeScope }))

test('an extra refund takes at most paid − refunded − pending', async () => {
  const { id, tid } = await anOrder(open.db, { shopId })
  await apply([
    aRefund({
      shopId,
      tid,
      oid: 'o2',
      refundNo: `x${id}`,
      status: 'succeeded',
      amountFen: 4000,
      quantity: 1,
    }),
  ])
  const first = await draft(id, 3500, { refundNo: 'platform1' })
  assert.ok(first.done)
  assert.match(first.extraRefund.no, /^ER\d{12}$/)
  const over = await draft(id, 2501)
  assert.deepEqual(over, {
    done: false,
    code: 'over_limit',
    message: { zh: '超过可退金额，最多 ¥25.00', en: 'More than can be returned; at most ¥25.00' },
    limitFen: 2500,
  })
  assert.equal((await draft(id, 2500)).done, true)
  const is = await orderState(open.db, id)
  assert.deepEqual(
    [is.refundedFen, is.facts.length, is.events.slice(-2)],
    [4000, 1, ['extra_refund_draft', 'extra_refund_draft']],
  )
})

test('an order that is not paid has nothing to return', async () => {
  const { id } = await anOrder(open.db, { shopId, paid: false })
  const answer = await draft(id, 1)
  assert.equal(!answer.done && answer.code, 'not_paid')
})

test('drafts at once never go beyond the limit together', async () => {
  const { id } = await anOrder(open.db, { shopId })
  const answers = await Promise.all(Array.from({ length: 8 }, () => draft(id, 3000)))
  assert.equal(answers.filter((answer) => answer.done).length, 3)
  const sum = await sql<{
    fen: number
  }>`select sum(amount_fen)::int as fen from extra_refund where order_id = ${id}`.execute(open.db)
  assert.equal(sum.rows[0]?.fen, 9000)
})

test('approving records its settlement once; what was refunded meanwhile counts', async () => {
  const { id, tid } = await anOrder(open.db, { shopId })
  const drafts = [await draft(id, 3000), await draft(id, 4000)]
  const ids = drafts.flatMap((answer) => (answer.done ? [answer.extraRefund.id] : []))
  await apply([
    aRefund({
      shopId,
      tid,
      oid: 'o1',
      refundNo: `x${id}`,
      status: 'succeeded',
      amountFen: 6000,
      quantity: 2,
    }),
  ])
  const answers = await Promise.all([approve(ids), approve(ids)])
  const codes = answers
    .flat()
    .map((one) => (one.done ? 'done' : one.code))
    .sort()
  assert.deepEqual(codes, ['already', 'done', 'over_limit', 'over_limit'])
  const facts = (await orderState(open.db, id)).facts.filter((fact) => fact.kind === 'extra_refund')
  assert.deepEqual(
    facts.map((fact) => fact.fen),
    [3000],
  )
  const voided = await open.db
    .transaction()
    .execute((tx) => voidExtraRefunds(tx, ids, { actor, scope: wholeScope }))
  assert.deepEqual(
    voided.map((one) => (one.done ? 'done' : one.code)),
    ['wrong_status', 'done'],
  )
})

test('extra refunds of shops outside the scope are not found', async () => {
  const { id } = await anOrder(open.db, { shopId })
  const answer = await draft(id, 100)
  assert.ok(answer.done)
  const refused = await open.db
    .transaction()
    .execute((tx) =>
      approveExtraRefunds(tx, [answer.extraRefund.id], { actor, scope: { shops: [], warehouses: 'all' } }),
    )
  assert.deepEqual(
    refused.map((one) => !one.done && one.code),
    ['not_found'],
  )
})
