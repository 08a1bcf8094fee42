import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { test } from 'node:test'
import { fuzzed } from '../../testing/push/fuzzed.ts'
import { push } from './push.ts'

const key = Buffer.from('0123456789abcdef')
const app = { appKey: 'ks7', pushKey: key.toString('base64') }
const read = (text: string, credentials: Record<string, string> = app) => {
  const cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(16))
  const body = Buffer.concat([cipher.update(text), cipher.final()]).toString('base64')
  return push.readPost(credentials, { query: {}, headers: {}, body })
}

/** The example of the platform's documents, with the name of another event. */
const example = (event: string, info: string) =>
  `{"eventId":"243_4027_0000000000001","msgId":"84_0000000000001","bizId":2600000000000001,"userId":2000000001,"openId":"masked","appKey":"ks7000000000000001","event":"${event}","info":${JSON.stringify(info)},"status":2,"createTime":1773750943589,"updateTime":1773750945776,"operator":"0"}`
const added = example(
  'kwaishop_order_addOrder',
  '{"oid":2600000000000000001,"sellerId":2000000001,"createTime":1773750942425,"openId":"masked"}',
)

test('a message is read that was encrypted with the key, its numbers as they came', () => {
  assert.deepEqual(read(added), {
    kind: 'taken',
    messages: [
      {
        id: '243_4027_0000000000001',
        topic: 'kwaishop_order_addOrder',
        shops: ['2000000001', 'masked'],
        hint: { kind: 'trade', tid: '2600000000000000001' },
        raw: added,
      },
    ],
    reply: '{"result":1}',
  })
  const refund = read(
    example('kwaishop_aftersales_updateRefund', '{"oid":2600000000000000001,"refundId":2700000000000000002}'),
  )
  const other = read(example('kwaishop_item_update', '{"itemId":1}'))
  assert.ok(refund.kind === 'taken' && other.kind === 'taken')
  assert.deepEqual(
    [...refund.messages, ...other.messages].map(({ hint }) => hint),
    [{ kind: 'refund', refundId: '2700000000000000002', tid: '2600000000000000001' }, { kind: 'other' }],
  )
})

test('messages without a number are not taken for one another', () => {
  const ids = ['{"event":"a"}', '{"event":"b"}', '{"event":"a"}'].flatMap((text) => {
    const answer = read(text)
    return answer.kind === 'taken' ? answer.messages.map(({ id }) => id) : []
  })
  assert.equal(ids.length, 3)
  assert.equal(ids[0], ids[2])
  assert.notEqual(ids[0], ids[1])
})

test('the test of the address is answered, and what was not encrypted with the key is forged', () => {
  assert.deepEqual(read('{"test":true}'), { kind: 'taken', messages: [], reply: '{"result":1}' })
  const wrong = Buffer.from('fedcba9876543210').toString('base64')
  for (const pushKey of [wrong, '', 'not a key'])
    assert.deepEqual(read(added, { appKey: 'ks7', pushKey }), { kind: 'forged' })
  assert.deepEqual(push.readPost(app, { query: {}, headers: {}, body: added }), { kind: 'forged' })
  fuzzed(added, (text) => read(text))
  fuzzed(added, (body) => push.readPost(app, { query: {}, headers: {}, body }))
})
