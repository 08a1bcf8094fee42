import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { appOf } from './credentials.ts'
import { push, tmcSign } from './push.ts'
import { frameTypes, readFrame, writeFrame } from './tmc.ts'

const credentials = { appKey: '12345678', appSecret: 'helloworld' }
const now = new Date(1_700_000_000_000)
const message = (fields: Record<string, string | bigint>, kind = 0) =>
  writeFrame(frameTypes.send, { __kind: { byte: kind }, ...fields }, 'token')
const heard = (fields: Record<string, string | bigint>) => {
  const event = push.socket.session(credentials, now).read(message(fields), now)
  return event.kind === 'message' ? event.message : event.kind
}

describe('frames of TMC', () => {
  test('the login is signed as in the facts, and the secret is not in it', () => {
    assert.equal(tmcSign(appOf(credentials), '1700000000000'), 'C86848D198760FA334AA309207C72ECD')
    const { hello } = push.socket.session(credentials, now)
    assert.ok(hello instanceof Uint8Array)
    assert.equal(Buffer.from(hello).includes('helloworld'), false)
    assert.deepEqual([...(readFrame(hello)?.fields ?? [])].slice(0, 4), [
      ['app_key', '12345678'],
      ['group_name', 'default'],
      ['timestamp', '1700000000000'],
      ['sign', 'C86848D198760FA334AA309207C72ECD'],
    ])
  })

  test('a frame is little endian: version, type, headers, end', () => {
    const bytes = writeFrame(2, { __kind: { byte: 2 }, id: 1n }, 'ab')
    assert.equal(
      bytes.toString('hex'),
      `0202${'0500'}02000000${'6162'}${'0100'}06000000${'5f5f6b696e64'}0202${'0100'}02000000${'6964'}05${'0100000000000000'}0000`,
    )
  })

  test('numbers beyond 2^53 keep every digit, also in what is confirmed', () => {
    const session = push.socket.session(credentials, now)
    const event = session.read(message({ id: 7_000_000_000_000_000_001n, topic: 'x' }), now)
    assert.ok(event.kind === 'message')
    assert.equal(event.message.id, '7000000000000000001')
    const confirmed = readFrame(Buffer.from(event.acknowledge(now)))
    assert.deepEqual(
      [...(confirmed?.fields ?? [])],
      [
        ['__kind', '2'],
        ['id', '7000000000000000001'],
      ],
    )
  })

  test('the token of the login is on every later frame', () => {
    const session = push.socket.session(credentials, now)
    assert.deepEqual(session.read(writeFrame(frameTypes.connectAck, {}, 'tok'), now), { kind: 'ready' })
    assert.equal(readFrame(Buffer.from(session.beat(now)))?.token, 'tok')
  })

  test('any bytes are a frame or none, and never an exception', () => {
    const session = push.socket.session(credentials, now)
    const whole = message({ id: 5n, topic: 'taobao_trade_TradeClose', content: '{"tid":1}' })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length), (noise, at) => {
        session.read(noise, now)
        session.read(Buffer.concat([whole.subarray(0, at), noise]), now)
        session.read(String(noise), now)
      }),
      { numRuns: 500 },
    )
  })
})

test('a number beyond 64 bits is no message, because it cannot be confirmed', () => {
  const session = push.socket.session(credentials, now)
  const kind = (id: string) =>
    session.read(message({ id, topic: 'taobao_trade_TradeClose', content: '{"tid":1}' }), now).kind
  assert.equal(kind('9223372036854775807'), 'message')
  assert.equal(kind('9223372036854775808'), 'unreadable')
  assert.equal(kind('-9223372036854775809'), 'unreadable')
})

describe('messages of TMC', () => {
  test('a trade is read with all digits of its number', () => {
    const content = '{"buyer_nick":"m**","oid":2948105733000000123,"tid":2948105733000000123,"status":"X"}'
    const read = heard({
      id: 5n,
      topic: 'taobao_trade_TradeBuyerPay',
      content,
      userid: 2054000001n,
      nick: '小店',
    })
    assert.ok(typeof read === 'object')
    assert.deepEqual(
      { ...read, raw: '' },
      {
        id: '5',
        topic: 'taobao_trade_TradeBuyerPay',
        shops: ['2054000001', '小店'],
        hint: { kind: 'trade', tid: '2948105733000000123' },
        raw: '',
      },
    )
    assert.equal(JSON.parse(read.raw).content, content)
  })

  test('a refund is read with its number and its trade', () => {
    const read = heard({ id: 6n, topic: 'taobao_refund_RefundCreated', content: '{"refund_id":71,"tid":42}' })
    assert.ok(typeof read === 'object')
    assert.deepEqual(read.hint, { kind: 'refund', refundId: '71', tid: '42' })
  })

  test('an unknown topic, and a known one without its number, are kept', () => {
    for (const [topic, content] of [
      ['taobao_item_ItemUpdate', '{"tid":1}'],
      ['taobao_trade_TradeClose', '{"tid":"1 or 2"}'],
      ['taobao_trade_TradeClose', 'no json'],
      ['taobao_refund_RefundCreated', '{}'],
      ['', ''],
    ] as const) {
      const read = heard({ id: 7n, topic, content })
      assert.ok(typeof read === 'object')
      assert.deepEqual(read.hint, { kind: 'other' })
    }
  })

  test('a frame without a number is a sign of life or cannot be read', () => {
    assert.equal(heard({}), 'sign')
    assert.equal(heard({ id: 'one' }), 'unreadable')
    assert.equal(push.socket.session(credentials, now).read('text', now).kind, 'unreadable')
  })
})
