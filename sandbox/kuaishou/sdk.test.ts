import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import { type RunningSandbox, startSandbox } from '../server.ts'
import { control, kuaishou } from '../testing.ts'

/** What the test uses of the SDK, whose own types are 30,000 lines long. */
interface Client {
  accessToken: string
  getAccessTokenByCode(of: { code: string }): Promise<{ refreshToken: string; scopes: string[] }>
  getAccessTokenByRefreshToken(of: { refreshToken: string }): Promise<unknown>
  execute(of: { api: string }, params: Record<string, unknown>): Promise<{ result: number; data: unknown }>
}
type Sdk = { default: new (options: Record<string, string>) => Client }

/** The SDK of the npm registry, after the platform's own for Java. It knows neither this simulator nor our connector. */
const sdk: Sdk = createRequire(import.meta.url)('kuaishou-merchant-open-api')

let running: RunningSandbox
before(async () => {
  running = await startSandbox({ port: 0, seed: 'sdk', shops: [kuaishou] })
})
after(() => running.close())

const clientOf = (change: Record<string, string> = {}): Client =>
  new sdk.default({
    appKey: kuaishou.appKey,
    appSecret: kuaishou.appSecret,
    signSecret: kuaishou.signSecret ?? '',
    accessToken: kuaishou.sessionKey,
    url: running.url,
    ...change,
  })

/** The SDK's numbers are JavaScript's, so the order has a short one. */
const oid = 2_100_000_000_001

describe('a client that others wrote', () => {
  it('signs by either method, reads in the address and writes in a form, as the simulator checks it', async () => {
    const tid = String(oid)
    await control(running, 'trades', {
      shop: 'ks',
      tid,
      status: 'WAIT_SELLER_SEND_GOODS',
      type: 'fixed',
      lines: 1,
    })
    for (const signMethod of ['MD5', 'HMAC_SHA256']) {
      const client = clientOf({ signMethod })
      const read = await client.execute({ api: 'open.order.detail' }, { oid })
      assert.equal(read.result, 1, JSON.stringify(read))
      const note = `由 ${signMethod} 签名 + 100% & more`
      const written = await client.execute(
        { api: 'open.seller.order.note.add' },
        { orderId: oid, note, flag: 1 },
      )
      assert.equal(written.result, 1, JSON.stringify(written))
      assert.equal(running.world.shops[0]?.trades.get(tid)?.memo, note)
    }
  })

  it('is refused with the secret of the other purpose', async () => {
    const client = clientOf({ signSecret: kuaishou.appSecret })
    const read = await client.execute({ api: 'open.order.detail' }, { oid })
    assert.notEqual(read.result, 1)
  })

  it('exchanges the code of an agreement once, and renews the token once', async () => {
    const client = clientOf()
    const code = await agreed()
    const { refreshToken, scopes } = await client.getAccessTokenByCode({ code })
    assert.ok(scopes.includes('merchant_order'))
    await assert.rejects(clientOf().getAccessTokenByCode({ code }))
    const first = client.accessToken
    await client.getAccessTokenByRefreshToken({ refreshToken })
    assert.notEqual(client.accessToken, first)
    const shop = await client.execute({ api: 'open.user.seller.get' }, {})
    assert.equal(shop.result, 1)
    await assert.rejects(client.getAccessTokenByRefreshToken({ refreshToken }), {
      errorMsg: 'refreshToken.discarded',
    })
  })
})

/** Agrees on the platform's page, and returns the code with which the seller comes back. */
async function agreed(): Promise<string> {
  const asked = new URLSearchParams({
    shop: 'ks',
    client_id: kuaishou.appKey,
    redirect_uri: 'http://127.0.0.1/back',
  })
  const answer = await fetch(`${running.url}/authorize/grant?${asked}`, { redirect: 'manual' })
  return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
}
