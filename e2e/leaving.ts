import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import { pino } from 'pino'
import { demoShops } from '../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../sandbox/server.ts'
import { control } from '../sandbox/testing.ts'
import { connectors } from '../server/connectors/index.ts'
import { systemActor, wholeScope } from '../server/core/access/actor.ts'
import { type Database, openDatabase, type Tx } from '../server/core/db/db.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { startOutbox } from '../server/core/outbox/loop.ts'
import { convertTrades } from '../server/flows/convert-trade.ts'
import { shipDeliveries } from '../server/flows/ship.ts'
import { nextDocuments, printLabels } from '../server/fulfilment/printing/print.ts'
import { releaseOrders } from '../server/fulfilment/shipping/release.ts'
import { scan } from '../server/fulfilment/stations/station.ts'
import { claimWaves, endPicking, handOverWaves, pickPieces } from '../server/fulfilment/waves/pick.ts'
import { plainRule } from '../server/fulfilment/waves/plan-rules.ts'
import { makeWaves, saveRules } from '../server/fulfilment/waves/planning.ts'
import { viewWave } from '../server/fulfilment/waves/view.ts'
import { waybillDemo } from '../server/fulfilment/waybills/demo.ts'
import { givingBack, takingNumbers } from '../server/fulfilment/waybills/outbox.ts'
import { takeNumbers } from '../server/fulfilment/waybills/take.ts'
import { shippingAction } from '../server/fulfilment/write-back/outbox.ts'
import { stageTrades } from '../server/intake/refunds/stage-trades.ts'
import { prepareTrades } from '../server/intake/trades/ingest.ts'
import { approveDocuments, createDocument, postDocuments } from '../server/inventory/documents/documents.ts'
import { memoryKeyRing } from '../server/lib/seal.ts'
import { transition } from '../server/orders/status/transition.ts'
import { callShop, type OpenedShop, openCall } from '../server/shops/calls.ts'
import { connectDemoShops } from '../server/shops/demo.ts'
import { testDatabase } from '../server/testing/database.ts'
import { must } from '../server/testing/run.ts'
import { aWarehouse } from '../server/testing/stock.ts'
import { jobs } from '../server/worker.ts'
import { sideBySide } from './desk/desk-histories.ts'
import { clerk, rowsOf } from './one-shop.ts'

const by = { actor: clerk, scope: wholeScope }
const silent = pino({ level: 'silent' })

