import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { pino } from 'pino'
import { demoShops } from '../../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../../sandbox/server.ts'
import { control } from '../../sandbox/testing.ts'
import { branchAddress } from '../../sandbox/world/labels.ts'
import type { Trade } from '../../sandbox/world/model.ts'
import type { RefundItem } from '../connectors/connector.ts'
import { connectors } from '../connectors/index.ts'
import type { Window } from '../connectors/lists.ts'
import { type Actor, systemActor, wholeScope } from '../core/access/actor.ts'
import { type Database, openDatabase, type Tx } from '../core/db/db.ts'
import type { Running } from '../core/jobs/engine.ts'
import { createQueues } from '../core/jobs/job.ts'
import type { ActionHandler } from '../core/outbox/handlers.ts'
import { startOutbox } from '../core/outbox/loop.ts'
import { convertTrades } from '../flows/convert-trade.ts'
import { shipDeliveries } from '../flows/ship.ts'
import { nextDocuments, printLabels } from '../fulfilment/printing/print.ts'
import { releaseOrders } from '../fulfilment/shipping/release.ts'
import { setWaybills } from '../fulfilment/shipping/waybills.ts'
import { saveAccount } from '../fulfilment/waybills/accounts.ts'
import { givingBack, takingNumbers } from '../fulfilment/waybills/outbox.ts'
import { takeNumbers } from '../fulfilment/waybills/take.ts'
import { changeAction } from '../fulfilment/write-back/change-outbox.ts'
import { shippingAction } from '../fulfilment/write-back/outbox.ts'
import { convertRefunds } from '../intake/refunds/convert-refunds.ts'
import { ingestRefunds } from '../intake/refunds/ingest-refunds.ts'
import { stageTrades } from '../intake/refunds/stage-trades.ts'
import { prepareTrades } from '../intake/trades/ingest.ts'
import { type KeyRing, memoryKeyRing } from '../lib/seal.ts'
import { transition } from '../orders/status/transition.ts'
import { receiptAction } from '../returns/write-back/outbox.ts'
import { callShop, type OpenedShop, openCall } from '../shops/calls.ts'
import { connectDemoShops } from '../shops/demo.ts'
import { jobs } from '../worker.ts'
import { testDatabase } from './database.ts'
import { must } from './run.ts'
import { aSku, aWarehouse, putStock } from './stock.ts'
import { until } from './until.ts'

export const packer: Actor = { kind: 'user', id: '9', name: '周强' }

/** The packer, who may work in each shop and warehouse. */
export const byPacker = { actor: packer, scope: wholeScope }

/** A test fixture: a shop of the simulator, with functions for each step from a trade to its parcel. */
export type ShippingHouse = {
  db: Database
  databaseUrl: string
  ring: KeyRing
  shopId: string
  sandbox: RunningSandbox
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  control(path: string, body?: Record<string, unknown>): Promise<string>
  /** Returns the trade in the platform's own records. */
  trade(tid: string): Trade
  /** Downloads the trade as the detail task does. */
  download(tid: string): Promise<void>
  /** Downloads the refund and converts it. */
  downloadRefund(refundId: string): Promise<void>
  /** Makes a trade on the platform, downloads and converts it, and confirms its order. */
  order(spec?: Record<string, unknown>): Promise<{ id: string; tid: string }>
  /** Makes a released order. Returns its delivery. */
  released(spec?: Record<string, unknown>): Promise<Omit<Packed, 'waybillNo'>>
  /** Makes a released order whose delivery has a waybill. Returns the delivery. */
  packed(spec?: Record<string, unknown>): Promise<Packed>
  /** Makes this many released orders of one platform page after another, in sets, with a waybill on each delivery. Returns the deliveries. */
  packedMany(count: number, spec?: Record<string, unknown>): Promise<Packed[]>
  /** Makes a shipped order. The platform gets the write-back only after an outbox runs. */
  shipped(spec?: Record<string, unknown>): Promise<Packed>
  outbox(handler?: Partial<ActionHandler<OpenedShop>>): Running
  state(deliveryId: string): Promise<DeliveryState>
  /** Waits until the write-back has ended. */
  settled(deliveryId: string): Promise<DeliveryState>
  [Symbol.asyncDispose](): Promise<void>
}

