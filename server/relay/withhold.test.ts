import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectorFor } from '../connectors/index.ts'
import { fieldsOf, withheld } from './withhold.ts'

const relayed = connectorFor('taobao')?.relayed ?? assert.fail()

const answer =
  '{"trade":{"tid":2948105733000000017,"receiver_name":"王小明","receiver_mobile":"13812345678","receiver_phone":"","receiver_address":"文三路 1 号","receiver_city":"杭州市","payment":"12.30","note":"{\\"buyer_nick\\":\\"小林\\",\\"receiver_name\\":\\"王小明\\"}","buyer_nick":null}}'

test('what is to be withheld becomes stars, also in JSON within a text; all else stays as our reader reads it', () => {
  const left = withheld(answer, fieldsOf(relayed, ['name', 'phone', 'buyer']))
  assert.deepEqual(JSON.parse(left), {
    trade: {
      tid: '2948105733000000017',
      receiver_name: '***',
      receiver_mobile: '***',
      receiver_phone: '',
      receiver_address: '文三路 1 号',
      receiver_city: '杭州市',
      payment: '12.30',
      note: '{"buyer_nick":"***","receiver_name":"***"}',
      buyer_nick: null,
    },
  })
})

test('without a policy an answer leaves as it came, letter for letter', () => {
  assert.equal(withheld(answer, fieldsOf(relayed, [])), answer)
})

test('a text that is no JSON does not leave under a policy', () => {
  assert.equal(withheld('<receiver_name>王小明</receiver_name>', fieldsOf(relayed, ['name'])), '')
})