/** A Taobao and a Pinduoduo shop with a warehouse each, and the verbs of all who send their parcels. */
export type LeavingHouse = {
  db: Database
  client: pg.Client
  sandbox: RunningSandbox
  /** The simulator's keys of the shops, Taobao first. */
  keys: readonly string[]
  /** Makes `count` trades in each shop, and their released orders. */
  release(count: number): Promise<void>
  /** Takes numbers for every pending delivery, and waits until they have come. */
  number(): Promise<void>
  /** Prints every label. Returns the contents that the print client got, by the trade of the label. */
  print(): Promise<Map<string, unknown>>
  /** Plans, picks and sorts waves until no delivery waits for one. Returns the number of waves. */
  pick(): Promise<number>
  /** Checks each parcel of the Taobao shop at a station, which ships it; ships those of the other shop in bulk. */
  ship(): Promise<void>
  /** Waits until the platforms know every shipping. */
  writtenBack(): Promise<void>
  control(path: string, body: Record<string, unknown>): Promise<string>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openLeavingHouse(): Promise<LeavingHouse> {
  await using stack = new AsyncDisposableStack()
  const base = stack.use(await testDatabase())
  const { db, close } = openDatabase(base.url, { max: 16 })
  stack.defer(close)
  const client = new pg.Client({ connectionString: base.ownerUrl })
  await client.connect()
  stack.defer(() => client.end())
  const shops = ['shanyu-taobao', 'shanyu-pdd'].flatMap((key) => demoShops.filter((shop) => shop.key === key))
  const sandbox = await startSandbox({
    ...{ port: 0, seed: 'leaving', rate: null },
    shops: shops.map((shop) => ({ ...shop, trades: 0 })),
  })
  stack.defer(() => sandbox.close())
  const ring = memoryKeyRing()
  const deps = { db, ring, connectors, simulator: true }
  const shopIds = await connectDemoShops(deps, sandbox.url, shops)
  await createQueues(db, jobs)
  await waybillDemo(deps, shopIds)
  const warehouses = await twoWarehouses(db)
  const outbox = startOutbox<OpenedShop>({
    ...{ db, log: silent, pollMs: 50, paceOf: ({ rate }) => rate },
    handlers: [{ ...shippingAction, lookAfterSeconds: 1 }, takingNumbers, givingBack],
    openShop: (id, hooks) => openCall(deps, id, hooks),
  })
  stack.defer(() => outbox.stop())
  const run = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
  const place = { db, run, warehouses }
  const owned = stack.move()
  return {
    ...{ db, client, sandbox, keys: shops.map(({ key }) => key) },
    async release(count) {
      for (const [at, { key }] of shops.entries()) {
        // A trade of Pinduoduo has one line.
        const spec = key === 'shanyu-pdd' ? { lines: 1 } : { lines: 2, type: 'fixed' }
        await control(sandbox, 'trades', { shop: key, count, status: 'WAIT_SELLER_SEND_GOODS', ...spec })
        const tids = [...(sandbox.world.shops[at]?.trades.keys() ?? [])]
        const shopId = shopIds[at] ?? ''
        await eachPart(tids, 50, (some) => download(deps, run, shopId, some))
        await stockGoods(place, shopId, warehouses[at] ?? '')
      }
      await releaseAll(place)
    },
    async number() {
      const ids = await idsOf(db, sql`select id from delivery where status = 'pending' order by id`)
      await eachPart(ids, 500, async (some) => void must(await run((tx) => takeNumbers(tx, some, by))))
      await untilNone(db, sql`select from waybill where state in ('asked', 'returning') limit 1`)
    },
    print: () => printAll(place, ring),
    pick: () => pickAll(place),
    ship: () => shipAll(place),
    writtenBack: () => untilNone(db, sql`select from delivery where write_back <> 'done' limit 1`),
    control: (path, body) => control(sandbox, path, body),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Place = {
  db: Database
  run: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  warehouses: readonly string[]
}

const idsOf = async (db: Database, query: ReturnType<typeof sql<{ id: string }>>) =>
  (await rowsOf(db, query)).map(({ id }) => id)

async function eachPart(ids: readonly string[], size: number, work: (some: string[]) => Promise<unknown>) {
  for (let at = 0; at < ids.length; at += size) await work(ids.slice(at, at + size))
}

async function untilNone(db: Database, query: ReturnType<typeof sql>): Promise<void> {
  const deadline = Date.now() + 900_000
  while ((await query.execute(db)).rows.length > 0) {
    if (Date.now() > deadline) throw new Error('It does not come to rest.')
    await new Promise((settle) => setTimeout(settle, 100))
  }
}

/** The first warehouse demands every step but the weight, the second labels and waves. */
async function twoWarehouses(db: Database): Promise<string[]> {
  const ids = [await aWarehouse(db, 1), await aWarehouse(db, 2)]
  const rule = { ...plainRule, name: '都要', ordersTo: 40 }
  for (const [at, warehouseId] of ids.entries()) {
    const steps = at === 0 ? '{print,wave,check}' : '{print,wave}'
    await sql`update warehouse set ship_steps = ${steps}::text[] where id = ${warehouseId}`.execute(db)
    await db
      .transaction()
      .execute((tx) => saveRules(tx, { warehouseId, rules: [rule] }, { ...by, request: { ip: '', id: '' } }))
  }
  return ids
}

/** Downloads trades as the detail task does. */
async function download(
  deps: Parameters<typeof openCall>[0],
  run: Place['run'],
  shopId: string,
  tids: readonly string[],
): Promise<void> {
  const opened = await openCall(deps, shopId)
  const read = await Promise.all(
    tids.map((tid) => callShop(opened, (connector, call) => connector.trades.detail(call, tid))),
  )
  const shop = { id: shopId, facts: { goLiveAt: new Date('2026-01-01'), convertUnpaid: false } }
  const details = read.flatMap((one) => (one && !('kind' in one) ? [one] : []))
  const prepared = prepareTrades(deps.ring, shop, details)
  await run((tx) => stageTrades(tx, deps.ring, { shop, prepared, fetchedAt: new Date() }, systemActor))
}

/** Matches all goods that the shop sells with SKUs, and puts plenty of them in its warehouse. */
async function stockGoods({ db, run }: Place, shopId: string, warehouseId: string): Promise<void> {
  const made = await rowsOf<{ skuCode: string }>(
    db,
    sql`
    with sold as (
      select distinct line ->> 'itemId' as item, line ->> 'skuId' as sku, concat_ws('-', 'G', t.shop_id, line ->> 'itemId', line ->> 'skuId') as code
      from staged_trade t join staged_trade_lines g on g.trade_id = t.id cross join lateral jsonb_array_elements(g.lines) line
      where t.shop_id = ${shopId}
    ), made as (
      insert into product (code, name) select code, code from sold returning id, code
    ), skus as (
      insert into sku (code, product_id, spec, words) select code, id, '', '' from made returning id, code
    ), listed as (
      insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
      select ${shopId}, sold.item, sold.sku, 'on_sale', now(), skus.id, 'hand' from sold join skus using (code)
    )
    select code as "skuCode" from skus`,
  )
  const lines = made.map(({ skuCode }) => ({ skuCode, quantity: 100_000 }))
  await run(async (tx) => {
    const id = await createDocument(tx, 'adjustment', { warehouseId, lines }, by)
    must(await approveDocuments(tx, [id], by))
    must(await postDocuments(tx, [id], by))
  })
}

async function releaseAll({ db, run }: Place): Promise<void> {
  const trades = await idsOf(db, sql`select id from staged_trade where state = 'staged' order by id`)
  await eachPart(trades, 200, async (some) => void must(await run((tx) => convertTrades(tx, some, by))))
  // A courier that both sources offer.
  await sql`update sales_order set courier = 'YTO'`.execute(db)
  const orders = await idsOf(db, sql`select id from sales_order where status = 'unconfirmed' order by id`)
  await eachPart(orders, 200, async (some) => {
    must(await run((tx) => transition(tx, some, { event: 'confirm' }, clerk)))
    must(await run((tx) => releaseOrders(tx, some, by)))
  })
}

async function printAll({ db, run }: Place, ring: ReturnType<typeof memoryKeyRing>) {
  const ids = await idsOf(db, sql`select id from delivery where standing = 'print' order by id`)
  const got = new Map<string, unknown>()
  await eachPart(ids, 500, async (some) => {
    const { job, results: outcomes } = await run((tx) =>
      printLabels(tx, { ids: some, printer: '', reason: '' }, by),
    )
    must(outcomes)
    const jobId = job ?? ''
    const labels = await rowsOf<{ seq: number; tid: string }>(
      db,
      sql`select p.seq, d.tid from print_document p join waybill w on w.id = p.waybill_id join delivery d on d.id = w.delivery_id where p.job_id = ${jobId}`,
    )
    const tidOf = new Map(labels.map(({ seq, tid }) => [seq, tid]))
    let results: { seq: number; printed: boolean; message: string }[] = []
    do {
      const said = results
      const documents = await run((tx) => nextDocuments(tx, ring, { jobId, results: said, most: 20 }, by))
      for (const { seq, contents } of documents) {
        const tid = tidOf.get(seq) ?? ''
        got.set(got.has(tid) ? `${tid} again` : tid, contents[0])
      }
      results = documents.map(({ seq }) => ({ seq, printed: true, message: '' }))
    } while (results.length > 0)
  })
  return got
}

async function pickAll({ db, run, warehouses }: Place): Promise<number> {
  for (const id of warehouses) await run((tx) => makeWaves(tx, id, by))
  const waves = await idsOf(db, sql`select id from wave where status = 'open' order by id`)
  must(await run((tx) => claimWaves(tx, waves, { takeOver: false }, by)))
  await sideBySide(waves, 4, async (waveId) => {
    const { lines } = await viewWave(db, waveId, wholeScope)
    for (const { seq, wanted } of lines) {
      const asked = { waveId, key: randomUUID(), seq, pieces: wanted }
      const { left } = await run((tx) => pickPieces(tx, asked, by))
      if (left === 0) await run((tx) => endPicking(tx, waveId, by))
    }
  })
  must(await run((tx) => handOverWaves(tx, waves, by)))
  return waves.length
}

async function shipAll({ db, run }: Place): Promise<void> {
  const packed = await rowsOf<{ waybillNo: string }>(
    db,
    sql`select waybill_no as "waybillNo" from delivery where standing = 'check' order by id`,
  )
  const deps = { db, leaving: { ask: async () => {}, ship: shipDeliveries } }
  await sideBySide(packed, 4, async ({ waybillNo }, at) => {
    const scanned = (code: string) => scan(deps, { station: `台 ${at}`, key: randomUUID(), code }, by)
    let answer = await scanned(waybillNo)
    for (let line = next(answer); line; line = next(answer)) answer = await scanned(line.code)
    if (answer.verdict.kind !== 'shipped') throw new Error(`${waybillNo}: ${JSON.stringify(answer.verdict)}`)
  })
  const ready = await idsOf(db, sql`select id from delivery where standing = 'ready' order by id`)
  await eachPart(ready, 100, async (some) => void must(await run((tx) => shipDeliveries(tx, some, by))))
}

const next = ({ parcel }: Awaited<ReturnType<typeof scan>>) =>
  parcel?.lines.find(({ counted, wanted }) => counted < wanted)
