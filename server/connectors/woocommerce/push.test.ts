import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { fuzzed } from '../../testing/push/fuzzed.ts'
import { push, signatureOf } from './push.ts'

const shop = {
  siteUrl: 'https://shop.example.com/',
  consumerKey: 'ck_1',
  consumerSecret: 'cs_1',
  pushKey: 'woo-webhook-secret',
}
const read = (body: string, headers: Record<string, string>, credentials: Record<string, string> = shop) =>
  push.readPost(credentials, { query: {}, headers, body })
const signed = (body: string, topic: string) =>
  read(body, {
    'x-wc-webhook-signature': signatureOf(shop.pushKey, body),
    'x-wc-webhook-topic': topic,
    'x-wc-webhook-delivery-id': 'd1',
  })

test('the signature is the base64 of the HMAC over the body', () => {
  assert.equal(
    signatureOf('woo-webhook-secret', '{"id":1001}'),
    'IKGraMb0C1/zDPmwSKor0/1hUeiai4Wu0WMaYV6YE/g=',
  )
})

test('a signed order is named to be fetched, and belongs to the shop whose secret it is', () => {
  const raw = '{"id":1001,"status":"processing"}'
  assert.deepEqual(signed(raw, 'order.updated'), {
    kind: 'taken',
    messages: [
      {
        id: hash('sha256', `d1 order.updated ${raw}`, 'hex'),
        topic: 'order.updated',
        shops: ['shop.example.com'],
        hint: { kind: 'trade', tid: '1001' },
        raw,
      },
    ],
    reply: '{"taken":true}',
  })
})

test('an order that was deleted is asked for too, and a product is not', () => {
  const hints = [signed('{"id":7}', 'order.deleted'), signed('{"id":7}', 'product.updated')].map((answer) =>
    answer.kind === 'taken' ? answer.messages.map(({ hint }) => hint) : [],
  )
  assert.deepEqual(hints, [[{ kind: 'trade', tid: '7' }], [{ kind: 'other' }]])
})

test('two changes in the second of one delivery number are two messages', () => {
  const ids = ['{"id":1}', '{"id":2}', '{"id":1}'].flatMap((body) => {
    const answer = signed(body, 'order.updated')
    return answer.kind === 'taken' ? answer.messages.map(({ id }) => id) : []
  })
  assert.deepEqual([ids.length, ids[0] === ids[2], ids[0] === ids[1]], [3, true, false])
})

test('a webhook that is saved tries its address, which proves nothing', () => {
  assert.deepEqual(read('webhook_id=3', {}), { kind: 'tested', reply: '{"taken":true}' })
})

test('a post without the signature of the shop’s secret is forged', () => {
  const header = 'x-wc-webhook-signature'
  const forged = { kind: 'forged' }
  assert.deepEqual(read('{"id":1001}', {}), forged)
  assert.deepEqual(read('webhook_id=3', { [header]: 'x' }), forged)
  assert.deepEqual(read('{"id":1001}', { [header]: signatureOf('other', '{"id":1001}') }), forged)
  assert.deepEqual(read('{"id":1002}', { [header]: signatureOf(shop.pushKey, '{"id":1001}') }), forged)
  const unset = { ...shop, pushKey: '' }
  assert.deepEqual(read('{"id":1}', { [header]: signatureOf('', '{"id":1}') }, unset), forged)
  assert.deepEqual(read('', {}), forged)
})

test('no post makes it throw', () => {
  fuzzed('{"id":1001,"refunds":[]}', (body) => {
    signed(body, 'order.updated')
    read(body, {})
  })
})
