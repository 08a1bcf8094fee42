import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { buildApp } from '../server/app.ts'
import { loadConfig } from '../server/config.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { openDatabase } from '../server/core/db/db.ts'
import { buildLog } from '../server/core/http/http-log.ts'
import { renewShipSteps } from '../server/fulfilment/ship-steps.ts'
import { holdOrders } from '../server/orders/holds/holds.ts'
import { callerAt, insertUser, permissionsOf } from '../server/testing/app.ts'
import { anAccount, aShippingHouse } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'
import { sessionCookieName, signCookie } from '../server/users/sign-in/auth.ts'
import { appears, goes, openBrowser, pictureFailures } from './browser.ts'
import { aPrintClient } from './print-client.ts'

// 验货台, in the role 仓库 and with the keyboard alone, as a scanner types: a parcel is opened, checked, weighed and shipped.

const house = await aShippingHouse()
const database = openDatabase(house.databaseUrl)
const { db, pool } = database
const config = loadConfig({ PORT: '0', PUBLIC_URL: 'http://localhost:3000', SIMULATOR: '1' })
const log = buildLog({ logLevel: 'silent' }, 'web')
const app = await buildApp({ db, pool, config, ring: house.ring, log })
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const outbox = house.outbox()
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await outbox.stop()
  await app.close()
  await database.close()
  await house[Symbol.asyncDispose]()
})

const { id, token } = await insertUser(database, await permissionsOf(db, '仓库'), 'all')
const packer = callerAt(url, id, `${sessionCookieName(config)}=${signCookie(house.ring, token)}`)

await house.run(async (tx) => {
  const changed = await sql<{ id: string }>`
    update warehouse set ship_steps = '{print,check,weigh}' returning id`.execute(tx)
  await renewShipSteps(tx, changed.rows[0]?.id ?? '')
})
const [parcel, other] = [await house.packed(), await house.packed()]
const goods = async (deliveryId: string) => {
  const found = await sql<{ code: string; pieces: number }>`
    select s.code, l.quantity as pieces from delivery d join order_line l on l.order_id = d.order_id join sku s on s.id = l.sku_id
    where d.id = ${deliveryId} order by l.line_no`.execute(db)
  return found.rows.flatMap(({ code, pieces }) => Array.from({ length: pieces }, () => code))
}
await sql`update sku set weight_g = 500`.execute(db)
await sql`update sales_order set seller_memo = '送礼，不要放价格单' where id = ${parcel.orderId}`.execute(db)

const setPieces = async (orderId: string, lineNo: number, pieces: number) => {
  await sql`
    update order_line set quantity = ${pieces} where order_id = ${orderId} and line_no = ${lineNo}`.execute(
    db,
  )
  await sql`
    update reservation set wanted = ${pieces}, reserved = ${pieces} where order_id = ${orderId} and line_no = ${lineNo}`.execute(
    db,
  )
  await sql`
    update stock s set reserved = (
      select coalesce(sum(r.reserved), 0) from reservation r
      where r.warehouse_id = s.warehouse_id and r.sku_id = s.sku_id and not r.shipped)`.execute(db)
}

const page = await chromium.open(`${url}/stations`, packer)
pictureFailures(() => page)
/** Types as a scanner does: without a look at what has the focus. */
const scan = async (code: string) => {
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
}
const banner = page.locator('.station-banner')
const says = (text: string | RegExp) => appears(banner.filter({ hasText: text }))
const status = async (deliveryId: string) => (await house.state(deliveryId)).delivery

test('the station of this computer gets a name, which no scanned number becomes, and fills the screen', async () => {
  const name = page.getByRole('textbox', { name: '验货台名字' })
  await name.fill(parcel.waybillNo)
  await page.keyboard.press('Enter')
  await appears(page.getByText('这是扫到的单号。先起个名字，再开始验货').first())
  assert.match(page.url(), /stations$/)
  await name.fill('2 号台')
  await page.keyboard.press('Enter')
  await says('扫运单，开始下一单')
  assert.equal(await page.locator('nav.side').count(), 0)
})

test('a parcel is opened by its label; a wrong piece names the right one, and all pieces make it ready for the scale', async () => {
  const codes = await goods(parcel.id)
  await scan(parcel.waybillNo)
  await says(`${new Set(codes).size} 种 ${codes.length} 件，扫商品`)
  await appears(page.getByText('卖家：送礼，不要放价格单'))
  await scan((await goods(other.id))[0] ?? '')
  await says(/^✕不对，要 .*，这是 /)
  for (const [n, code] of codes.slice(0, -1).entries()) {
    await scan(code)
    await says(`对，还差 ${codes.length - 1 - n} 件`)
  }
  await page.reload()
  await says('接着扫，还差 1 件')
  await scan(codes.at(-1) ?? '')
  await says('验完了，称重')
  assert.equal(await status(parcel.id), 'pending')
})

