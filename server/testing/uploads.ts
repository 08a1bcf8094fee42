import { sql } from 'kysely'
import { pino } from 'pino'
import { demoShops } from '../../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../../sandbox/server.ts'
import { control } from '../../sandbox/testing.ts'
import { connectors } from '../connectors/index.ts'
import { type Actor, wholeScope } from '../core/access/actor.ts'
import { type Database, openDatabase, type Tx } from '../core/db/db.ts'
import type { Running } from '../core/jobs/engine.ts'
import { createQueues } from '../core/jobs/job.ts'
import type { ActionHandler } from '../core/outbox/handlers.ts'
import { startOutbox } from '../core/outbox/loop.ts'
import { startTasks } from '../core/tasks/loop.ts'
import { createShopTasks } from '../core/tasks/tasks.ts'
import { approveDocuments, createDocument, postDocuments } from '../inventory/documents/documents.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { type OpenedShop, openCall } from '../shops/calls.ts'
import { connectDemoShops } from '../shops/demo.ts'
import { calculateStockSync } from '../stock-sync/calculate.ts'
import { type StockSyncRule, usualRule } from '../stock-sync/lifecycle.ts'
import { processStockChanges } from '../stock-sync/loop.ts'
import { stockSyncAction } from '../stock-sync/outbox.ts'
import { listingsOfShop } from '../stock-sync/queries.ts'
import { saveShopSettings, shopSettingsOf } from '../stock-sync/settings.ts'
import { syncingStock } from '../stock-sync/tasks.ts'
import { jobs } from '../worker.ts'
import { testDatabase } from './database.ts'
import { must } from './run.ts'
import { until } from './until.ts'

export const keeper: Actor = { kind: 'user', id: '7', name: '林晓' }

/** A listing of the simulator. */
export type Place = { shopId: string; key: string; itemId: string; platformSkuId: string }
export type UploadState = {
  standing: string
  quantity: number | null
  told: number | null
  problem: string
  /** The quantity of the listing in the simulator's own records. */
  there: number | undefined
}

/** A test fixture: two shops of the simulator. No quantity is calculated or sent before a test asks for it. */
export type UploadHouse = {
  db: Database
  databaseUrl: string
  sandbox: RunningSandbox
  shopIds: string[]
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  control(path: string, body: Record<string, unknown>): Promise<string>
  /** Returns the n-th SKU that a shop sells in the simulator. */
  place(shop: number, at: number): Place
  /** Makes our listing of the place, matched with a SKU. Returns its id. */
  listing(place: Place, skuId: string): Promise<string>
  /** Sets the shop's rule and switches it on or off. */
  shop(shop: number, enabled: boolean, rule?: Partial<StockSyncRule>): Promise<void>
  /** Adds goods (a negative quantity removes some) by a document. */
  put(warehouseId: string, skuCode: string, quantity: number): Promise<void>
  /** Processes every waiting stock change. */
  take(): Promise<void>
  /** Calculates all listings of a shop, as the task does. */
  whole(shop: number): Promise<void>
  outbox(handler?: Partial<ActionHandler<OpenedShop>>): void
  /** From now on the stock sync task runs whenever it is due or requested. */
  tasks(): void
  state(place: Place): Promise<UploadState>
  /** Waits until nothing is left to send. */
  settled(): Promise<void>
  /** Returns the quantities that the simulator received for a listing, in order. */
  deeds(place: Place): number[]
  [Symbol.asyncDispose](): Promise<void>
}

