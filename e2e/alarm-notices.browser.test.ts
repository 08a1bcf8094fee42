import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expiredShops, noticeApp, receiver, turn } from '../server/alarms/notices/testing.ts'
import { until } from '../server/testing/until.ts'
import { appears, openBrowser } from './browser.ts'

test('a person who may set up tasks adds a robot, tests it, and reads when and why a message did not arrive', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  await using chromium = await openBrowser()
  const page = await chromium.open(`${house.url}/alarm-channels`, await house.as(['tasks.write']))
  await appears(page.getByText('告警只在总览上看得到'))
  await page.locator('[data-action="add"]').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('名称').fill('值班群')
  await dialog.getByLabel('Webhook 地址').fill(`${robot.url}/robot/send?access_token=a`)
  await dialog.getByLabel(/^加签密钥/).fill('SEC0123')
  await dialog.getByRole('button', { name: '保存', exact: true }).click()
  const row = page.getByRole('row').filter({ hasText: '值班群' })
  await appears(row.getByText('还没发过'))
  await row.getByRole('button', { name: '发测试' }).click()
  await appears(page.getByText('测试消息已发到 值班群'))
  await appears(row.getByText('正常'))
  assert.match(robot.bodies()[0].text.content, /^【测试】三易告警通知\n“值班群” 能收到告警。\n/)
  await expiredShops(house, 1)
  robot.answers.push({ status: 200, text: '{"errcode":310000,"errmsg":"sign not match"}' })
  await turn(house)
  await appears(row.getByText('接收方拒绝：sign not match (310000) · 1 条在等'), 15_000)
  await until(async () => {
    await turn(house)
    return robot.got.length === 3
  })
  await appears(row.getByText('正常'), 15_000)
  assert.match(robot.bodies()[2].text.content, /^【严重】店铺 1授权/)
  assert.deepEqual(chromium.faults, [])
})

test('the key of a watchdog is named as its own among the API keys, and to revoke it says what follows', async () => {
  await using house = await noticeApp()
  const boss = await house.as(['tasks.write', 'api_keys.write', 'watchdogs.serve'])
  const key = { name: '报表程序', permissions: ['tasks.write'], shops: 'all', expiresAt: null }
  for (const [path, body] of [
    ['/api/watchdogs', { name: '路由器旁' }],
    ['/api/api-keys', key],
  ] as const)
    assert.equal((await boss.call('POST', path, body)).status, 201)
  await using chromium = await openBrowser()
  const page = await chromium.open(`${house.url}/keys`, boss)
  const row = (name: string) => page.getByRole('row').filter({ hasText: name })
  await appears(row('路由器旁').getByRole('link', { name: '看门狗自己的' }))
  assert.equal(await row('报表程序').getByRole('link').count(), 0)
  await row('路由器旁').getByRole('button', { name: '作废…' }).click()
  await appears(page.getByRole('dialog').getByText(/^这是看门狗的密钥/))
  await page.keyboard.press('Escape')
  await row('报表程序').getByRole('button', { name: '作废…' }).click()
  await appears(page.getByRole('dialog').getByText('用它的程序马上不能再调用。'))
  assert.deepEqual(chromium.faults, [])
})