test('a weight that is off is not shipped; the right one ships, and the platform is told', async () => {
  const grams = 500 * (await goods(parcel.id)).length
  await scan(String(grams + 400))
  await says('重了 0.40 kg，没发')
  assert.equal(await status(parcel.id), 'pending')
  await scan((grams / 1000).toFixed(2))
  await says('发了，')
  await says('扫运单，开始下一单')
  assert.equal((await house.settled(parcel.id)).writeBack, 'done')
  assert.equal(house.trade(parcel.tid).lines[0]?.waybill, parcel.waybillNo)
  const facts = await sql<{ checked: boolean; grams: number; by: string }>`
    select checked_at is not null as checked, weight_grams as grams, weighed_by as by from delivery where id = ${parcel.id}`.execute(
    db,
  )
  assert.deepEqual(facts.rows, [{ checked: true, grams, by: '林晓' }])
  await appears(page.locator('.today .own').filter({ hasText: '林晓' }))
})

test('a refund while the goods are counted stops loudly, until the basket is scanned', async () => {
  const codes = await goods(other.id)
  await scan(other.waybillNo)
  await scan(codes[0] ?? '')
  await says(/^✓对，还差/)
  await house.control('refunds', { tid: other.tid, kind: 'REFUND' })
  await house.downloadRefund(house.trade(other.tid).refunds.at(-1)?.id ?? '')
  await scan(codes[1] ?? '')
  await says('拦下，不发')
  await appears(page.getByText('货和面单一起放进拦截筐'))
  await scan(codes[1] ?? '')
  await says('拦下，不发')
  await page.keyboard.press('F8')
  await says('拦下，不发')
  assert.equal(await status(other.id), 'pending')
  await scan('LJ-03')
  await goes(page.getByText('货和面单一起放进拦截筐'))
  await says('扫运单，开始下一单')
  assert.equal(house.trade(other.tid).lines[0]?.waybill, '')
})

test('goods that are scanned once count at once, and after a piece its serial number is scanned', async () => {
  const { id, orderId, waybillNo, tid } = await house.packed({ lines: 2 })
  const [phone = '', socks = ''] = [...new Set(await goods(id))]
  await setPieces(orderId, 1, 1)
  await setPieces(orderId, 2, 3)
  await sql`update sku set needs_serial = code = ${phone}, scan_once = code = ${socks}, weight_g = 500`.execute(
    db,
  )
  await scan(waybillNo)
  await says('2 种 4 件，扫商品')
  await appears(page.locator('.station-lines em').filter({ hasText: '扫串号' }))
  await appears(page.locator('.station-lines em').filter({ hasText: '整单一扫' }))
  await scan(phone)
  await says('扫串号')
  await appears(page.getByPlaceholder('扫这一件的串号'))
  await page.reload()
  await says('扫这一件的串号')
  await scan(phone)
  await says('不对，要扫串号')
  await scan('860000000000017')
  await says('对，还差 3 件')
  await scan(socks)
  await says('验完了，称重')
  await scan('2000')
  await says('发了，4 件 2.00 kg')
  assert.equal((await house.settled(id)).writeBack, 'done')
  assert.deepEqual(
    house.trade(tid).lines.map(({ identCodes }) => identCodes),
    [['860000000000017'], []],
  )
  const stored = await sql<{ serial: string; by: string }>`
    select serial, scanned_by as by from delivery_serial where delivery_id = ${id}`.execute(db)
  assert.deepEqual(stored.rows, [{ serial: '860000000000017', by: '林晓' }])
  const orders = await chromium.open(`${url}/orders?tab=all&open=${orderId}`, packer)
  await appears(orders.getByText('串号 860000000000017'))
  await orders.close()
})

test('printing last: the last piece takes the number and prints the label, and the parcel goes on by itself', async () => {
  await anAccount(house)
  const printer = await aPrintClient()
  await page.goto(`${url}/warehouses`)
  await page.getByRole('button', { name: '修改…' }).press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('后置打印').press('Space')
  await dialog.getByRole('button', { name: '保存' }).press('Enter')
  await goes(dialog)
  await appears(page.getByRole('cell', { name: '后置打印' }))
  const { id } = await house.released({ lines: 1 })
  await sql`update sku set needs_serial = false, scan_once = false, weight_g = 500`.execute(db)
  const order = await sql<{ no: string }>`select order_no as no from delivery where id = ${id}`.execute(db)
  await page.goto(`${url}/station`)
  await says('扫运单，开始下一单')
  await scan(order.rows[0]?.no ?? '')
  await says('件，扫商品')
  const codes = await goods(id)
  for (const code of codes.slice(0, -1)) await scan(code)
  if (codes.length > 1) await says('对，还差 1 件')
  const began = performance.now()
  await scan(codes.at(-1) ?? '')
  await until(async () => printer.printed.length === 1)
  const labelMs = Math.round(performance.now() - began)
  console.log(`scan to label: ${labelMs} ms`)
  await says('验完了，称重')
  const facts = await sql<{ waybill: boolean; by: string; state: string }>`
    select waybill_no <> '' as waybill, printed_by as by, standing as state from delivery where id = ${id}`.execute(
    db,
  )
  assert.deepEqual(facts.rows, [{ waybill: true, by: '林晓', state: 'weigh' }])
  await scan(String(500 * codes.length))
  await says('发了，')
  assert.equal(await status(id), 'shipped')
  await stopsBetweenScanAndPrint()
  assert.equal(printer.printed.length, 1, 'no label of the stopped order came out')
  await printer.close()
  const second = (await house.released({ lines: 1 })).id
  const { rows } = await sql<{ no: string }>`select no from delivery where id = ${second}`.execute(db)
  await sql`update sku set weight_g = 500`.execute(db)
  await says('扫运单，开始下一单')
  await scan(rows[0]?.no ?? '')
  await says('件，扫商品')
  for (const code of await goods(second)) await scan(code)
  await says('面单没打出来')
  await appears(banner.filter({ hasText: '没连上打印组件。处理好按 F4 打印，再扫面单' }))
  await page.keyboard.press('F8')
  await says('扫运单，开始下一单')
  await sql`update warehouse set prints_last = false`.execute(db)
})