export async function anUploadHouse(): Promise<UploadHouse> {
  const base = await testDatabase()
  const database = openDatabase(base.url, { max: 14 })
  const { db } = database
  const shops = demoShops.slice(0, 2)
  const sandbox = await startSandbox({
    port: 0,
    seed: 'upload',
    shops: shops.map((shop) => ({ ...shop, trades: 0 })),
  })
  const deps = { db, ring: memoryKeyRing(), connectors, simulator: true }
  const shopIds = await connectDemoShops(
    {
      ...deps,
      onShopConnected: (tx, shop, { id, trades }) =>
        createShopTasks(tx, [syncingStock], { id: shop.id, platform: id, path: trades.path, stock: true }),
    },
    sandbox.url,
    shops,
  )
  await createQueues(db, jobs)
  const run = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
  const running: Running[] = []
  const idOf = (shop: number) => shopIds[shop] ?? ''
  return {
    db,
    databaseUrl: base.url,
    sandbox,
    shopIds,
    run,
    control: (path, body) => control(sandbox, path, body),
    place(shop, at) {
      const sold = (sandbox.world.shops[shop]?.listings ?? []).flatMap(({ numIid, skus }) =>
        skus.map(({ skuId }) => ({ itemId: numIid, platformSkuId: skuId })),
      )
      const one = sold[at]
      if (!one) throw new Error(`the simulator sells no ${at}`)
      return { shopId: idOf(shop), key: shops[shop]?.key ?? '', ...one }
    },
    async listing({ shopId, itemId, platformSkuId }, skuId) {
      const made = await sql<{ id: string }>`
        insert into listing (shop_id, item_id, platform_sku_id, title, status, modified_at, listed_at, sku_id, matched_how)
        values (${shopId}, ${itemId}, ${platformSkuId}, '四件套', 'on_sale', now(), now(), ${skuId}, 'hand')
        returning id`.execute(db)
      return made.rows[0]?.id ?? ''
    },
    async shop(shop, enabled, rule = {}) {
      const shopId = idOf(shop)
      const { version } = await shopSettingsOf(db, shopId)
      const wish = { shopId, enabled, rule: { ...usualRule, ...rule }, version }
      await run((tx) => saveShopSettings(tx, wish, { actor: keeper, scope: wholeScope }))
    },
    put: (warehouseId, skuCode, quantity) =>
      run(async (tx) => {
        const input = { warehouseId, note: '', lines: [{ skuCode, quantity }] }
        const id = await createDocument(tx, 'adjustment', input, { actor: keeper, scope: wholeScope })
        must(await approveDocuments(tx, [id], { actor: keeper, scope: wholeScope }))
        must(await postDocuments(tx, [id], { actor: keeper, scope: wholeScope }))
      }),
    async take() {
      while (await processStockChanges(db));
    },
    whole: (shop) =>
      run(async (tx) => {
        await calculateStockSync(tx, await listingsOfShop(tx, idOf(shop), '0', 10_000))
      }),
    outbox(handler = {}) {
      const outbox = startOutbox({
        db,
        log: pino({ level: 'silent' }),
        pollMs: 20,
        handlers: [{ ...stockSyncAction, lookAfterSeconds: 0, ...handler }],
        openShop: (id, hooks) => openCall(deps, id, hooks),
      })
      running.push(outbox)
    },
    tasks() {
      const tasks = startTasks({
        db,
        log: pino({ level: 'silent' }),
        pollMs: 20,
        kinds: [syncingStock],
        openShop: (id, hooks) => openCall(deps, id, hooks),
      })
      running.push(tasks)
    },
    state: async (place) => ({ ...(await stateOf(db, place)), there: shownThere(sandbox, place) }),
    settled: () =>
      until(async () => {
        const open = await sql`
          select from platform_action where state in ('pending', 'sending', 'unknown')
          union all select from stock_upload where standing = 'waiting'`.execute(db)
        return open.rows.length === 0
      }),
    deeds: (place) =>
      sandbox.world.deeds
        .filter(({ action, key }) => action === 'stock' && key === `${place.itemId} ${place.platformSkuId}`)
        .map(({ detail }) => Number(detail['quantity'])),
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((one) => one.stop()))
      await sandbox.close()
      await database.close()
      await base[Symbol.asyncDispose]()
    },
  }
}

function shownThere(sandbox: RunningSandbox, { key, itemId, platformSkuId }: Place): number | undefined {
  const shop = sandbox.world.shops.find((one) => one.key === key)
  const listing = shop?.listings.find(({ numIid }) => numIid === itemId)
  return listing?.skus.find(({ skuId }) => skuId === platformSkuId)?.quantity
}

async function stateOf(db: Database, place: Place): Promise<Omit<UploadState, 'there'>> {
  const found = await sql<Omit<UploadState, 'there'>>`
    select u.standing, u.quantity, u.told_quantity as told, u.problem
    from stock_upload u join listing l on l.id = u.id
    where l.shop_id = ${place.shopId} and l.item_id = ${place.itemId} and l.platform_sku_id = ${place.platformSkuId}`.execute(
    db,
  )
  return found.rows[0] ?? { standing: 'none', quantity: null, told: null, problem: '' }
}
