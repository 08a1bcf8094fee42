import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import type { Locator } from 'playwright-core'
import { branchAddress } from '../sandbox/world/labels.ts'
import { defaultTemplate } from '../server/fulfilment/papers/paper-rules.ts'
import { permissionsOf } from '../server/testing/app.ts'
import { aSku, aWarehouse, putStock } from '../server/testing/stock.ts'
import { until } from '../server/testing/until.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse } from './house.ts'
import { aPrintClient } from './print-client.ts'

// 打单发货: from staged trades to shipped parcels with few keys, then the page itself in the role 仓库.

const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const printer = await aPrintClient()
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await printer.close()
  await house[Symbol.asyncDispose]()
})
const { db } = house
const shopId = house.shops['shanyu-tmall'] ?? ''

// The first hundred make the walk, the rest the page's own test.
await house.control('trades', {
  ...{ shop: 'shanyu-tmall', count: 109, status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', lines: 1 },
  ...{ payment: 10_000, memo: '', flag: 0, spreadSeconds: 600 },
  created: Math.floor(Date.now() / 1000) - 7200,
})
await house.download()
const warehouseId = await aWarehouse(db)
/** Matches the goods of all staged trades with SKUs, and puts plenty of them in stock. */
async function stockGoods(): Promise<void> {
  const sold = await sql<{ item: string; sku: string }>`
    select distinct line ->> 'itemId' as item, line ->> 'skuId' as sku
    from staged_trade_lines g cross join lateral jsonb_array_elements(g.lines) line`.execute(db)
  for (const { item, sku } of sold.rows) {
    const skuId = await aSku(db)
    await sql`
      insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
      values (${shopId}, ${item}, ${sku}, 'on_sale', now(), ${skuId}, 'hand')
      on conflict (shop_id, item_id, platform_sku_id) do update set sku_id = ${skuId}, matched_how = 'hand'`.execute(
      db,
    )
    await putStock(db, warehouseId, skuId, 10_000)
  }
}
await stockGoods()
await asked(house.admin, 'POST', '/api/waybill-accounts', {
  ...{ shopId, source: 'cainiao', courier: 'YTO', branchCode: '', branchName: '杭州余杭YTO网点' },
  sender: {
    ...{ name: '发货员', mobile: '13900001111', phone: '' },
    address: { ...branchAddress(house.sandbox.world.shops[0] ?? assert.fail()), town: '' },
  },
  ...{ templateName: '', templateUrl: 'http://cloudprint.cainiao.com/template/standard/101/1' },
  ...{ warehouseId: null, enabled: true },
})

const states = async () => {
  const found = await sql<{ is: string; n: number }>`
    select standing as is, count(*)::int as n from delivery group by standing order by standing`.execute(db)
  return Object.fromEntries(found.rows.map(({ is, n }) => [is, n]))
}

const boss = await chromium.open(`${house.url}/staged-trades`, house.admin)
let page = boss
pictureFailures(() => page)
let actions = 0
const press = (key: string) => {
  actions += 1
  return page.keyboard.press(key)
}
const click = (on: Locator) => {
  actions += 1
  return on.click()
}
const toast = (text: string | RegExp) => page.locator('.toast').filter({ hasText: text })

test('a clerk brings a hundred staged trades to shipped parcels with twelve keys and clicks', async () => {
  await listIsReady(page)
  await appears(rowsOf(page))
  await press('Control+a')
  await press('c')
  await click(toast('已转 100 条').getByRole('link'))
  await page.waitForURL(/\/orders/)
  await listIsReady(page)
  await appears(page.getByText('已载入 100 / 100'))
  await press('Control+a')
  await appears(page.getByText('已选 100 条'))
  await press('c')
  await appears(toast(/100 单已确认/))
  await press('Control+a')
  await press('s')
  await click(toast('100 单已通知配货').getByRole('link'))
  await page.waitForURL(/\/print-desk/)
  await listIsReady(page)
  await appears(page.getByRole('button', { name: '取号 100 单' }))
  await press('g')
  await until(async () => (await states())['print'] === 100, 60_000)
  await appears(page.getByRole('button', { name: '打印 100 单' }))
  await looksForClient()
  // A template of the custom area: the labels that are printed from now on have it.
  const area = { version: 0, ...defaultTemplate('label_area'), name: '山隅标准', shopIds: [shopId] }
  await asked(house.admin, 'POST', '/api/paper-templates', area)
  await press('p')
  await until(async () => (await states())['ready'] === 100, 60_000)
  assert.equal(printer.printed.length, 100)
  await hasAreas()
  await appears(page.getByRole('button', { name: '发货 100 单' }))
  await press('s')
  await appears(page.getByRole('dialog', { name: '发货 100 条' }))
  await press('Enter')
  await until(async () => (await states())['shipped'] === 100, 60_000)
  console.log(`staged to shipped, 100 orders: ${actions} actions`)
  assert.equal(actions, 12)
})

/** Each label was printed with the custom area of our template, which says the order in that label. */
async function hasAreas(): Promise<void> {
  const labels = await sql<{ document: string; order: string }>`
    select p.job_id || '-' || p.seq as document, t.order_no as order from print_document p
    join waybill w on w.id = p.waybill_id join delivery t on t.id = w.delivery_id`.execute(db)
  assert.equal(labels.rows.length, 100)
  for (const { document, order } of labels.rows) {
    const { top, items } = printer.areas.get(document) ?? assert.fail(document)
    assert.equal(top, 92)
    assert.ok(Array.isArray(items))
    assert.deepEqual(
      items.find(({ y, x }) => x === 2 && y === 1),
      {
        kind: 'text',
        x: 2,
        y: 1,
        w: 40,
        h: 3.67,
        text: `订单号 ${order}`,
        pt: 8,
        weight: 'normal',
        align: 'left',
      },
    )
  }
  const document = await fetch(`${house.url}/label-area-2.xml`)
  assert.deepEqual([document.status, (await document.text()).includes('id="CUSTOM_AREA"')], [200, true])
}

/** While no print client answers, P says at once what it looks for; given up, nothing is printed. */
async function looksForClient(): Promise<void> {
  const other = await chromium.open(`${house.url}/print-desk`, house.admin)
  await other.addInitScript(() => {
    class Silent extends EventTarget {
      readyState = 0
      send() {}
      close() {
        this.dispatchEvent(new Event('close'))
      }
    }
    Object.assign(globalThis, { WebSocket: Silent })
  })
  await other.reload()
  await listIsReady(other)
  await appears(other.getByRole('button', { name: '打印 100 单' }))
  await other.keyboard.press('p')
  const dialog = other.getByRole('dialog', { name: '打印面单' })
  await appears(dialog.getByText(/^正在找这台电脑上的.+打印组件，最多 5 秒。没找到就打开它，再打一次。$/))
  await dialog.getByRole('button', { name: '取消' }).click()
  await goes(dialog)
  assert.deepEqual(await states(), { print: 100 })
  const jobs = await sql<{ n: number }>`select count(*)::int as n from print_job`.execute(db)
  assert.deepEqual([jobs.rows[0]?.n, printer.printed.length], [0, 0])
  await other.close()
}

test('the page in the role 仓库: batches, stopped numbers with their reasons, and a reload in the middle of printing', async () => {
  await bringToDesk()
  await sql`
    update delivery set wanted_courier = case when id % 3 = 0 then 'SF' else 'YTO' end where status = 'pending'`.execute(
    db,
  )
  await sql`
    update sales_order o set courier = d.wanted_courier from delivery d where d.order_id = o.id and d.status = 'pending'`.execute(
    db,
  )
  const keeper = await house.as(await permissionsOf(db, '仓库'))
  page = await chromium.open(`${house.url}/account`, keeper)
  await page.getByRole('button', { name: '发货', exact: true }).click()
  await page.getByRole('link', { name: /^打单发货/ }).click()
  await listIsReady(page)
  await appears(rowsOf(page))
  const couriers = page.getByRole('toolbar', { name: '快递' })
  await couriers.getByRole('button', { name: /^圆通速递/ }).click()
  await page.waitForURL(/courier=YTO/)
  await appears(page.getByText(/已载入 6 \/ 6/))
  await page
    .getByRole('toolbar', { name: '件型' })
    .getByRole('button', { name: /^单品单件/ })
    .click()
  await page.waitForURL(/shape=single/)
  await page.goto(`${house.url}/print-desk`)
  await listIsReady(page)

  await namesWhatItDoes()

  // S on a row without a number takes the number first; SF has no account, and the refusal says so.
  await appears(rowsOf(page).filter({ hasText: '顺丰速运' }))
  await rowsOf(page).filter({ hasText: '顺丰速运' }).first().locator('.cell-tick').click()
  await page.keyboard.press('s')
  await appears(toast('还没有运单号：先取号'))
  await appears(page.getByText('订单指定的快递没有电子面单账号').first())
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')

  await page.goto(`${house.url}/print-desk?courier=YTO`)
  await listIsReady(page)
  await appears(page.getByRole('button', { name: '取号 6 单' }))
  await page.keyboard.press('g')
  const strip = page.getByRole('region', { name: '取号' })
  await appears(strip.getByText('6 / 6'))
  await appears(strip.getByText('成功 6'))
  await strip.getByRole('button', { name: '收起' }).click()
  await goes(strip)
  await appears(page.getByText('没有待取号的。待打印还有 6 单'))
  await page.getByRole('button', { name: '去待打印' }).click()
  await listIsReady(page)
  await appears(rowsOf(page))

  // Preview, printers and the order of printing.
  const aside = page.getByRole('complementary', { name: '预览和打印机' })
  await page.keyboard.press('j')
  await appears(aside.getByText('没有备注'))
  await seesTheLabel()
  await appears(aside.getByRole('radiogroup', { name: '打印机' }).getByText('空闲'))
  await aside.getByText('按列表').click()
  await page.keyboard.press('Escape')

  // The second label jams; the strip says so, and the job goes on at the right one.
  printer.faults = { jamAt: printer.arrived + 2 }
  const before = printer.printed.length
  await page.keyboard.press('Control+a')
  await page.keyboard.press('p')
  const printing = page.getByRole('region', { name: '打印', exact: true })
  await appears(printing.getByText('第 2 张没打出来：打印机缺纸'))
  await appears(aside.getByText('缺纸'))
  await printing.getByRole('button', { name: '继续打' }).click()
  await appears(printing.getByText('打完了，6 张'))
  assert.equal(printer.printed.length - before, 6)
  assert.equal(new Set(printer.printed.slice(before)).size, 6)

  // The page is loaded anew in the middle: what was handed out is unsure, and the clerk names the last label.
  printer.faults = { dieAfter: printer.arrived + 2 }
  await page.goto(`${house.url}/print-desk?tab=ready&courier=YTO`)
  await listIsReady(page)
  await appears(rowsOf(page))
  await page.keyboard.press('Control+a')
  await page.keyboard.press('p')
  const reason = page.getByRole('dialog', { name: '6 张打过或在没打完的打印里，补打的原因' })
  await reason.getByRole('textbox', { name: '原因' }).fill('换了面单纸')
  await reason.getByRole('button', { name: '补打 6 张' }).click()
  await appears(printing.getByText('手里最后一张面单是'))
  await page.reload()
  const left = page.getByRole('region', { name: '没打完的打印' })
  await appears(left.getByText('未确定 4'))
  printer.faults = {}
  const second = await sql<{ no: string }>`
    select w.waybill_no as no from print_document p join waybill w on w.id = p.waybill_id
    where p.job_id = (select max(id) from print_job) and p.seq = 2`.execute(db)
  await left.getByRole('combobox').selectOption({ label: second.rows[0]?.no ?? '' })
  await left.getByRole('button', { name: '继续打' }).click()
  await appears(printing.getByText('打完了，6 张'))
  const documents = await sql<{ is: string }>`
    select string_agg(state, ' ' order by seq) as is from print_document where job_id = (select max(id) from print_job)`.execute(
    db,
  )
  assert.equal(documents.rows[0]?.is, 'printed printed printed printed printed printed')
  await appears(rowsOf(page).first().locator('.ink-warn', { hasText: '2' }))
  assert.deepEqual(await states(), { number: 3, ready: 6, shipped: 100 })
})

test('several packages are said in bulk, each gets a label, and one is printed again alone', async () => {
  await asked(house.admin, 'POST', '/api/waybill-accounts', {
    ...{ shopId, source: 'cainiao', courier: 'SF', branchCode: '', branchName: '顺丰' },
    sender: {
      ...{ name: '发货员', mobile: '13900001111', phone: '' },
      address: { ...branchAddress(house.sandbox.world.shops[0] ?? assert.fail()), town: '' },
    },
    ...{ templateName: '', templateUrl: 'http://cloudprint.cainiao.com/template/standard/801/1' },
    ...{ warehouseId: null, enabled: true },
  })
  await page.goto(`${house.url}/print-desk?tab=number&courier=SF`)
  await listIsReady(page)
  await appears(rowsOf(page))
  await page.keyboard.press('Control+a')
  await page.keyboard.press('n')
  const dialog = page.getByRole('dialog', { name: '3 单的包裹数' })
  await dialog.getByRole('textbox').fill('3')
  await page.keyboard.press('Enter')
  await appears(toast('3 单已改包裹数'))
  await appears(rowsOf(page).filter({ hasText: '3 个包裹' }))
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await until(async () => (await states())['print'] === 3, 60_000)
  const before = printer.printed.length
  const desk = `${house.url}/print-desk?tab=print&courier=SF`
  await page.goto(desk)
  await listIsReady(page)
  await stepsThroughLabels()
  // The chosen row would be printed alone.
  await page.goto(desk)
  await listIsReady(page)
  await appears(page.getByRole('button', { name: '打印 3 单' }))
  await page.keyboard.press('p')
  await until(async () => (await states())['ready'] === 9, 60_000)
  assert.equal(printer.printed.length, before + 9)
  const [one] = (
    await sql<{ id: string; no: string }>`
      select id, waybill_no as no from delivery where package_count = 3 order by id limit 1`.execute(db)
  ).rows
  await page.goto(`${house.url}/deliveries?tab=all&ids=${one?.id}`)
  await listIsReady(page)
  await rowsOf(page).first().locator('.cell-tick').click()
  await page.keyboard.press('p')
  const again = page.getByRole('dialog', { name: '打印面单' })
  await again.getByLabel('打第几个包裹').selectOption('2')
  await again.locator('.dialog-foot .button.primary').click()
  // It was printed, so a reason is asked for.
  await again.getByRole('textbox').fill('撕坏了')
  await again.locator('.dialog-foot .button.primary').click()
  const papers = () =>
    sql<{ nth: number; reason: string }>`
      select p.nth, j.reason from print_document p join print_job j on j.id = p.job_id join waybill w on w.id = p.waybill_id
      where w.waybill_no = ${one?.no} and p.state = 'printed' and j.reason <> ''`
      .execute(db)
      .then(({ rows }) => rows)
  await until(async () => (await papers()).length > 0, 30_000)
  assert.deepEqual(await papers(), [{ nth: 2, reason: '撕坏了' }])
  assert.equal(printer.printed.length, before + 10)
})

test('packages of a delivery with a number are changed on the page: 退号, then 包裹数, then 取号', async () => {
  const desk = (tab: string) => `${house.url}/print-desk?tab=${tab}&courier=SF`
  await page.goto(desk('ready'))
  await listIsReady(page)
  await appears(rowsOf(page).nth(2))
  const [first, ...others] = (
    await sql<{ id: string; no: string; waybill: string }>`
      select id, no, waybill_no as waybill from delivery where package_count = 3 order by id`.execute(db)
  ).rows
  const row = rowsOf(page).filter({ hasText: first?.no ?? '' })
  await row.locator('.cell-tick').click()
  await page.keyboard.press('n')
  await appears(toast('先退号，再改包裹数'))
  const packages = page.getByRole('dialog', { name: '1 单的包裹数' })
  assert.equal(await packages.count(), 0, 'its key says what its menu says, before the form')
  await page.keyboard.press('y')
  const dialog = page.getByRole('dialog', { name: '退号 1 单' })
  await appears(dialog.getByText('号退给平台，打过的面单作废'))
  await dialog.locator('.dialog-foot .button.primary').click()
  await appears(toast('1 单已退号'))
  const numbers = () =>
    sql<{ state: string; live: boolean; printed: boolean }>`
      select w.state, d.waybill_no <> '' as live, d.printed_at is not null as printed
      from waybill w join delivery d on d.id = w.delivery_id where d.id = ${first?.id} order by w.round`
      .execute(db)
      .then(({ rows }) => rows)
  await until(async () => (await numbers())[0]?.state === 'returned', 30_000)
  assert.deepEqual(await numbers(), [{ state: 'returned', live: false, printed: false }])
  const cancelled = house.sandbox.world.labels.given.flatMap((one) =>
    one.cancelled ? [one.parent || one.waybill] : [],
  )
  assert.deepEqual([...new Set(cancelled)], [first?.waybill])
  assert.deepEqual([others.length, await states()], [2, { number: 1, ready: 8, shipped: 100 }])

  await page.goto(desk('number'))
  await listIsReady(page)
  await appears(rowsOf(page))
  await page.keyboard.press('Control+a')
  await page.keyboard.press('n')
  await packages.getByRole('textbox').fill('1')
  await page.keyboard.press('Enter')
  await appears(toast('1 单已改包裹数'))
  await page.keyboard.press('Escape')
  await page.keyboard.press('g')
  await until(async () => (await states())['print'] === 1, 60_000)
  assert.deepEqual(
    (await numbers()).map(({ state, live }) => [state, live]),
    [
      ['returned', true],
      ['taken', true],
    ],
  )
})

/**
 * The button names the deliveries that get a number, which the tables give: of nine three have no account, and one is put on hold. Where
 * none gets one, the button and the key say why.
 */
async function namesWhatItDoes(): Promise<void> {
  const able = async () => {
    const found = await sql<{ n: number }>`
      select count(*)::int as n from delivery d join sales_order o on o.id = d.order_id
      where d.status = 'pending' and d.waybill_no = '' and o.open_holds = 0
        and d.wanted_courier in (select courier from waybill_account where enabled)`.execute(db)
    return found.rows[0]?.n
  }
  const button = (n: number) => page.getByRole('button', { name: `取号 ${n} 单` })
  assert.deepEqual([await able(), (await states())['number']], [6, 9])
  await appears(button(6))
  // Each of the others says why, and none of the six does.
  const unserved = rowsOf(page).filter({ hasText: '取不了号' })
  assert.equal(await unserved.count(), 3)
  assert.equal(await unserved.getByText('订单指定的快递没有电子面单账号。加账号，或改快递').count(), 3)
  assert.equal(await rowsOf(page).filter({ hasText: '待取号' }).count(), 6)
  const [held] = (
    await sql<{ orderId: string }>`
      select order_id as "orderId" from delivery where status = 'pending' and wanted_courier = 'YTO' order by id limit 1`.execute(
      db,
    )
  ).rows
  const ids = [held?.orderId ?? '']
  const hold = { reason: 'ask_buyer', note: '', until: null }
  await asked(house.admin, 'POST', '/api/orders/hold', { ids, ...hold })
  await page.reload()
  await listIsReady(page)
  assert.equal(await able(), 5)
  await appears(button(5))
  await appears(page.getByRole('tab', { name: /^待取号 ?9$/ }))

  await page.goto(`${house.url}/print-desk?courier=SF`)
  await listIsReady(page)
  await appears(rowsOf(page))
  await appears(button(0))
  await page.keyboard.press('g')
  await appears(toast('待取号的现在都取不了'))
  await asked(house.admin, 'POST', '/api/orders/release-hold', { ids, reason: hold.reason })
  await page.goto(`${house.url}/print-desk`)
  await listIsReady(page)
  await appears(button(6))
}

/** V shows the label as the print client draws it, which prints nothing. */
async function seesTheLabel(): Promise<void> {
  const before = printer.printed.length
  await page.keyboard.press('v')
  const dialog = page.getByRole('dialog', { name: /^预览面单 DN/ })
  const picture = dialog.getByRole('img', { name: '电子面单' })
  await appears(picture)
  await until(() => picture.evaluate((shown) => shown instanceof HTMLImageElement && shown.naturalWidth > 0))
  await page.keyboard.press('Escape')
  await goes(dialog)
  assert.equal(printer.printed.length, before)
  const left = await sql<{ looks: number; printed: number }>`
    select (select count(*)::int from audit_log where action = 'waybill.label_shown') as looks,
      (select count(*)::int from print_document where job_id > (select min(id) from print_job)) as printed`.execute(
    db,
  )
  assert.deepEqual(left.rows, [{ looks: 1, printed: 0 }])
}

/** V shows the first package of the chosen delivery, and the arrow keys lead to the others. */
async function stepsThroughLabels(): Promise<void> {
  const shownNow = () =>
    sql<{ no: string }>`
      select detail ->> 'waybillNo' as no from audit_log where action = 'waybill.label_shown' order by id desc limit 2`
      .execute(db)
      .then(({ rows }) => rows.map(({ no }) => no))
  await rowsOf(page).first().locator('.cell-tick').click()
  await page.keyboard.press('v')
  await appears(
    page.getByRole('dialog', { name: /^预览面单 DN\d+ 1\/3$/ }).getByRole('img', { name: '电子面单' }),
  )
  const [first = ''] = await shownNow()
  await page.keyboard.press('ArrowRight')
  const second = page.getByRole('dialog', { name: /^预览面单 DN\d+ 2\/3$/ })
  await appears(second.getByRole('img', { name: '电子面单' }))
  const [next = '', before] = await shownNow()
  assert.equal(before, first)
  const packages = await sql<{ nth: number }>`
    select nth from waybill_package where waybill_no = any(${[first, next]}) order by nth`.execute(db)
  assert.deepEqual(packages.rows, [{ nth: 1 }, { nth: 2 }])
  await page.keyboard.press('ArrowLeft')
  const again = page.getByRole('dialog', { name: /^预览面单 DN\d+ 1\/3$/ })
  await appears(again)
  await page.keyboard.press('Escape')
  await goes(again)
}

/** Converts, confirms and releases the staged trades, all at once. */
async function bringToDesk(): Promise<void> {
  const ids = async (path: string) =>
    (await asked<{ rows: { id: string }[] }>(house.admin, 'GET', path)).rows.map(({ id }) => id)
  await asked(house.admin, 'POST', '/api/staged-trades/convert', {
    ids: await ids('/api/staged-trades?limit=100'),
  })
  await asked(house.admin, 'POST', '/api/orders/confirm', { ids: await ids('/api/orders?tab=unconfirmed') })
  await asked(house.admin, 'POST', '/api/orders/release', { ids: await ids('/api/orders?tab=confirmed') })
}

test('numbers whose requests were all sent are not stopped, and the page says so', async () => {
  const run = { total: 3, open: 3, taken: 0, failed: 0, reasons: [], startedAt: new Date().toISOString() }
  await page.route('**/api/number-runs/last', (route) => route.fulfill({ json: { run } }))
  await page.goto(`${house.url}/print-desk`)
  await page.getByRole('region', { name: '取号' }).getByRole('button', { name: '停止', exact: true }).click()
  await appears(toast('已经全部送出，停不了，等结果'))
  await page.unroute('**/api/number-runs/last')
})

test('no page broke on the way', () => assert.deepEqual(chromium.faults, []))
