import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Say } from '../../words.ts'
import type { OrderEvent } from '../types.ts'
import { orderTimeline } from './events.ts'

const fill = (text: string, values: object = {}) =>
  Object.entries(values).reduce((all, [name, value]) => all.replace(`{${name}}`, String(value)), text)
const inChinese: Say = (words, values) => fill('zh' in words ? words.zh : words[0], values)

const said = (detail: object) => {
  const event = {
    id: '1',
    event: 'number_asked',
    detail,
    actorName: '周倩',
    at: '2026-11-28T03:00:00Z',
  } as OrderEvent
  return orderTimeline([event], [], inChinese).map(({ text }) => text)
}

test('a number that was asked for names the rule that chose its account, and says if none did', () => {
  assert.deepEqual(said({ courier: 'SF', account: '余杭网点', numberRule: 3 }), [
    '取电子面单号：顺丰速运，取号规则 3 选了余杭网点',
  ])
  assert.deepEqual(said({ courier: 'SF', account: '', numberRule: 3 }), [
    '取电子面单号：顺丰速运，取号规则 3 选的',
  ])
  assert.deepEqual(said({ courier: 'SF', account: '余杭网点', numberRule: 0 }), [
    '取电子面单号：顺丰速运，余杭网点，没有取号规则收它',
  ])
  assert.deepEqual(said({ courier: 'SF' }), ['取电子面单号：顺丰速运'])
})
