import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { testApp } from '../../testing/app.ts'

test('an answer to a read leaves compressed to whom takes it, and says the same', async () => {
  await using house = await testApp()
  const { cookie } = await house.as(['*'])
  const ask = (method: 'GET' | 'POST', url: string, encoding: string) =>
    house.app.inject({ method, url, headers: { cookie, 'accept-encoding': encoding } })
  const plain = await ask('GET', '/api/roles', 'identity')
  const packed = await ask('GET', '/api/roles', 'br, gzip')
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(packed.headers['content-encoding'], 'gzip')
  assert.deepEqual([plain.headers.vary, packed.headers.vary], ['accept-encoding', 'accept-encoding'])
  assert.equal(Number(packed.headers['content-length']), packed.rawPayload.length)
  assert.ok(packed.rawPayload.length * 2 < plain.rawPayload.length)
  assert.equal(gunzipSync(packed.rawPayload).toString(), plain.body)
  const small = await ask('GET', '/healthz', 'gzip')
  assert.deepEqual([small.statusCode, small.headers['content-encoding']], [200, undefined])
})

test('an answer to a write leaves as it is, however long', async () => {
  await using house = await testApp()
  const { cookie } = await house.as(['*'])
  const answer = await house.app.inject({
    method: 'POST',
    url: '/api/orders/lock',
    headers: { cookie, 'accept-encoding': 'gzip', 'x-requested-with': 'test' },
    payload: { ids: Array.from({ length: 100 }, (_, at) => String(at + 1)) },
  })
  assert.equal(answer.statusCode, 200)
  assert.ok(answer.rawPayload.length > 2000)
  assert.equal(answer.headers['content-encoding'], undefined)
})
