// A picture of every page, for people to look at: node e2e/pictures.ts <folder> [pattern of pictures' names]
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { ruleDemo } from '../server/orders/demo.ts'
import { until } from '../server/testing/until.ts'
import { setupLink } from '../server/users/setup.ts'
import { type Looks, openBrowser } from './browser.ts'
import { asked, type House, openHouse } from './house.ts'

const [target = 'data/pictures', part = ''] = process.argv.slice(2)
const wanted = new RegExp(part)
const folder = resolve(target)

const looks: (Looks & { name: string })[] = (['zh', 'en'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((theme) =>
    ([1440, 1280] as const).map((width) => ({
      name: `${language}-${theme}-${width}`,
      language,
      theme,
      width,
      height: width === 1440 ? 900 : 800,
    })),
  ),
)

type Shot = { name: string; at: string; act?: (page: Page) => Promise<void> }

await mkdir(folder, { recursive: true })
await using house = await openHouse({
  trades: { 'shanyu-tmall': 160, 'shanyu-taobao': 120, 'yunqi-tmall': 80, 'shanyu-pdd': 80 },
  spreadSeconds: 3 * 86_400,
  awake: true,
})
await using chromium = await openBrowser()
const link = (await setupLink(house.db, house.url)) ?? `${house.url}/setup`
await lively(house)
const shots = await shotsOf(house)
for (const look of looks) {
  const page = await chromium.open(house.url, house.admin, look)
  for (const shot of shots) {
    const name = `${shot.name}-${look.name}`
    if (!wanted.test(name)) continue
    await page.goto(house.url + shot.at)
    await settled(page)
    await shot.act?.(page).catch((error: unknown) => console.log(`${name}: ${String(error).split('\n')[0]}`))
    await settled(page)
    await page.screenshot({ path: join(folder, `${name}.png`) })
  }
  await page.context().close()
  const outside = await chromium.open(`${house.url}/sign-in`, undefined, look)
  for (const [name, at] of [
    ['sign-in', `${house.url}/sign-in`],
    ['setup', link],
  ] as const) {
    if (!wanted.test(`${name}-${look.name}`)) continue
    await outside.goto(at)
    await settled(outside)
    await outside.screenshot({ path: join(folder, `${name}-${look.name}.png`) })
  }
  await outside.context().close()
  console.log(look.name)
}
for (const fault of new Set(chromium.faults)) console.log(fault)

async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]')).catch(() => undefined)
  await page.waitForTimeout(250)
}

/** Orders, holds, memos, refunds of every state, one shop whose authorisation ended. */
async function lively({ admin, control, db, run, sandbox, shops }: House): Promise<void> {
  await sql`update role set name = '主管', name_en = 'Lead' where length(name) > 40`.execute(db)
  await sql`update app_user set email = 'linxiao@example.com' where id = ${admin.userId}::bigint`.execute(db)
  type Rows = { rows: { id: string }[]; next: string | null }
  await until(async () => {
    const { tabs } = await asked<{ tabs: Record<string, { count: number }> }>(
      admin,
      'GET',
      '/api/staged-trades/counts',
    )
    return (tabs['staged']?.count ?? 0) > 150 && tabs['fetching']?.count === 0
  }, 90_000)
  const ready = await asked<Rows>(admin, 'GET', '/api/staged-trades?limit=60&reason=none')
  const ids = ready.rows.map((row) => row.id)
  await asked(admin, 'POST', '/api/staged-trades/convert', { ids })
  await catalogued(admin)
  await chosen(admin, db)
  await stocked(admin)
  const orders = (await asked<Rows>(admin, 'GET', '/api/orders?limit=60')).rows.map((row) => row.id)
  await asked(admin, 'POST', '/api/orders/hold', {
    ids: orders.slice(0, 4),
    reason: 'ask_buyer',
    note: '尺码待确认',
  })
  await asked(admin, 'POST', '/api/orders/void', { ids: orders.slice(4, 6), reason: '买家重拍了' })
  await asked(admin, 'POST', '/api/extra-refunds', {
    orderId: orders[8],
    kind: 'compensation',
    amountFen: 500,
    reason: '少发一件配件',
  })
  const drafts = (await asked<Rows>(admin, 'GET', '/api/settlements?limit=1')).rows.map((row) => row.id)
  await asked(admin, 'POST', '/api/settlements/approve', { ids: drafts })
  await asked(admin, 'POST', '/api/orders/urgent', { ids: orders.slice(10, 12) })
  await asked(admin, 'POST', '/api/orders/lock', { ids: orders.slice(11, 13) })
  await ruled(admin, shops['shanyu-tmall'] ?? '')
  await run('auto_confirm', { shop: 'shanyu-tmall' })
  await twice(admin)
  await shipped(admin, orders.slice(20))
  const rest = await asked<Rows>(admin, 'GET', '/api/staged-trades?limit=5')
  await asked(admin, 'POST', '/api/staged-trades/process', {
    ids: rest.rows.slice(0, 2).map((row) => row.id),
  })
  await asked(admin, 'POST', '/api/batches', {
    action: 'trades.convert',
    target: { filter: { tab: 'blocked' } },
  })
  for (const shop of ['shanyu-tmall', 'shanyu-taobao', 'shanyu-pdd'])
    await control('advance', { events: 60, births: 6, shop })
  await control('hostile', { shop: 'shanyu-taobao' })
  // The platform's lists are sure of a change only some seconds later.
  await sleep(4000)
  await run('trade_list', { shop: 'shanyu-taobao' })
  await run('trade_detail', { shop: 'shanyu-taobao' })
  await run('refund_list')
  await control('expire-session', { shop: 'yunqi-tmall' })
  sandbox.world.refreshTokens.clear()
  await run('trade_list', { shop: 'yunqi-tmall' }).catch(() => undefined)
}

