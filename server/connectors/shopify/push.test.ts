import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { fuzzed } from '../../testing/push/fuzzed.ts'
import { push, signatureOf } from './push.ts'

const app = { shopUrl: 'https://demo.myshopify.com', clientId: 'client-1', clientSecret: 'hush' }
const post = (body: string, headers: Record<string, string>, credentials: Record<string, string> = app) =>
  push.readPost(credentials, { query: {}, headers, body })
const signed = (body: string, topic: string, more: Record<string, string> = {}) =>
  post(body, {
    'x-shopify-hmac-sha256': signatureOf('hush', body),
    'x-shopify-topic': topic,
    'x-shopify-shop-domain': 'demo.myshopify.com',
    'x-shopify-event-id': 'e1',
    'x-shopify-webhook-id': 'w1',
    ...more,
  })
const messagesOf = (answer: ReturnType<typeof post>) => (answer.kind === 'taken' ? answer.messages : [])
const hintsOf = (answer: ReturnType<typeof post>) => messagesOf(answer).map(({ hint }) => hint)

test('the signature is the base64 of the HMAC over the body', () => {
  assert.equal(signatureOf('hush', '{"id":1001}'), 'LcSYj8BpvpGhqv7shN/7aHxbZlu3LSoUnIvMxvBgPfI=')
})

test('a signed order is named to be fetched, and belongs to the shop of the header', () => {
  const raw = '{"id":5000000000001,"name":"#1001"}'
  assert.deepEqual(signed(raw, 'orders/updated'), {
    kind: 'taken',
    messages: [
      {
        id: hash('sha256', 'demo.myshopify.com orders/updated e1 0', 'hex'),
        topic: 'orders/updated',
        shops: ['demo.myshopify.com'],
        hint: { kind: 'trade', tid: '5000000000001' },
        raw,
      },
    ],
    reply: '{"taken":true}',
  })
})

test('a delivery that is tried again is the same message, and another topic or shop of its event is not', () => {
  const idOf = (more: Record<string, string>, topic = 'orders/updated') =>
    messagesOf(signed('{"id":7}', topic, more))[0]?.id
  const first = idOf({})
  assert.equal(idOf({ 'x-shopify-webhook-id': 'w2' }), first)
  assert.notEqual(idOf({}, 'orders/paid'), first)
  assert.notEqual(idOf({ 'x-shopify-event-id': 'e2' }), first)
  assert.notEqual(idOf({ 'x-shopify-shop-domain': 'other.myshopify.com' }), first)
})

test('a refund names its order and each of its lines, and other topics name their order', () => {
  const refund = {
    id: 9,
    order_id: 7,
    refund_line_items: [{ line_item_id: 21 }, { line_item_id: 22 }, { line_item_id: 21 }],
  }
  assert.deepEqual(hintsOf(signed(JSON.stringify(refund), 'refunds/create')), [
    { kind: 'trade', tid: '7' },
    { kind: 'refund', refundId: '7-9-21', tid: '7' },
    { kind: 'refund', refundId: '7-9-22', tid: '7' },
  ])
  assert.deepEqual(hintsOf(signed('{"id":9,"order_id":7}', 'fulfillments/create')), [
    { kind: 'trade', tid: '7' },
  ])
  assert.deepEqual(hintsOf(signed('{"order_edit":{"order_id":7}}', 'orders/edited')), [
    { kind: 'trade', tid: '7' },
  ])
  assert.deepEqual(hintsOf(signed('{"id":7}', 'products/update')), [{ kind: 'other' }])
})

test('a refund for a return names the lines of the return, and a return names its order', () => {
  const refund = { id: 9, order_id: 7, return: { id: 5 }, refund_line_items: [{ line_item_id: 21 }] }
  const hintsOfRefund = (more: object) =>
    hintsOf(signed(JSON.stringify({ ...refund, ...more }), 'refunds/create'))
  assert.deepEqual(hintsOfRefund({}), [
    { kind: 'trade', tid: '7' },
    { kind: 'refund', refundId: '7-r5-21', tid: '7' },
  ])
  assert.deepEqual(hintsOfRefund({ return: null }).at(-1), { kind: 'refund', refundId: '7-9-21', tid: '7' })
  for (const topic of ['request', 'approve', 'decline', 'cancel', 'close'])
    assert.deepEqual(hintsOf(signed('{"id":5,"order":{"id":7}}', `returns/${topic}`)), [
      { kind: 'trade', tid: '7' },
    ])
})

test('the secret of an older custom app is the key of its own, as its token signs nothing', () => {
  const custom = { ...app, clientSecret: 'shpat_token', pushKey: 'hush' }
  const headers = {
    'x-shopify-hmac-sha256': signatureOf('hush', '{"id":7}'),
    'x-shopify-topic': 'orders/paid',
  }
  assert.equal(post('{"id":7}', headers, custom).kind, 'taken')
  const withToken = { ...headers, 'x-shopify-hmac-sha256': signatureOf('shpat_token', '{"id":7}') }
  assert.equal(post('{"id":7}', withToken, { ...custom, pushKey: '' }).kind, 'forged')
})

test('a post without the signature of the app’s secret is forged', () => {
  const header = 'x-shopify-hmac-sha256'
  const forged = { kind: 'forged' }
  assert.deepEqual(post('{"id":7}', {}), forged)
  assert.deepEqual(post('{"id":7}', { [header]: signatureOf('other', '{"id":7}') }), forged)
  assert.deepEqual(post('{"id":8}', { [header]: signatureOf('hush', '{"id":7}') }), forged)
  assert.deepEqual(
    post('{"id":7}', { [header]: signatureOf('', '{"id":7}') }, { ...app, clientSecret: '' }),
    forged,
  )
})

test('no post makes it throw', () => {
  fuzzed(
    '{"id":1001,"order_id":7,"order":{"id":7},"return":{"id":5},"refund_line_items":[{"line_item_id":21}]}',
    (body) => {
      signed(body, 'refunds/create')
      signed(body, 'orders/edited')
      signed(body, 'returns/request')
      post(body, {})
    },
  )
})
