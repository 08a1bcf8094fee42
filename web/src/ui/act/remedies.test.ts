import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdReasons } from '../../../../server/orders/order/lifecycle.ts'
import { isPermission } from '../../../../server/users/permissions.ts'
import { needsOf } from '../../frame/menu.ts'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { remedyFor } = await import('./remedies.ts')
const { troubleText } = await import('../base/code-words.ts')
const { say } = await import('../../words.ts')

const held = (reason: string) =>
  remedyFor('orders', { code: 'on_hold', reason, ids: ['7'], nos: ['SO1'], refs: [] })

test('every hold that a change on the platform made leads to where changes are settled', () => {
  const byChange = Object.entries(holdReasons).flatMap(([reason, { by }]) =>
    by === 'difference' ? [reason] : [],
  )
  assert.ok(byChange.includes('line_left'))
  for (const reason of byChange)
    assert.deepEqual(held(reason), {
      words: ['去处理差异', 'Settle the changes'],
      to: '/orders?tab=differs&ids=7',
    })
  assert.equal(held('risk')?.to, '/orders?tab=held&ids=7')
})

test('the page of every remedy names the permission that opens it', () => {
  const refusals = {
    orders: ['on_hold', 'refund_open', 'address_changed', 'short', 'problem', 'locked', 'presale'],
    trades: ['refund_open', 'before_go_live', 'duplicate', 'shipped_elsewhere', 'already_converted'],
    deliveries: ['no_waybill', 'on_hold', 'refund_open'],
    refunds: ['no_original', 'original_fetching'],
    stock_uploads: ['upload_off', 'not_matched'],
  }
  for (const [list, codes] of Object.entries(refusals))
    for (const code of codes)
      for (const reason of Object.keys(holdReasons)) {
        const remedy = remedyFor(list, { code, reason, ids: [], nos: [], refs: [] })
        assert.ok(remedy, `${list} ${code}`)
        const needs = needsOf(remedy.to)
        assert.ok(needs.length > 0 && needs.every(isPermission), remedy.to)
      }
})

test("of a platform's answer a person reads its sentence, and never its codes", () => {
  const told = '15 · Remote service error · isv.logistics-offline-service-error:B01 · 订单不存在'
  assert.equal(troubleText(told, say), '订单不存在')
  assert.equal(troubleText('15 · Remote service error · isv.some-error', say), '平台拒绝了请求')
  assert.equal(troubleText('50001 · 业务服务错误 · 订单不存在', say), '业务服务错误，订单不存在')
  assert.equal(troubleText('包裹已揽收 · 不能改', say), '包裹已揽收 · 不能改')
  assert.equal(troubleText('timeout', say), '超时没有答复')
  assert.equal(troubleText('', say), '')
})
