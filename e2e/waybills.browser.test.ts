import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { startSandbox } from '../sandbox/server.ts'
import { control, pdd, tmall } from '../sandbox/testing.ts'
import { connectors } from '../server/connectors/index.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { startOutbox } from '../server/core/outbox/loop.ts'
import { releaseOrders } from '../server/fulfilment/shipping/release.ts'
import { openSender } from '../server/fulfilment/waybills/accounts.ts'
import { takingNumbers } from '../server/fulfilment/waybills/outbox.ts'
import { takeNumbers } from '../server/fulfilment/waybills/take.ts'
import { seal } from '../server/lib/seal.ts'
import { callShop, openCall } from '../server/shops/calls.ts'
import { connectDemoShops } from '../server/shops/demo.ts'
import { testApp } from '../server/testing/app.ts'
import { anOrder } from '../server/testing/orders.ts'
import { deliveryOf, packer } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { aPrintClient } from './print-client.ts'

// 电子面单: an account is added from what the shop has subscribed to, and a delivery gets its number, all in the browser.

const setup = await testApp({ SIMULATOR: '1' })
const { db, ring } = setup
await createQueues(db, jobs)
const sandbox = await startSandbox({ port: 0, seed: 'waybills', shops: [tmall, pdd] })
const calls = { db, ring, connectors, simulator: true }
const [shopId = '', pddShopId = ''] = await connectDemoShops(calls, sandbox.url, [tmall, pdd])
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

const plain = {
  ...{
    name: '王一',
    mobile: '13800001234',
    phone: '',
    province: '浙江省',
    city: '杭州市',
    district: '西湖区',
  },
  ...{ town: '', address: '文三路 1 号', zip: '', token: '' },
}
const personal = () => seal(ring, shopId, JSON.stringify({ nick: 'tb1', receiver: plain }))
/** Makes a released order here: its receiver is in plain text, so that no trade of the simulator is needed. */
async function aDelivery(): Promise<string> {
  const order = await anOrder(db, { shopId, status: 'confirmed', personal: personal() })
  await sql`update sales_order set origin = 'manual' where id = ${order.id}`.execute(db)
  await db.transaction().execute((tx) => releaseOrders(tx, [order.id], { actor: packer, scope: wholeScope }))
  return deliveryOf(db, order.id)
}
const delivery = await aDelivery()
/** Makes a released order of a trade of Pinduoduo, with the receiver as its API shows it. */
async function aPinduoduoDelivery(tid: string): Promise<string> {
  await control(sandbox, 'trades', { shop: pdd.key, tid, status: 'WAIT_SELLER_SEND_GOODS' })
  const opened = await openCall(calls, pddShopId)
  const detail = await callShop(opened, (connector, call) => connector.trades.detail(call, tid))
  assert.ok(detail && 'trade' in detail)
  const { receiver } = detail.trade
  const sealed = seal(ring, pddShopId, JSON.stringify({ nick: '', receiver }))
  const order = await anOrder(db, { shopId: pddShopId, tid, status: 'confirmed', personal: sealed })
  await db.transaction().execute((tx) => releaseOrders(tx, [order.id], { actor: packer, scope: wholeScope }))
  return deliveryOf(db, order.id)
}

const boss = await setup.as(['shops.read', 'shops.write', 'fulfilment.read', 'inventory.read'])
const clerk = await setup.as(['fulfilment.read', 'fulfilment.ship', 'orders.read'])
const page = await chromium.open(`${setup.url}/waybill-accounts`, boss)
const list = await chromium.open(`${setup.url}/account`, clerk)
pictureFailures(() => page)

