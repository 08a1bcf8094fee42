import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

/** Three trades of one buyer. The platform masks all alike, but one has another address. */
const now = Math.floor(Date.now() / 1000)
const shop = house.sandbox.world.shops[0] ?? assert.fail()
const tids = ['2948105733600009001', '2948105733600009002', '2948105733600009003'] as const
for (const [at, tid] of tids.entries())
  await house.control('trades', {
    shop: 'shanyu-tmall',
    tid,
    status: 'WAIT_SELLER_SEND_GOODS',
    type: 'fixed',
    lines: 1,
    memo: '',
    flag: 0,
    created: now - 7200,
    receiver: {
      ...{
        name: '王小明',
        mobile: '13800001234',
        state: '浙江省',
        city: '杭州市',
        district: '西湖区',
        town: '',
      },
      address: `文一路 ${at === 2 ? 8 : 1} 号`,
    },
  })
const [first = assert.fail()] = tids.map((tid) => shop.trades.get(tid)?.buyer)
for (const tid of tids) Object.assign(shop.trades.get(tid) ?? {}, { buyer: first })
// All of them have a line whose outer code is one of our SKUs.
const listing = shop.listings.find(({ skus }) => (skus[0]?.outerId ?? '') !== '') ?? assert.fail()
const sku = listing.skus[0] ?? assert.fail()
for (const tid of tids) Object.assign(shop.trades.get(tid)?.lines[0] ?? {}, { listing, sku })
await asked(house.admin, 'POST', '/api/skus', { rows: [{ code: sku.outerId, name: '四件套', spec: '雾蓝' }] })
await asked(house.admin, 'POST', '/api/warehouses', {
  ...{ code: 'W1', name: '杭州仓', kind: 'own', province: '', city: '', priority: 1 },
})
await house.download()
type Rows<Row> = { rows: Row[] }
const staged = await asked<Rows<{ id: string }>>(house.admin, 'GET', '/api/staged-trades?limit=50')
await asked(house.admin, 'POST', '/api/staged-trades/convert', { ids: staged.rows.map(({ id }) => id) })
const { rows: orders } = await asked<Rows<{ id: string; no: string; tid: string }>>(
  house.admin,
  'GET',
  '/api/orders?tab=all&limit=50',
)
const noOf = (tid: string) => orders.find((order) => order.tid === tid)?.no ?? assert.fail(tid)
const [one, two, other] = tids.map(noOf)

const page = await chromium.open(`${house.url}/order-merges`, house.admin)
pictureFailures(() => page)
const drawer = page.getByRole('dialog', { name: /^销售订单/ })

test('the platform is asked which of the masked receivers are one, and the suggestions follow', async () => {
  await house.run('ask_receivers')
  await page.reload()
  await listIsReady(page)
  await appears(rowsOf(page).getByTitle(`${one} + ${two}`))
  await appears(rowsOf(page).getByText(`${other} 平台说收件信息不同（OAID），不能合`))
})

test('an order shows who goes to its receiver, why not all leave together, and is merged from there', async () => {
  const { id } = orders.find(({ no }) => no === one) ?? assert.fail()
  await page.goto(`${house.url}/orders?tab=all&open=${id}`)
  const related = drawer.getByRole('region', { name: '关联单据' })
  await appears(related.getByText('可合单'))
  await appears(related.getByText('平台说收件信息不同（OAID），不能合'))
  await drawer.getByRole('button', { name: '合单', exact: true }).click()
  await appears(related.getByText('同包裹'))
  await goes(related.getByText('可合单'))
  await related.getByRole('link', { name: two ?? '' }).click()
  await appears(drawer.getByRole('region', { name: '关联单据' }).getByRole('link', { name: one ?? '' }))
})

test('what could be merged is a check of the rules, with what it waits for', async () => {
  await page.goto(`${house.url}/confirm-rules`)
  await page.getByLabel('可合单').check()
  await page.getByLabel('等买家再下单，分钟').fill('30')
  await page.getByLabel('有未付款的就等').check()
  await page.getByRole('button', { name: '保存' }).click()
  await appears(page.getByText('规则已保存，下次执行起生效'))
})
