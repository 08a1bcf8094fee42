import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { demoShops } from '../sandbox/demo-shops.ts'
import { appears, goes, openBrowser, pictureFailures } from './browser.ts'
import { openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-paipai': 5 }, connected: false })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const page = await chromium.open(`${house.url}/shops/connect`, await house.as(['*']))
pictureFailures(() => page)
const { appKey = '', appSecret = '' } = demoShops.find(({ platform }) => platform === 'paipai') ?? {}

test('a shop of a platform without a page to agree on is not connected by a wrong token', async () => {
  await page.getByLabel('平台').selectOption({ label: '拍拍' })
  await page.getByLabel('店铺名称').fill('练习店')
  await page.getByLabel('卖家 QQ 号').fill(appKey)
  await page.getByLabel('appOAuthID').fill(appKey)
  await page.getByLabel('appOAuthkey').fill(appSecret)
  await page.getByLabel('accessToken').fill('a-token-of-nobody')
  await page.getByText('高级：地址与签名').click()
  await page.getByLabel('接口地址').fill(`${house.sandbox.url}/`)
  await page.getByRole('button', { name: '保存，下一步验证' }).click()
  await page.getByRole('button', { name: '验证', exact: true }).click()
  await appears(page.getByRole('alert'))
  await appears(page.getByText('未授权').first())
})

test('its keys alone connect it, once they are right', async () => {
  await page.getByLabel('accessToken').fill(appSecret)
  await page.getByRole('button', { name: '保存密钥' }).click()
  await appears(page.getByText('密钥已保存'))
  // The refusal was about the former token.
  await goes(page.getByRole('alert'))
  await page.getByRole('button', { name: '验证', exact: true }).click()
  await appears(page.getByText('验证通过：山隅家居拍拍店'))
  await appears(page.getByText('已连接').first())
})

test('the shop’s settings offer no report of cancels, which the platform would never hear, and say why', async () => {
  await appears(page.getByText(/^拍拍没有「已取消发货」的接口/))
  assert.equal(await page.getByLabel(/^上报取消发货/).count(), 0)
  assert.equal(await page.getByLabel(/^未付款也可转/).count(), 1)
})

test('a waybill account of a platform whose e-waybills are not connected is refused with the other way, and nothing to try again', async () => {
  await page.goto(`${house.url}/waybill-accounts`)
  await page.getByRole('button', { name: /新增账号/ }).click()
  const dialog = page.getByRole('dialog', { name: '新增电子面单账号' })
  await appears(dialog.getByText('拍拍的电子面单还没有接上，它的订单在发货单上填运单号'))
  assert.equal(await dialog.getByRole('button', { name: '重试' }).count(), 0)
})

test('a user who may not change the shop is not shown the usual addresses of the platform as those of the shop', async () => {
  const reader = await chromium.open(`${house.url}/shops`, await house.as(['shops.read']))
  await reader.getByText('练习店').first().click()
  await appears(reader.getByLabel('接口地址'))
  assert.equal(await reader.getByLabel('接口地址').inputValue(), '')
  await page.goto(reader.url())
  await appears(page.getByLabel('接口地址'))
  assert.equal(await page.getByLabel('接口地址').inputValue(), `${house.sandbox.url}/`)
})
