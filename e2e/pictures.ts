// npm run pictures -- guide: takes the pictures of the guide anew, in both languages (docs/guide/pictures).
// npm run pictures -- <folder> [pattern of pictures' names]: saves a screenshot of every page. Names that begin with `day-` are the
// warehouse's, from a database of their own: a pattern that begins so leaves the rest out.
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { PRINT_CLIENTS } from '../sandbox/print-client.ts'
import { setupLink } from '../server/users/sign-in/setup.ts'
import { openBrowser } from './browser.ts'
import { asked, type House, openHouse } from './house.ts'
import { lively } from './lively.ts'
import { warehouseDay } from './lively-warehouse.ts'
import { guideShots, looksOf, type Shot, takePictures } from './pictures-shots.ts'
import { warehouseShots } from './pictures-warehouse.ts'
import { aPrintClient } from './print-client.ts'

const [target = 'data/pictures', part = ''] = process.argv.slice(2)
const guide = target === 'guide'
const wanted = guide ? guideShots : new RegExp(part)
const folder = resolve(guide ? 'docs/guide/pictures' : target)

await mkdir(folder, { recursive: true })
await using chromium = await openBrowser()
if (!/^\^?day-/.test(part)) await picturesOfPages()
if (part === '' || part.includes('day-')) await picturesOfWarehouse()
for (const fault of new Set(chromium.faults)) console.log(fault)

async function picturesOfPages(): Promise<void> {
  await using house = await openHouse({
    trades: { 'shanyu-tmall': 160, 'shanyu-taobao': 120, 'yunqi-tmall': 80, 'shanyu-pdd': 80 },
    spreadSeconds: 3 * 86_400,
    awake: true,
  })
  const link = (await setupLink(house.db, house.url)) ?? `${house.url}/setup`
  await lively(house)
  const shots = await shotsOf(house)
  const outside = [
    { name: 'sign-in', at: '/sign-in' },
    { name: 'setup', at: link.slice(house.url.length) },
  ]
  const { url } = house
  for (const look of looksOf()) {
    await takePictures({ chromium, url, admin: house.admin, look, wanted, folder, shots, guide })
    await takePictures({ chromium, url, admin: undefined, look, wanted, folder, shots: outside })
    console.log(look.name)
  }
}

async function picturesOfWarehouse(): Promise<void> {
  await using house = await openHouse({
    trades: { 'shanyu-tmall': 60, 'shanyu-taobao': 40, 'shanyu-pdd': 40 },
    spreadSeconds: 86_400,
  })
  const printers = await Promise.all(PRINT_CLIENTS.map((kind) => aPrintClient({ kind })))
  const shots = warehouseShots(await warehouseDay(house))
  for (const look of looksOf())
    await takePictures({ chromium, url: house.url, admin: house.admin, look, wanted, folder, shots, guide })
  await Promise.all(printers.map((printer) => printer.close()))
}

