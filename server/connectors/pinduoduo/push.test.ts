import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { appOf } from './credentials.ts'
import { pmcPath, push } from './push.ts'

const now = new Date(1_700_000_000_000)
const session = () => push.socket.session({ clientId: 'app', clientSecret: 'secret' }, now)
/** The example of the SDK whalesky-labs/pdd-sdk-php. */
const example =
  '{"id":9007199254740993,"commandType":"Common","time":1700000000123,"sendTime":1700000000123,"message":{"type":"pdd_refund_RefundCreated","mallID":100000001,"content":"{\\"mall_id\\":100000001,\\"refund_fee\\":1990,\\"refund_id\\":7000000001,\\"tid\\":\\"210707-000000000000001\\"}"}}'

test('the login is in the address, as the example of the SDK has it', () => {
  assert.equal(
    pmcPath(appOf({ clientId: 'app', clientSecret: 'secret' }), now),
    '/app/1700000000000/OTgxODMwNDI2NWZiN2NiNzA2NzIxOTI0ZjJlMDMxMjE%3D',
  )
  assert.equal(
    session().url,
    'wss://message-api.pinduoduo.com/message/app/1700000000000/OTgxODMwNDI2NWZiN2NiNzA2NzIxOTI0ZjJlMDMxMjE%3D',
  )
  assert.equal(session().hello, undefined)
})

test('a message is read, and acknowledged with its number as it came', () => {
  const event = session().read(example, now)
  assert.ok(event.kind === 'message')
  assert.deepEqual(event.message, {
    id: '9007199254740993',
    topic: 'pdd_refund_RefundCreated',
    shops: ['100000001'],
    hint: { kind: 'refund', refundId: '7000000001', tid: '210707-000000000000001' },
    raw: example,
  })
  assert.equal(
    event.acknowledge(now),
    '{"id":9007199254740993,"commandType":"Ack","time":1700000000000,"sendTime":1700000000123,"type":"pdd_refund_RefundCreated","mallID":100000001}',
  )
})

test('a heartbeat is a sign of life, an unknown topic is kept, and no text throws', () => {
  assert.equal(session().read(String(session().beat(now)), now).kind, 'sign')
  const other = session().read(example.replace('pdd_refund_RefundCreated', 'pdd_goods_GoodsChanged'), now)
  assert.ok(other.kind === 'message')
  assert.deepEqual(other.message.hint, { kind: 'other' })
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 8 }), fc.nat(example.length), (noise, at) => {
      const event = session().read(example.slice(0, at) + noise + example.slice(at + noise.length), now)
      if (event.kind === 'message') event.acknowledge(now)
    }),
    { numRuns: 300 },
  )
})
