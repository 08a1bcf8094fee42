import { sql } from 'kysely'
import { type RefundKind, type RefundStatus, refundKinds } from '../server/connectors/connector.ts'
import { systemActor, wholeScope } from '../server/core/access/actor.ts'
import type { Database, Tx } from '../server/core/db/db.ts'
import { migrate } from '../server/core/db/migrate.ts'
import { bulkActions } from '../server/core/verbs.ts'
import { convertTrades } from '../server/flows/convert-trade.ts'
import { shipDeliveries } from '../server/flows/ship.ts'
import { releaseOrders } from '../server/fulfilment/shipping/release.ts'
import { setWaybills } from '../server/fulfilment/shipping/waybills.ts'
import {
  aRefund,
  aTrade,
  type IntakeFixture,
  matchGoods,
  stage,
  stageRefunds,
} from '../server/intake/testing.ts'
import { intakeVerbs } from '../server/intake/verbs.ts'
import { transition } from '../server/orders/status/transition.ts'
import { voidOrders } from '../server/orders/status/void.ts'
import { type BenchServer, freshDatabase, open } from './database.ts'
import { report } from './report.ts'
import { runBatch } from './run-batch.ts'
import { writtenColumns } from './world/copies.ts'
import { type PlainWrite, plainSeconds } from './world/plain.ts'
import { makeQueues } from './world/world.ts'

/** The states of the original trades and orders; one entry is a tenth of them. */
const fates = [
  'staged',
  'unconfirmed',
  'unconfirmed',
  'confirmed',
  'confirmed',
  'released',
  'released',
  'shipped',
  'shipped',
  'voided',
] as const
type Fate = (typeof fates)[number]
const kinds = refundKinds.filter((kind) => kind !== 'other')
const statuses: readonly RefundStatus[] = [
  'applied',
  'agreed',
  'succeeded',
  'succeeded',
  'succeeded',
  'refused',
  'closed',
]
const chunk = 1000

/**
 * Measures converting refunds of every kind and status, on originals in every state, as one bulk action; for comparison, one plain script
 * that writes the same rows.
 */
export async function benchRefunds(server: BenchServer, count: number): Promise<void> {
  const url = await freshDatabase(server, 'bench_refunds')
  await migrate(url)
  await makeQueues(url)
  const { db, close } = open(url)
  try {
    await using pool = await aHouse(db, server)
    for (let from = 0; from < count; from += chunk) await fill(pool, from, Math.min(chunk, count - from))
    await sql`vacuum (analyze) sales_order, order_line, staged_refund, staged_trade`.execute(db)
    const found = await sql<{
      id: string
    }>`select id from staged_refund where state = 'staged' order by id`.execute(db)
    const ids = found.rows.map(({ id }) => id)
    const { seconds, succeeded } = await runBatch(
      { db, ring: server.ring },
      bulkActions(intakeVerbs(server.ring)),
      'refunds.convert',
      ids,
    )
    report({
      name: 'refunds',
      work: `${count.toLocaleString('en')} refunds of every kind and status on originals in every state, ${(count - succeeded).toLocaleString('en')} refused by the table`,
      figure: count / seconds,
      unit: 'refunds/s',
      floor: 2000,
      atMost: false,
      ownTables: count / (await intoOwnTables(db)),
      ceiling: count / (await plainSeconds(url, written, 1)),
    })
  } finally {
    await close()
  }
}

async function aHouse(db: Database, { ring }: BenchServer): Promise<IntakeFixture> {
  const shop = await sql<{ id: string }>`
    insert into shop (platform, variant, name, go_live_at, auth_state) values ('taobao', 'taobao', '山隅家居', '2026-01-01', 'live') returning id`.execute(
    db,
  )
  const shopId = shop.rows[0]?.id ?? ''
  await matchGoods(db, shopId)
  await sql`insert into warehouse (code, name, kind) values ('W1', '主仓', 'own')`.execute(db)
  await sql`insert into stock (warehouse_id, sku_id, on_hand) select w.id, s.id, 1000000 from warehouse w, sku s`.execute(
    db,
  )
  return { db, ring, shopId, [Symbol.asyncDispose]: async () => undefined }
}

