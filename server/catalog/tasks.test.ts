import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import type { BadItem, Connector, Listing } from '../connectors/connector.ts'
import { connectors } from '../connectors/index.ts'
import { wholeScope } from '../core/access/actor.ts'
import { noCounts, type RunCounts } from '../core/tasks/kinds.ts'
import { createShopTasks } from '../core/tasks/tasks.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { memoryKeyRing, seal } from '../lib/seal.ts'
import { openCall } from '../shops/calls.ts'
import { aRun } from '../testing/run.ts'
import { batchActions } from '../worker.ts'
import { noteListings } from './listings/listings.ts'
import { downloadingListings } from './tasks.ts'
import { aCatalog, type Catalog, clerk, listed, seen } from './testing.ts'

/** The items that the platform's list returns, two on each page. */
let shown: (Listing | BadItem | PlatformError)[] = []

const [first = assert.fail()] = connectors
const connector: Connector = {
  ...first,
  listings: {
    pageSize: 2,
    async list(_call, { status, after, size }) {
      const items = shown.filter(
        (item) => 'reason' in item || item instanceof PlatformError || item.status === status,
      )
      const start = after === null ? 0 : Number(after.slice('from '.length))
      const page = items.slice(start, start + size)
      const failure = page.find((item) => item instanceof PlatformError)
      if (failure) throw failure
      return {
        items: page.filter((item): item is Listing | BadItem => !(item instanceof PlatformError)),
        next: start + size < items.length ? `from ${start + size}` : null,
      }
    },
  },
}

const ring = memoryKeyRing()
let catalog: Catalog
before(async () => {
  catalog = await aCatalog()
  const { db, shopId } = catalog
  const credentials = { appKey: '1', appSecret: '2' }
  const token = { accessToken: 'a', refreshToken: '' }
  await sql`
    update shop set credentials = ${seal(ring, shopId, JSON.stringify(credentials))},
      token = ${seal(ring, shopId, JSON.stringify(token))}, auth_state = 'live'
    where id = ${shopId}`.execute(db)
})
after(() => catalog[Symbol.asyncDispose]())
beforeEach(() => catalog.empty())

async function download(...items: typeof shown): Promise<RunCounts> {
  shown = items
  const { db, shopId } = catalog
  const counts = await downloadingListings.run(aRun(db, {}), () =>
    openCall({ db, ring, connectors: [connector], simulator: true }, shopId),
  )
  return { ...noCounts, ...counts }
}

async function statuses(): Promise<Record<string, string>> {
  const found = await sql<{ key: string; status: string }>`
    select item_id || '/' || platform_sku_id as key, status from listing order by 1`.execute(catalog.db)
  return Object.fromEntries(found.rows.map(({ key, status }) => [key, status]))
}

test('a shop’s goods are downloaded page by page, on sale and not, and matched', async () => {
  await catalog.skus({ code: 'SY-1' })
  const counts = await download(
    listed('i1', 's1', { outerSkuId: 'SY-1' }),
    listed('i1', 's2'),
    listed('i2', ''),
    listed('i3', '', { status: 'in_stock' }),
  )
  assert.deepEqual(
    [counts.pages, counts.seen, counts.created, counts.updated, counts.failed, counts.report],
    [3, 4, 4, 0, 0, null],
  )
  assert.deepEqual(await statuses(), {
    'i1/s1': 'on_sale',
    'i1/s2': 'on_sale',
    'i2/': 'on_sale',
    'i3/': 'in_stock',
  })
  assert.equal((await catalog.matches())['i1/s1'], 'SY-1 outer_id')
  assert.deepEqual(await catalog.news(), ['i1/s1'])
})

