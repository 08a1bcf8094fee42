import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../server/core/access/actor.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { releaseOrders } from '../server/fulfilment/shipping/release.ts'
import { permissionsOf, testApp } from '../server/testing/app.ts'
import { anOrder, aShop } from '../server/testing/orders.ts'
import { must } from '../server/testing/run.ts'
import { deliveryOf, packer } from '../server/testing/shipping.ts'
import { aWarehouse } from '../server/testing/stock.ts'
import { until } from '../server/testing/until.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures } from './browser.ts'

// 取号规则: the rules are written by whoever may, tried before they are saved, and followed when 仓库 takes numbers.

const setup = await testApp()
const { db } = setup
await createQueues(db, jobs)
const taobao = await aShop(db)
const pinduoduo = await aShop(db)
await sql`update shop set platform = 'pinduoduo', variant = 'pinduoduo', name = '拼店' where id = ${pinduoduo}`.execute(
  db,
)
const [east, south] = [await aWarehouse(db, 1), await aWarehouse(db, 2)]
const southName =
  (await sql<{ name: string }>`select name from warehouse where id = ${south}`.execute(db)).rows[0]?.name ??
  ''
const anAccount = async (shopId: string, source: string, courier: string) => {
  const { rows } = await sql<{ id: string }>`
    insert into waybill_account (shop_id, source, courier, branch_name, sender, template_url, created_by)
    values (${shopId}, ${source}, ${courier}, ${`${courier}网点`}, '', 'http://127.0.0.1/1', '') returning id`.execute(
    db,
  )
  return rows[0]?.id ?? assert.fail()
}
const account = {
  yto: await anAccount(taobao, 'cainiao', 'YTO'),
  sf: await anAccount(taobao, 'cainiao', 'SF'),
  zto: await anAccount(pinduoduo, 'pinduoduo', 'ZTO'),
}
const aDelivery = async (shopId: string, warehouseId: string) => {
  const order = await anOrder(db, { shopId, status: 'confirmed' })
  await sql`update sales_order set warehouse_id = ${warehouseId} where id = ${order.id}`.execute(db)
  must(
    await db
      .transaction()
      .execute((tx) => releaseOrders(tx, [order.id], { actor: packer, scope: wholeScope })),
  )
  return { no: order.no, id: await deliveryOf(db, order.id) }
}
const near = await aDelivery(taobao, east)
const far = await aDelivery(taobao, south)
const theirs = await aDelivery(pinduoduo, east)

const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await setup[Symbol.asyncDispose]()
})
const keeper = await setup.as(await permissionsOf(db, '仓库'))
const boss = await setup.as(['fulfilment.read', 'orders.rules', 'orders.read'])
const page = await chromium.open(`${setup.url}/waybill-rules`, boss)
pictureFailures(() => page)

const picker = (n: number, name: string, on = page) =>
  on.getByRole('combobox', { name: `第 ${n} 条：${name}`, exact: true })
const save = page.getByRole('button', { name: '保存' })
const dryRow = (no: string, on = page) => on.locator('.dry-rows li').filter({ hasText: no })
const stored = async () => {
  const { rows } = await sql<{ is: string }>`
    select concat_ws(' ', position, platform, courier, warehouse_id, account_id, enabled) as is
    from waybill_rule order by position`.execute(db)
  return rows.map((row) => row.is)
}

test('rules are added with one key and pickers; a rule that could never decide cannot be saved, and says why', async () => {
  await appears(page.getByText('还没有取号规则'))
  await page.keyboard.press('n')
  await appears(picker(1, '账号'))
  assert.equal(await picker(1, '账号').inputValue(), account.sf)
  await picker(1, '平台').selectOption({ label: '拼多多' })
  assert.equal(await picker(1, '账号').inputValue(), account.zto, 'the account that can print its labels')
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  await picker(2, '账号').selectOption(account.yto)
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  await picker(3, '账号').selectOption(account.yto)
  await appears(page.getByText('轮不到它：第 2 条在上面，全收了'))
  assert.equal(await save.getAttribute('aria-disabled'), 'true')
  await picker(3, '仓库').selectOption({ label: southName })
  await picker(3, '账号').selectOption(account.sf)
  await goes(page.getByText(/^轮不到它/))
  await picker(3, '订单的快递').selectOption('SF')
  await picker(3, '订单的快递').selectOption('')
})

test('what unsaved rules would do is seen before they are saved, also of one order', async () => {
  await page.keyboard.press('Escape')
  await page.keyboard.press('t')
  await appears(dryRow(far.no).getByText('第 2 条', { exact: true }))
  await appears(dryRow(theirs.no).getByText('第 1 条', { exact: true }))
  await page.keyboard.press('[')
  await appears(page.locator('tr.waybill-rule[aria-current=true]').filter({ hasText: /^2/ }))
  await page.keyboard.press('t')
  await appears(dryRow(far.no).getByText(/^顺丰速运 · /))
  await appears(dryRow(near.no).getByText('第 2 条 别的仓库'))
  await page.getByLabel('只试一单：订单号、交易号或发货单号').fill(far.no)
  await page.keyboard.press('Enter')
  await goes(dryRow(near.no))
  await appears(dryRow(far.no).getByText('第 2 条', { exact: true }))
  assert.deepEqual(await stored(), [], 'nothing is saved yet')
})

test('rules are moved by mouse and keyboard, turned off, deleted and saved', async () => {
  await page.getByRole('button', { name: '第 2 条上移' }).click()
  await page.getByRole('button', { name: '第 1 条下移' }).click()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await until(async () => !(await page.getByRole('checkbox', { name: '第 3 条：启用' }).isChecked()))
  await save.click()
  await appears(page.getByText('规则已保存，下一次取号起生效'))
  assert.deepEqual(await stored(), [
    `1 pinduoduo  ${account.zto} t`,
    `2   ${south} ${account.sf} t`,
    `3   ${account.yto} f`,
  ])
  await page.keyboard.press('Delete')
  await goes(picker(3, '账号'))
  await page.keyboard.press('s')
  await until(async () => (await stored()).length === 2)
})

test('仓库 reads and tries the rules without changing them, and the numbers that it takes follow them', async () => {
  const desk = await chromium.open(`${setup.url}/waybill-rules`, keeper)
  await appears(picker(2, '账号', desk))
  assert.ok(await picker(2, '账号', desk).isDisabled())
  assert.equal(await desk.getByRole('button', { name: '加一条' }).getAttribute('aria-disabled'), 'true')
  await desk.keyboard.press('t')
  await appears(dryRow(near.no, desk).getByText('没有规则符合', { exact: true }))
  await desk.goto(`${setup.url}/deliveries?ids=${near.id},${far.id},${theirs.id}`)
  await listIsReady(desk)
  await desk.keyboard.press('Control+a')
  await desk.keyboard.press('g')
  await appears(desk.locator('.toast').filter({ hasText: '3 单在取号' }))
  const { rows } = await sql<{ delivery: string; account: string; courier: string }>`
    select delivery_id as delivery, account_id as account, courier from waybill order by delivery_id`.execute(
    db,
  )
  assert.deepEqual(rows, [
    { delivery: near.id, account: account.yto, courier: 'YTO' },
    { delivery: far.id, account: account.sf, courier: 'SF' },
    { delivery: theirs.id, account: account.zto, courier: 'ZTO' },
  ])
})
