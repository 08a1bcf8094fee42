import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { tradeTypes } from '../../connectors/connector.ts'
import { couriers } from '../../connectors/couriers.ts'
import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import { openDatabase, type Tx } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { facet } from '../../lib/facets.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { shortRegion } from '../../lib/text-hash.ts'
import { testDatabase } from '../../testing/database.ts'
import { type Dice, dice } from '../../testing/dice.ts'
import { listsAsPlainly } from '../../testing/lists.ts'
import { aRefund, aShop, matchGoods } from '../../testing/orders.ts'
import { asRelation, codes, day, names, newest, provinces, someTrade } from '../../testing/some-trades.ts'
import { aWarehouse, putStock } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { reserveNewOrders } from '../allocation/goods.ts'
import { acceptOrders } from '../create/accept.ts'
import { holdOrders, liftHolds } from '../holds/holds.ts'
import { planShipping } from '../holds/ship-after.ts'
import { orders } from '../lists.ts'
import { offPlatformOrigins, orderStatuses, unshipped } from '../order/lifecycle.ts'
import { recordPlatformChanges, resolvePlatformChanges } from '../platform-changes/differences.ts'
import { applyRefunds } from '../refunds/refunds.ts'
import { restoreOrders } from '../refunds/restore.ts'
import { confirmOrders, unconfirmOrders } from '../review/confirm.ts'
import { usualChecks } from '../review/confirm-settings.ts'
import { setEditLocks } from '../review/desk-lock.ts'
import { editOrders } from '../review/edit.ts'
import { judgeAndKeep } from '../review/judge.ts'
import { setWarehouse } from '../review/rechoose.ts'
import { transition } from '../status/transition.ts'
import { voidOrders } from '../status/void.ts'
import { type OrderFilter, type OrderTab, orderList, refundStates } from './lists-contract.ts'
import { orderQuery, orderTable } from './order-list.ts'

const orderSorts = orderList.sorts
const orderTabs = Object.keys(orderList.tabs) as OrderTab[]

const database = await testDatabase()
const { db, close } = openDatabase(database.url)
after(async () => {
  await close()
  await database[Symbol.asyncDispose]()
})
const ring = memoryKeyRing()
await createQueues(db, jobs)

const at = (days: number) => new Date(newest - days * day).toISOString()

const clerk: Actor = { kind: 'user', id: '1', name: '林晓' }
const { delay: _, ...atOnce } = usualChecks

