import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { wholeScope } from '../server/core/access/actor.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { releaseOrders } from '../server/fulfilment/shipping/release.ts'
import { testApp } from '../server/testing/app.ts'
import { anOrder, aShop } from '../server/testing/orders.ts'
import { deliveryOf, packer } from '../server/testing/shipping.ts'
import { aWarehouse } from '../server/testing/stock.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures } from './browser.ts'

// 打印单据: packing slips, pick lists and manifests of chosen deliveries are printed by the browser, in exact millimetres.

const setup = await testApp()
const { db } = setup
await createQueues(db, jobs)
const shopId = await aShop(db)
const warehouseId = await aWarehouse(db)
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
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
