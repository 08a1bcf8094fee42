import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testApp } from '../server/testing/app.ts'
import { isSignedWith, program, sendDue } from '../server/webhooks/testing.ts'
import { appears, openBrowser } from './browser.ts'

test('a person makes a subscription, copies its secret, tests it, and sends again what was not taken', async () => {
  await using house = await testApp({ SIMULATOR: '1' })
  await using receiver = await program()
  await using chromium = await openBrowser()
  const page = await chromium.open(`${house.url}/webhooks`, await house.as(['*']))
  const shot = async (name: string) => {
    const folder = process.env['SHOTS']
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
  }
  await appears(page.getByText('还没有程序在接收事件'))
  await page.locator('[data-action="add"]').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^名称/).fill('进销存')
  await dialog.getByLabel('接收地址').fill(`${receiver.url}/hook`)
  await shot('form')
  await dialog.getByRole('button', { name: '保存', exact: true }).click()
  const secret = (await dialog.getByText(/^whsec_/).textContent()) ?? ''
  await shot('secret')
  await dialog.getByRole('button', { name: '关闭' }).last().click()
  const row = page.getByRole('row').filter({ hasText: '进销存' })
  await row.getByRole('button', { name: '发测试' }).click()
  await appears(page.getByText(/测试事件 \d+ 毫秒送到 进销存/))
  const [tested] = receiver.got
  assert.ok(tested && isSignedWith(secret, tested))
  await sql`
    insert into webhook_message (subscription_id, kind, document, no, data)
    select id, 'order.shipped', 'order:7', 'SO2611290000007', '{"id":"7","no":"SO2611290000007"}' from webhook_subscription`.execute(
    house.db,
  )
  receiver.answers.push({ status: 500 })
  await sendDue(house)
  await appears(row.getByText('接收方答 HTTP 500'), 15_000)
  await shot('list')
  await row.getByRole('link', { name: '记录' }).click()
  const message = page.getByText('SO2611290000007').first()
  await appears(message)
  await shot('messages')
  await message.click()
  await appears(page.getByText('"type": "order.shipped"'))
  await shot('drawer')
  await page.getByRole('button', { name: /^重发/ }).last().click()
  const sure = page.getByRole('dialog').last()
  await sure.getByRole('button', { name: /重发/ }).last().click()
  await appears(page.getByText('1 条重新推送'))
  await sendDue(house)
  assert.deepEqual(receiver.ids().slice(1), [receiver.ids()[1], receiver.ids()[1]])
  assert.deepEqual(chromium.faults, [])
})