/** Runs every verb that writes orders, each on some of the orders. */
async function live(random: Dice, ids: readonly string[], warehouses: readonly string[]): Promise<void> {
  const some = (share: number) => ids.filter(() => random.chance(share))
  const refund = (id: string, tid: string, shopId: string) =>
    aRefund({
      shopId,
      tid,
      refundNo: `r${id}`,
      amountFen: 100,
      status: random.pick(['applied', 'succeeded']),
    })
  const acts: ((tx: Tx) => Promise<unknown>)[] = [
    (tx) =>
      holdOrders(
        tx,
        some(0.2),
        { reason: 'risk', note: '', until: null },
        { actor: clerk, scope: wholeScope },
      ),
    (tx) => liftHolds(tx, some(0.3), {}, { actor: clerk, scope: wholeScope }),
    (tx) =>
      planShipping(
        tx,
        some(0.3),
        { at: new Date(newest - random.int(120) * day) },
        { actor: clerk, scope: wholeScope },
      ),
    (tx) => planShipping(tx, some(0.1), { at: null }, { actor: clerk, scope: wholeScope }),
    (tx) => setWarehouse(tx, some(0.3), random.pick(warehouses), { actor: clerk, scope: wholeScope }),
    (tx) =>
      editOrders(
        tx,
        ring,
        some(0.3).map((id) => ({ id, courier: random.pick(couriers).code, urgent: random.chance(0.5) })),
        { actor: clerk, scope: wholeScope },
      ),
    (tx) =>
      editOrders(
        tx,
        ring,
        some(0.1).map((id) => ({ id, receiver: { province: '浙江省' } })),
        { actor: clerk, scope: wholeScope },
      ),
    (tx) =>
      recordPlatformChanges(
        tx,
        some(0.3).map((orderId) => ({
          ...{ orderId, kind: random.pick(['memo', 'flag', 'payment'] as const), old: '', new: '4' },
          tradeVersion: new Date(newest),
        })),
        systemActor,
      ),
    (tx) => resolvePlatformChanges(tx, some(0.3), { how: 'apply' }, { actor: clerk, scope: wholeScope }),
    async (tx) => {
      const found = await sql<{ id: string; tid: string; shopId: string }>`
        select id, tid, shop_id as "shopId" from sales_order where id = any(${some(0.15)}::bigint[])`.execute(
        tx,
      )
      await applyRefunds(
        tx,
        found.rows.map(({ id, tid, shopId }) => refund(id, tid, shopId)),
        systemActor,
      )
    },
    (tx) =>
      judgeAndKeep(
        tx,
        some(0.3).map((id) => ({ id, checks: atOnce })),
        new Date(),
        systemActor,
      ),
    (tx) => confirmOrders(tx, some(0.6), { actor: clerk, scope: wholeScope }),
    (tx) => transition(tx, some(0.5), { event: 'release' }, clerk),
    (tx) => unconfirmOrders(tx, some(0.1), { actor: clerk, scope: wholeScope }),
    (tx) => transition(tx, some(0.5), { event: 'ship' }, clerk),
    (tx) => transition(tx, some(0.3), { event: 'complete' }, clerk),
    (tx) => voidOrders(tx, some(0.1), '不要了', { actor: clerk, scope: wholeScope }),
    (tx) => restoreOrders(tx, some(0.1), { actor: clerk, scope: wholeScope }),
    (tx) => setEditLocks(tx, some(0.1), { actor: clerk, scope: wholeScope }),
  ]
  for (const act of acts) await db.transaction().execute(act)
}

async function aWorld(random: Dice): Promise<{ shops: string[]; warehouses: string[] }> {
  const shops = [await aShop(db), await aShop(db)]
  const warehouses = [await aWarehouse(db), await aWarehouse(db)]
  for (const shop of shops) {
    const sku = await matchGoods(db, shop)
    for (const warehouse of warehouses) await putStock(db, warehouse, sku, 60)
  }
  const ids: string[] = []
  for (let batch = 0; batch < 4; batch += 1) {
    const trades = Array.from({ length: 90 }, (_, n) =>
      someTrade(ring, random, `t${batch}-${n}`, random.pick(shops)),
    )
    await db.transaction().execute(async (tx) => {
      const made = await acceptOrders(tx, asRelation(trades), systemActor)
      const fresh = made.map(({ id }) => id)
      await reserveNewOrders(tx, fresh)
      ids.push(...fresh)
    })
  }
  // The creation times are spread over weeks, as in real use.
  await sql`update sales_order set created_at = ordered_at + (id % 5) * interval '9 days' + (id % 11) * interval '50 minutes'`.execute(
    db,
  )
  await live(random, ids, warehouses)
  await sql`update sales_order set archived_at = now() where status in ('completed', 'voided') and id % 3 > 0`.execute(
    db,
  )
  return { shops, warehouses }
}

