import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import type { Locator, Page } from 'playwright-core'
import { startSandbox } from '../sandbox/server.ts'
import { tmall } from '../sandbox/testing.ts'
import { connectors } from '../server/connectors/index.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { releaseOrders } from '../server/fulfilment/shipping/release.ts'
import { waybillDemo } from '../server/fulfilment/waybills/demo.ts'
import { seal } from '../server/lib/seal.ts'
import { tradeTypeFacet } from '../server/orders/order/facets.ts'
import { connectDemoShops } from '../server/shops/demo.ts'
import { testApp } from '../server/testing/app.ts'
import { anOrder, aShop } from '../server/testing/orders.ts'
import { deliveryOf, packer } from '../server/testing/shipping.ts'
import { aWarehouse } from '../server/testing/stock.ts'
import { until } from '../server/testing/until.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures } from './browser.ts'

// 打印单据: packing slips, pick lists and manifests of chosen deliveries are printed by the browser, in exact millimetres.

const setup = await testApp({ SIMULATOR: '1' })
const { db } = setup
await createQueues(db, jobs)
const shopId = await aShop(db)
const warehouseId = await aWarehouse(db)
const sandbox = await startSandbox({ port: 0, seed: 'papers', shops: [tmall] })
const calls = { db, ring: setup.ring, connectors, simulator: true }
const [tmallId = ''] = await connectDemoShops(calls, sandbox.url, [tmall])
await waybillDemo(calls, [tmallId])
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await sandbox.close()
  await setup[Symbol.asyncDispose]()
})

async function aDelivery(): Promise<{ id: string; no: string }> {
  const order = await anOrder(db, { shopId, status: 'confirmed' })
  await sql`update sales_order set warehouse_id = ${warehouseId} where id = ${order.id}`.execute(db)
  await db.transaction().execute((tx) => releaseOrders(tx, [order.id], { actor: packer, scope: wholeScope }))
  return { id: await deliveryOf(db, order.id), no: order.no }
}
const made = [await aDelivery(), await aDelivery()]
const ids = made.map(({ id }) => id).join(',')

const clerk = await setup.as(['fulfilment.read', 'fulfilment.ship', 'fulfilment.papers', 'orders.read'])
const list = await chromium.open(`${setup.url}/deliveries?ids=${ids}`, clerk)
pictureFailures(() => list)

