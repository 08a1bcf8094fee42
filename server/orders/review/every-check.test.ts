import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { facet, has } from '../../lib/facets.ts'
import { buyerKeyMonth, makeBuyerKeys } from '../../lib/people.ts'
import { seal } from '../../lib/seal.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import {
  aReceiver,
  aRefund,
  aReservedOrder,
  aShop,
  matchGoods,
  type OrderInput,
} from '../../testing/orders.ts'
import { aWarehouse, putStock } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { blacklistBuyers } from '../buyers/blacklist.ts'
import { holdOrders } from '../holds/holds.ts'
import { tradeTypeFacet } from '../order/facets.ts'
import { applyRefunds } from '../refunds/refunds.ts'
import { type CheckName, checkNames, checks } from './checks.ts'
import { confirmByRule } from './confirm.ts'
import { type CheckSettings, parseChecks } from './confirm-settings.ts'

let house: TestApp
let clerk: Caller
let shopId: string
let warehouse: string
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  shopId = await aShop(house.db)
  warehouse = await aWarehouse(house.db, 1)
  await putStock(house.db, warehouse, await matchGoods(house.db, shopId), 1000)
  clerk = await house.as(['orders.read', 'orders.rules'])
})
after(() => house[Symbol.asyncDispose]())

type Order = { id: string; no: string; tid: string }
const order = (input: Partial<OrderInput> = {}) => aReservedOrder(house.db, { shopId, ...input })
/** An ordinary order with these columns changed. */
async function having(columns: Record<string, unknown>, input: Partial<OrderInput> = {}): Promise<Order> {
  const made = await order(input)
  for (const [column, value] of Object.entries(columns))
    await sql`update sales_order set ${sql.ref(column)} = ${value} where id = ${made.id}`.execute(house.db)
  return made
}
const write = (statement: ReturnType<typeof sql>) => statement.execute(house.db)

let buyers = 0
/** The buyer keys of a buyer without any other order. */
function aBuyer(mobile = ''): number[] {
  buyers += 1
  const receiver = {
    name: `买家${buyers}`,
    mobile: mobile || `1390000${String(buyers).padStart(4, '0')}`,
    phone: '',
  }
  return makeBuyerKeys(house.ring, buyerKeyMonth(new Date()), { nick: `nick${buyers}`, receiver })
}

/** For each check: its parameters, as far as they are not the usual ones, and an order that it stops. */
const cases: Record<CheckName, [params: Record<string, unknown>, make: () => Promise<Order>]> = {
  locked: [{}, () => having({ locked_by: 'user:9', locked_name: '陈晨' })],
  not_paid: [{}, () => order({ paid: false })],
  on_hold: [
    {},
    async () => {
      const made = await order()
      const input = { reason: 'price' as const, note: '', until: null }
      await house.db
        .transaction()
        .execute((tx) => holdOrders(tx, [made.id], input, { actor, scope: wholeScope }))
      return made
    },
  ],
  refund_open: [
    {},
    async () => {
      const made = await order()
      const refund = aRefund({ shopId, tid: made.tid, refundNo: `e${made.id}`, oid: 'o1', amountFen: 1 })
      await house.db.transaction().execute((tx) => applyRefunds(tx, [refund], actor))
      return made
    },
  ],
  difference: [{}, () => having({ differences: 1 })],
  buyer_message: [{}, () => having({ buyer_message: '快点' })],
  seller_memo: [{}, () => having({ seller_memo: '老客' })],
  words: [{ words: '发票' }, () => having({ seller_memo: '要发票' })],
  flag: [{}, () => having({ flag: 1 })],
  amount_above: [{ yuan: 99 }, () => order()],
  amount_below: [{ yuan: 101 }, () => order()],
  quantity_above: [{ pieces: 2 }, () => order()],
  lines_above: [{ lines: 1 }, () => order()],
  duplicate: [
    {},
    async () => {
      const people = aBuyer()
      await having({ people })
      return having({ people })
    },
  ],
  mergeable: [
    {},
    async () => {
      const receiverHash = aReceiver()
      await order({ receiverHash })
      return order({ receiverHash })
    },
  ],
  blacklist: [
    {},
    async () => {
      const people = aBuyer('13977776666')
      const personal = {
        nick: 'bad',
        receiver: {
          name: '坏人',
          mobile: '13977776666',
          phone: '',
          province: '浙江',
          city: '杭州',
          district: '',
        },
      }
      const made = await having({ people, personal: seal(house.ring, shopId, JSON.stringify(personal)) })
      const input = { by: ['phone' as const], reason: '恶意退款', until: null }
      await house.db
        .transaction()
        .execute((tx) =>
          blacklistBuyers(tx, house.ring, { ids: [made.id], input }, { actor, scope: wholeScope }),
        )
      return made
    },
  ],
  address_incomplete: [{}, () => having({ region: '浙江' })],
  address_unknown: [{}, () => having({ region: '浙西 杭州' })],
  many_addresses: [
    {},
    async () => {
      const people = aBuyer()
      await having({ people, receiver_hash: aReceiver() })
      return having({ people, receiver_hash: aReceiver() })
    },
  ],
  many_buyers: [
    { buyers: 1 },
    async () => {
      const receiver = aReceiver()
      await having({ people: aBuyer(), receiver_hash: receiver })
      return having({ people: aBuyer(), receiver_hash: receiver })
    },
  ],
  region_words: [{ words: '浙江' }, () => order()],
  short: [{}, () => order({ lines: [{ oid: 'o1', quantity: 5000, paymentFen: 5000 }] })],
  goods_words: [{ words: '补差,四件' }, () => order()],
  presale: [{}, () => marked(tradeTypeFacet('presale'))],
  invoice: [{}, () => marked(facet('has', has.invoice))],
  oversold: [{}, () => marked(facet('has', has.oversold))],
  cod: [{}, () => order({ cod: true })],
  price_percent: [{ percent: 30 }, () => cheap()],
  below_reference: [
    {},
    async () => {
      const made = await cheap()
      await write(sql`update sku set reference_fen = 5000 where code = ${`OF-SHOP-${shopId}`}`)
      return made
    },
  ],
  no_courier: [{}, () => having({ courier: '' })],
  out_of_reach: [{}, () => having({ courier: 'SF', region: '西藏 那曲' })],
  no_warehouse: [{}, () => having({ warehouse_id: null })],
  taken_back: [
    {},
    async () => {
      const made = await order()
      await write(sql`
        insert into order_event (order_id, event, actor_kind, actor_id, actor_name) values (${made.id}, 'unconfirm', 'user', '7', '林晓')`)
      return made
    },
  ],
  dates: [{ from: '2099-01-01' }, () => order()],
  delay: [{ minutes: 60 }, () => order()],
}