function someFilter(
  random: Dice,
  { shops, warehouses }: { shops: string[]; warehouses: string[] },
): OrderFilter {
  const yesOrNo = () => random.pick(['true', 'false'])
  const some: Partial<Record<keyof OrderFilter, () => string>> = {
    shop: () => random.pick([...shops, '70077', `${shops[0]},70077`]),
    flag: () => random.pick(['0', '3', '1,2,3,4,5']),
    refund: () => random.pick([...refundStates, 'open,succeeded']),
    ...{ held: yesOrNo, differs: yesOrNo, short: yesOrNo, unmatched: yesOrNo, urgent: yesOrNo },
    ...{ problem: yesOrNo, locked: yesOrNo, planned: yesOrNo, hasMessage: yesOrNo, hasMemo: yesOrNo },
    ...{ cod: yesOrNo, severalLines: yesOrNo, archived: yesOrNo },
    origin: () => random.pick([...offPlatformOrigins, 'manual,reship']),
    courier: () => random.pick([...couriers.map(({ code }) => code), 'SF,YTO,ZTO,JD']),
    warehouse: () => random.pick([...warehouses, '99', '4711', warehouses.join()]),
    type: () => random.pick([...tradeTypes, 'normal,presale']),
    province: () => random.pick([...provinces, '浙江省,某地']),
    ...{ paidFrom: () => at(random.int(130)), paidTo: () => at(random.int(130)) },
    ...{ createdFrom: () => at(random.int(130)), createdTo: () => at(random.int(130)) },
    ...{ shipByTo: () => at(random.int(130) - 10), shipAfterTo: () => at(random.int(130)) },
    ...{ paymentFromFen: () => String(random.int(30_000)), paymentToFen: () => String(random.int(30_000)) },
    q: () => random.pick([...codes, ...names, '无人']),
  }
  const known = Object.keys(some) as (keyof OrderFilter)[]
  const filter: Record<string, string> = { tab: random.pick(orderTabs) }
  for (let count = random.int(5); count > 0; count -= 1) {
    const name = random.pick(known)
    filter[name] = some[name]?.() ?? ''
  }
  return filter as OrderFilter
}

/** The meaning of a filter as conditions on plain columns and related rows. */
function plainly(filter: OrderFilter) {
  const { tab = 'unconfirmed' } = filter
  const list = (text: string | undefined) => text?.split(',') ?? []
  const held = sql`exists (select from order_hold h where h.order_id = t.id and h.released_at is null)`
  const differs = sql`exists (select from order_difference c where c.order_id = t.id and c.settled_at is null)`
  const problem = sql`exists (select from order_problem p where p.order_id = t.id and p.waived_at is null)`
  const short = sql`t.facets[5] & 2 = 2`
  const planned = sql`t.ship_after is not null`
  const ofTab = { problem, held, differs, short, presale: planned }
  const yes = (text: string | undefined, met: ReturnType<typeof sql>) =>
    text === undefined ? sql`true` : sql`(${met}) = ${text === 'true'}`
  const refund = sql`case when exists (select from order_refund r where r.order_id = t.id and r.refund_status in ('applied', 'agreed') and r.kind <> 'money_only')
    then 'open' when exists (select from order_refund r where r.order_id = t.id and r.fact is not null) then 'succeeded' else 'none' end`
  const types = list(filter.type).map((type) =>
    facet('tradeType', 1 + [...tradeTypes].indexOf(type as never)),
  )
  const isName = names.some((name) => name === filter.q)
  return sql.join(
    [
      tab !== 'all' &&
        sql`t.status = any(${tab in ofTab ? (tab === 'problem' ? ['unconfirmed'] : [...unshipped]) : [tab]}::text[])`,
      tab in ofTab && ofTab[tab as keyof typeof ofTab],
      filter.archived !== 'true' && sql`t.archived_at is null`,
      filter.shop && sql`t.shop_id::text = any(${list(filter.shop)})`,
      filter.flag && sql`t.flag::text = any(${list(filter.flag)})`,
      filter.refund && sql`${refund} = any(${list(filter.refund)})`,
      yes(filter.held, held),
      yes(filter.differs, differs),
      yes(filter.problem, problem),
      yes(filter.short, short),
      yes(filter.planned, planned),
      yes(filter.unmatched, sql`t.facets[5] & 1 = 1`),
      yes(filter.urgent, sql`t.urgent`),
      yes(filter.locked, sql`t.locked_by is not null`),
      yes(filter.hasMessage, sql`t.buyer_message <> ''`),
      yes(filter.hasMemo, sql`t.seller_memo <> ''`),
      yes(filter.cod, sql`t.cod`),
      yes(filter.severalLines, sql`(select count(*) from order_line l where l.order_id = t.id) > 1`),
      filter.origin && sql`t.origin = any(${list(filter.origin)})`,
      filter.courier && sql`t.courier = any(${list(filter.courier)})`,
      filter.warehouse && sql`t.warehouse_id::text = any(${list(filter.warehouse)})`,
      filter.type && sql`t.facets && ${types}::int[]`,
      filter.province && sql`split_part(t.region, ' ', 1) = any(${list(filter.province).map(shortRegion)})`,
      filter.paymentFromFen && sql`t.payment_fen >= ${filter.paymentFromFen}`,
      filter.paymentToFen && sql`t.payment_fen <= ${filter.paymentToFen}`,
      filter.paidFrom && sql`t.paid_at >= ${filter.paidFrom}`,
      filter.paidTo && sql`t.paid_at < ${filter.paidTo}`,
      filter.createdFrom && sql`t.created_at >= ${filter.createdFrom}`,
      filter.createdTo && sql`t.created_at < ${filter.createdTo}`,
      filter.shipByTo && sql`t.ship_by < ${filter.shipByTo}`,
      filter.shipAfterTo && sql`t.ship_after < ${filter.shipAfterTo}`,
      filter.q &&
        (isName
          ? sql`t.receiver_masked like ${`${filter.q.slice(0, 1)}%`}`
          : sql`exists (select from order_line l where l.order_id = t.id and l.outer_sku_id = ${filter.q})`),
      sql`true`,
    ].filter((one) => one !== false && one !== undefined && one !== ''),
    sql` and `,
  )
}