const by = { actor: { kind: 'user', id: '1', name: '林晓' }, scope: wholeScope } as const

/** The order is held after its last piece, in the moment in which its label would be handed out. */
async function stopsBetweenScanAndPrint(): Promise<void> {
  const { id, orderId } = await house.released({ lines: 1 })
  await sql`update sku set weight_g = 500`.execute(db)
  const { rows } = await sql<{ no: string }>`select no from delivery where id = ${id}`.execute(db)
  const handsOut = /\/api\/print-jobs\/\d+\/next$/
  await page.route(
    handsOut,
    async (route) => {
      await db
        .transaction()
        .execute((tx) => holdOrders(tx, [orderId], { reason: 'risk', note: '', until: null }, by))
      await route.continue()
    },
    { times: 1 },
  )
  await says('扫运单，开始下一单')
  await scan(rows[0]?.no ?? '')
  await says('件，扫商品')
  for (const code of await goods(id)) await scan(code)
  await says('面单没打出来')
  await appears(banner.filter({ hasText: '1 张没打，单被拦下了' }))
  await page.unroute(handsOut)
  await scan(rows[0]?.no ?? '')
  await says('拦下，不发')
  await scan('LJ-04')
  await says('扫运单，开始下一单')
  assert.equal(await status(id), 'pending')
}

test('function keys: short goods hold the order, a parcel is set aside and counted again, the sound is muted', async () => {
  const [third, fourth] = [await house.packed(), await house.packed()]
  await scan(third.waybillNo)
  await says('件，扫商品')
  await page.keyboard.press('F6')
  await says('少货，已挂起等货')
  await until(async () => {
    const held =
      await sql`select from order_hold where order_id = ${third.orderId} and reason = 'stock'`.execute(db)
    return held.rows.length === 1
  })
  await scan(fourth.waybillNo)
  await scan((await goods(fourth.id))[0] ?? '')
  await says(/^✓对，还差/)
  await page.keyboard.press('Escape')
  await says('从头扫')
  await page.keyboard.press('F8')
  await says('扫运单，开始下一单')
  await page.keyboard.press('F9')
  await appears(page.locator('.station-top').filter({ hasText: '静音' }))
  await page.keyboard.press('F1')
  await appears(page.getByRole('dialog', { name: '验货台怎么用' }))
  await page.keyboard.press('Escape')
  await goes(page.getByRole('dialog', { name: '验货台怎么用' }))
  await sql`update sku set weight_g = 500`.execute(db)
  await scan(fourth.waybillNo)
  for (const code of await goods(fourth.id)) await scan(code)
  await says('验完了，称重')
  await page.keyboard.press('F4')
  const print = page.getByRole('dialog', { name: '打印面单' })
  await appears(print)
  await page.keyboard.press('Escape')
  await goes(print)
  await scan('100')
  await says('没发')
  await page.keyboard.press('F7')
  const dialog = page.getByRole('dialog', { name: '放行这个重量' })
  await dialog.getByRole('textbox', { name: '原因' }).fill('空盒样品')
  await dialog.getByRole('button', { name: '放行并发货' }).click()
  await says('发了，')
  const weighed = await sql<{ note: string }>`
    select detail ->> 'note' as note from order_event where order_id = ${fourth.orderId} and event = 'weighed'`.execute(
    db,
  )
  assert.deepEqual(weighed.rows, [{ note: '空盒样品' }])
  await page.keyboard.press('F12')
  await appears(page.getByRole('heading', { name: '验货台' }))
  await page.keyboard.press('Enter')
  await says('扫运单，开始下一单')
  await page.keyboard.press('F2')
  await appears(page.getByRole('button', { name: '登录' }))
})
