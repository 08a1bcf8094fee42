import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { fieldsAt, isFields, listAt } from '../fields.ts'
import { readTopAnswer } from './client.ts'
import { parseTrade } from './trade.ts'

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
const method = 'taobao.trades.sold.get'

function read(text: string, status = 200, secrets: string[] = []) {
  return readTopAnswer(method, { status, text, retryAfterMs: 0 }, secrets)
}

function failure(text: string, status = 200, secrets: string[] = []): PlatformError {
  try {
    read(text, status, secrets)
  } catch (error) {
    if (error instanceof PlatformError) return error
  }
  return assert.fail('no PlatformError')
}

const error = (fields: Record<string, unknown>) => failure(JSON.stringify({ error_response: fields }))

describe('an answer of TOP', () => {
  it('maps every real error to what the caller must do', () => {
    const samples: unknown = JSON.parse(fixture('error_response.samples.json'))
    assert.ok(Array.isArray(samples))
    const kinds = samples.map((sample) => {
      const { kind, code, waitMs } = failure(JSON.stringify(sample))
      return [code, kind, waitMs]
    })
    assert.deepEqual(kinds, [
      ['accesscontrol.limited-by-app-api-access-count', 'rate_limited', 2000],
      ['isv.permission-api-package-limit', 'rejected', 0],
      ['isv.invalid-orderid:NO_DATA', 'rejected', 0],
      ['atr_refund_segment_refund', 'rejected', 0],
      ['isv.TTS_TEMPLATE_ILLEGAL', 'rejected', 0],
      ['isv.appkey-not-exists', 'rejected', 0],
      ['isv.invalid-parameter', 'rejected', 0],
    ])
  })

  it('maps platform codes and the isp. and session families', () => {
    const kindOf = (code: number, sub_code?: string) => error({ code, msg: 'm', sub_code }).kind
    assert.equal(kindOf(15, 'isp.remote-service-timeout'), 'retry')
    assert.equal(kindOf(15, 'isp.call-limited'), 'rate_limited')
    assert.equal(kindOf(15), 'retry')
    assert.equal(kindOf(10), 'retry')
    assert.equal(kindOf(27, 'sessionkey-not-generated-by-server'), 'reauthorise')
    assert.equal(kindOf(53, 'isv.invalid-session'), 'reauthorise')
    assert.equal(kindOf(26), 'reauthorise')
    assert.equal(kindOf(25, 'isv.invalid-signature'), 'rejected')
    assert.equal(kindOf(99, 'constructor'), 'rejected')
    assert.equal(error({ code: 7, msg: 'App Call Limited' }).waitMs, 1000)
  })

  it('reads the XML error of a gateway that could not read the format', () => {
    const xml = failure(fixture('error_response.sample.xml'))
    assert.deepEqual([xml.code, xml.kind], ['isv.invalid-parameter', 'rejected'])
    assert.match(xml.message, /非法参数/)
  })

  it('takes the body out of its envelope, and a simplified one as it is', () => {
    const list = listAt(
      read('{"trades_sold_get_response":{"has_next":true,"trades":{"trade":[{"tid":1}]}}}').body,
      'trades',
      'trade',
    )
    assert.deepEqual(list, [{ tid: 1 }])
    assert.deepEqual(listAt(read('{"trades":[{"tid":1}],"request_id":"r"}').body, 'trades', 'trade'), [
      { tid: 1 },
    ])
    assert.deepEqual(
      listAt(
        read('{"trades_sold_get_response":{"total_results":0,"request_id":"r"}}').body,
        'trades',
        'trade',
      ),
      [],
    )
  })

  it('asks to try again after everything that is no TOP answer', () => {
    for (const text of [
      '',
      '{',
      '<html>',
      '[]',
      '{}',
      '"x"',
      '{"other_response":{}}',
      fixture('logistics_online_confirm_response.official.xml'),
    ]) {
      const { kind, unclear, code } = failure(text)
      assert.deepEqual([kind, unclear, code], ['retry', true, 'bad_answer'], text)
    }
    assert.deepEqual([failure('', 502).kind, failure('', 502).code], ['retry', 'http_502'])
    assert.deepEqual([failure('<html>', 403).kind, failure('', 429).kind], ['rejected', 'rate_limited'])
  })

  it('never repeats a secret, a telephone number or an address of mail', () => {
    const text = JSON.stringify({
      error_response: {
        code: 15,
        msg: 's3cret',
        sub_code: 'isv.x',
        sub_msg: '买家 13812345678 a.b@c.com s3cret 订单 1234567890123456789',
      },
    })
    const { message } = failure(text, 200, ['s3cret'])
    assert.equal(message, '15 · *** · isv.x · 买家 *** *** *** 订单 1234567890123456789')
  })

  it('survives the other real payloads, lossless', () => {
    const item = parseJson(fixture('item_get_response.json'))
    assert.ok(isFields(item) && isFields(item.item_get_response))
    const onsale = parseJson(fixture('items_onsale_get_response.official.json'))
    assert.ok(isFields(onsale))
    assert.equal(listAt(fieldsAt(onsale, 'items_onsale_get_response'), 'items', 'item').length, 1)
  })

  it('reads the official list sample, whose trades are described rather than real', () => {
    const root = parseJson(fixture('open_trades_sold_get_response.official.json'))
    assert.ok(isFields(root))
    const [sample] = listAt(fieldsAt(root, 'open_trades_sold_get_response'), 'trades', 'trade')
    assert.ok(isFields(sample))
    assert.deepEqual(parseTrade(sample, ''), {
      kind: 'bad',
      id: '2231958349',
      reason: 'no modified time',
      raw: '',
    })
    const detail = parseTrade({ ...sample, modified: sample.created }, '')
    assert.ok('trade' in detail)
    const { status, finalUnpaid, platformType, paymentFen, lines } = detail.trade
    assert.deepEqual([status, finalUnpaid, platformType, paymentFen], ['unpaid', true, 'fixed', 2500])
    assert.deepEqual(
      [lines[0]?.refund, lines[0]?.refundId, lines[0]?.paymentFen],
      ['succeeded', '2231958349', 2500],
    )
  })
})