async function shotsOf({ admin, shops }: House): Promise<Shot[]> {
  type Rows = { rows: { id: string }[] }
  const firstOf = async (path: string) => (await asked<Rows>(admin, 'GET', path)).rows[0]?.id ?? ''
  const trade = await firstOf('/api/staged-trades?limit=1&reason=refund_open')
  const order = await firstOf('/api/orders?limit=1&held=true')
  const problem = await firstOf('/api/orders?limit=1&tab=problem')
  const several = await firstOf('/api/orders?limit=1&tab=unconfirmed&severalLines=true')
  const voided = await firstOf('/api/orders?limit=1&tab=voided')
  const sku = await firstOf('/api/skus?limit=1&listed=true')
  const bundle = await firstOf('/api/skus?limit=1&tab=bundle')
  type Expected = { waybillNo: string; lines: { skuCode: string }[] }
  const confirmed = await asked<{ rows: Expected[] }>(admin, 'GET', '/api/returns?tab=confirmed&waybill=yes')
  const [expected] = confirmed.rows
  const key = (letter: string) => async (page: Page) => {
    await page.keyboard.press(letter)
    await page.locator('.dialog, .popover').first().waitFor({ timeout: 4000 })
  }
  const importing = async (page: Page) => {
    await key('i')(page)
    const text = '商家编码,商品名称,售价\nTP-1,演示,9.9\n,没有编码,\nTP-2,羽绒被,很贵\nTP-3,,\n'
    const file = { name: '商品.csv', mimeType: 'text/csv', buffer: Buffer.from(text) }
    await page.locator('.dialog input[type=file]').setInputFiles(file)
    await page
      .getByRole('button', { name: /^(导入|Import)$/ })
      .last()
      .click()
    await page.locator('.sheet-refusals').waitFor({ timeout: 4000 })
  }
  const firstRow = async (page: Page) => {
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.locator('.drawer').waitFor({ timeout: 4000 })
  }
  const onFirst = (letter: string) => async (page: Page) => {
    await page.locator('.list-row').first().waitFor({ timeout: 4000 })
    await page.keyboard.press('j')
    await key(letter)(page)
  }
  const tried = async (page: Page) => {
    await page.keyboard.press('t')
    await page.locator('.dry-sum').waitFor({ timeout: 4000 })
  }
  /** Opens an expected parcel by its waybill and scans one piece. */
  const counting = async (page: Page) => {
    const scan = async (text: string) => {
      await page.keyboard.type(text)
      await page.keyboard.press('Enter')
    }
    await scan(expected?.waybillNo ?? '')
    await page.locator('.lines-table').waitFor({ timeout: 4000 })
    await scan(expected?.lines[0]?.skuCode ?? '')
  }
  const select = async (page: Page) => {
    for (const nth of [0, 2, 3]) await page.locator('.list-row .cell-tick').nth(nth).click()
  }
  return [
    { name: 'overview', at: '/' },
    { name: 'queue', at: '/download-queue' },
    { name: 'trades', at: '/staged-trades' },
    { name: 'trades-blocked', at: '/staged-trades?tab=blocked' },
    { name: 'trades-fetching', at: '/staged-trades?tab=fetching' },
    { name: 'trades-processed', at: '/staged-trades?tab=processed' },
    { name: 'trades-none', at: '/staged-trades?q=没有这种商品' },
    { name: 'trades-bulk', at: '/staged-trades', act: select },
    { name: 'trades-filters', at: '/staged-trades?status=paid&hasMessage=true&paid=3d', act: key('f') },
    { name: 'trade', at: `/staged-trades?open=${trade}` },
    { name: 'trades-download', at: '/staged-trades', act: key('d') },
    { name: 'trade-history', at: '/trade-history' },
    { name: 'refunds', at: '/staged-refunds' },
    { name: 'refunds-list', at: '/staged-refunds?as=list' },
    { name: 'refunds-due', at: '/staged-refunds?tab=due' },
    { name: 'refund-refuse', at: '/staged-refunds', act: key('r') },
    { name: 'refund-history', at: '/refund-history' },
    { name: 'parked', at: '/parked-items' },
    { name: 'actions', at: '/platform-actions' },
    { name: 'orders', at: '/orders' },
    { name: 'order', at: `/orders?open=${order}` },
    { name: 'order-new', at: '/orders', act: key('n') },
    { name: 'order-import', at: '/orders?do=import' },
    { name: 'merges', at: '/order-merges' },
    { name: 'order-split', at: `/orders?open=${several}`, act: key('q') },
    { name: 'blacklist', at: '/blacklist' },
    { name: 'print-desk', at: '/print-desk' },
    { name: 'deliveries', at: '/deliveries' },
    { name: 'deliveries-all', at: '/deliveries?tab=all' },
    { name: 'deliveries-paste', at: '/deliveries', act: key('i') },
    { name: 'order-memo', at: `/orders?open=${order}`, act: key('m') },
    { name: 'desk-problems', at: '/orders?tab=problem' },
    { name: 'desk-bulk', at: '/orders?tab=unconfirmed', act: select },
    { name: 'desk-order', at: `/orders?tab=problem&open=${problem}` },
    { name: 'desk-edit', at: `/orders?tab=problem&open=${problem}`, act: key('a') },
    { name: 'desk-rules', at: `/confirm-rules?shop=${shops['shanyu-tmall']}`, act: tried },
    ...(['warehouse', 'courier'] as const).map((tab) => ({
      name: `choice-${tab}`,
      at: `/choice-rules?tab=${tab}`,
      act: tried,
    })),
    { name: 'extra-refunds', at: '/extra-refunds' },
    { name: 'aftersale', at: '/aftersale' },
    { name: 'aftersale-bulk', at: '/aftersale', act: select },
    { name: 'aftersale-duty', at: '/aftersale', act: onFirst('y') },
    { name: 'refund-statistics', at: '/refund-statistics' },
    { name: 'refund-statistics-shop', at: '/refund-statistics?by=shop' },
    { name: 'intercepts', at: '/intercepts' },
    { name: 'intercepts-all', at: '/intercepts?tab=all' },
    { name: 'intercepts-money', at: '/intercepts', act: onFirst('n') },
    { name: 'put-backs', at: '/put-backs' },
    { name: 'put-backs-done', at: '/put-backs?tab=done' },
    { name: 'returns', at: '/returns' },
    { name: 'returns-all', at: '/returns?tab=all' },
    { name: 'return', at: '/returns', act: firstRow },
    { name: 'return-problem', at: '/returns?tab=problem', act: firstRow },
    { name: 'return-new', at: '/returns', act: key('n') },
    { name: 'receive-returns', at: '/receive-returns' },
    { name: 'receive-counting', at: '/receive-returns', act: counting },
    { name: 'unclaimed-parcels', at: '/unclaimed-parcels' },
    { name: 'unclaimed-parcel', at: '/unclaimed-parcels', act: firstRow },
    { name: 'unclaimed-parcel-new', at: '/unclaimed-parcels', act: key('n') },
    { name: 'gift-rules', at: '/gift-rules', act: tried },
    { name: 'waybill-rules', at: '/waybill-rules', act: tried },
    { name: 'bill-trades', at: '/bill-trades' },
    { name: 'bill-trades-all', at: '/bill-trades?tab=all' },
    { name: 'bill-trade', at: '/bill-trades', act: firstRow },
    { name: 'bill-import', at: '/bill-trades', act: key('i') },
    { name: 'bill-days', at: '/bill-days' },
    { name: 'reports', at: '/reports' },
    { name: 'report-couriers', at: '/reports?report=couriers' },
    {
      name: 'bill-causes',
      at: '/bill-days',
      act: async (page) => {
        await page.keyboard.press('j')
        await page.keyboard.press('Enter')
        await page.locator('.bill-causes').waitFor({ timeout: 4000 })
      },
    },
    { name: 'settlements', at: '/settlements' },
    { name: 'settlements-all', at: '/settlements?tab=all&created=3d' },
    { name: 'settlements-bulk', at: '/settlements', act: select },
    { name: 'settlements-order', at: `/orders?tab=voided&open=${voided}` },
    { name: 'products', at: '/products' },
    { name: 'product', at: `/products?open=${sku}` },
    { name: 'product-bundle', at: `/products?open=${bundle}` },
    { name: 'product-parts', at: `/products?open=${bundle}`, act: key('b') },
    { name: 'product-edit', at: `/products?open=${sku}`, act: key('e') },
    { name: 'products-import', at: '/products', act: importing },
    { name: 'listings', at: '/listings' },
    { name: 'listings-matched', at: '/listings?tab=matched' },
    { name: 'listings-bulk', at: '/listings', act: select },
    {
      name: 'listing-match',
      at: '/listings',
      act: async (page) => {
        await page.keyboard.press('j')
        await key('m')(page)
        await page.locator('.sku-choices > button').first().waitFor({ timeout: 4000 })
      },
    },
    { name: 'stock', at: '/stock' },
    { name: 'stock-open', at: '/stock', act: firstRow },
    { name: 'stock-document', at: '/stock-documents', act: firstRow },
    { name: 'stock-upload', at: '/stock-uploads', act: firstRow },
    { name: 'stock-documents', at: '/stock-documents' },
    { name: 'stock-document-new', at: '/stock-documents', act: key('n') },
    { name: 'count-tasks', at: '/count-tasks' },
    { name: 'count-task', at: '/count-tasks', act: firstRow },
    { name: 'count-new', at: '/count-tasks', act: key('n') },
    { name: 'bins', at: '/bins' },
    { name: 'waves', at: '/waves' },
    { name: 'warehouses', at: '/warehouses' },
    { name: 'stock-uploads', at: '/stock-uploads' },
    { name: 'stock-upload-shop', at: '/stock-uploads', act: key('s') },
    { name: 'shops', at: '/shops' },
    { name: 'shop', at: `/shops/${shops['yunqi-tmall']}` },
    { name: 'connect', at: '/shops/connect' },
    { name: 'tasks', at: '/tasks' },
    { name: 'tasks-settings', at: '/tasks?as=tasks&tab=all' },
    { name: 'batches', at: '/batches' },
    { name: 'users', at: '/users' },
    { name: 'roles', at: '/roles' },
    { name: 'keys', at: '/keys' },
    { name: 'audit', at: '/audit' },
    { name: 'account', at: '/account' },
    { name: 'palette', at: '/staged-trades', act: key('Control+k') },
    { name: 'key-sheet', at: '/staged-trades', act: key('?') },
    { name: 'not-found', at: '/nowhere' },
  ]
}
