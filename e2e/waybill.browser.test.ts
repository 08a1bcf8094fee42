import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../server/core/access/actor.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { releaseOrders } from '../server/fulfilment/shipping/release.ts'
import { testApp } from '../server/testing/app.ts'
import { anOrder, aShop } from '../server/testing/orders.ts'
import { deliveryOf, packer } from '../server/testing/shipping.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'

const house = await testApp()
await createQueues(house.db, jobs)
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const { db } = house
const shopId = await aShop(db)
const made = [
  await anOrder(db, { shopId, status: 'confirmed' }),
  await anOrder(db, { shopId, status: 'confirmed' }),
]
const orderIds = made.map(({ id }) => id)
await db.transaction().execute((tx) => releaseOrders(tx, orderIds, { actor: packer, scope: wholeScope }))
const [taken = '', open = ''] = await Promise.all(orderIds.map((id) => deliveryOf(db, id)))
await sql`update delivery set courier = 'SF', waybill_no = 'SF1000000001' where id = ${taken}`.execute(db)

const clerk = await house.as(['fulfilment.read', 'fulfilment.ship'])
const page = await chromium.open(`${house.url}/deliveries?ids=${open}`, clerk)
pictureFailures(() => page)
const dialog = page.getByRole('dialog', { name: /^填运单/ })
const number = dialog.getByRole('textbox', { name: '运单号' })
const waybill = async () =>
  (
    await sql<{ courier: string; waybillNo: string }>`
      select courier, waybill_no as "waybillNo" from delivery where id = ${open}`.execute(db)
  ).rows[0]

test('the scanner types into the number, and the courier stays as it was', async () => {
  await listIsReady(page)
  await rowsOf(page).first().hover()
  await page.keyboard.press('J')
  await page.keyboard.press('W')
  await appears(dialog)
  const courier = await dialog.getByRole('combobox', { name: '快递' }).inputValue()
  await page.keyboard.type('YT1000000002')
  assert.equal(await number.inputValue(), 'YT1000000002')
  assert.equal(await dialog.getByRole('combobox', { name: '快递' }).inputValue(), courier)
})

test('a refusal says why and keeps what was typed', async () => {
  await dialog.getByRole('combobox', { name: '快递' }).selectOption('SF')
  await number.fill('SF1000000001')
  await number.press('Enter')
  await appears(page.locator('.toast').filter({ hasText: '运单号' }))
  assert.equal(await number.inputValue(), 'SF1000000001')
  assert.equal((await waybill())?.waybillNo, '')
})

test('what the server does not answer keeps what was typed as well', async () => {
  await page.route('**/api/deliveries/waybills', (route) => route.abort())
  await number.fill('SF1000000003')
  await number.press('Enter')
  await appears(page.locator('.toast').filter({ hasText: '连不上服务器' }))
  assert.equal(await number.inputValue(), 'SF1000000003')
  await page.unroute('**/api/deliveries/waybills')
})

test('the waybill of one delivery is written, and the dialog goes', async () => {
  await number.press('Enter')
  await goes(dialog)
  await appears(page.locator('.toast').filter({ hasText: '1 单已填运单' }))
  assert.deepEqual(await waybill(), { courier: 'SF', waybillNo: 'SF1000000003' })
  assert.deepEqual(chromium.faults, [])
})

test('whoever may not open a shop’s page still reads what it is called', async () => {
  const asked: string[] = []
  const other = await chromium.open(`${house.url}/deliveries?tab=all`, clerk)
  other.on('response', (answer) => {
    if (answer.status() >= 400) asked.push(`${answer.status()} ${new URL(answer.url()).pathname}`)
  })
  await other.reload()
  await listIsReady(other)
  const name = (await sql<{ name: string }>`select name from shop where id = ${shopId}`.execute(db)).rows[0]
  await appears(rowsOf(other).getByText(name?.name ?? 'none'))
  assert.deepEqual(asked, [])
})
