import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { connectorFor } from '../connectors/index.ts'
import { startBatches } from '../core/batches/loop.ts'
import { createQueues } from '../core/jobs/job.ts'
import { testApp } from '../testing/app.ts'
import { aShop } from '../testing/orders.ts'
import { aSku, aWarehouse, putStock } from '../testing/stock.ts'
import { until } from '../testing/until.ts'
import { scopeNow } from '../users/current-rights.ts'
import { batchActions, giveShopTasks, jobs } from '../worker.ts'
import { calculateStockSync } from './calculate.ts'
import { usualRule } from './lifecycle.ts'

test('a person sees what each listing may sell and why, sets rules and switches, within their shops', async () => {
  await using house = await testApp()
  const { db } = house
  await createQueues(db, jobs)
  const mine = await aShop(db)
  const foreign = await aShop(db)
  const warehouseId = await aWarehouse(db)
  const skuId = await aSku(db, 'UP-ROUTE')
  await putStock(db, warehouseId, skuId, 15)
  const made = await sql<{ id: string }>`
    insert into listing (shop_id, item_id, platform_sku_id, title, status, modified_at, sku_id, matched_how, quantity)
    select shop::bigint, 'i1', 's1', '四件套', 'on_sale', now(), ${skuId}, 'hand', 3
    from unnest(${[mine, foreign]}::text[]) shop returning id`.execute(db)
  const ids = made.rows.map(({ id }) => id)
  const connector = connectorFor('taobao')
  assert.ok(connector)
  await db.transaction().execute((tx) => giveShopTasks(tx, { id: mine }, connector))
  await db.transaction().execute((tx) => calculateStockSync(tx, ids))

  const clerk = await house.as(['inventory.read', 'inventory.upload'], [mine])
  const reader = await house.as(['inventory.read'], [mine])
  const listed = await clerk.call('GET', '/api/stock-uploads')
  assert.equal(listed.status, 200, JSON.stringify(listed.body))
  const [row, ...others] = Object(listed.body).rows
  assert.deepEqual(
    [row.id, row.quantity, row.standing, row.skuCode, row.platformQuantity, row.trace.base, others],
    [ids[0], 15, 'off', 'UP-ROUTE', 3, 15, []],
  )

  const settings = `/api/stock-upload-shops/${mine}`
  assert.deepEqual((await clerk.call('GET', settings)).body, {
    shopId: mine,
    enabled: false,
    rule: usualRule,
    version: 0,
    updatedBy: '',
    updatedAt: null,
    able: true,
  })
  const wish = { enabled: true, rule: { ...usualRule, percent: 80, safety: 2 }, version: 0 }
  assert.equal((await reader.call('PUT', settings, wish)).status, 403)
  assert.equal((await clerk.call('PUT', `/api/stock-upload-shops/${foreign}`, wish)).status, 404)
  const wrong = { ...wish, rule: { ...usualRule, min: 5, max: 4 } }
  assert.equal((await clerk.call('PUT', settings, wrong)).status, 400)
  const nowhere = { ...wish, rule: { ...usualRule, warehouses: ['999'] } }
  assert.equal((await clerk.call('PUT', settings, nowhere)).status, 400)
  assert.equal((await clerk.call('PUT', settings, wish)).status, 204)
  assert.equal((await clerk.call('PUT', settings, wish)).status, 409)

  const verb = (path: string, body: object) => clerk.call('POST', `/api/stock-uploads/${path}`, body)
  const resynced = await verb('resync', { ids })
  assert.deepEqual(
    Object(resynced.body).results.map((one: { done: boolean; code?: string }) => one.code ?? one.done),
    [true, 'not_found'],
  )
  const waiting = await clerk.call('GET', '/api/stock-uploads?tab=waiting&q=四件')
  assert.deepEqual([Object(waiting.body).rows[0].quantity, Object(waiting.body).rows.length], [10, 1])
  assert.equal((await verb('rule', { ids: [ids[0]], rule: { ...usualRule, max: 4 } })).status, 200)
  const own = await clerk.call('GET', '/api/stock-uploads?own=true')
  assert.deepEqual([Object(own.body).rows[0].quantity, Object(own.body).rows[0].rule.max], [4, 4])
  assert.equal((await verb('pause', { ids: [ids[0]] })).status, 200)
  const counts = await clerk.call('GET', '/api/stock-uploads/counts')
  assert.deepEqual(
    Object.entries(Object(counts.body).tabs).map(([tab, one]) => [tab, Object(one).count]),
    [
      ['all', 1],
      ['failed', 0],
      ['waiting', 0],
      ['synced', 0],
      ['paused', 1],
    ],
  )
  const started = await clerk.call('POST', `${settings}/resync`)
  assert.equal(started.status, 202, JSON.stringify(started.body))
  const runs = await sql<{ params: unknown }>`select params from task_run`.execute(db)
  assert.deepEqual(runs.rows, [{ params: { again: true } }])

  const exporter = await house.as(['inventory.read', 'export'], [mine])
  assert.equal((await exporter.call('GET', '/api/exports/stock-uploads.xlsx')).status, 200)
  const audited = await sql<{ action: string }>`
    select action from audit_log where action like '%upload%' order by id`.execute(db)
  assert.deepEqual(
    audited.rows.map(({ action }) => action),
    ['upload_shop.save', 'stock_upload.resync', 'stock_upload.rule', 'stock_upload.pause'],
  )
})

