import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoShops } from '../../../sandbox/demo-shops.ts'
import { posterOf } from '../../../sandbox/push/posted.ts'
import { fuzzed } from '../../testing/push/fuzzed.ts'
import { push, signOf } from './push.ts'

const plain = { appId: 'wx1', pushToken: 'wxdemotoken', pushKey: '' }
const signed = {
  signature: '958b47917f4bc2109f0a498caada457b5525f55c',
  timestamp: '1700000000',
  nonce: 'nonce123',
}
const paid =
  '{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1662480000,"MsgType":"event","Event":"channels_ec_order_pay","order_info":{"order_id":3700000000000000001,"pay_time":1658509200}}'

test('the platform’s test of the address is answered with its own text', () => {
  assert.equal(signOf(['wxdemotoken', '1700000000', 'nonce123']), signed.signature)
  assert.deepEqual(push.readPost(plain, { query: { ...signed, echostr: '451' }, headers: {}, body: '' }), {
    kind: 'taken',
    messages: [],
    reply: '451',
  })
  for (const query of [{ ...signed, nonce: 'another' }, {}])
    assert.deepEqual(push.readPost(plain, { query, headers: {}, body: '' }), { kind: 'forged' })
})

test('without a token nothing is believed, because anybody can sign with none', () => {
  const query = { signature: signOf(['', '1', '2']), timestamp: '1', nonce: '2', echostr: '451' }
  assert.deepEqual(push.readPost({ ...plain, pushToken: '' }, { query, headers: {}, body: '' }), {
    kind: 'forged',
  })
})

test('a message of the plain mode is read, and comes twice as one', () => {
  const answer = push.readPost(plain, { query: signed, headers: {}, body: paid })
  assert.ok(answer.kind === 'taken')
  assert.equal(answer.reply, 'success')
  assert.deepEqual(
    answer.messages.map(({ id: _, ...message }) => message),
    [
      {
        topic: 'channels_ec_order_pay',
        shops: ['gh_1'],
        hint: { kind: 'trade', tid: '3700000000000000001' },
        raw: paid,
      },
    ],
  )
  assert.deepEqual(push.readPost(plain, { query: signed, headers: {}, body: paid }), answer)
  fuzzed(paid, (body) => push.readPost(plain, { query: signed, headers: {}, body }))
})

test('with a key only what was encrypted for this app is believed', () => {
  const options = demoShops.find(({ platform }) => platform === 'weixin')
  assert.ok(options)
  const shop = { platform: 'weixin', key: options.key, options } as never
  const content =
    '"finder_shop_aftersale_status_update":{"after_sale_order_id":"2000000000000000009","order_id":"3700000000000000001"}'
  const sent = posterOf(shop)?.request({
    ...{ id: 7n, shop, topic: 'channels_ec_aftersale_update', content },
    ...{ publishedAt: 1_700_000_000_000, dueAt: 0, times: 0 },
  })
  assert.ok(sent)
  const query = Object.fromEntries(new URLSearchParams(sent.query))
  const app = { appId: options.appKey, pushToken: options.pushToken ?? '', pushKey: options.pushKey ?? '' }
  const answer = push.readPost(app, { query, headers: {}, body: sent.body })
  assert.ok(answer.kind === 'taken')
  assert.deepEqual(
    answer.messages.map(({ hint }) => hint),
    [{ kind: 'refund', refundId: '2000000000000000009', tid: '3700000000000000001' }],
  )
  const forged = { kind: 'forged' }
  assert.deepEqual(
    push.readPost({ ...app, appId: 'wx-other' }, { query, headers: {}, body: sent.body }),
    forged,
  )
  // The signature of the plain mode does not cover the body.
  assert.deepEqual(push.readPost(app, { query, headers: {}, body: paid }), forged)
  fuzzed(sent.body, (body) => push.readPost(app, { query, headers: {}, body }))
})
