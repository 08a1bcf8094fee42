import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import type { Locator } from 'playwright-core'
import { labelBook } from '../sandbox/world/labels.ts'
import { connectors } from '../server/connectors/index.ts'
import { waybillDemo } from '../server/fulfilment/waybills/demo.ts'
import { loadKeyRing } from '../server/lib/seal.ts'
import { permissionsOf } from '../server/testing/app.ts'
import { aSku, aWarehouse, putStock } from '../server/testing/stock.ts'
import { until } from '../server/testing/until.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse } from './house.ts'
import { aPrintClient } from './print-client.ts'

// 打单发货 of 抖店, 微信小店 and 快手: numbers of their own e-waybills, labels through their own print clients, and the write-back.

const keys = ['shanyu-doudian', 'shanyu-weixin', 'shanyu-kuaishou'] as const
const house = await openHouse({
  trades: { 'shanyu-doudian': 0, 'shanyu-weixin': 0, 'shanyu-kuaishou': 0 },
})
const printers = {
  'shanyu-doudian': await aPrintClient({ kind: 'doudian', gateway: house.sandbox.url }),
  'shanyu-weixin': await aPrintClient({ kind: 'weixin' }),
  'shanyu-kuaishou': await aPrintClient({ kind: 'kuaishou' }),
}
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  for (const printer of Object.values(printers)) await printer.close()
  await house[Symbol.asyncDispose]()
})
const { db } = house

for (const shop of keys)
  await house.control('trades', {
    ...{ shop, count: 1, status: 'WAIT_SELLER_SEND_GOODS', lines: 2, memo: '', message: '', flag: 0 },
    created: Math.floor(Date.now() / 1000) - 7200,
  })
await house.download()
const warehouseId = await aWarehouse(db)
const sold = await sql<{ shopId: string; item: string; sku: string }>`
  select distinct t.shop_id as "shopId", line ->> 'itemId' as item, line ->> 'skuId' as sku
  from staged_trade t join staged_trade_lines g on g.trade_id = t.id cross join lateral jsonb_array_elements(g.lines) line`.execute(
  db,
)
for (const { shopId, item, sku } of sold.rows) {
  const skuId = await aSku(db)
  await sql`
    insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
    values (${shopId}, ${item}, ${sku}, 'on_sale', now(), ${skuId}, 'hand')
    on conflict (shop_id, item_id, platform_sku_id) do update set sku_id = ${skuId}, matched_how = 'hand'`.execute(
    db,
  )
  await putStock(db, warehouseId, skuId, 100)
}
const ring = await loadKeyRing(house.config.sealingKeyPath)
await waybillDemo({ db, ring, connectors, simulator: true }, Object.values(house.shops))

const idsOf = async (path: string) =>
  (await asked<{ rows: { id: string }[] }>(house.admin, 'GET', path)).rows.map(({ id }) => id)
// Converts, confirms and releases the staged trades.
await asked(house.admin, 'POST', '/api/staged-trades/convert', {
  ids: await idsOf('/api/staged-trades?limit=100'),
})
await asked(house.admin, 'POST', '/api/orders/confirm', { ids: await idsOf('/api/orders?tab=unconfirmed') })
await asked(house.admin, 'POST', '/api/orders/release', { ids: await idsOf('/api/orders?tab=confirmed') })

const keeper = await house.as(await permissionsOf(db, '仓库'))
const desk = await chromium.open(`${house.url}/print-desk`, keeper)
pictureFailures(() => desk)

const states = async () => {
  const found = await sql<{ is: string; n: number }>`
    select standing as is, count(*)::int as n from delivery group by standing order by standing`.execute(db)
  return Object.fromEntries(found.rows.map(({ is, n }) => [is, n]))
}
/** The numbers that the platform gave to a shop, with the trades of each. */
const given = (key: string) => {
  const shop = house.sandbox.world.shops.find((one) => one.key === key) ?? assert.fail()
  return labelBook(house.sandbox.world.labels, shop)
}

/** V shows a label of 抖店 and 快手 as its print client draws it; that of 微信小店 opens a window of its own. Nothing is printed. */
async function seesAllLabels(): Promise<void> {
  const dialog = desk.getByRole('dialog', { name: /^预览面单 DN/ })
  const shown: [shop: string, what: Locator][] = [
    ['山隅家居抖音店', dialog.getByRole('img', { name: '电子面单' })],
    ['山隅家居快手店', dialog.getByRole('img', { name: '电子面单' })],
    ['山隅家居微信小店', dialog.getByText('面单在微信小店打印组件的窗口里')],
  ]
  for (const [shop, what] of shown) {
    await desk.goto(`${house.url}/print-desk?tab=print`)
    await listIsReady(desk)
    await rowsOf(desk).filter({ hasText: shop }).first().locator('.cell-tick').click()
    await desk.keyboard.press('v')
    await appears(what)
    await desk.keyboard.press('Escape')
    await goes(dialog)
  }
  for (const key of keys) assert.equal(printers[key].arrived, 0, key)
  await desk.goto(`${house.url}/print-desk?tab=print`)
  await listIsReady(desk)
}