test('a whole filter is paused as bulk work, and what cannot be says why', async () => {
  await using house = await testApp()
  const { db } = house
  await createQueues(db, jobs)
  const mine = await aShop(db)
  const made = await sql<{ id: string }>`
    insert into listing (shop_id, item_id, platform_sku_id, title, status, modified_at)
    select ${mine}, 'i1', 's' || n, '四件套', 'on_sale', now() from generate_series(1, 5) n returning id`.execute(
    db,
  )
  await sql`insert into stock_upload (id, shop_id, item_id) select id, shop_id, item_id from listing`.execute(
    db,
  )
  const clerk = await house.as(['inventory.read', 'inventory.upload'], [mine])
  const first = made.rows[0]?.id ?? ''
  assert.equal((await clerk.call('POST', '/api/stock-uploads/pause', { ids: [first] })).status, 200)
  const order = { action: 'stock_uploads.pause', target: { filter: { shop: mine } } }
  const reader = await house.as(['inventory.read'], [mine])
  assert.equal((await reader.call('POST', '/api/batches', order)).status, 403)
  const started = await clerk.call('POST', '/api/batches', order)
  assert.equal(started.status, 202, JSON.stringify(started.body))
  const batches = startBatches({
    db,
    ring: house.ring,
    log: pino({ level: 'silent' }),
    actions: batchActions(house.ring),
    authorise: (actor, permission, scope) => scopeNow(db, actor, permission, scope),
    pollMs: 20,
  })
  const read = async () => Object((await clerk.call('GET', `/api/batches/${Object(started.body).id}`)).body)
  await until(async () => (await read()).state === 'done')
  await batches.stop()
  const { total, succeeded, reasons } = await read()
  const message = { zh: '已经暂停', en: 'Paused already' }
  const already = { code: 'already', count: 1, message, messages: [{ message, count: 1 }] }
  assert.deepEqual([total, succeeded, reasons], [5, 4, [already]])
  const paused = await sql<{ count: number }>`
    select count(*)::int as count from stock_upload where paused`.execute(db)
  assert.equal(paused.rows[0]?.count, 5)
})

test('a person of one warehouse sees the others as one figure, and puts none of them into a rule', async () => {
  await using house = await testApp()
  const { db } = house
  await createQueues(db, jobs)
  const shopId = await aShop(db)
  const [mine, ...others] = [await aWarehouse(db), await aWarehouse(db), await aWarehouse(db)]
  const skuId = await aSku(db, 'UP-SCOPE')
  for (const [at, id] of [mine, ...others].entries()) await putStock(db, id, skuId, 10 ** at)
  const made = await sql<{ id: string }>`
    insert into listing (shop_id, item_id, platform_sku_id, title, status, modified_at, sku_id, matched_how)
    values (${shopId}, 'i1', 's1', '四件套', 'on_sale', now(), ${skuId}, 'hand') returning id`.execute(db)
  const ids = made.rows.map(({ id }) => id)
  await db.transaction().execute((tx) => calculateStockSync(tx, ids))
  const rights = ['inventory.read', 'inventory.upload'] as const
  const [boss, clerk] = [await house.as([...rights]), await house.as([...rights], [shopId], [mine])]
  const shelves = async (caller: typeof boss) => {
    const { rows } = Object((await caller.call('GET', '/api/stock-uploads')).body)
    return rows[0].trace.parts[0].warehouses.map((one: Record<string, unknown>) => Object.values(one))
  }
  const [seen, all] = [await shelves(clerk), await shelves(boss)]
  assert.deepEqual(
    [seen.map(([, available]: unknown[]) => available), seen[1], all.length],
    [[1, 110], ['', 110, 0], 3],
  )
  assert.ok(seen[0][0] !== '' && !all.some(([name]: unknown[]) => name === ''))

  const settings = `/api/stock-upload-shops/${shopId}`
  const save = async (caller: typeof boss, warehouses: readonly string[], version: number) => {
    const wish = { enabled: false, rule: { ...usualRule, warehouses }, version }
    const { status, body } = await caller.call('PUT', settings, wish)
    return status === 204 ? 'done' : Object(body).code
  }
  const own = async (warehouses: readonly string[]) => {
    const body = { ids, rule: { ...usualRule, warehouses } }
    const answer = await clerk.call('POST', '/api/stock-uploads/rule', body)
    return answer.status === 200 ? 'done' : Object(answer.body).code
  }
  assert.equal(await save(clerk, [mine], 0), 'done')
  const tried = [
    await save(clerk, [mine, ...others], 1),
    await save(clerk, [], 1),
    await own(others),
    await own([]),
  ]
  assert.deepEqual(tried, ['outside_scope', 'outside_scope', 'outside_scope', 'outside_scope'])
  assert.equal(await save(boss, [mine, ...others.slice(0, 1)], 1), 'done')
  // What a rule has already may stay in it.
  assert.deepEqual([await save(clerk, others.slice(0, 1), 2), await own([mine])], ['done', 'done'])
})
