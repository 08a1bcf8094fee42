import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import { endActionsByHand } from '../core/outbox/actions.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { must } from '../testing/run.ts'
import { aSku, aWarehouse } from '../testing/stock.ts'
import { until } from '../testing/until.ts'
import { anUploadHouse, keeper, type Place, type UploadHouse } from '../testing/uploads.ts'
import { calculateStockSync } from './calculate.ts'
import { stockSyncAction } from './outbox.ts'
import { pauseListings, resumeListings } from './pause.ts'
import { resyncListings } from './resync.ts'

type Sold = { code: string; place: Place; id: string }

async function shelves(house: UploadHouse, count: number): Promise<{ warehouseId: string; sold: Sold[] }> {
  const warehouseId = await aWarehouse(house.db)
  const sold: Sold[] = []
  for (let at = 0; at < count; at += 1) {
    const code = `RACE-${at}`
    const skuId = await aSku(house.db, code)
    const place = house.place(0, at)
    const id = await house.listing(place, skuId)
    await house.listing(house.place(1, at), skuId)
    await house.put(warehouseId, code, 40)
    sold.push({ code, place, id })
  }
  return { warehouseId, sold }
}

/** Listings of which the platform shows another quantity than the balance has available. */
async function wrongThere(house: UploadHouse): Promise<string[]> {
  const found = await sql<{ shop_id: string; item_id: string; platform_sku_id: string; free: number }>`
    select l.shop_id, l.item_id, l.platform_sku_id, s.on_hand - s.reserved - s.locked as free
    from listing l join stock s using (sku_id)`.execute(house.db)
  const wrong: string[] = []
  for (const row of found.rows) {
    const key = house.sandbox.world.shops[house.shopIds.indexOf(row.shop_id)]?.key ?? ''
    const place = {
      shopId: row.shop_id,
      key,
      itemId: row.item_id,
      platformSkuId: row.platform_sku_id,
    }
    const { there, standing, told } = await house.state(place)
    if (there !== row.free || standing !== 'synced' || told !== row.free)
      wrong.push(`${row.item_id}: ${row.free} free, ${there} there, ${told} told, ${standing}`)
  }
  return wrong
}

test('after changes, calculations, pauses and lost answers all at once the platform shows what there is', async () => {
  await using house = await anUploadHouse()
  const { warehouseId, sold } = await shelves(house, 8)
  await house.shop(0, true)
  await house.shop(1, true)
  await house.control('faults', { kind: 'timeout-after', probability: 0.15, ms: 50, count: 12 })
  await house.control('faults', { kind: 'reset', probability: 0.1, count: 8 })
  house.outbox()
  house.outbox()
  const ids = sold.map(({ id }) => id)
  const storm = async (seed: number) => {
    for (let turn = 0; turn < 12; turn += 1) {
      const { code, id } = sold[(seed * 7 + turn * 3) % sold.length] ?? { code: '', id: '' }
      await house.put(warehouseId, code, turn % 3 === 0 ? 5 : -1)
      if (turn % 4 === seed % 4)
        await house.run((tx) => pauseListings(tx, [id], { actor: keeper, scope: wholeScope }))
      if (turn % 4 === (seed + 2) % 4)
        await house.run((tx) => resumeListings(tx, ids, { actor: keeper, scope: wholeScope }))
      if (turn % 5 === seed % 5)
        await house.run((tx) => resyncListings(tx, ids, { actor: keeper, scope: wholeScope }))
      await (turn % 2 === 0 ? house.take() : house.whole(seed % 2))
    }
  }
  await Promise.all([0, 1, 2, 3].map(storm))
  await house.run((tx) => resumeListings(tx, ids, { actor: keeper, scope: wholeScope }))
  await house.take()
  await house.settled()
  assert.deepEqual(await wrongThere(house), [])
  await house.take()
  const idle = await sql<{ dirty: number; twice: number }>`
    select (select count(*)::int from stock_change where dirty) as dirty,
      (select count(*)::int from platform_action where state = 'failed') as twice`.execute(house.db)
  assert.deepEqual(idle.rows, [{ dirty: 0, twice: 0 }])
})