async function fill(pool: IntakeFixture, from: number, length: number): Promise<void> {
  const { db } = pool
  const trades = Array.from({ length }, () => aTrade())
  const fateOf = (at: number): Fate => fates[(from + at) % fates.length] ?? 'staged'
  await stage(pool, ...trades)
  const staged = await sql<{ id: string; tid: string }>`
    select id, tid from staged_trade where tid = any(${trades.map(({ tid }) => tid)}::text[])`.execute(db)
  const idOf = new Map(staged.rows.map(({ id, tid }) => [tid, id]))
  const tidsOf = (...some: Fate[]) =>
    trades.filter((_, at) => some.includes(fateOf(at))).map(({ tid }) => tid)
  const converted = trades.filter((_, at) => fateOf(at) !== 'staged').map(({ tid }) => idOf.get(tid) ?? '')
  await db
    .transaction()
    .execute((tx) => convertTrades(tx, converted, { actor: systemActor, scope: wholeScope }))
  await moveOn(db, tidsOf)
  await stageRefunds(
    pool,
    ...trades.map((trade, at) => {
      const n = from + at
      const kind: RefundKind = kinds[Math.floor(n / 10) % kinds.length] ?? 'refund_only'
      const status = statuses[Math.floor(n / 50) % statuses.length] ?? 'applied'
      const whole = n % 3 === 0
      return aRefund(trade, {
        refundKind: n % 2 === 0 ? 'refund_only' : kind,
        status,
        ...(whole ? { oid: '', amountFen: trade.paymentFen, quantity: 2 } : {}),
      })
    }),
  )
}

/** Moves the orders from unconfirmed to their intended state with the verbs that users call. */
async function moveOn(db: Database, tidsOf: (...some: Fate[]) => string[]): Promise<void> {
  const ordersOf = async (tx: Tx, ...some: Fate[]) =>
    (
      await sql<{
        id: string
      }>`select id from sales_order where tid = any(${tidsOf(...some)}::text[])`.execute(tx)
    ).rows.map(({ id }) => id)
  await db.transaction().execute(async (tx) => {
    await voidOrders(tx, await ordersOf(tx, 'voided'), '买家不要了', {
      actor: systemActor,
      scope: wholeScope,
    })
    await transition(
      tx,
      await ordersOf(tx, 'confirmed', 'released', 'shipped'),
      { event: 'confirm' },
      systemActor,
    )
    await releaseOrders(tx, await ordersOf(tx, 'released', 'shipped'), {
      actor: systemActor,
      scope: wholeScope,
    })
    const orders = await ordersOf(tx, 'shipped')
    const deliveries = await sql<{
      id: string
    }>`select id from delivery where order_id = any(${orders}::bigint[])`.execute(tx)
    const waybills = deliveries.rows.map(({ id }) => ({
      deliveryId: id,
      courier: 'SF',
      waybillNo: `SF${id.padStart(12, '0')}`,
    }))
    await setWaybills(tx, waybills, { actor: systemActor, scope: wholeScope })
    await shipDeliveries(
      tx,
      waybills.map(({ deliveryId }) => deliveryId),
      { actor: systemActor, scope: wholeScope },
    )
  })
}

const written: readonly PlainWrite[] = [
  { name: 'refund', key: 'order_id, refund_no' },
  { name: 'hold', key: 'id' },
  { name: 'settlement', key: 'id' },
  { name: 'event', key: 'id' },
  { name: 'order', key: 'id', by: 'touched', set: ['version'] },
  { name: 'staged', key: 'id', by: 'decided', set: ['state_at'] },
]

/** Writes the conversion's rows of refunds, holds, money and events, and updates each order, in one transaction. */
async function intoOwnTables(db: Database): Promise<number> {
  await sql`create unlogged table source_refund as select * from order_refund`.execute(db)
  await sql`create unlogged table source_hold as select * from order_hold where reason = 'refund_open'`.execute(
    db,
  )
  await sql`create unlogged table source_settlement as
    select s.* from settlement s where kind in ('order_refund', 'return_refund', 'void_refund', 'refund_only')`.execute(
    db,
  )
  await sql`create unlogged table source_event as select * from order_event where event like 'refund%' or event = 'void'`.execute(
    db,
  )
  await sql`create unlogged table source_order as select * from sales_order where id in (select order_id from source_refund)`.execute(
    db,
  )
  await sql`create unlogged table source_touched as select id, version + 1 as version from source_order`.execute(
    db,
  )
  await sql`create unlogged table source_staged as select * from staged_refund where state = 'converted'`.execute(
    db,
  )
  await sql`create unlogged table source_decided as select id, state_at from source_staged`.execute(db)
  await sql`truncate order_refund`.execute(db)
  await sql`delete from order_hold where reason = 'refund_open'`.execute(db)
  await sql`delete from settlement where id in (select id from source_settlement)`.execute(db)
  await sql`delete from order_event where id in (select id from source_event)`.execute(db)
  const columns = await writtenColumns(db, 'settlement')
  const began = performance.now()
  await db.transaction().execute(async (tx) => {
    await sql`insert into order_refund select * from source_refund`.execute(tx)
    await sql`insert into order_hold overriding system value select * from source_hold`.execute(tx)
    await sql`insert into settlement (${columns}) overriding system value select ${columns} from source_settlement`.execute(
      tx,
    )
    await sql`insert into order_event overriding system value select * from source_event`.execute(tx)
    await sql`update sales_order set version = version + 1 where id in (select order_id from order_refund)`.execute(
      tx,
    )
    await sql`update staged_refund set state_at = now() where state = 'converted'`.execute(tx)
  })
  return (performance.now() - began) / 1000
}
