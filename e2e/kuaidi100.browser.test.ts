import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import type { Page } from 'playwright-core'
import { kuaidi100Demo } from '../sandbox/kuaidi100/labels.ts'
import { startSandbox } from '../sandbox/server.ts'
import { tmall } from '../sandbox/testing.ts'
import { connectors } from '../server/connectors/index.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { startOutbox } from '../server/core/outbox/loop.ts'
import { releaseOrders } from '../server/fulfilment/shipping/release.ts'
import { takingNumbers } from '../server/fulfilment/waybills/outbox.ts'
import { seal } from '../server/lib/seal.ts'
import { openCall } from '../server/shops/calls.ts'
import { connectDemoShops } from '../server/shops/demo.ts'
import { permissionsOf, testApp } from '../server/testing/app.ts'
import { anOrder } from '../server/testing/orders.ts'
import { deliveryOf, packer } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures } from './browser.ts'

// 快递100: an account with its own keys, numbers for orders that were made here, and labels that the browser prints.

const setup = await testApp({ SIMULATOR: '1' })
const { db, ring } = setup
await createQueues(db, jobs)
const sandbox = await startSandbox({ port: 0, seed: 'kuaidi100', shops: [tmall] })
const calls = { db, ring, connectors, simulator: true }
const [shopId = ''] = await connectDemoShops(calls, sandbox.url, [tmall])
const chromium = await openBrowser()
const outbox = startOutbox({
  ...{ db, log: pino({ level: 'silent' }), pollMs: 50, handlers: [takingNumbers] },
  openShop: (id, hooks) => openCall(calls, id, hooks),
})
after(async () => {
  await outbox.stop()
  await chromium[Symbol.asyncDispose]()
  await sandbox.close()
  await setup[Symbol.asyncDispose]()
})

/** Makes a released order here: its receiver is in plain text. */
async function aDelivery(): Promise<string> {
  const receiver = {
    ...{ name: '王小一', mobile: '13800001234', phone: '', province: '浙江省', city: '杭州市' },
    ...{ district: '西湖区', town: '', address: '文三路 1 号', zip: '', token: '' },
  }
  const personal = seal(ring, shopId, JSON.stringify({ nick: '', receiver }))
  const order = await anOrder(db, { shopId, status: 'confirmed', personal })
  await sql`update sales_order set origin = 'manual' where id = ${order.id}`.execute(db)
  await db.transaction().execute((tx) => releaseOrders(tx, [order.id], { actor: packer, scope: wholeScope }))
  return deliveryOf(db, order.id)
}
const ids = [await aDelivery(), await aDelivery(), await aDelivery()]

const boss = await setup.as(['shops.read', 'shops.write', 'fulfilment.read', 'inventory.read'])
const clerk = await setup.as(await permissionsOf(db, '仓库'))
const page = await chromium.open(`${setup.url}/waybill-accounts`, boss)
const list = await chromium.open(`${setup.url}/account`, clerk)
let shown = page
pictureFailures(() => shown)

test('an account with its own keys is added; what it lacks is named, and no secret comes back', async () => {
  await appears(page.getByText('还没有电子面单账号'))
  await page.keyboard.press('N')
  const dialog = page.getByRole('dialog', { name: '新增电子面单账号' })
  await dialog.getByRole('button', { name: '快递100 电子面单' }).click()
  const save = dialog.getByRole('button', { name: '保存' })
  const fill = (label: string, text: string) => dialog.getByLabel(label, { exact: true }).fill(text)
  await dialog.getByRole('combobox', { name: '快递', exact: true }).selectOption({ label: '中通快递' })
  await fill('快递100 授权 key', kuaidi100Demo.key)
  await fill('快递100 secret', kuaidi100Demo.secret)
  await fill('电子面单账号（客户编码、月结号）', kuaidi100Demo.partnerId)
  await fill('电子面单密码', kuaidi100Demo.partnerKey)
  await dialog.getByText(/^更多：/).click()
  await fill('下单地址', 'https://example.com/label')
  await fill('发件人', '李库')
  await fill('发件人手机', '13900001111')
  assert.equal(await save.getAttribute('aria-disabled'), 'true')
  await dialog.getByRole('combobox', { name: '省', exact: true }).selectOption({ label: '浙江省' })
  await dialog.getByRole('combobox', { name: '市', exact: true }).selectOption({ label: '杭州市' })
  await fill('发货地址', '文一西路 1 号')
  await save.click()
  await appears(dialog.getByText(/example.com 不是平台的地址/).first())
  await fill('下单地址', `${sandbox.url}/label/order`)
  await save.click()
  await goes(dialog)
  await appears(page.getByRole('row').filter({ hasText: '快递100 电子面单' }).filter({ hasText: '中通快递' }))
  const stored = await sql<{ account: string; source: string; credentials: Buffer }>`
    select branch_code as account, source, credentials from waybill_account`.execute(db)
  assert.deepEqual(
    stored.rows.map(({ account, source }) => [account, source]),
    [[kuaidi100Demo.partnerId, 'kuaidi100']],
  )
  assert.ok(!stored.rows[0]?.credentials.toString('latin1').includes(kuaidi100Demo.secret))
})