/** One shop confirms by itself, by a rule for the sale and one for every day. */
async function ruled(admin: House['admin'], shopId: string): Promise<void> {
  const path = `/api/confirm-rules/${shopId}`
  const { usual } = await asked<{ usual: Record<string, object> }>(admin, 'GET', path)
  const checks = { ...usual, amount_above: { on: true, yuan: 300 }, delay: { on: false } }
  const sale = { name: '双11', from: '2026-11-10T16:00:00Z', to: '2026-11-11T16:00:00Z', enabled: true }
  const rules = [
    { ...sale, checks },
    { name: '平日', from: null, to: null, enabled: true, checks },
  ]
  await asked(admin, 'PUT', path, { version: 0, rules })
}

/** SKUs for most of the goods that the shops sell, one of them a bundle, one retired. */
async function catalogued(admin: House['admin']): Promise<void> {
  type Seen = { outerSkuId: string; outerItemId: string; title: string; spec: string; pictureUrl: string }
  const { rows } = await asked<{ rows: Seen[] }>(admin, 'GET', '/api/listings?limit=200')
  const skus = new Map<string, object>()
  for (const [n, { outerSkuId, outerItemId, title, spec, pictureUrl }] of rows.slice(0, 120).entries()) {
    if (outerSkuId === '' || n % 7 === 3) continue
    skus.set(outerSkuId, {
      code: outerSkuId,
      productCode: outerItemId || outerSkuId,
      name: title.replace(/^【[^】]*】/, ''),
      spec,
      pictureUrl,
      category: ['床品', '家居', '收纳'][n % 3],
      brand: '山隅',
      priceFen: 3900 + n * 700,
      referenceFen: 2900 + n * 500,
      weightG: 200 + n * 45,
      barcodes: [`69012345${String(10_000 + n)}`],
    })
  }
  const made = await asked<{ results: { id: string }[] }>(admin, 'POST', '/api/skus', {
    rows: [
      ...skus.values(),
      { code: 'SY-SET-1', name: '新居套餐', spec: '床品两件', category: '套餐', priceFen: 39_900 },
    ],
  })
  const ids = made.results.map((one) => one.id)
  const parts = ids.slice(0, 3).map((skuId, n) => ({ skuId, quantity: n + 1 }))
  await asked(admin, 'PUT', '/api/skus/parts', { rows: [{ id: ids.at(-1), parts }] })
  await asked(admin, 'POST', '/api/skus/retire', { ids: ids.slice(5, 7) })
}

/** Two warehouses, the demo's rules, and orders that went by them. */
async function chosen(admin: House['admin'], db: House['db']): Promise<void> {
  for (const [code, name] of [
    ['HZ', '杭州仓'],
    ['GZ', '广州仓'],
  ]) {
    const place = { province: '', city: '', kind: 'own', priority: 10 }
    await asked(admin, 'POST', '/api/warehouses', { code, name, ...place })
  }
  await ruleDemo(db)
  const { rows } = await asked<{ rows: { id: string }[] }>(admin, 'GET', '/api/orders?limit=40')
  await asked(admin, 'POST', '/api/orders/choose', {
    ids: rows.map(({ id }) => id),
    what: 'both',
  })
}

/** Goods in the first warehouse, by an adjustment; another one waits to be approved. */
async function stocked(admin: House['admin']): Promise<void> {
  type Skus = { rows: { code: string; partCount: number }[] }
  const { rows: skus } = await asked<Skus>(admin, 'GET', '/api/skus?limit=100')
  const { rows: places } = await asked<{ rows: { id: string }[] }>(admin, 'GET', '/api/warehouses')
  const single = skus.filter(({ partCount }) => partCount === 0)
  const lines = single.slice(0, 60).map(({ code }, n) => ({ skuCode: code, quantity: 5 + ((n * 7) % 90) }))
  const write = (of: object[], note: string) =>
    asked<{ id: string }>(admin, 'POST', '/api/stock-documents', {
      kind: 'adjustment',
      warehouseId: places[0]?.id,
      lines: of,
      note,
    })
  const { id } = await write(lines, '期初库存')
  await write(lines.slice(0, 3), '盘盈')
  for (const step of ['approve', 'post'])
    await asked(admin, 'POST', `/api/stock-documents/${step}`, { ids: [id] })
}

