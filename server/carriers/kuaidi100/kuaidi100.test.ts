import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { failureOf } from '../../connectors/conformance/checks.ts'
import { readLabelAnswer } from './client.ts'
import { signOf } from './sign.ts'

const answer = (text: string, status = 200) => ({ status, text, retryAfterMs: 0 })
const read = (text: string, status = 200) =>
  failureOf(Promise.resolve().then(() => readLabelAnswer(answer(text, status), ['the-secret'])))

describe('快递100', () => {
  test('the signature is the upper-case MD5 of param, t, key and secret, as another program of MD5 gives it', () => {
    // printf '%s' '{"a":1}1576123932000keysecret' | md5sum
    assert.equal(signOf('{"a":1}', '1576123932000', 'key', 'secret'), '80BBFB1A2ADDBACDE56E74C96E984E3B')
  })

  test('a repeated request succeeds with a code of its own', () => {
    const data = readLabelAnswer(answer('{"success":true,"code":30011,"data":{"kuaidinum":"YT1"}}'), [])
    assert.deepEqual(data, { kuaidinum: 'YT1' })
  })

  test('codes of both pages of the documents are refusals; only a fault of the server is tried again', async () => {
    const kinds = []
    for (const code of [400, 501, 503, 600, 601, 30001, 30002, 30003, 30004, 500, -1]) {
      const { kind, unclear } = await read(`{"success":false,"code":${code},"message":"x"}`)
      kinds.push([code, kind, unclear])
    }
    assert.deepEqual(
      kinds.map(([, kind]) => kind),
      [...Array(9).fill('rejected'), 'retry', 'retry'],
    )
    assert.ok(kinds.every(([, , unclear]) => unclear === false))
    assert.equal((await read('{"result":false,"returnCode":"503","message":"x"}')).code, '503')
  })

  test('an answer that is not its JSON is unclear, and no message has a secret or a phone', async () => {
    const half = await read('{"success":true,"code":200,"data":{"kuai')
    assert.deepEqual([half.kind, half.code, half.unclear], ['retry', 'bad_answer', true])
    assert.deepEqual(
      [(await read('<html>', 403)).kind, (await read('<html>', 502)).unclear],
      ['rejected', true],
    )
    const quoting = await read('{"success":false,"code":400,"message":"the-secret of 13800001234"}')
    assert.equal(quoting.message, '400 · *** of ***')
  })
})