test('an account is chosen from the couriers that the shop has subscribed to', async () => {
  await appears(page.getByText('还没有电子面单账号'))
  await page.keyboard.press('N')
  const dialog = page.getByRole('dialog', { name: '新增电子面单账号' })
  await appears(dialog)
  await dialog.getByRole('combobox', { name: '店铺' }).selectOption({ label: tmall.name })
  const save = dialog.getByRole('button', { name: '保存' })
  const branch = dialog.getByRole('combobox', { name: '快递和网点' })
  await branch.selectOption({ label: '圆通速递 · 杭州余杭YTO网点 · 余 100,000' })
  await dialog.getByRole('textbox', { name: '发件人', exact: true }).fill('李库')
  assert.equal(await save.getAttribute('aria-disabled'), 'true')
  await dialog.getByRole('textbox', { name: '发件人手机' }).fill('13900001111')
  await save.click()
  await goes(dialog)
  const row = page.getByRole('row').filter({ hasText: '圆通速递' })
  await appears(row)
  assert.match((await row.textContent()) ?? '', /李\*.*139\*\*\*\*1111/)
  const stored = await sql<{
    courier: string
    sender: Buffer
  }>`select courier, sender from waybill_account`.execute(db)
  assert.deepEqual(
    stored.rows.map(({ courier }) => courier),
    ['YTO'],
  )
  assert.ok(!stored.rows[0]?.sender.toString('latin1').includes('13900001111'))
})

test('a clerk takes the number with one key, and the list shows it when it has come', async () => {
  await list.goto(`${setup.url}/deliveries?ids=${delivery}`)
  await listIsReady(list)
  await rowsOf(list).first().hover()
  await list.keyboard.press('J')
  await list.keyboard.press('G')
  await appears(list.locator('.toast').filter({ hasText: '1 单在取号' }))
  const number = async () =>
    (
      await sql<{ waybillNo: string; courier: string }>`
        select waybill_no as "waybillNo", courier from delivery where id = ${delivery}`.execute(db)
    ).rows[0]
  await until(async () => (await number())?.waybillNo !== '')
  assert.equal((await number())?.courier, 'YTO')
  await appears(
    rowsOf(list)
      .first()
      .filter({ hasText: (await number())?.waybillNo ?? '' }),
  )
  assert.deepEqual([...sandbox.world.labels.byWaybill.keys()], [(await number())?.waybillNo])
})

test('the order says that no number was given, and why', async () => {
  await control(sandbox, 'labels', { shop: tmall.key, courier: 'YTO', balance: 0 })
  const id = await aDelivery()
  await db.transaction().execute((tx) => takeNumbers(tx, [id], { actor: packer, scope: wholeScope }))
  const orderId = async () =>
    (
      await sql<{ id: string }>`
        select d.order_id as id from delivery d join waybill w on w.delivery_id = d.id
        where d.id = ${id} and w.state = 'failed'`.execute(db)
    ).rows[0]?.id
  await until(async () => (await orderId()) !== undefined)
  await list.goto(`${setup.url}/orders?open=${await orderId()}`)
  const entry = list.locator('dd').filter({ hasText: '取号失败' })
  await appears(entry)
  assert.match((await entry.textContent()) ?? '', /余额/)
  assert.equal(await list.getByText('待发货', { exact: true }).count(), 0)
  await control(sandbox, 'labels', { shop: tmall.key, courier: 'YTO', balance: 100_000 })
})