test('a list is what the plain query says, and what it is found by follows every write', async () => {
  const random = dice(5)
  const world = await aWorld(random)
  const seen = await sql<{
    statuses: number
    couriers: number
    refunds: number
    shorts: number
    archived: number
  }>`
    select count(distinct status)::int as statuses, count(distinct courier)::int as couriers,
      count(distinct facets[4])::int as refunds, (count(*) filter (where facets[5] & 2 = 2))::int as shorts, count(archived_at)::int as archived from sales_order`.execute(
    db,
  )
  const [kinds] = seen.rows
  assert.deepEqual([kinds?.statuses, kinds?.refunds], [orderStatuses.length, 3])
  assert.ok(
    (kinds?.couriers ?? 0) > 10 && (kinds?.shorts ?? 0) > 10 && (kinds?.archived ?? 0) > 20,
    JSON.stringify(kinds),
  )
  for (let round = 0; round < 300; round += 1) {
    const filter = someFilter(random, world)
    const sort = random.pick(['', '-']) + random.pick(orderSorts)
    const query = await orderQuery(db, { ring }, filter, { scope: wholeScope, sort })
    const limit = 1 + random.int(40)
    const asked = JSON.stringify({ filter, sort, limit })
    await listsAsPlainly(db, orderTable, query, { plain: plainly(filter), limit, asked })
    if (round % 3 === 0)
      assert.deepEqual(
        await orders({ ring, waybills: sql`delivery` }).counts({ db, scope: wholeScope }, filter),
        await countPlainly(filter),
        asked,
      )
  }
})

async function countPlainly(filter: OrderFilter) {
  const counts = orderTabs.map(
    (tab) => sql`(count(*) filter (where ${plainly({ ...filter, tab })}))::int as ${sql.ref(tab)}`,
  )
  const found = await sql<Record<OrderTab, number>>`select ${sql.join(counts)} from sales_order t`.execute(db)
  const [row] = found.rows
  return Object.fromEntries(orderTabs.map((tab) => [tab, { count: row?.[tab], capped: false }]))
}
