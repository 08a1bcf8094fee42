import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maskName, maskPhone, withoutPhones } from './mask.ts'

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

test('a mobile number in a message is masked with a country code and without, and no longer number is taken for one', () => {
  const masks = {
    '打 13812345678': '打 138****5678',
    '138 1234 5678，或138-1234-5678': '138****5678，或138****5678',
    '+8613812345678': '+86138****5678',
    '008613812345678 微信同号': '0086138****5678 微信同号',
    '+86 138 1234 5678': '+86 138****5678',
    '电话86-13812345678': '电话86-138****5678',
    '交易 2948105733000000001': '交易 2948105733000000001',
    '单号 7813812345678，12812345678': '单号 7813812345678，12812345678',
  }
  for (const [text, mask] of Object.entries(masks)) assert.equal(withoutPhones(text), mask)
})