test('the sender is changed without choosing the courier again; left empty, it stays', async () => {
  const row = page.getByRole('row').filter({ hasText: '圆通速递' })
  const change = row.getByRole('button', { name: '修改…' })
  const dialog = page.getByRole('dialog', { name: '修改电子面单账号' })
  const save = dialog.getByRole('button', { name: '保存' })
  const stored = async () => {
    const { rows } = await sql<{ sender: Buffer; enabled: boolean }>`
      select sender, enabled from waybill_account`.execute(db)
    const [account] = rows
    assert.ok(account && rows.length === 1)
    return { enabled: account.enabled, sender: openSender(ring, shopId, account.sender) }
  }
  const { sender } = await stored()
  await appears(row.filter({ hasText: '李*' }))
  await change.click()
  await appears(dialog.getByText(`圆通速递 · ${tmall.name} · 菜鸟电子面单 · 杭州余杭YTO网点`))
  await dialog.getByRole('textbox', { name: '发件人', exact: true }).fill('周仓')
  await appears(dialog.getByRole('combobox', { name: '发货地址' }))
  assert.equal(await save.getAttribute('aria-disabled'), 'true')
  await dialog.getByRole('textbox', { name: '发件人手机' }).fill('13700003333')
  await save.click()
  await goes(dialog)
  await appears(row.filter({ hasText: '137****3333' }))
  const changed = { ...sender, name: '周仓', mobile: '13700003333' }
  assert.deepEqual(await stored(), { enabled: true, sender: changed })
  await change.click()
  await dialog.getByRole('button', { name: '停用' }).click()
  await goes(dialog)
  await appears(page.getByRole('row').filter({ hasText: '已停用' }))
  await appears(page.getByText('周*'))
  assert.deepEqual(await stored(), { enabled: false, sender: changed })
})

test('three labels are printed with two keys; a jam is mended and the right one goes on', async () => {
  const printer = await aPrintClient()
  try {
    const ids = [await aDelivery(), await aDelivery(), await aDelivery()]
    await sql`update waybill_account set enabled = true`.execute(db)
    await db.transaction().execute((tx) => takeNumbers(tx, ids, { actor: packer, scope: wholeScope }))
    const numbers = async () => {
      const found = await sql<{ no: string }>`
        select waybill_no as no from delivery where id = any(${ids}::bigint[]) and waybill_no <> '' order by id`.execute(
        db,
      )
      return found.rows.map(({ no }) => no)
    }
    await until(async () => (await numbers()).length === 3)
    printer.faults = { jamAt: 2 }
    await list.goto(`${setup.url}/deliveries?ids=${ids.join(',')}`)
    await listIsReady(list)
    await list.keyboard.press('Control+a')
    await list.keyboard.press('P')
    const dialog = list.getByRole('dialog', { name: '打印面单' })
    await appears(dialog.getByRole('combobox', { name: '打印机' }))
    assert.match((await dialog.getByRole('combobox').textContent()) ?? '', /默认：热敏打印机 76×130/)
    await dialog.getByRole('button', { name: '打印', exact: true }).click()
    await appears(dialog.getByText('第 2 张没打出来：打印机缺纸。处理好打印机，继续打。'))
    assert.equal(await states(), 'printed waiting waiting')
    await dialog.getByRole('button', { name: '继续打' }).click()
    await appears(dialog.getByText('打完了，3 张'))
    assert.equal(await states(), 'printed printed printed')
    const [job] = printer.printed[0]?.split('-') ?? []
    assert.deepEqual(printer.printed, [`${job}-1`, `${job}-2`, `${job}-3`])
    await dialog.getByRole('button', { name: '关闭' }).click()
    await goes(dialog)
  } finally {
    await printer.close()
  }
})

test('a label that was printed asks why it is printed again', async () => {
  const printer = await aPrintClient()
  try {
    await listIsReady(list)
    await list.keyboard.press('P')
    const dialog = list.getByRole('dialog', { name: '打印面单' })
    const print = dialog.getByRole('button', { name: '打印', exact: true })
    await print.click()
    await dialog.getByRole('textbox', { name: '3 张打过或在没打完的打印里，重打的原因' }).fill('面单撕坏了')
    await print.click()
    await appears(dialog.getByText('打完了，3 张'))
    assert.equal(printer.printed.length, 3)
    const jobs = await sql<{ reason: string }>`select reason from print_job order by id`.execute(db)
    assert.deepEqual(
      jobs.rows.map(({ reason }) => reason),
      ['', '面单撕坏了'],
    )
    await list.keyboard.press('Escape')
    await goes(dialog)
  } finally {
    await printer.close()
  }
})

