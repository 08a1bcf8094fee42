import { sql } from 'kysely'
import type { Refund, Trade, TradeLine } from '../connectors/connector.ts'
import { connectors } from '../connectors/index.ts'
import { type Actor, systemActor } from '../core/access/actor.ts'
import { type Database, openDatabase, type Tx } from '../core/db/db.ts'
import { createQueues } from '../core/jobs/job.ts'
import { fulfilmentJobs } from '../fulfilment/jobs.ts'
import { inventoryJobs } from '../inventory/jobs.ts'
import { type KeyRing, memoryKeyRing } from '../lib/seal.ts'
import { goodsJobs, reservingWaiting } from '../orders/allocation/goods-jobs.ts'
import { tradesPaid } from '../orders/create/pay.ts'
import { returnJobs } from '../returns/jobs.ts'
import { testDatabase } from '../testing/database.ts'
import { aRun } from '../testing/run.ts'
import { ingestRefunds } from './refunds/ingest-refunds.ts'
import { stageTrades } from './refunds/stage-trades.ts'
import { prepareTrades } from './trades/ingest.ts'

export type IntakeFixture = {
  db: Database
  ring: KeyRing
  shopId: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes a migrated database with one shop, which is live since 2026 and whose goods are matched. */
export async function intakeFixture(): Promise<IntakeFixture> {
  const database = await testDatabase()
  const { db, close } = openDatabase(database.url, { max: 12 })
  await createQueues(db, [...inventoryJobs(), ...goodsJobs(), tradesPaid, ...fulfilmentJobs, ...returnJobs])
  const shop = await sql<{ id: string }>`
    insert into shop (platform, variant, name, go_live_at, auth_state) values (${connectors[0]?.id ?? ''}, '', '山隅家居旗舰店', '2026-01-01T00:00:00Z', 'live')
    returning id`.execute(db)
  const shopId = shop.rows[0]?.id ?? ''
  await matchGoods(db, shopId)
  return {
    db,
    ring: memoryKeyRing(),
    shopId,
    [Symbol.asyncDispose]: async () => {
      await close()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** Matches every item of `aLine` with the SKU of its code, SY-0 to SY-49. */
export async function matchGoods(db: Database, shopId: string): Promise<void> {
  await sql`
    with product as (
      insert into product (code, name) select 'SY-' || n, '四件套' from generate_series(0, ${kinds - 1}::int) n returning id, code
    ), sku as (
      insert into sku (code, product_id, words) select code, id, '' from product returning id, code
    )
    insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
    select ${shopId}, '6523' || substr(code, 4), '48' || substr(code, 4), 'on_sale', now(), id, 'outer_id' from sku`.execute(
    db,
  )
}

let made = 0
const kinds = 50
const base = new Date('2026-11-20T08:00:00Z')

export function aLine(overrides: Partial<TradeLine> = {}): TradeLine {
  made += 1
  return {
    oid: `36057014770104${String(made).padStart(5, '0')}`,
    status: 'paid',
    platformStatus: 'WAIT_SELLER_SEND_GOODS',
    refund: 'none',
    refundId: '',
    itemId: `6523${made % kinds}`,
    skuId: `48${made % kinds}`,
    outerItemId: '',
    outerSkuId: `SY-${made % kinds}`,
    title: '60支长绒棉四件套',
    spec: '雾蓝 / 1.8m 床',
    pictureUrl: 'https://img.example/1.jpg',
    quantity: 1,
    priceFen: 10000,
    paymentFen: 9000,
    discountFen: 1000,
    shipBy: null,
    ...overrides,
  }
}

/** Makes a paid trade, by default with two lines. Its payment is the sum of lines and freight. */
export function aTrade(overrides: Partial<Trade> = {}): Trade {
  made += 1
  const lines = overrides.lines ?? [aLine(), aLine()]
  const postFeeFen = overrides.postFeeFen ?? 0
  return {
    tid: `2948105733${String(made).padStart(9, '0')}`,
    status: 'paid',
    platformStatus: 'WAIT_SELLER_SEND_GOODS',
    type: 'normal',
    platformType: 'fixed',
    createdAt: base,
    modifiedAt: new Date(base.getTime() + 60_000),
    paidAt: new Date(base.getTime() + 60_000 + made * 1000),
    shippedAt: null,
    endedAt: null,
    shipBy: new Date(base.getTime() + 172_800_000),
    planAt: null,
    cod: false,
    finalUnpaid: false,
    holds: [],
    paymentFen: lines.reduce((sum, line) => sum + line.paymentFen, 0) + postFeeFen,
    postFeeFen,
    discountFen: 0,
    subsidyFen: 0,
    buyer: { nick: `买家${made}`, openId: '' },
    receiver: {
      name: '王小明',
      mobile: `138${String(10_000_000 + made)}`,
      phone: '',
      province: '浙江省',
      city: '杭州市',
      district: '余杭区',
      town: '',
      address: `文一西路${made}号`,
      zip: '',
      token: '',
    },
    buyerMessage: '',
    sellerMemo: '',
    flag: 0,
    ...overrides,
    lines,
  }
}

/** Returns an unpaid trade as the platform shows it a minute after the buyer has paid. */
export function paidLater(trade: Trade): Trade {
  const paidAt = new Date(trade.modifiedAt.getTime() + 60_000)
  const lines = trade.lines.map((line) => ({ ...line, status: 'paid' as const }))
  return { ...trade, status: 'paid', paidAt, modifiedAt: paidAt, lines }
}

export function aRefund(trade: Trade, overrides: Partial<Refund> = {}): Refund {
  made += 1
  const line = trade.lines[0]
  return {
    kind: 'refund',
    refundId: `8210447${String(made).padStart(8, '0')}`,
    tid: trade.tid,
    oid: line?.oid ?? '',
    refundKind: 'refund_only',
    phase: 'onsale',
    status: 'applied',
    platformStatus: 'WAIT_SELLER_AGREE',
    version: '1411375308927',
    amountFen: line?.paymentFen ?? 0,
    quantity: line?.quantity ?? 1,
    title: line?.title ?? '',
    spec: '',
    outerId: '',
    reason: '多拍',
    description: '',
    goodsReceived: 'not_received',
    carrier: '',
    waybillNo: '',
    createdAt: new Date(base.getTime() + 120_000),
    modifiedAt: new Date(base.getTime() + 120_000),
    deadline: null,
    buyerNick: trade.buyer.nick,
    constraint: '',
    ...overrides,
  }
}

export const stage = (pool: IntakeFixture, ...trades: Trade[]) => stageBy(pool, systemActor, ...trades)

export const stageBy = (pool: IntakeFixture, actor: Actor, ...trades: Trade[]) =>
  pool.db.transaction().execute((tx) => stageIn(tx, pool, actor, ...trades))

export async function stageIn(tx: Tx, { shopId, ring }: IntakeFixture, actor: Actor, ...trades: Trade[]) {
  const shop = { id: shopId, facts: { goLiveAt: new Date('2026-01-01'), convertUnpaid: false } }
  const prepared = prepareTrades(
    ring,
    shop,
    trades.map((trade) => ({ trade, raw: JSON.stringify(trade) })),
  )
  return stageTrades(tx, ring, { shop, prepared, fetchedAt: new Date() }, actor)
}

export async function stageRefunds(pool: IntakeFixture, ...refunds: Refund[]) {
  const arrived = refunds.map((refund) => ({ refund, raw: JSON.stringify(refund), detailMissing: false }))
  return pool.db
    .transaction()
    .execute((tx) => ingestRefunds(tx, pool.ring, { shopId: pool.shopId, arrived }, systemActor))
}

export type HeldRow = {
  id: string
  state: string
  reason: string
  note: string
  order_no: string
  lines_refunded: number
}

export async function tradeOf(pool: IntakeFixture, tid: string): Promise<HeldRow | undefined> {
  const found = await sql<HeldRow>`
    select id, state, reason, note, order_no, lines_refunded from staged_trade where tid = ${tid}`.execute(
    pool.db,
  )
  return found.rows[0]
}

export async function count(pool: IntakeFixture, table: string): Promise<number> {
  const found = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(pool.db)
  return found.rows[0]?.n ?? -1
}

/** Reserves the goods of waiting trades, as the task does. */
export async function reserveWaiting(db: Database): Promise<void> {
  await reservingWaiting.run(aRun(db, {}), undefined)
}