test('what has left the shop is gone and keeps its match; what comes back is back', async () => {
  await catalog.skus({ code: 'SY-1' })
  const one = listed('i1', 's1', { outerSkuId: 'SY-1' })
  await download(one, listed('i2', ''))
  await noteListings(catalog.db, catalog.shopId, [seen('i9', '')])
  const counts = await download(listed('i2', '', { quantity: 3 }))
  assert.deepEqual([counts.updated, counts.skipped, counts.report], [1, {}, { gone: 1 }])
  assert.deepEqual(await statuses(), { 'i1/s1': 'gone', 'i2/': 'on_sale', 'i9/': 'seen' })
  assert.equal((await catalog.matches())['i1/s1'], 'SY-1 outer_id')
  const back = await download(one, listed('i2', '', { quantity: 3 }), listed('i9', ''))
  assert.deepEqual([back.updated, back.skipped], [2, { same: 1 }])
  assert.deepEqual(await statuses(), { 'i1/s1': 'on_sale', 'i2/': 'on_sale', 'i9/': 'on_sale' })
})

test('a run that does not come to its end declares nothing gone', async () => {
  await download(listed('i1', ''), listed('i2', ''), listed('i3', ''))
  const refused = new PlatformError('rejected', 'isv.no', 'No.')
  await assert.rejects(download(listed('i1', ''), listed('i2', ''), refused), /No\./)
  assert.deepEqual(await statuses(), { 'i1/': 'on_sale', 'i2/': 'on_sale', 'i3/': 'on_sale' })
})

test('goods that cannot be read are counted and stay what they were', async () => {
  await download(listed('i1', ''), listed('i2', ''))
  const bad: BadItem = { kind: 'bad', id: 'i1', reason: 'no price', raw: '{}' }
  const counts = await download(bad)
  assert.deepEqual(
    [counts.failed, counts.report],
    [
      2,
      {
        gone: 1,
        bad: [
          { id: 'i1', reason: 'no price' },
          { id: 'i1', reason: 'no price' },
        ],
      },
    ],
  )
  assert.deepEqual(await statuses(), { 'i1/': 'on_sale', 'i2/': 'gone' })
  await download({ ...bad, id: null })
  assert.deepEqual(await statuses(), { 'i1/': 'on_sale', 'i2/': 'gone' })
})

test('only a shop whose platform tells its listings gets the task', async () => {
  const tasks = async () =>
    (
      await sql<{
        kind: string
        seconds: number
      }>`select kind, interval_seconds as seconds from task`.execute(catalog.db)
    ).rows
  const give = (listings: boolean) =>
    catalog.run((tx) =>
      createShopTasks(tx, [downloadingListings], {
        id: catalog.shopId,
        platform: first.id,
        path: 'direct',
        listings,
      }),
    )
  await give(false)
  assert.deepEqual(await tasks(), [])
  await give(true)
  assert.deepEqual(await tasks(), [{ kind: 'listings', seconds: 3600 }])
})

test('bulk work over a filter unmatches and matches again', async () => {
  await catalog.skus({ code: 'SY-1' })
  await download(listed('i1', 's1', { outerSkuId: 'SY-1' }), listed('i2', 's1', { outerSkuId: 'SY-1' }))
  const action = (name: string) => batchActions(ring).find((one) => one.action === name) ?? assert.fail()
  const all = async (name: string, filter: object) => {
    const chosen = action(name)
    return catalog.run(async (tx) => {
      const extent = await chosen.count(tx, filter, wholeScope)
      const { ids } = await chosen.resolve(tx, filter, wholeScope, { cap: 500, after: null })
      const outcomes = await chosen.run(tx, ids, {}, { actor: clerk, scope: wholeScope })
      return [extent.total, outcomes.filter((one) => one.done).length]
    })
  }
  assert.deepEqual(await all('listings.unmatch', { tab: 'matched', shop: catalog.shopId }), [2, 2])
  assert.deepEqual(await catalog.matches(), { 'i1/s1': '', 'i2/s1': '' })
  assert.deepEqual(await all('listings.match_again', { tab: 'unmatched' }), [2, 2])
  assert.deepEqual(await catalog.matches(), { 'i1/s1': 'SY-1 outer_id', 'i2/s1': 'SY-1 outer_id' })
  assert.deepEqual(await all('skus.retire', { tab: 'active', q: 'sy-1' }), [1, 1])
})