test('after a break the clerk names the last label in her hand, and the rest is printed', async () => {
  const printer = await aPrintClient()
  try {
    printer.faults = { dieAfter: 2 }
    await list.keyboard.press('P')
    const dialog = list.getByRole('dialog', { name: '打印面单' })
    const print = dialog.getByRole('button', { name: '打印', exact: true })
    await print.click()
    await dialog.getByRole('textbox', { name: '3 张打过或在没打完的打印里，重打的原因' }).fill('换了面单纸')
    await print.click()
    const last = dialog.getByRole('combobox', { name: '打印组件断了。手里最后一张面单是' })
    await appears(last)
    assert.equal(await states(), 'printed spooled spooled')
    const second = await sql<{ no: string }>`
      select w.waybill_no as no from print_document p join waybill w on w.id = p.waybill_id
      where p.job_id = (select max(id) from print_job) and p.seq = 2`.execute(db)
    await last.selectOption({ label: second.rows[0]?.no ?? '' })
    await dialog.getByRole('button', { name: '继续打' }).click()
    await appears(dialog.getByText('打完了，3 张'))
    assert.equal(await states(), 'printed printed printed')
    assert.equal(printer.printed.length, 3)
    assert.equal(printer.connections, 1, 'connected anew')
    await list.keyboard.press('Escape')
    await goes(dialog)
    await until(() => printer.connections === 0)
  } finally {
    await printer.close()
  }
})

test('a dialog that is closed while the print client is silent says so after a while, and lets go of the client', async () => {
  const printer = await aPrintClient()
  try {
    await list.keyboard.press('P')
    const dialog = list.getByRole('dialog', { name: '打印面单' })
    const print = dialog.getByRole('button', { name: '打印', exact: true })
    await print.click()
    await dialog.getByRole('textbox', { name: '3 张打过或在没打完的打印里，重打的原因' }).fill('打印机换了')
    printer.faults = { silent: true }
    await print.click()
    await until(async () => (await states()) === 'spooled spooled spooled')
    const stopped = list.waitForRequest(/\/api\/print-jobs\/\d+\/stop$/)
    await list.keyboard.press('Escape')
    await goes(dialog)
    assert.equal(printer.connections, 1, 'the last label may still come out')
    await appears(list.locator('.toast', { hasText: '打印组件没有回音' }))
    await stopped
    await until(() => printer.connections === 0)
    assert.deepEqual(printer.printed, [])
    await list.locator('.toast-close').first().click()
  } finally {
    await printer.close()
  }
})

test('a dialog that is closed before the print client names its printers lets go of it', async () => {
  const printer = await aPrintClient()
  try {
    printer.faults = { silent: true }
    await list.keyboard.press('P')
    await until(() => printer.connections === 1)
    await list.keyboard.press('Escape')
    await goes(list.getByRole('dialog', { name: '打印面单' }))
    await until(() => printer.connections === 0)
  } finally {
    await printer.close()
  }
})

test('a job that is closed after a jam lets go of its labels, which are then printed without a reason', async () => {
  const printer = await aPrintClient()
  try {
    const ids = [await aDelivery(), await aDelivery()]
    await db.transaction().execute((tx) => takeNumbers(tx, ids, { actor: packer, scope: wholeScope }))
    await until(async () => {
      const open = await sql`select from waybill where state = 'asked'`.execute(db)
      return open.rows.length === 0
    })
    printer.faults = { jamAt: 1 }
    const bare = await aDelivery()
    await list.goto(`${setup.url}/deliveries?ids=${[...ids, bare].join(',')}`)
    await listIsReady(list)
    await list.keyboard.press('Control+a')
    await list.keyboard.press('P')
    const dialog = list.getByRole('dialog', { name: '打印面单' })
    const print = dialog.getByRole('button', { name: '打印', exact: true })
    await print.click()
    await appears(dialog.getByText(/第 1 张没打出来/))
    await dialog.getByRole('button', { name: '关闭' }).click()
    await goes(dialog)
    await until(async () => (await states()) === 'dropped dropped')
    await list.keyboard.press('P')
    await print.click()
    await appears(dialog.getByText('打完了，2 张'))
    await appears(dialog.getByText('1 单不能打：没有运单号，没有面单可打。先取号'))
    assert.equal(printer.printed.length, 2)
    await list.keyboard.press('Escape')
    await goes(dialog)
  } finally {
    await printer.close()
  }
})