/** Buyers who order twice, one of them with something that keeps the second order apart; and an order in two parts. */
async function twice(admin: House['admin']): Promise<void> {
  type Rows = { rows: { id: string }[] }
  const { rows } = await asked<Rows>(
    admin,
    'GET',
    '/api/orders?limit=12&tab=unconfirmed&held=false&short=false',
  )
  const copies = rows.slice(0, 3).flatMap(({ id }, n) =>
    Array.from({ length: n + 1 }, (_, at) => ({
      key: `picture-${n}-${at}`,
      orderId: id,
      kind: 'copy',
      lines: [{ lineNo: 1, quantity: 1 }],
    })),
  )
  type Made = { results: { id?: string }[] }
  const made = await asked<Made>(admin, 'POST', '/api/orders/copy', { copies })
  const last = made.results.at(-1)?.id
  await asked(admin, 'POST', '/api/orders/hold', { ids: [last], reason: 'ask_buyer' })
  const several = await asked<Rows>(admin, 'GET', '/api/orders?limit=1&tab=unconfirmed&severalLines=true')
  const parts = [{ lines: [{ lineNo: 1, quantity: 1 }] }]
  await asked(admin, 'POST', '/api/orders/split', { splits: [{ id: several.rows[0]?.id, parts }] })
}

/** Confirmed and released what can be; of that some shipped, some with a waybill, some without. */
async function shipped(admin: House['admin'], ids: string[]): Promise<void> {
  type Deliveries = { rows: { id: string; orderNo: string }[] }
  await asked(admin, 'POST', '/api/orders/confirm', { ids })
  await asked(admin, 'POST', '/api/orders/release', { ids })
  const { rows } = await asked<Deliveries>(admin, 'GET', '/api/deliveries?tab=pending&limit=50')
  const some = rows.slice(0, Math.ceil(rows.length / 2))
  const text = some.map(({ orderNo }, n) => `${orderNo} 中通 7830000000${10 + n}`).join('\n')
  await asked(admin, 'POST', '/api/deliveries/import', { text, ship: false })
  await asked(admin, 'POST', '/api/deliveries/ship', { ids: some.slice(1).map(({ id }) => id) })
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
    { name: 'aftersale', at: '/aftersale' },
    { name: 'intercepts', at: '/intercepts?tab=all' },
    { name: 'put-backs', at: '/put-backs?tab=all' },
    { name: 'refund-statistics', at: '/refund-statistics' },
    { name: 'deliveries', at: '/deliveries' },
    { name: 'deliveries-all', at: '/deliveries?tab=all' },
    { name: 'deliveries-paste', at: '/deliveries', act: key('i') },
    { name: 'order-memo', at: `/orders?open=${order}`, act: key('m') },
    { name: 'desk-problems', at: '/orders?tab=problem' },
    { name: 'desk-bulk', at: '/orders?tab=unconfirmed', act: select },
    { name: 'desk-order', at: `/orders?tab=problem&open=${problem}` },
    { name: 'desk-edit', at: `/orders?tab=problem&open=${problem}`, act: key('a') },
    {
      name: 'desk-rules',
      at: `/confirm-rules?shop=${shops['shanyu-tmall']}`,
      act: async (page) => {
        await page.keyboard.press('t')
        await page.locator('.dry-sum').waitFor({ timeout: 4000 })
      },
    },
    ...(['warehouse', 'courier'] as const).map((tab) => ({
      name: `choice-${tab}`,
      at: `/choice-rules?tab=${tab}`,
      act: async (page: Page) => {
        await page.keyboard.press('t')
        await page.locator('.dry-sum').waitFor({ timeout: 4000 })
      },
    })),
    { name: 'extra-refunds', at: '/extra-refunds' },
    { name: 'aftersale', at: '/aftersale' },
    { name: 'refund-statistics', at: '/refund-statistics' },
    { name: 'intercepts', at: '/intercepts' },
    { name: 'put-backs', at: '/put-backs' },
    { name: 'returns', at: '/returns' },
    { name: 'receive-returns', at: '/receive-returns' },
    { name: 'unclaimed-parcels', at: '/unclaimed-parcels' },
    { name: 'gift-rules', at: '/gift-rules' },
    { name: 'bill-trades', at: '/bill-trades' },
    { name: 'bill-days', at: '/bill-days' },
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
