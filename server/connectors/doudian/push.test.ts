import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzzed } from '../../testing/push/fuzzed.ts'
import { push, signOf } from './push.ts'

const app = { appKey: '7000000000000000001', appSecret: 'secret' }
const read = (body: string, sign = signOf(app, body)) =>
  push.readPost(app, { query: {}, headers: { 'event-sign': sign }, body })

const paid =
  '[{"tag":"101","msg_id":"7000000000000000001:0:101:1700000000:1","data":"{\\"p_id\\":4710000000000000001,\\"shop_id\\":4463798}"}]'

test('messages are read from a body that the app’s secret has signed, numbers as they came', () => {
  assert.deepEqual(read(paid), {
    kind: 'taken',
    messages: [
      {
        id: '7000000000000000001:0:101:1700000000:1',
        topic: '101',
        shops: ['4463798'],
        hint: { kind: 'trade', tid: '4710000000000000001' },
        raw: paid.slice(1, -1),
      },
    ],
    reply: '{"code":0,"msg":"success"}',
  })
  const refund = read(
    '[{"tag":"206","msg_id":"8","data":"{\\"p_id\\":4710000000000000001,\\"aftersale_id\\":7300000000000000009}"}]',
  )
  assert.ok(refund.kind === 'taken')
  assert.deepEqual(
    refund.messages.map(({ hint }) => hint),
    [{ kind: 'refund', refundId: '7300000000000000009', tid: '4710000000000000001' }],
  )
})

test('the test of the address is answered and kept by nobody, and a signed body that is no list is kept once', () => {
  assert.deepEqual(read('[{"tag":"0","msg_id":"0","data":"2020-09-10T16:28:54+08:00"}]'), {
    kind: 'taken',
    messages: [],
    reply: '{"code":0,"msg":"success"}',
  })
  const odd = read('{"tag":')
  assert.ok(odd.kind === 'taken')
  assert.deepEqual(
    odd.messages.map(({ hint, raw }) => [hint.kind, raw]),
    [['other', '{"tag":']],
  )
})

test('a body of another is forged, and no body throws', () => {
  assert.deepEqual(read(paid.replace('4710', '4711'), signOf(app, paid)), { kind: 'forged' })
  assert.deepEqual(read(paid, ''), { kind: 'forged' })
  assert.deepEqual(push.readPost(app, { query: {}, headers: {}, body: '' }), { kind: 'forged' })
  fuzzed(paid, (body) => read(body))
})