test('a Pinduoduo order gets its number from Pinduoduo and is printed beside the others by Pinduoduo’s client', async () => {
  const cainiao = await aPrintClient()
  const printers = [cainiao]
  try {
    await page.keyboard.press('N')
    const add = page.getByRole('dialog', { name: '新增电子面单账号' })
    await add.getByRole('combobox', { name: '店铺' }).selectOption({ label: pdd.name })
    await add
      .getByRole('combobox', { name: '快递和网点' })
      .selectOption({ label: '中通快递 · 杭州余杭ZTO网点 · 余 100,000' })
    await add.getByRole('textbox', { name: '发件人', exact: true }).fill('拼仓')
    await add.getByRole('textbox', { name: '发件人手机' }).fill('13900002222')
    await add.getByRole('button', { name: '保存' }).click()
    await goes(add)
    await appears(page.getByRole('row').filter({ hasText: pdd.name }))
    const ids = [await aDelivery(), await aPinduoduoDelivery('261120-700000000001')]
    await list.goto(`${setup.url}/deliveries?ids=${ids.join(',')}`)
    await listIsReady(list)
    await list.keyboard.press('Control+a')
    await list.keyboard.press('G')
    const taken = async () => {
      const found = await sql<{ source: string; no: string }>`
        select a.source, d.waybill_no as no from delivery d join waybill w on w.delivery_id = d.id and w.state = 'taken'
        join waybill_account a on a.id = w.account_id where d.id = any(${ids}::bigint[]) order by a.source`.execute(
        db,
      )
      return found.rows
    }
    await until(async () => (await taken()).length === 2)
    assert.deepEqual(
      (await taken()).map(({ source }) => source),
      ['cainiao', 'pinduoduo'],
    )
    assert.equal(sandbox.world.labels.byWaybill.get((await taken())[1]?.no ?? '')?.shop.key, pdd.key)
    await list.keyboard.press('Control+a')
    await list.keyboard.press('P')
    const dialog = list.getByRole('dialog', { name: '打印面单' })
    await dialog.getByRole('button', { name: '打印', exact: true }).click()
    await appears(dialog.getByText(/张没打出来：拼多多打印组件没开/))
    const pinduoduo = await aPrintClient({ kind: 'pinduoduo' })
    printers.push(pinduoduo)
    await dialog.getByRole('button', { name: '继续打' }).click()
    await appears(dialog.getByText('打完了，2 张'))
    assert.equal(await states(), 'printed printed')
    assert.deepEqual([cainiao.printed.length, pinduoduo.printed.length], [1, 1])
    await list.keyboard.press('Escape')
    await goes(dialog)
  } finally {
    for (const printer of printers) await printer.close()
  }
})

test('without a print client the dialog says what to do', async () => {
  await list.keyboard.press('P')
  const dialog = list.getByRole('dialog', { name: '打印面单' })
  await appears(
    dialog.getByText(/没连上打印组件。打开这台电脑上的菜鸟、拼多多、抖店、微信小店、快手或小红书打印组件/),
  )
  await list.keyboard.press('Escape')
  await goes(dialog)
})

async function states(): Promise<string> {
  const found = await sql<{ state: string }>`
    select state from print_document where job_id = (select max(id) from print_job) order by seq`.execute(db)
  return found.rows.map(({ state }) => state).join(' ')
}