async function marked(one: number): Promise<Order> {
  const made = await order()
  await write(sql`update sales_order set facets = facets || ${one}::int where id = ${made.id}`)
  return made
}

async function cheap(): Promise<Order> {
  const made = await order()
  await write(sql`update order_line set price_fen = 30000 where order_id = ${made.id} and line_no = 1`)
  return made
}

/** Settings that apply this check only, besides those that no rule can switch off. */
const only = (name: CheckName, params: Record<string, unknown>): CheckSettings =>
  parseChecks(
    Object.fromEntries(
      checkNames
        .filter((each) => !checks[each].always)
        .map((each) => [each, each === name ? { on: true, ...params } : { on: false }]),
    ),
  )

async function keptOf(id: string) {
  const found = await sql<{ status: string; reasons: string[] }>`
    select o.status, array(select reason from order_problem p where p.order_id = o.id order by 1) as reasons
    from sales_order o where o.id = ${id}`.execute(house.db)
  return found.rows[0]
}

for (const name of checkNames)
  test(`${checks[name].zh} (${name}) stops an order, in a dry run as for real`, async () => {
    await write(sql`update sales_order set status = 'shipped' where status <> 'shipped'`)
    await write(sql`update sku set reference_fen = null`)
    const [params, make] = cases[name]
    if (name === 'out_of_reach')
      await write(sql`
        insert into choice_rules (kind, rules, reach, updated_by) values ('courier', '[]'::jsonb, ${JSON.stringify({ SF: ['西藏'] })}::jsonb, '林晓')`)
    const made = await make()
    const settings = only(name, params)

    const dry = await clerk.call('POST', `/api/confirm-rules/${shopId}/dry-run`, { checks: settings })
    assert.equal(dry.status, 200, JSON.stringify(dry.body))
    const row = Object(dry.body).rows.find((one: Order) => one.id === made.id)
    assert.ok(
      row?.reasons.some(({ reason }: { reason: string }) => reason === name),
      JSON.stringify(dry.body),
    )
    assert.deepEqual(await keptOf(made.id), { status: 'unconfirmed', reasons: [] })

    const rules = JSON.stringify([{ name: '平日', enabled: true, from: null, to: null, checks: settings }])
    await write(sql`
      insert into confirm_rules (shop_id, rules, updated_by) values (${shopId}, ${rules}::jsonb, '林晓')
      on conflict (shop_id) do update set rules = excluded.rules`)
    await house.db.transaction().execute((tx) => confirmByRule(tx, shopId, [made.id], actor))
    const kept = checks[name].waits === true ? [] : [name]
    assert.deepEqual(await keptOf(made.id), { status: 'unconfirmed', reasons: kept })

    // With the check switched off the order is confirmed.
    if (checks[name].always) return
    await write(sql`
      update confirm_rules set rules = jsonb_set(rules, ${['0', 'checks', name, 'on']}::text[], 'false') where shop_id = ${shopId}`)
    await house.db.transaction().execute((tx) => confirmByRule(tx, shopId, [made.id], actor))
    assert.deepEqual(await keptOf(made.id), { status: 'confirmed', reasons: [] })
  })
