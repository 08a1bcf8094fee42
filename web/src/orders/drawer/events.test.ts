import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Say } from '../../words.ts'
import type { OrderEvent } from '../types.ts'
import { orderTimeline } from './events.ts'

const fill = (text: string, values: object = {}) =>
  Object.entries(values).reduce((all, [name, value]) => all.replace(`{${name}}`, String(value)), text)
const inChinese: Say = (words, values) => fill('zh' in words ? words.zh : words[0], values)

const said = (detail: object, event = 'number_asked') => {
  const told = {
    id: '1',
    event,
    detail,
    actorName: '周倩',
    at: '2026-11-28T03:00:00Z',
  } as OrderEvent
  return orderTimeline([told], [], inChinese).map(({ text }) => text)
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

test('a failed write-back names courier and waybill before the failure with its remedy', () => {
  assert.deepEqual(
    said({ courier: 'SF', failure: 'waybill_invalid', waybillNo: 'SF1' }, 'write_back_failed'),
    ['回写失败：顺丰速运，SF1，平台不接受这个运单号。撤销发货，改运单号再发'],
  )
})