test('two calculations at once order one action, and the later one reads the later stock', async () => {
  await using house = await anUploadHouse()
  const { warehouseId, sold } = await shelves(house, 2)
  await house.shop(0, true)
  await house.take()
  const [one] = sold
  assert.ok(one)
  await Promise.all([
    ...Array.from({ length: 4 }, () => house.whole(0)),
    house.put(warehouseId, one.code, -3),
    ...Array.from({ length: 4 }, () => house.whole(0)),
  ])
  await house.take()
  const open = await sql<{ count: number }>`
    select count(*)::int as count from platform_action where shop_id = ${house.shopIds[0] ?? ''}`.execute(
    house.db,
  )
  assert.deepEqual([open.rows[0]?.count, (await house.state(one.place)).quantity], [1, 37])
})

test('a shop that is switched on for the first time while its listings are calculated has all of them on', async () => {
  await using house = await anUploadHouse()
  const { sold } = await shelves(house, 2)
  const switching = await house.run(async (tx) => {
    await calculateStockSync(
      tx,
      sold.map(({ id }) => id),
    )
    let isOver = false
    const switching = house.shop(0, true).finally(() => {
      isOver = true
    })
    await until(async () => {
      const waiting = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
        house.db,
      )
      return isOver || waiting.rows.length > 0
    })
    return { switching }
  })
  await switching.switching
  await house.whole(0)
  assert.deepEqual(await Promise.all(sold.map(async ({ place }) => (await house.state(place)).standing)), [
    'waiting',
    'waiting',
  ])
})

test('a send whose process died is repeated by the next one with the newest quantity', async () => {
  await using house = await anUploadHouse()
  const { warehouseId, sold } = await shelves(house, 1)
  const [one] = sold
  assert.ok(one)
  await house.shop(0, true)
  await house.take()
  await sql`
    update platform_action set state = 'sending', attempt = 1, claim = 1, worker = 'dead', next_at = null,
      lease_until = now() - interval '1 second'`.execute(house.db)
  await house.put(warehouseId, one.code, -4)
  await house.take()
  house.outbox()
  await house.settled()
  assert.deepEqual(house.deeds(one.place), [36])
})

test('a platform that stays away fails with its reason; the next change tells it, and so does a retry of the action', async () => {
  await using house = await anUploadHouse()
  const { warehouseId, sold } = await shelves(house, 1)
  const [one] = sold
  assert.ok(one)
  let away = true
  await house.shop(0, true)
  await house.take()
  house.outbox({
    mostAttempts: 1,
    send: async (shop, action, signal) => {
      if (away) throw new PlatformError('retry', 'down', 'Service Currently Unavailable')
      return stockSyncAction.send(shop, action, signal)
    },
  })
  await house.settled()
  const failed = await house.state(one.place)
  assert.deepEqual([failed.standing, failed.problem, failed.told], ['failed', 'not_told', null])
  await house.whole(0)
  assert.equal((await house.state(one.place)).standing, 'failed')
  away = false
  await house.put(warehouseId, one.code, 2)
  await house.take()
  await house.settled()
  assert.deepEqual(house.deeds(one.place), [42])

  away = true
  await house.put(warehouseId, one.code, 1)
  await house.take()
  await house.settled()
  const action = await sql<{ id: string }>`
    select id from platform_action where state = 'failed' order by id desc limit 1`.execute(house.db)
  away = false
  const { retryActions } = await import('../core/outbox/actions.ts')
  must(
    await house.run((tx) =>
      retryActions(
        tx,
        [stockSyncAction],
        { ids: [action.rows[0]?.id ?? ''], reason: '已恢复' },
        {
          actor: keeper,
          scope: wholeScope,
        },
      ),
    ),
  )
  await until(async () => (await house.state(one.place)).standing === 'synced')
  assert.deepEqual(house.deeds(one.place), [42, 43])
})

test('what a person takes over is told again with the next change only', async () => {
  await using house = await anUploadHouse()
  const { warehouseId, sold } = await shelves(house, 1)
  const [one] = sold
  assert.ok(one)
  await house.shop(0, true)
  await house.take()
  const action = await sql<{ id: string }>`select id from platform_action`.execute(house.db)
  const ids = action.rows.map(({ id }) => id)
  must(
    await house.run((tx) =>
      endActionsByHand(
        tx,
        [stockSyncAction],
        { ids, state: 'manual', reason: '平台上改了' },
        {
          actor: keeper,
          scope: wholeScope,
        },
      ),
    ),
  )
  await house.whole(0)
  const { standing, problem } = await house.state(one.place)
  assert.deepEqual([standing, problem], ['failed', 'manual'])
  await house.put(warehouseId, one.code, 1)
  await house.take()
  house.outbox()
  await house.settled()
  assert.deepEqual(house.deeds(one.place), [41])
})
