import { sql } from 'kysely'
import type { Listing } from '../connectors/connector.ts'
import type { Actor } from '../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../core/db/db.ts'
import { createQueues } from '../core/jobs/job.ts'
import { receiveEvent } from '../events.ts'
import { testDatabase } from '../testing/database.ts'
import { aShop } from '../testing/orders.ts'
import type { SeenGoods } from './listings/listing-queries.ts'
import { type SkuRow, saveSkus } from './skus/save-skus.ts'

export const clerk: Actor = { kind: 'user', id: '7', name: '林晓' }

export type Catalog = OpenDatabase & {
  shopId: string
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  empty(): Promise<void>
  skus(...rows: (Partial<SkuRow> & { code: string })[]): Promise<string[]>
  matches(): Promise<Record<string, string>>
  news(): Promise<string[]>
  [Symbol.asyncDispose](): Promise<void>
}

export async function aCatalog(): Promise<Catalog> {
  const database = await testDatabase()
  const open = openDatabase(database.url, { max: 12 })
  const { db } = open
  await createQueues(db, [receiveEvent('orders.listings_matched', async () => undefined)])
  const run = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
  return {
    ...open,
    shopId: await aShop(db),
    run,
    empty: () => database.empty('listing', 'sku', 'product', 'sku_barcode', 'bundle_part', 'audit_log'),
    async skus(...rows) {
      const saved = await run((tx) =>
        saveSkus(
          tx,
          rows.map((row) => ({ name: '四件套', ...row })),
          clerk,
        ),
      )
      return saved.map((one) => (one.done ? one.id : one.code))
    },
    async matches() {
      const found = await sql<{ key: string; value: string }>`
        select item_id || '/' || platform_sku_id as key, concat_ws(' ', s.code, nullif(matched_how, '')) as value
        from listing l left join sku s on s.id = l.sku_id order by 1`.execute(db)
      return Object.fromEntries(found.rows.map(({ key, value }) => [key, value]))
    },
    async news() {
      const found = await sql<{ key: string }>`
        with told as (delete from job where name = ${'orders.listings_matched'} returning data)
        select item_id || '/' || platform_sku_id as key from told, jsonb_array_elements_text(data -> 'listingIds') told_id
        join listing l on l.id = told_id::bigint order by 1`.execute(db)
      return found.rows.map(({ key }) => key)
    },
    async [Symbol.asyncDispose]() {
      await open.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

export function seen(itemId: string, skuId: string, overrides: Partial<SeenGoods> = {}): SeenGoods {
  return {
    itemId,
    skuId,
    title: '60支长绒棉四件套',
    spec: '雾蓝 / 1.8m 床',
    outerItemId: '',
    outerSkuId: '',
    pictureUrl: 'https://img.example/1.jpg',
    seenAt: new Date('2026-11-20T08:00:00Z'),
    ...overrides,
  }
}

export function listed(itemId: string, platformSkuId: string, overrides: Partial<Listing> = {}): Listing {
  return {
    itemId,
    platformSkuId,
    outerItemId: '',
    outerSkuId: '',
    title: '60支长绒棉四件套',
    spec: '雾蓝 / 1.8m 床',
    pictureUrl: 'https://img.example/1.jpg',
    priceFen: 26900,
    quantity: 12,
    status: 'on_sale',
    modifiedAt: new Date('2026-11-21T08:00:00Z'),
    ...overrides,
  }
}
