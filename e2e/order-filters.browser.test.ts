import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { buyerKeyMonth, makeBuyerKeys } from '../server/lib/people.ts'
import { anOrder, aShop, matchGoods } from '../server/testing/orders.ts'
import { putStock } from '../server/testing/stock.ts'
import { addFilter, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { aPressHouse } from './presses/seeds.ts'

// A clerk whose only permission is to see orders finds them by goods, buyer, amount, parcel and status.

const house = await aPressHouse()
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const { db, ring, shopId } = house
const shipped = await house.shipped()
const waiting = await house.order({ lines: [{ oid: 'o1', quantity: 1, paymentFen: 88_800 }] })
const completed = await anOrder(db, { shopId, status: 'completed' })
const elsewhere = await aShop(db)
await putStock(db, house.warehouseId, await matchGoods(db, elsewhere), 50)
const theirs = await house.shipped({ shopId: elsewhere })
const numberOf = async (id: string) => house.one(sql`select no as is from sales_order where id = ${id}`)
const first = await numberOf(String(shipped['orderId']))
const second = await numberOf(waiting.id)
const third = await numberOf(completed.id)
const foreign = await numberOf(String(theirs['orderId']))
const keys = makeBuyerKeys(ring, buyerKeyMonth(new Date()), {
  nick: 'tb_lin',
  receiver: { name: '林小满', mobile: '13900007788', phone: '' },
})
for (const id of [waiting.id, String(theirs['orderId'])])
  await sql`insert into sales_order_person (key, id) select unnest(${keys}::bigint[]), ${id}`.execute(db)
const code = await house.one(sql`select code as is from sku where id = ${house.skuId}`)

const clerk = await house.as(['orders.read'], [shopId])
const page = await chromium.open(`${house.url}/orders`, clerk)
pictureFailures(() => page)
const shown = async () => {
  await listIsReady(page)
  const texts = await rowsOf(page).allInnerTexts()
  return texts.map((text) => /SO\d+(-\d+)?/.exec(text)?.[0]).sort()
}
const clear = () => page.getByRole('button', { name: '清空', exact: true }).click()
const asked = async (query: string) =>
  Object(await clerk.call('GET', `/api/orders?tab=all&${query}`))
    .body.rows.map((row: { no: string }) => row.no)
    .sort()

test('shipped and completed orders have tabs of their own, with their counts', async () => {
  await listIsReady(page)
  for (const [tab, no] of [
    ['已发货', first],
    ['已完成', third],
  ] as const) {
    const found = page.getByRole('tab', { name: new RegExp(tab) })
    assert.match(String(await found.textContent()), /1/)
    await found.click()
    assert.deepEqual(await shown(), [no])
  }
  await page.getByRole('tab', { name: /全部/ }).click()
  assert.deepEqual(await shown(), [first, second, third].sort())
})

test('orders are filtered by several statuses', async () => {
  const editor = await addFilter(page, '状态')
  await editor.getByRole('menuitemcheckbox', { name: '已发货' }).click()
  await editor.getByRole('menuitemcheckbox', { name: '已完成' }).click()
  await page.keyboard.press('Escape')
  assert.deepEqual(await shown(), [first, third].sort())
  await clear()
})

test('a SKU is picked among the goods, and its orders are found', async () => {
  const editor = await addFilter(page, 'SKU')
  await editor.getByRole('combobox').fill(code)
  await page.getByRole('option', { name: new RegExp(code) }).click()
  await page.locator('.chip', { hasText: code }).waitFor()
  assert.deepEqual(await shown(), [first, second, third].sort())
  await clear()
  await (await addFilter(page, 'SKU')).getByRole('combobox').fill(code)
  await page.getByRole('option', { name: new RegExp(code) }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.locator('.chip', { hasText: code }).waitFor()
  await clear()
  assert.deepEqual(await asked('sku=nothing-of-ours'), [])
  await sql`update order_line set sku_id = null where order_id = ${completed.id}`.execute(db)
  assert.deepEqual(await asked(`sku=${code}`), [first, second].sort())
})

test('an amount from 800 yuan leaves the expensive order', async () => {
  const editor = await addFilter(page, '金额')
  await editor.getByRole('textbox', { name: '不少于' }).fill('800')
  await page.keyboard.press('Enter')
  assert.deepEqual(await shown(), [second])
  await clear()
  assert.deepEqual(await asked('paymentFromFen=88800&paymentToFen=88800'), [second])
  assert.deepEqual(await asked('paymentToFen=88799'), [first, third].sort())
})

test('a buyer is found by name, nick, mobile and its last digits, and never named in an address', async () => {
  for (const text of ['林小满', 'tb_lin', '13900007788', '7788']) {
    const editor = await addFilter(page, '买家')
    await editor.getByRole('textbox').fill(text)
    const asking = page.waitForRequest((request) => request.headers()['x-buyer'] !== undefined)
    await page.keyboard.press('Enter')
    const request = await asking
    assert.equal(decodeURIComponent(request.headers()['x-buyer'] ?? ''), text)
    assert.doesNotMatch(decodeURIComponent(`${request.url()} ${page.url()}`), new RegExp(text))
    assert.deepEqual(await shown(), [second], text)
    await clear()
  }
})

test('a waybill finds the order that left with it, of one’s own shops only', async () => {
  const editor = await addFilter(page, '运单号')
  await editor.getByRole('textbox').fill(String(shipped['waybillNo']).toLowerCase())
  await page.keyboard.press('Enter')
  assert.deepEqual(await shown(), [first])
  await clear()
  assert.deepEqual(await asked(`waybill=${theirs['waybillNo']}`), [])
  const boss = Object(await house.boss.call('GET', `/api/orders?tab=all&waybill=${theirs['waybillNo']}`)).body
  assert.deepEqual(
    boss.rows.map((row: { no: string }) => row.no),
    [foreign],
  )
})