export type Packed = { id: string; orderId: string; tid: string; waybillNo: string }
export type DeliveryState = {
  order: string
  delivery: string
  writeBack: string
  errorCode: string
  told: boolean
  action: string | null
  attempts: number | null
}

let made = 0

export const aWaybill = () => {
  made += 1
  return `SF${String(1_000_000_000_000 + made)}`
}

/** Matches the goods of the trade with SKUs, and puts plenty of them in stock. */
async function stockGoods(db: Database, shopId: string, warehouseId: string, tid: string): Promise<void> {
  const sold = await sql<{ item: string; sku: string }>`
    select distinct line ->> 'itemId' as item, line ->> 'skuId' as sku
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id cross join lateral jsonb_array_elements(g.lines) line
    where t.tid = ${tid}`.execute(db)
  for (const { item, sku } of sold.rows) {
    const known = await sql`select from listing where item_id = ${item} and platform_sku_id = ${sku}`.execute(
      db,
    )
    if (known.rows.length > 0) continue
    const skuId = await aSku(db)
    await sql`
      insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
      values (${shopId}, ${item}, ${sku}, 'on_sale', now(), ${skuId}, 'hand')`.execute(db)
    await putStock(db, warehouseId, skuId, 1000)
  }
}

/** `url`: of a migrated database that is kept; undefined: a fresh one. */
export async function aShippingHouse(platform = 'tmall', url?: string): Promise<ShippingHouse> {
  const base = url === undefined ? await testDatabase() : { url, [Symbol.asyncDispose]: async () => {} }
  const database = openDatabase(base.url, { max: 14 })
  const { db } = database
  const options = demoShops.filter((shop) => shop.platform === platform).slice(0, 1)
  const [key = ''] = options.map((shop) => shop.key)
  const sandbox = await startSandbox({
    port: 0,
    seed: 'ship',
    shops: options.map((shop) => ({ ...shop, trades: 0 })),
  })
  const ring = memoryKeyRing()
  const deps = { db, ring, connectors, simulator: true }
  const [shopId = ''] = await connectDemoShops(deps, sandbox.url, options)
  await createQueues(db, jobs)
  const warehouseId = await aWarehouse(db)
  const run = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
  const outboxes: Running[] = []
  const downloadAll = async (tids: readonly string[]) => {
    const opened = await openCall(deps, shopId)
    const details = []
    for (const tid of tids) {
      const detail = await callShop(opened, (connector, call) => connector.trades.detail(call, tid))
      if (!detail || 'kind' in detail) throw new Error(`trade ${tid} cannot be read`)
      details.push(detail)
    }
    const shop = { id: shopId, facts: { goLiveAt: new Date('2026-01-01'), convertUnpaid: false } }
    const prepared = prepareTrades(ring, shop, details)
    await run((tx) => stageTrades(tx, ring, { shop, prepared, fetchedAt: new Date() }, systemActor))
  }
  /** Converts downloaded trades and confirms their orders. Returns these in the order of the trades. */
  const confirmed = async (tids: readonly string[]) => {
    for (const tid of tids) await stockGoods(db, shopId, warehouseId, tid)
    const staged = await sql<{ id: string }>`
      select id from staged_trade where tid = any(${[...tids]}::text[]) order by id`.execute(db)
    const tradeIds = staged.rows.map((row) => row.id)
    must(await run((tx) => convertTrades(tx, tradeIds, { actor: systemActor, scope: wholeScope })))
    const found = await sql<{ id: string; tid: string }>`
      select id, tid from sales_order where tid = any(${[...tids]}::text[]) order by id`.execute(db)
    const ids = found.rows.map(({ id }) => id)
    must(await run((tx) => transition(tx, ids, { event: 'confirm' }, packer)))
    return found.rows
  }
  const fixture: ShippingHouse = {
    db,
    databaseUrl: base.url,
    ring,
    shopId,
    sandbox,
    run,
    control: (path, body = {}) => control(sandbox, path, body),
    trade(tid) {
      const trade = sandbox.world.shops[0]?.trades.get(tid)
      if (!trade) throw new Error(`no trade ${tid}`)
      return trade
    },
    download: (tid) => downloadAll([tid]),
    async downloadRefund(refundId) {
      const opened = await openCall(deps, shopId)
      const window = { from: new Date(Date.now() - 600_000), to: new Date() }
      const items = await listedRefunds(opened, window)
      const found = items.find((item) => item.kind === 'refund' && item.refundId === refundId)
      if (found?.kind !== 'refund') throw new Error(`refund ${refundId} cannot be read`)
      const { raw, ...refund } = found
      await run((tx) =>
        ingestRefunds(tx, ring, { shopId, arrived: [{ refund, raw, detailMissing: false }] }, systemActor),
      )
      const staged = await sql<{ id: string }>`
        select id from staged_refund where refund_no = ${refundId} and state = 'staged'`.execute(db)
      const ids = staged.rows.map(({ id }) => id)
      if (ids.length > 0)
        must(await run((tx) => convertRefunds(tx, ids, { actor: systemActor, scope: wholeScope })))
    },
    async order(spec = {}) {
      made += 1
      const plain =
        platform === 'pinduoduo'
          ? { tid: `261120-${String(100_000_000_000 + made)}`, status: 'WAIT_SELLER_SEND_GOODS' }
          : {
              tid: `2948105733${String(100_000_000 + made)}`,
              type: 'fixed',
              status: 'WAIT_SELLER_SEND_GOODS',
            }
      const answered = await fixture.control('trades', { shop: key, lines: 2, ...plain, ...spec })
      const tid = String(spec['tid'] ?? plain.tid)
      if (!sandbox.world.shops[0]?.trades.has(tid))
        throw new Error(`the simulator made no trade: ${answered}`)
      await fixture.download(tid)
      const [order] = await confirmed([tid])
      return order ?? assert.fail('no order')
    },
    async released(spec) {
      const { id: orderId, tid } = await fixture.order(spec)
      must(await run((tx) => releaseOrders(tx, [orderId], { actor: packer, scope: wholeScope })))
      return { id: await deliveryOf(db, orderId), orderId, tid }
    },
    async packed(spec) {
      const { id, orderId, tid } = await fixture.released(spec)
      const waybillNo = aWaybill()
      const rows = [{ deliveryId: id, courier: 'SF', waybillNo }]
      must(await run((tx) => setWaybills(tx, rows, { actor: packer, scope: wholeScope })))
      return { id, orderId, tid, waybillNo }
    },
    async packedMany(count, spec = {}) {
      const trades = sandbox.world.shops[0]?.trades ?? assert.fail()
      const all: Packed[] = []
      while (all.length < count) {
        const known = new Set(trades.keys())
        const some = { ...spec, count: Math.min(200, count - all.length) }
        await fixture.control('trades', {
          ...{ shop: key, lines: 2, type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS', ...some },
        })
        const tids = [...trades.keys()].filter((tid) => !known.has(tid))
        await downloadAll(tids)
        const orders = await confirmed(tids)
        const orderIds = orders.map(({ id }) => id)
        must(await run((tx) => releaseOrders(tx, orderIds, byPacker)))
        const made = await sql<{ id: string; orderId: string; tid: string }>`
          select id, order_id as "orderId", tid from delivery
          where order_id = any(${orderIds}::bigint[]) and status <> 'cancelled' order by id`.execute(db)
        const packed = made.rows.map((one) => ({ ...one, waybillNo: aWaybill() }))
        const rows = packed.map(({ id, waybillNo }) => ({ deliveryId: id, courier: 'SF', waybillNo }))
        must(await run((tx) => setWaybills(tx, rows, byPacker)))
        all.push(...packed)
      }
      return all
    },
    async shipped(spec) {
      const packed = await fixture.packed(spec)
      must(await run((tx) => shipDeliveries(tx, [packed.id], { actor: packer, scope: wholeScope })))
      return packed
    },
    outbox(handler = {}) {
      const outbox = startOutbox({
        db,
        log: pino({ level: 'silent' }),
        pollMs: 20,
        handlers: [
          { ...shippingAction, lookAfterSeconds: 0, ...handler },
          { ...changeAction, lookAfterSeconds: 0, ...timesOf(handler) },
          { ...receiptAction, lookAfterSeconds: 0 },
          { ...takingNumbers, lookAfterSeconds: 0 },
          { ...givingBack, lookAfterSeconds: 0 },
        ],
        openShop: (id, hooks) => openCall(deps, id, hooks),
      })
      outboxes.push(outbox)
      return outbox
    },
    state: (id) => deliveryState(db, id),
    async settled(id) {
      await until(async () => (await deliveryState(db, id)).writeBack !== 'waiting')
      return deliveryState(db, id)
    },
    async [Symbol.asyncDispose]() {
      // A test that fails before it stops its outbox would keep the process running.
      for (const outbox of outboxes) await outbox.stop()
      await sandbox.close()
      await database.close()
      await base[Symbol.asyncDispose]()
    },
  }
  return fixture
}

/** The times of a handler that a test changes, for each kind. */
const timesOf = ({ timeoutSeconds }: Partial<ActionHandler<OpenedShop>>) =>
  timeoutSeconds === undefined ? {} : { timeoutSeconds }

export async function deliveryOf(db: Database, orderId: string): Promise<string> {
  const found = await sql<{ id: string }>`
    select id from delivery where order_id = ${orderId} and status <> 'cancelled'`.execute(db)
  return found.rows[0]?.id ?? ''
}

/** Reads the states of a delivery, its order and its write-back action. It uses its own SQL and none of the code under test. */
async function deliveryState(db: Database, id: string): Promise<DeliveryState> {
  const found = await sql<DeliveryState>`
    select o.status as order, d.status as delivery, d.write_back as "writeBack", d.error_code as "errorCode",
      o.written_back_at is not null as told, a.state as action, a.attempt as attempts
    from delivery d join sales_order o on o.id = d.order_id left join platform_action a on a.id = d.action_id
    where d.id = ${id}`.execute(db)
  const state = found.rows[0]
  if (!state) throw new Error(`no delivery ${id}`)
  return state
}

/** Adds an account at Cainiao, with which every warehouse sends by YTO. */
export async function anAccount(shipping: ShippingHouse): Promise<void> {
  const shop = shipping.sandbox.world.shops[0] ?? assert.fail()
  const account = {
    ...{ shopId: shipping.shopId, source: 'cainiao', courier: 'YTO', branchCode: '', branchName: '' },
    sender: {
      name: '发货员',
      mobile: '13900001111',
      phone: '',
      address: { ...branchAddress(shop), town: '' },
    },
    ...{ templateName: '', templateUrl: 'http://cloudprint.cainiao.com/template/standard/101/1' },
    ...{ warehouseId: null, enabled: true },
  }
  await shipping.run((tx) => saveAccount(tx, shipping, account, byPacker))
}

/** Makes released deliveries with numbers of the account. */
export async function numbered(
  shipping: ShippingHouse,
  count: number,
): Promise<Awaited<ReturnType<ShippingHouse['released']>>[]> {
  const made = []
  for (let one = 0; one < count; one += 1) made.push(await shipping.released())
  const ids = made.map(({ id }) => id)
  await shipping.run((tx) => takeNumbers(tx, ids, byPacker))
  const outbox = shipping.outbox()
  await until(async () => {
    const open = await sql`select from waybill where state = 'asked'`.execute(shipping.db)
    return open.rows.length === 0
  })
  await outbox.stop()
  return made
}

/** Starts a print job of one label and hands it to the print client. Returns the job. */
export async function handToPrinter(shipping: ShippingHouse, deliveryId: string): Promise<string> {
  const { job } = await shipping.run((tx) =>
    printLabels(tx, { ids: [deliveryId], printer: '', reason: '' }, byPacker),
  )
  const jobId = job ?? assert.fail()
  await shipping.run((tx) => nextDocuments(tx, shipping.ring, { jobId, results: [], most: 1 }, byPacker))
  return jobId
}

/** Prints the label of a delivery. */
export async function printLabel(shipping: ShippingHouse, deliveryId: string, printed = true): Promise<void> {
  const jobId = await handToPrinter(shipping, deliveryId)
  const results = [{ seq: 1, printed, message: '' }]
  await shipping.run((tx) => nextDocuments(tx, shipping.ring, { jobId, results, most: 0 }, byPacker))
}

/** Returns the first page of the refunds that a platform with numbered pages lists, newest first. */
export async function listedRefunds(shop: OpenedShop, window: Window): Promise<RefundItem[]> {
  const { items } = await callShop(shop, ({ refunds: { changed } }, call) => {
    assert.ok(changed.paging === 'numbered')
    return changed.page(call, window, { number: 1, size: 50, mode: 'rows' })
  })
  return items
}