test('each account of a platform’s own e-waybills names the couriers of the shop', async () => {
  const found = await sql<{ source: string; couriers: string }>`
    select source, string_agg(courier, ' ' order by courier) as couriers from waybill_account group by source order by source`.execute(
    db,
  )
  assert.deepEqual(found.rows, [
    { source: 'doudian', couriers: 'JTSD POSTB SF STO YTO YUNDA ZTO' },
    { source: 'kuaishou', couriers: 'JTSD POSTB SF STO YTO YUNDA ZTO' },
    { source: 'weixin', couriers: 'EMS JTSD SF STO YTO YUNDA ZTO' },
  ])
})

test('a parcel of 抖店, one of 微信小店 and one of 快手 get their numbers, are printed, shipped and written back with these very numbers', async () => {
  await listIsReady(desk)
  await appears(desk.getByRole('button', { name: '取号 3 单' }))
  await desk.keyboard.press('g')
  await until(async () => (await states())['print'] === 3, 60_000)
  await appears(desk.getByRole('button', { name: '打印 3 单' }))
  await seesAllLabels()
  await appears(desk.getByRole('button', { name: '打印 3 单' }))
  await desk.keyboard.press('p')
  await until(async () => (await states())['ready'] === 3, 60_000)
  for (const key of keys) assert.equal(printers[key].printed.length, 1, key)
  await appears(desk.getByRole('button', { name: '发货 3 单' }))
  await desk.keyboard.press('s')
  await appears(desk.getByRole('dialog', { name: '发货 3 条' }))
  await desk.keyboard.press('Enter')
  await until(async () => (await states())['shipped'] === 3, 60_000)
  await until(async () => {
    const open = await sql`select from delivery where write_back is distinct from 'done'`.execute(db)
    return open.rows.length === 0
  }, 60_000)
  // 微信小店 alone wants to know which labels were printed.
  const reports = () => house.sandbox.world.deeds.filter(({ action }) => action === 'waybill_print')
  await until(async () => reports().length > 0, 60_000)
  assert.deepEqual(
    reports().map(({ key, detail }) => [key, detail['again']]),
    [[given('shanyu-weixin')[0]?.waybill, '0']],
  )
  for (const key of keys) {
    const [label = assert.fail(), ...others] = given(key)
    assert.deepEqual([label.cancelled, label.courier, others], [false, 'YTO', []])
    const shop = house.sandbox.world.shops.find((one) => one.key === key)
    const lines = shop?.trades.get(label.tids[0] ?? '')?.lines ?? []
    assert.equal(lines.length, 2)
    assert.deepEqual(
      lines.map(({ status, waybill, shipments }) => [status, waybill, shipments]),
      lines.map(() => ['WAIT_BUYER_CONFIRM_GOODS', label.waybill, 1]),
    )
    const ours = await sql<{ no: string; printed: boolean; state: string }>`
      select d.waybill_no as no, d.printed_at is not null as printed, w.state
      from delivery d join waybill w on w.delivery_id = d.id where d.shop_id = ${house.shops[key] ?? ''}`.execute(
      db,
    )
    assert.deepEqual(ours.rows, [{ no: label.waybill, printed: true, state: 'taken' }])
  }
})

test('the page of each shop shows the address to which its platform is to post messages, and posts there are kept', async () => {
  const office = await chromium.open(`${house.url}/shops`, house.admin)
  for (const [key, shopId] of Object.entries(house.shops)) {
    const shop = house.sandbox.world.shops.find((one) => one.key === key) ?? assert.fail()
    const path = `/api/push/${shop.platform}/${shop.options.appKey}`
    await office.goto(`${house.url}/shops/${shopId}`)
    await appears(office.getByText('还没连接'))
    const address = office.getByRole('status', { name: '推送地址' })
    assert.equal(await address.textContent(), house.config.publicUrl + path)
    await house.control('push-to', { shop: key, url: house.url + path })
    await house.control('trades', { shop: key, count: 1, status: 'WAIT_SELLER_SEND_GOODS' })
    const kept = async () =>
      (
        await sql<{ kind: string }>`
          select kind from push_message where channel = ${`${shop.platform}:${shop.options.appKey}`}`.execute(
          db,
        )
      ).rows
    await until(async () => (await kept()).length > 0)
    assert.deepEqual(await kept(), [{ kind: 'trade' }], key)
  }
})

test('an account of 快手, whose services are not connected, says that it does not insure, and blames no branch', async () => {
  const page = await chromium.open(`${house.url}/waybill-accounts`, await house.as(['*']))
  const row = page.getByRole('row').filter({ hasText: '快手电子面单' }).first()
  await row.getByRole('button', { name: /^修改/ }).click()
  const dialog = page.getByRole('dialog', { name: '修改电子面单账号' })
  await appears(dialog.getByText('这个账号不能保价'))
  assert.equal(await dialog.getByText(/网点没有/).count(), 0)
})
