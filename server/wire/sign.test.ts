import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { sign, signFramed, webhookSignature } from './sign.ts'

const vectors: Record<string, { secret: string; params?: Record<string, string>; sign: string }> = JSON.parse(
  readFileSync(new URL('./fixtures/signatures.json', import.meta.url), 'utf8'),
)

describe('the signature of TOP', () => {
  const official = vectors.taobao_md5?.params ?? {}

  it('is the published one for the official worked examples', () => {
    for (const name of ['taobao_md5', 'taobao_md5_old']) {
      const vector = vectors[name]
      assert.equal(sign(vector?.params ?? {}, vector?.secret ?? '', 'md5'), vector?.sign)
    }
  })

  it('is the documented HMAC-MD5 and HMAC-SHA256', () => {
    assert.equal(
      sign({ ...official, sign_method: 'hmac' }, 'helloworld', 'hmac'),
      vectors.taobao_hmac_md5?.sign,
    )
    assert.equal(
      sign({ ...official, sign_method: 'hmac-sha256' }, 'helloworld', 'hmac-sha256'),
      vectors.taobao_hmac_sha256?.sign,
    )
  })

  it('leaves out the sign itself and empty values, and sorts an underscore before letters', () => {
    assert.equal(sign({ ...official, sign: 'X', status: '' }, 'helloworld', 'md5'), vectors.taobao_md5?.sign)
    assert.equal(
      sign({ foobar: '3', foo: '1', foo_bar: '2' }, 's', 'md5'),
      sign({ foo: '1', foo_bar: '2', foobar: '3' }, 's', 'md5'),
    )
  })
})

describe('the framed signature', () => {
  it('is the one of the vectors, in small letters', () => {
    for (const name of ['doudian_hmac_sha256', 'doudian_hmac_sha256_other']) {
      const vector = vectors[name]
      assert.equal(signFramed(vector?.params ?? {}, vector?.secret ?? ''), vector?.sign)
    }
  })
})

describe('the signature of Standard Webhooks', () => {
  it('is that of the example in its specification', () => {
    const signed = webhookSignature('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      ...{ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: '1614265330', body: '{"test": 2432232314}' },
    })
    assert.equal(signed, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })
})
