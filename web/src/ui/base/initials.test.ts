import assert from 'node:assert/strict'
import { test } from 'node:test'
import { initialsOf, isTyped } from './initials.ts'

test('Chinese words have the initials that people type', () => {
  const words = [
    '快递',
    '仓库',
    '店铺',
    '收件人',
    '已发货',
    '备注',
    '旗标',
    '金额',
    '缺货',
    '退款',
    '物流',
    '省份',
    '应付',
    '昵称',
    '买家',
  ]
  assert.deepEqual(words.map(initialsOf), [
    ...['kd', 'ck', 'dp', 'sjr', 'yfh', 'bz', 'qb', 'je', 'qh', 'tk', 'wl', 'sf', 'yf', 'nc', 'mj'],
  ])
  assert.equal(initialsOf('SKU 编码'), 'skubm')
})

test('a word is found by a part of it, in either language, and by initials', () => {
  for (const typed of ['仓', 'ck', 'CK', 'ware', 'Warehouse', '库', ''])
    assert.equal(isTyped(['仓库', 'Warehouse'], typed), true, typed)
  for (const typed of ['店', 'kc', 'wms', 'house'])
    assert.equal(isTyped(['仓库', 'Warehouse'], typed), false, typed)
})
