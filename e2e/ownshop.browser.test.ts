import { after, test } from 'node:test'
import { sql } from 'kysely'
import { startSandbox } from '../sandbox/server.ts'
import { aTrade, control, ownshop } from '../sandbox/testing.ts'
import { until } from '../server/testing/until.ts'
import { appears, openBrowser, pictureFailures } from './browser.ts'
import { openHouse } from './house.ts'

/** The processes of the house share two busy processors with all other tests. */
const patienceMs = 60_000

// The merchant's own hands: connecting a mall, making its key, and the first trade, with the processes of a real house.
const house = await openHouse({ trades: {}, connected: false })
const mall = await startSandbox({ port: 0, seed: 'mall', shops: [ownshop] })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await mall.close()
  await house[Symbol.asyncDispose]()
})
const admin = await house.as(['*'])
const page = await chromium.open(`${house.url}/shops/connect`, admin)
pictureFailures(() => page)

test('a mall is connected by its address and its secret', async () => {
  await page.getByLabel('平台').selectOption({ label: '自有商城' })
  await page.getByLabel('店铺名称').fill('山隅官方商城')
  await page.getByLabel('商城接收通知的地址').fill(mall.url)
  await page.getByLabel(/^签名密钥/).fill(ownshop.appSecret)
  await page.getByRole('button', { name: '保存，下一步验证' }).click()
  await page.getByRole('button', { name: '验证', exact: true }).click()
  await appears(page.getByText('验证通过：测试商城'))
})

test('its page says where to post, and which permission the key needs', async () => {
  await page.goto(`${house.url}/shops`)
  await page.getByText('山隅官方商城').first().click()
  await appears(page.getByText(`${house.url}/api/malls/1`))
  await appears(page.getByText(/权限只要「推送自有商城的交易和退款」/))
})

test('a trade that the mall posts with such a key is staged, and push is on', async () => {
  const made = await admin.call('POST', '/api/api-keys', {
    ...{ name: '商城', permissions: ['trades.post'], shops: ['1'], expiresAt: null },
  })
  const { key } = Object(made.body)
  await control(mall, 'push-to', { shop: ownshop.key, url: `${house.url}/api/malls/1`, key })
  const isThere = async (rows: ReturnType<typeof sql>) => (await rows.execute(house.db)).rows.length === 1
  await until(() => isThere(sql`select from push_shop`), patienceMs)
  const tid = await aTrade(mall, ownshop.key)
  await until(() => isThere(sql`select from staged_trade where tid = ${tid}`), patienceMs)
  await appears(page.getByText('推送在线'), patienceMs)
})
