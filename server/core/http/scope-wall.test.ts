import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testApp } from '../../testing/app.ts'
import { foreignId } from './scope-wall.ts'

test('an answer that names a shop which was not granted does not leave, whoever forgot the scope', async () => {
  const answers: Record<string, unknown> = {
    '/api/x/own': { rows: [{ shopId: '1' }, { shopId: null }], next: null },
    '/api/x/foreign': { rows: [{ shopId: '1' }, { lines: [{ deep: { shopId: '2' } }] }], next: null },
  }
  await using house = await testApp({}, (app) => {
    for (const [url, answer] of Object.entries(answers))
      app.get(url, { config: { permission: 'trades.read' } }, async () => answer)
  })
  const clerk = await house.as(['trades.read'], ['1'])
  assert.deepEqual((await clerk.call('GET', '/api/x/own')).body, answers['/api/x/own'])
  const stopped = await clerk.call('GET', '/api/x/foreign')
  assert.deepEqual([stopped.status, Object(stopped.body).code], [500, 'internal'])
  assert.equal(JSON.stringify(stopped.body).includes('shopId'), false)
  assert.ok(house.logged.some((line) => line.includes('beyond the scope') && line.includes('/api/x/foreign')))
  const owner = await house.as(['trades.read'])
  assert.equal((await owner.call('GET', '/api/x/foreign')).status, 200)
})

test('nor does one of stock or parcels that names a warehouse which was not granted', async () => {
  const foreign = { rows: [{ warehouseId: '1' }, { warehouses: [{ warehouseId: '2' }] }] }
  await using house = await testApp({}, (app) => {
    for (const url of ['/api/stock/x/foreign', '/api/deliveries/x/foreign', '/api/orders/x/foreign'])
      app.get(url, { config: { permission: 'trades.read' } }, async () => foreign)
  })
  const keeper = await house.as(['trades.read'], 'all', ['1'])
  const statusOf = async (path: string) => (await keeper.call('GET', path)).status
  assert.equal(await statusOf('/api/stock/x/foreign'), 500)
  assert.equal(await statusOf('/api/deliveries/x/foreign'), 500)
  // A user who may see an order may see its warehouse.
  assert.equal(await statusOf('/api/orders/x/foreign'), 200)
  const both = await house.as(['trades.read'], 'all', ['1', '2'])
  assert.equal((await both.call('GET', '/api/stock/x/foreign')).status, 200)
})

test('what is no shop of ours is passed over: dates, nothing, words', () => {
  const granted = new Set(['1'])
  assert.equal(
    foreignId({ at: new Date(), shopId: '1', a: [null, 'shopId', 3] }, 'shopId', granted),
    undefined,
  )
  assert.equal(foreignId([{ shopId: '' }], 'shopId', granted), undefined)
  assert.equal(foreignId([[{ a: { shopId: '3' } }]], 'shopId', granted), '3')
  assert.equal(foreignId(null, 'shopId', granted), undefined)
})

test('every exported verb that answers for ids takes a scope', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !/\.test\.ts$|testing|^core\/batches\//.test(path),
  )
  const verbs = files.flatMap((path) =>
    [
      ...readFileSync(`${root}${path}`, 'utf8').matchAll(
        /export (?:async )?function (\w+)(?:<[^>]*>)?\(((?:[^()]|\([^()]*\))*)\): Promise<\w*Outcome\[\]>/g,
      ),
    ].map(([, name = '', parameters = '']) => ({ name: `${path} ${name}`, parameters })),
  )
  assert.ok(verbs.length >= 90, `${verbs.length} verbs`)
  const without = verbs.filter(
    ({ parameters }) => !/\bscope: Scope\b|\bby: By\b|\bscope\b[^}]*\}: By\b/.test(parameters),
  )
  assert.deepEqual(without.map(({ name }) => name).sort(), [
    // Goods belong to no shop: every user with the permission may change them.
    'catalog/skus/bundles.ts setBundles',
    'catalog/skus/products.ts createProducts',
    'catalog/skus/products.ts editProducts',
    'catalog/skus/products.ts retireProducts',
    'catalog/skus/skus.ts editSkus',
    'catalog/skus/skus.ts retireSkus',
    'catalog/skus/skus.ts reviveSkus',
    // Its work takes the scope.
    'core/outbox/actions.ts eachKind',
    // Changes by the platform, not by a user: applied to the orders of the refund's shop.
    'flows/refund-applied.ts applyRefundsToOrders',
    'orders/refunds/refunds.ts applyRefunds',
    // The only writer of the status. Verbs call it after their checks.
    'orders/status/transition.ts transition',
    // For orders that the caller has locked: orders within the user's scope, or orders that the platform took back.
    'orders/status/void.ts voidLocked',
  ])
})
