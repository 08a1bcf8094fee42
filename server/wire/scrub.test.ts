import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scrub } from './scrub.ts'

test('no mobile number stays in the text of a platform, with a country code or without, and order numbers stay', () => {
  const texts = {
    '收件人 13812345678 无效': '收件人 *** 无效',
    '收件人 +8613812345678 无效': '收件人 *** 无效',
    'mobile 0086 13812345678': 'mobile ***',
    '交易 2948105733000000001 已关闭': '交易 2948105733000000001 已关闭',
  }
  for (const [text, clean] of Object.entries(texts)) assert.equal(scrub(text, []), clean)
})