/** Presses the button that prints, and returns the sizes in millimetres of the pages that the printer would get. */
async function printed(page: Page, press: () => Promise<void>): Promise<string[]> {
  await page.evaluate(() => {
    // The browser's own dialog cannot be driven; the sheets stay in the document until it is closed.
    window.print = () => document.documentElement.setAttribute('data-printing', '')
  })
  await press()
  await page.locator('html[data-printing]').waitFor()
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
  await page.evaluate(() => {
    document.documentElement.removeAttribute('data-printing')
    dispatchEvent(new Event('afterprint'))
  })
  await page.locator('.print-root').waitFor({ state: 'detached' })
  const mm = (points: string) => Math.round((Number(points) * 25.4) / 72)
  return [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map(
    ([, width = '', height = '']) => `${mm(width)}×${mm(height)}`,
  )
}

test('the packing slips of two deliveries come out as two sheets of A5, their pick list as one', async () => {
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  await list.keyboard.press('D')
  const dialog = list.getByRole('dialog', { name: '打印单据' })
  await appears(dialog.getByRole('img', { name: '第 2 张' }))
  for (const { no } of made) await appears(dialog.getByText(`订单号 ${no}`))
  const print = dialog.getByRole('button', { name: '打印 2 张' })
  assert.deepEqual(await printed(list, () => print.click()), ['148×210', '148×210'])
  await dialog.getByRole('button', { name: '拣货单' }).click()
  await appears(dialog.getByText('2 单 6 件 · 1 站'))
  const one = dialog.getByRole('button', { name: '打印 1 张' })
  assert.deepEqual(await printed(list, () => one.click()), ['148×210'])
  await list.keyboard.press('Escape')
  await goes(dialog)
})

test('the plain label of an order that was made here has its receiver in the clear, shown first and noted', async () => {
  const own = await aDelivery()
  const receiver = {
    ...{
      name: '欧阳锦绣',
      mobile: '13987650123',
      phone: '',
      province: '浙江省',
      city: '杭州市',
      district: '西湖区',
    },
    ...{ town: '', address: '古墩路 987 号', zip: '', token: '' },
  }
  const personal = seal(setup.ring, shopId, JSON.stringify({ nick: '', receiver }))
  await sql`update sales_order set origin = 'manual', personal = ${personal} where no = ${own.no}`.execute(db)
  await list.goto(`${setup.url}/deliveries?ids=${own.id},${made[0]?.id}`)
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  await list.keyboard.press('D')
  const dialog = list.getByRole('dialog', { name: '打印单据' })
  await dialog.getByRole('button', { name: '普通面单' }).click()
  await appears(dialog.getByText('1 单是平台订单，收件人加密：取电子面单号，用打印面单。'))
  await dialog.getByRole('button', { name: '显示 1 个收件人' }).click()
  await appears(dialog.getByText('欧阳锦绣 13987650123'))
  await appears(dialog.getByText(/浙江省杭州市西湖区古墩路/))
  const print = dialog.getByRole('button', { name: '打印 1 张' })
  assert.deepEqual(await printed(list, () => print.click()), ['100×150'])
  const noted = await sql<{ subject: string }>`
    select subject_id as subject from audit_log where action = 'delivery.reveal'`.execute(db)
  assert.deepEqual(noted.rows, [{ subject: own.id }])
  await list.keyboard.press('Escape')
  await goes(dialog)
})

test('the manifests of today are one sheet of A4 for each courier, with their sums', async () => {
  const [one, two, three] = [await aDelivery(), await aDelivery(), await aDelivery()]
  const ship = (id: string, courier: string, waybill: string) =>
    sql`
      update delivery set status = 'shipped', write_back = 'none', courier = ${courier}, waybill_no = ${waybill}, shipped_at = now()
      where id = ${id}`.execute(db)
  await ship(one.id, 'SF', 'SF1500000000001')
  await ship(two.id, 'YTO', 'YT8800000000001')
  await ship(three.id, 'YTO', 'YT8800000000002')
  await list.goto(`${setup.url}/deliveries?tab=shipped`)
  await listIsReady(list)
  await list.keyboard.press('H')
  const dialog = list.getByRole('dialog', { name: '交接单' })
  for (const text of ['YT8800000000002', '包裹数 2', '包裹数 1', '件数 6', '件数 3'])
    await appears(dialog.getByText(text))
  const print = dialog.getByRole('button', { name: '打印 2 张' })
  assert.deepEqual(await printed(list, () => print.click()), ['210×297', '210×297'])
  await dialog.getByRole('combobox', { name: '快递' }).selectOption({ label: '圆通速递 · 2 件' })
  await appears(dialog.getByRole('button', { name: '打印 1 张' }))
  await list.keyboard.press('Escape')
  await goes(dialog)
})

test('the day of the manifests is typed or selected in the calendar, which gives the focus back to what opened it', async () => {
  await list.keyboard.press('H')
  const dialog = list.getByRole('dialog', { name: '交接单' })
  const day = dialog.getByRole('textbox', { name: '发货日' })
  assert.match(await day.inputValue(), /^\d{4}-\d{2}-\d{2}$/)
  await appears(dialog.getByText('YT8800000000002'))
  await day.fill('2026年11月3日')
  await day.press('Enter')
  await appears(dialog.getByText('这一天没有发出的包裹'))
  assert.equal(await day.inputValue(), '2026-11-03')
  const calendar = list.getByRole('dialog', { name: '日历' })
  const hasFocus = (of: Locator) => of.evaluate((element) => element === document.activeElement)
  await day.press('ArrowDown')
  await appears(calendar.getByRole('heading', { name: '2026年11月' }))
  assert.equal(await calendar.getByRole('gridcell', { selected: true }).textContent(), '3')
  for (const key of ['ArrowRight', 'Enter']) await list.keyboard.press(key)
  await goes(calendar)
  assert.deepEqual([await day.inputValue(), await hasFocus(day)], ['2026-11-04', true])
  const button = dialog.getByRole('button', { name: '日历' })
  await button.click()
  // The calendar lies above the dialog, so that the pointer reaches its days.
  await calendar.getByText('9', { exact: true }).click()
  await goes(calendar)
  assert.deepEqual([await day.inputValue(), await hasFocus(button)], ['2026-11-09', true])
  await button.click()
  await appears(calendar)
  await list.keyboard.press('Escape')
  await goes(calendar)
  assert.equal(await hasFocus(button), true)
  await appears(dialog)
  await list.keyboard.press('Escape')
  await goes(dialog)
  assert.deepEqual(chromium.faults, [])
})

/** A PNG of one pixel. */
const dot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

test('a template is made for a shop, changes the preview at once, warns, is used, and is deleted', async () => {
  const page = await chromium.open(`${setup.url}/paper-templates`, clerk)
  const form = page.getByRole('group', { name: '模板属性' })
  await appears(page.getByRole('img', { name: '第 1 张' }))
  await page.getByRole('button', { name: '新增随箱清单模板' }).click()
  await form.getByRole('textbox', { name: '名称' }).fill('窄纸')
  await page.getByRole('button', { name: '新增拣货单模板' }).click()
  const asks = page.getByRole('dialog', { name: '有没保存的改动' })
  await asks.getByRole('button', { name: '取消' }).click()
  await goes(asks)
  assert.equal(await form.getByRole('textbox', { name: '名称' }).inputValue(), '窄纸')
  await form.getByRole('combobox', { name: '纸张（毫米）' }).selectOption({ label: '76 × 130' })
  await form.getByRole('checkbox', { name: '自定文字', exact: true }).check()
  await form.getByRole('textbox', { name: '自定文字', exact: true }).fill('七天无理由')
  await appears(page.getByRole('img', { name: '第 1 张' }).getByText('七天无理由'))
  await form.getByRole('spinbutton', { name: '订单号 字号' }).fill('6')
  await form.getByRole('textbox', { name: '名称' }).focus()
  await appears(page.getByText('最小字 6 pt，热敏机至少要 8 pt'))
  await form.getByRole('button', { name: '订单号 上移' }).click()
  await form.getByRole('combobox', { name: '店铺' }).selectOption({ index: 1 })
  assert.deepEqual(await printed(page, () => page.getByRole('button', { name: '试打 1 张' }).click()), [
    '76×130',
  ])
  await page.keyboard.press('Control+s')
  await appears(page.locator('.toast').filter({ hasText: '模板已保存' }))
  await appears(page.getByRole('button', { name: /窄纸/ }))
  const stored = async () => {
    const found = await sql<{ name: string; width: number; shops: string[]; text: string; at: number }>`
      select name, width_mm as width, shop_ids::text[] as shops, options ->> 'text' as text,
        (select n - 1 from jsonb_array_elements(options -> 'fields') with ordinality f (field, n) where field ->> 'key' = 'orderNo')::int as at
      from paper_template`.execute(db)
    return found.rows
  }
  assert.deepEqual(await stored(), [{ name: '窄纸', width: 76, shops: [shopId], text: '七天无理由', at: 1 }])
  await list.goto(`${setup.url}/deliveries?ids=${ids}`)
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  await list.keyboard.press('D')
  const print = list.getByRole('dialog', { name: '打印单据' }).getByRole('button', { name: '打印 2 张' })
  assert.deepEqual(await printed(list, () => print.click()), ['76×130', '76×130'])
  await form.getByRole('button', { name: '删除这个模板' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '删除', exact: true }).click()
  await goes(page.getByRole('button', { name: /窄纸/ }))
  assert.deepEqual(await stored(), [])
})

test('a paper is laid out freely by pointer and by arrow keys, undone step by step, and printed where it was put', async () => {
  const page = await chromium.open(`${setup.url}/paper-templates?template=packing_slip-new`, clerk)
  const form = page.getByRole('group', { name: '模板属性' })
  await form.getByRole('textbox', { name: '名称' }).fill('自由')
  await form.getByRole('combobox', { name: '排列' }).selectOption({ label: '自由摆放' })
  const place = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}：`) })
  const order = place('订单号')
  await appears(page.getByRole('button', { name: '订单号：左 5 上 15，宽 69 高 4.5 毫米' }))
  await order.focus()
  for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowDown', 'Control+ArrowLeft'])
    await page.keyboard.press(key)
  assert.equal(await order.getAttribute('aria-label'), '订单号：左 7 上 20，宽 68 高 4.5 毫米')
  await page.keyboard.press('Control+z')
  assert.equal(await order.getAttribute('aria-label'), '订单号：左 7 上 20，宽 69 高 4.5 毫米')
  const from = (await order.boundingBox()) ?? assert.fail()
  const mm = 96 / 25.4
  await page.mouse.move(from.x + 20, from.y + 8)
  await page.mouse.down()
  await page.mouse.move(from.x + 60, from.y + 90, { steps: 4 })
  await page.mouse.move(from.x + 20 + 30.4 * mm, from.y + 8 + 80.3 * mm, { steps: 4 })
  await page.mouse.up()
  assert.equal(await order.getAttribute('aria-label'), '订单号：左 37 上 100，宽 69 高 4.5 毫米')
  await page.keyboard.press('Control+z')
  assert.equal(await order.getAttribute('aria-label'), '订单号：左 7 上 20，宽 69 高 4.5 毫米')
  await page.keyboard.press('Control+y')
  await place('运单号').focus()
  await page.keyboard.press('Delete')
  await goes(place('运单号'))
  await form.getByRole('button', { name: '卖家备注' }).click()
  await appears(page.locator('[data-field="sellerMemo"][aria-pressed="true"]:focus'))
  await form.getByRole('spinbutton', { name: '卖家备注 左' }).fill('60.5')
  await page.keyboard.press('Tab')
  await appears(page.getByRole('button', { name: /^卖家备注：左 60.5 / }))
  await page.keyboard.press('Control+s')
  await appears(page.locator('.toast').filter({ hasText: '模板已保存' }))
  const stored = await sql<{ free: boolean; place: unknown; waybill: boolean }>`
    select (options -> 'free')::boolean as free, jsonb_path_query_first(options, '$.fields[*] ? (@.key == "orderNo").place') as place,
      jsonb_path_query_first(options, '$.fields[*] ? (@.key == "waybill").on')::boolean as waybill
    from paper_template where name = '自由'`.execute(db)
  assert.deepEqual(stored.rows, [
    { free: true, place: { x: 37, y: 100, w: 69, h: 4.5, right: false }, waybill: false },
  ])
  await list.goto(`${setup.url}/deliveries?ids=${ids}`)
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  await list.keyboard.press('D')
  const text = list.getByRole('dialog', { name: '打印单据' }).getByText(`订单号 ${made[0]?.no}`)
  await appears(text)
  assert.deepEqual([await text.getAttribute('x'), Number(await text.getAttribute('y')) > 100], ['37', true])
  await list.keyboard.press('Escape')
  await form.getByRole('button', { name: '删除这个模板' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '删除', exact: true }).click()
  await goes(page.getByRole('button', { name: /^自由/ }))
})

test('a packing slip gets a QR code, a picture and a second text, and prints all three', async () => {
  const page = await chromium.open(`${setup.url}/paper-templates?template=packing_slip-new`, clerk)
  const form = page.getByRole('group', { name: '模板属性' })
  await form.getByRole('textbox', { name: '名称' }).fill('带码')
  for (const name of ['自定文字 2', '二维码', '图片']) await form.getByRole('checkbox', { name }).check()
  await form.getByRole('textbox', { name: '自定文字 2' }).fill('扫码找客服')
  await form.getByRole('textbox', { name: '二维码' }).fill('https://shanyu.example/kf')
  const sheet = page.getByRole('img', { name: '第 1 张' })
  await form
    .getByLabel('图片')
    .last()
    .setInputFiles({ name: '店标.png', mimeType: 'text/plain', buffer: Buffer.from('no') })
  await appears(form.getByText('这个文件不是图片，或者太大'))
  await form.getByLabel('图片').last().setInputFiles({ name: '店标.png', mimeType: 'image/png', buffer: dot })
  await appears(sheet.locator('image'))
  await goes(form.getByText('这个文件不是图片，或者太大'))
  await page.keyboard.press('Control+s')
  await appears(page.locator('.toast').filter({ hasText: '模板已保存' }))
  const stored = await sql<{ text: string; qr: string; picture: string }>`
    select options ->> 'text2' as text, options ->> 'qr' as qr, left(options ->> 'picture', 22) as picture
    from paper_template where name = '带码'`.execute(db)
  assert.deepEqual(stored.rows, [
    { text: '扫码找客服', qr: 'https://shanyu.example/kf', picture: 'data:image/png;base64,' },
  ])
  await list.goto(`${setup.url}/deliveries?ids=${ids}`)
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  await list.keyboard.press('D')
  const dialog = list.getByRole('dialog', { name: '打印单据' })
  await appears(dialog.getByText('扫码找客服').first())
  assert.equal(await dialog.locator('svg.paper-sheet image, svg image').count(), 2)
  await list.keyboard.press('Escape')
  await form.getByRole('button', { name: '删除这个模板' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '删除', exact: true }).click()
  await goes(page.getByRole('button', { name: /^带码/ }))
})

test('a slip of a present has no amounts, nor what its template leaves out on presents; that of another order has both', async () => {
  const page = await chromium.open(`${setup.url}/paper-templates?template=packing_slip-new`, clerk)
  const form = page.getByRole('group', { name: '模板属性' })
  await form.getByRole('textbox', { name: '名称' }).fill('送礼')
  for (const name of ['实付', '单价']) await form.getByRole('checkbox', { name, exact: true }).check()
  await form.getByRole('button', { name: '标题 送礼订单不印' }).click()
  await form.getByRole('combobox', { name: '送礼订单' }).selectOption({ label: '不印这一块' })
  const sheet = page.getByRole('img', { name: '第 1 张' })
  await appears(sheet.getByText('单价'))
  await page.getByRole('combobox', { name: '用真单看' }).selectOption({ label: '当送礼订单看' })
  await goes(sheet.getByText('单价'))
  await page.keyboard.press('Control+s')
  await appears(page.locator('.toast').filter({ hasText: '模板已保存' }))
  const stored = await sql<{ keys: string[] }>`
    select array(select f ->> 'key' from jsonb_array_elements(options -> 'fields') f where f ->> 'offOnPresents' = 'true') as keys
    from paper_template where name = '送礼'`.execute(db)
  assert.deepEqual(stored.rows, [{ keys: ['title', 'goods'] }])
  const present = tradeTypeFacet('present')
  const [gift, other] = made
  await sql`
    update sales_order set facets = facets || ${present}::int where id = (select order_id from delivery where id = ${gift?.id}::bigint)`.execute(
    db,
  )
  await list.goto(`${setup.url}/deliveries?ids=${ids}`)
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  await list.keyboard.press('D')
  const dialog = list.getByRole('dialog', { name: '打印单据' })
  const slipOf = async (no: string | undefined) => {
    const slip = dialog.getByRole('img').filter({ hasText: `订单号 ${no}` })
    await appears(slip)
    const text = (await slip.textContent()) ?? ''
    return ['实付', '单价', '四件套'].filter((one) => text.includes(one))
  }
  assert.deepEqual(await slipOf(other?.no), ['实付', '单价', '四件套'])
  assert.deepEqual(await slipOf(gift?.no), [])
  await list.keyboard.press('Escape')
  await sql`delete from paper_template where name = '送礼'`.execute(db)
  await sql`update sales_order set facets = array_remove(facets, ${present}::int)`.execute(db)
})

test('a template is not saved while its picture is read, and then with the picture that was chosen last', async () => {
  const page = await chromium.open(`${setup.url}/paper-templates?template=packing_slip-new`, clerk)
  const form = page.getByRole('group', { name: '模板属性' })
  await form.getByRole('textbox', { name: '名称' }).fill('慢图')
  await form.getByRole('checkbox', { name: '图片' }).check()
  // The first picture is read later than the second one.
  await page.evaluate(() => {
    const read = window.createImageBitmap.bind(window)
    const waits: (() => void)[] = []
    window.createImageBitmap = async (source: ImageBitmapSource) => {
      const picture = await read(source)
      await new Promise<void>((go) => waits.push(go))
      return picture
    }
    addEventListener('read-one', () => waits.pop()?.())
  })
  const save = page.locator('[data-action="save-template"]')
  const nothing = async () =>
    (await sql`select from paper_template where name = '慢图'`.execute(db)).rows.length === 0
  const choose = (buffer: Buffer) =>
    form.getByLabel('图片').last().setInputFiles({ name: '店标.png', mimeType: 'image/png', buffer })
  const drawn = await page.screenshot({ clip: { x: 0, y: 0, width: 40, height: 20 } })
  await choose(drawn)
  await choose(dot)
  await appears(page.locator('[data-action="save-template"][aria-disabled="true"]'))
  await page.keyboard.press('Control+s')
  await save.hover()
  await appears(page.getByText('正在读图片'))
  assert.equal(await nothing(), true)
  await page.evaluate(() => dispatchEvent(new Event('read-one')))
  const image = page.getByRole('img', { name: '第 1 张' }).locator('image')
  await appears(image)
  const shown = await image.getAttribute('href')
  await page.evaluate(() => dispatchEvent(new Event('read-one')))
  await page.keyboard.press('Control+s')
  await appears(page.locator('.toast').filter({ hasText: '模板已保存' }))
  const stored = await sql<{ picture: string }>`
    select options ->> 'picture' as picture from paper_template where name = '慢图'`.execute(db)
  assert.deepEqual(stored.rows, [{ picture: shown }])
  assert.match(shown ?? '', /^data:image\/png;base64,/)
})

test('a custom area of labels is laid out below the part of the courier, and says where it begins', async () => {
  const page = await chromium.open(`${setup.url}/paper-templates?template=label_area-new`, clerk)
  await appears(page.getByText('快递规定，不能改'))
  const form = page.getByRole('group', { name: '模板属性' })
  await form.getByRole('textbox', { name: '名称' }).fill('山隅标准')
  const part = (await page.locator('.paper-courier-part').boundingBox()) ?? assert.fail()
  const area = (await page.getByRole('img', { name: '第 1 张' }).boundingBox()) ?? assert.fail()
  const mm = 96 / 25.4
  assert.deepEqual(
    [part.height, area.width, area.height, area.y - part.y].map((pixels) => Math.round(pixels / mm)),
    [92, 76, 38, 92],
  )
  await page.getByRole('button', { name: /^波次和篮号：/ }).focus()
  await page.keyboard.press('Shift+ArrowLeft')
  await page.keyboard.press('Control+s')
  await appears(page.locator('.toast').filter({ hasText: '模板已保存' }))
  const stored = await sql<{ name: string; top: number; place: unknown }>`
    select name, (options -> 'topMm')::int as top, jsonb_path_query_first(options, '$.fields[*] ? (@.key == "basket").place') as place
    from label_area`.execute(db)
  assert.deepEqual(stored.rows, [
    { name: '山隅标准', top: 92, place: { x: 38, y: 1, w: 31, h: 5, right: true } },
  ])
})

test('the custom area of an account is chosen from those of the platform, and its keys are filled by likely fields', async () => {
  const page = await chromium.open(`${setup.url}/paper-templates`, clerk)
  // The accounts stand in a group for each courier, which is closed.
  const entry = page.locator('.paper-group').filter({ hasText: '圆通速递' }).locator('.paper-entry')
  await goes(entry)
  await page.locator('.paper-group summary').filter({ hasText: '圆通速递' }).click()
  await entry.click()
  const kinds = await page.locator('.paper-list h2').allTextContents()
  assert.deepEqual([kinds[0], kinds.at(-1)], ['随箱清单', '平台上设计的自定义区'])
  const form = page.getByRole('group', { name: '面单自定义区' })
  await form.getByRole('combobox', { name: '自定义区' }).selectOption({ label: '编号 7315101' })
  await appears(page.getByRole('img', { name: '面单预览' }).getByText(/ORDER_ID: SO/))
  assert.equal(await form.getByRole('combobox', { name: 'ITEM_INFO' }).inputValue(), 'goods')
  await form.getByRole('combobox', { name: 'SELLER_MEMO' }).selectOption({ label: '店铺名' })
  await form.getByRole('combobox', { name: 'BUYER_MEMO' }).selectOption({ label: '空着' })
  await page.keyboard.press('Control+s')
  await appears(page.locator('.toast').filter({ hasText: '自定义区已保存' }))
  const save = page.locator('[data-action="save-area"]')
  await appears(page.locator('[data-action="save-area"][aria-disabled="true"]:not([aria-busy="true"])'))
  await form.getByRole('combobox', { name: 'SELLER_MEMO' }).selectOption({ label: '空着' })
  await until(async () => (await save.getAttribute('aria-disabled')) === null)
  await form.getByRole('combobox', { name: 'SELLER_MEMO' }).selectOption({ label: '店铺名' })
  // As it is stored, in another order of its keys.
  await until(async () => (await save.getAttribute('aria-disabled')) === 'true')
  const stored = await sql<{ url: string; keys: unknown }>`
    select custom_area_url as url, custom_area as keys from waybill_account where custom_area_url <> ''`.execute(
    db,
  )
  assert.deepEqual(stored.rows, [
    {
      url: 'http://cloudprint.cainiao.com/template/customArea/7315101/1',
      keys: { ORDER_ID: 'orderNo', ITEM_INFO: 'goods', ITEM_TOTAL_COUNT: 'pieces', SELLER_MEMO: 'shop' },
    },
  ])
})
