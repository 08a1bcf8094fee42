import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { XMLParser } from 'fast-xml-parser'
import type { Refund } from '../connector.ts'
import { fieldsAt, isFields } from '../fields.ts'
import { needsDetailFor, parsePushedRefund, parseRefund } from './refunds.ts'

const payload = {
  refund_id: '83477',
  tid: '1234567890123456789',
  oid: '1234567890123456788',
  status: 'WAIT_SELLER_AGREE',
  refund_fee: '10.00',
  created: '2026-11-24 10:00:00',
  modified: '2026-11-24 10:05:00',
}

function parsed(fields: Record<string, unknown>): Refund {
  const detail = parseRefund({ ...payload, ...fields }, '')
  if (!('refund' in detail)) assert.fail(detail.reason)
  return detail.refund
}

describe('a refund of TOP', () => {
  it('is read from the official sample, field by field', () => {
    const xml = readFileSync(
      new URL('fixtures/special_refunds_receive_get_response.official.xml', import.meta.url),
      'utf8',
    )
    const root: unknown = new XMLParser({ parseTagValue: false }).parse(xml)
    assert.ok(isFields(root))
    const refund = fieldsAt(
      fieldsAt(fieldsAt(root, 'special_refunds_receive_get_response'), 'refunds'),
      'refund',
    )
    assert.deepEqual(parseRefund(refund, 'raw'), {
      refund: {
        kind: 'refund',
        refundId: '83477',
        tid: '2231884277',
        oid: '2231884277',
        refundKind: 'return',
        phase: 'onsale',
        status: 'succeeded',
        platformStatus: 'SUCCESS',
        version: '1411375308927',
        amountFen: 1000,
        quantity: 1,
        title: '天堂伞龙井茶',
        spec: '军绿色 / XS',
        outerId: 'ISBN-001',
        reason: '退还邮费',
        description: 'hello world',
        goodsReceived: 'received',
        carrier: '申通快递',
        waybillNo: '123456789',
        createdAt: new Date('1999-12-31T16:00:00Z'),
        modifiedAt: new Date('1999-12-31T16:00:00Z'),
        deadline: null,
        buyerNick: 'tbtest561',
        constraint: 'refund_onweb',
      },
      raw: 'raw',
    })
  })

  it('has a status for the exchange states too, and keeps an unknown one', () => {
    const of = (status: unknown) => parsed({ status }).status
    assert.equal(of('WAIT_BUYER_RETURN_GOODS'), 'agreed')
    assert.equal(of('SELLER_REFUSE_BUYER'), 'refused')
    assert.equal(of('WAIT_SELLER_CONSIGN_GOODS'), 'agreed')
    assert.equal(of('EXCHANGE_TRANSFORM_TO_REFUND'), 'applied')
    assert.equal(of('toString'), 'unknown')
    assert.equal(parsed({ status: 'NEW_STATE' }).platformStatus, 'NEW_STATE')
  })

  it('tells its kind by dispute_type, else by has_good_return', () => {
    assert.equal(parsed({ dispute_type: 'TMALL_EXCHANGE', has_good_return: false }).refundKind, 'exchange')
    assert.equal(parsed({ dispute_type: 'RESHIPPING' }).refundKind, 'reship')
    assert.equal(parsed({ dispute_type: 'SOMETHING' }).refundKind, 'other')
    assert.equal(parsed({ has_good_return: true }).refundKind, 'return')
    assert.equal(parsed({}).refundKind, 'refund_only')
  })

  it('is of the whole trade without a line number', () => {
    assert.equal(parsed({ oid: 0 }).oid, '')
    assert.equal(parsed({ oid: undefined }).oid, '')
    assert.equal(parsed({}).oid, '1234567890123456788')
  })

  it('has its deadline from the detail, and asks for one only while somebody must act', () => {
    const timeout = { exist_timeout: true, timeout: '2026-11-26 10:00:00' }
    assert.deepEqual(parsed({ refund_remind_timeout: timeout }).deadline, new Date('2026-11-26T02:00:00Z'))
    assert.equal(parsed({ refund_remind_timeout: { ...timeout, exist_timeout: false } }).deadline, null)
    assert.deepEqual(
      [
        'WAIT_SELLER_AGREE',
        'WAIT_SELLER_CONFIRM_GOODS',
        'SELLER_REFUSE_BUYER',
        'NEW',
        'CLOSED',
        'SUCCESS',
      ].map((status) => needsDetailFor(parsed({ status }))),
      [true, true, true, true, false, false],
    )
  })

  it('takes the version for the modified time where that is missing', () => {
    const refund = parsed({ modified: undefined, refund_version: 1411375308927 })
    assert.deepEqual([refund.version, refund.modifiedAt], ['1411375308927', new Date(1411375308927)])
  })

  it('keeps an unreadable amount as nothing and says so, and parks what has no number', () => {
    assert.deepEqual(parsed({ oid: '#?', num: 'x' }).doubts, [
      { field: 'oid', line: '', raw: '#?', guess: '' },
      { field: 'num', line: '', raw: 'x', guess: '0' },
    ])
    assert.equal(parsed({ oid: 0 }).doubts, undefined)
    assert.deepEqual(
      [parsed({ refund_fee: 'x' }).amountFen, parsed({ refund_fee: 'x' }).doubts],
      [0, [{ field: 'refund_fee', line: '', raw: 'x', guess: '' }]],
    )
    assert.deepEqual(parsePushedRefund('{"refund_get_response":{"refund":{"tid":1}}}'), {
      kind: 'bad',
      id: null,
      reason: 'no refund id',
      raw: '{"refund_get_response":{"refund":{"tid":1}}}',
    })
  })
})
