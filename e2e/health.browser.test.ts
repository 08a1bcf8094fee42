import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { noticeApp } from '../server/alarms/notices/testing.ts'
import { appears, openBrowser } from './browser.ts'

test('an administrator reads how the installation is, looks again, and goes where it is mended', async () => {
  await using house = await noticeApp()
  await using chromium = await openBrowser()
  const page = await chromium.open(`${house.url}/health`, await house.as(['tasks.write']))
  await appears(page.getByText('2 处要处理，0 处要留意'))
  await appears(page.getByText('两分钟没有网页进程'))
  await appears(page.getByText('没有告警通知'))
  await sql`
    insert into house_process (name, kind, ahead_ms, free_bytes, size_bytes)
    values ('here:1:a', 'web', 12, 50e9, 100e9), ('here:2:b', 'worker', 0, 50e9, 100e9)`.execute(house.db)
  // An answer is kept for five seconds, for all who ask.
  await page.waitForTimeout(5100)
  await page.getByRole('button', { name: '再看一次' }).click()
  await appears(page.getByText('一切正常'))
  await appears(page.getByText('与数据库的时钟最多差 12 ms'))
  await page
    .getByRole('row')
    .filter({ hasText: '没有告警通知' })
    .getByRole('button', { name: '去设置' })
    .click()
  await appears(page.getByText('告警只在总览上看得到'))
  await page.goBack()
  const audit = page.getByRole('row').filter({ hasText: '审计日志' })
  await appears(audit.getByText('一直留着'))
  await appears(page.getByText('每晚记一次，明天起看得到涨了多少'))
  assert.deepEqual(chromium.faults, [])
})
