import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskName, maskPhone } from './mask.ts'

test('a phone number never shows all of its digits, with an area code or without', () => {
  const masks = {
    '13812341234': '138****1234',
    '0571-88881234': '057****1234',
    '88881234': '****1234',
    '8888123': '****8123',
    '95588': '***88',
    '138****1234': '138****1234',
    '': '',
  }
  for (const [phone, mask] of Object.entries(masks)) assert.equal(maskPhone(phone), mask, phone)
})

test('a name shows its first character, and none if it has only one', () => {
  assert.deepEqual(['王小明', '王', '欧阳小明', '王**'].map(maskName), ['王**', '*', '欧**', '王**'])
})