test('the account is changed without its secrets, and is retired and used again', async () => {
  const row = page.getByRole('row').filter({ hasText: '中通快递' })
  const change = row.getByRole('button', { name: '修改…' })
  const dialog = page.getByRole('dialog', { name: '修改电子面单账号' })
  await change.click()
  assert.equal(await dialog.getByLabel('快递100 secret', { exact: true }).inputValue(), '')
  await dialog.getByText(/^更多：/).click()
  await dialog.getByLabel('产品类型', { exact: true }).fill('特快')
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  for (const [act, shownAs, enabled] of [
    ['停用', '已停用', false],
    ['重新启用', '在用', true],
  ] as const) {
    await change.click()
    await dialog.getByRole('button', { name: act }).click()
    await goes(dialog)
    await appears(row.getByText(shownAs, { exact: true }))
    const now = await sql<{ enabled: boolean }>`select enabled from waybill_account`.execute(db)
    assert.deepEqual(now.rows, [{ enabled }])
  }
})

test('the account follows parcels that no platform shows, as far as it has the keys for it', async () => {
  const row = page.getByRole('row').filter({ hasText: '中通快递' })
  const dialog = page.getByRole('dialog', { name: '物流跟踪' })
  const tracks = async () =>
    (await sql<{ track: string }>`select track from waybill_account`.execute(db)).rows
  await row.getByRole('button', { name: '不跟踪…' }).click()
  await dialog.getByRole('button', { name: '按次查询' }).click()
  await dialog.getByRole('button', { name: '保存' }).click()
  await appears(dialog.getByText(/账号没有填 快递100 customer/))
  assert.deepEqual(await tracks(), [{ track: 'none' }])
  await dialog.getByRole('button', { name: '订阅推送' }).click()
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  await appears(row.getByRole('button', { name: '订阅推送…' }))
  assert.deepEqual(await tracks(), [{ track: 'subscribe' }])
})

test('the warehouse takes numbers, prints the labels by the browser, and says that they came out', async () => {
  shown = list
  await list.goto(`${setup.url}/deliveries?ids=${ids.slice(0, 2).join(',')}`)
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  await list.keyboard.press('G')
  await until(async () => (await standing('print')) === 2)
  assert.equal(sandbox.sandbox.kuaidi100.given.length, 2)
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  await list.keyboard.press('P')
  const dialog = list.getByRole('dialog', { name: '打印面单' })
  const texts = await sheetsPrinted(list, () =>
    dialog.getByRole('button', { name: '打印', exact: true }).click(),
  )
  assert.equal(texts.length, 2)
  for (const text of texts)
    assert.match(text, /中通快递.*\d{3}-\d\d-\d{3}.*王\*\* 138\*\*\*\*1234.*杭州市西湖区文三路 1 号/s)
  for (const { waybill } of sandbox.sandbox.kuaidi100.given)
    assert.equal(texts.filter((text) => text.includes(waybill)).length, 1)
  assert.equal(await states(), 'spooled spooled')
  await dialog.getByRole('button', { name: '2 张都出来了' }).click()
  await appears(dialog.getByText('打完了，2 张'))
  assert.equal(await states(), 'printed printed')
  assert.equal(await standing('print'), 0)
  await dialog.getByRole('button', { name: '关闭' }).click()
  await goes(dialog)
})

test('at the print desk a label that did not come out waits, and is printed again without a reason', async () => {
  await list.goto(`${setup.url}/print-desk?tab=number`)
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  await list.keyboard.press('G')
  await until(async () => (await standing('print')) === 1)
  await list.goto(`${setup.url}/print-desk?tab=print`)
  await listIsReady(list)
  await list.keyboard.press('Control+a')
  assert.equal((await sheetsPrinted(list, () => list.keyboard.press('P'))).length, 1)
  const strip = list.getByRole('region', { name: '打印' })
  await strip.getByRole('combobox').selectOption({ label: '这几张都没出来' })
  const again = await sheetsPrinted(list, () => strip.getByRole('button', { name: '继续打' }).click())
  assert.equal(again.length, 1)
  await strip.getByRole('button', { name: '1 张都出来了' }).click()
  await appears(strip.getByText('打完了，1 张'))
  assert.equal(await states(), 'printed')
})

/** Presses what prints, and returns the text of each sheet that the browser's dialog would get; then the dialog is closed. */
async function sheetsPrinted(of: Page, press: () => Promise<void>): Promise<string[]> {
  await of.evaluate(() => {
    window.print = () => document.documentElement.setAttribute('data-printing', '')
  })
  await press()
  await of.locator('html[data-printing]').waitFor()
  const texts = await of
    .locator('.print-sheet')
    .evaluateAll((sheets) =>
      sheets.map((sheet) => [...sheet.querySelectorAll('text')].map((one) => one.textContent).join('\n')),
    )
  await of.evaluate(() => {
    document.documentElement.removeAttribute('data-printing')
    dispatchEvent(new Event('afterprint'))
  })
  await of.locator('.print-root').waitFor({ state: 'detached' })
  return texts
}

async function states(): Promise<string> {
  const found = await sql<{ state: string }>`
    select state from print_document where job_id = (select max(id) from print_job) order by seq`.execute(db)
  return found.rows.map(({ state }) => state).join(' ')
}

async function standing(is: string): Promise<number> {
  const found = await sql<{ n: number }>`
    select count(*)::int as n from delivery where standing = ${is}`.execute(db)
  return found.rows[0]?.n ?? 0
}
