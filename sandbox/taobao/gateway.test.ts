import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  chinaTime,
  control,
  NOON,
  stillSandbox,
  type TestSandbox,
  taobao,
  tmall,
  top,
  valuesOf,
} from '../testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const code = (json: string) => valuesOf(json, 'code')[0]
const TIME = 'taobao.time.get'

test('names the common parameter that is missing or wrong', async () => {
  const cases: [Record<string, string>, string][] = [
    [{ method: '' }, '21'],
    [{ sign: '' }, '24'],
    [{ sign: ' ' }, '25'],
    [{ app_key: '' }, '28'],
    [{ timestamp: '' }, '30'],
    [{ v: '' }, '32'],
    [{ app_key: '9' }, '29'],
    [{ v: '1.0' }, '33'],
    [{ sign_method: 'sha1' }, '25'],
    [{ sign: 'ABC' }, '25'],
    [{ timestamp: chinaTime(NOON - 601) }, '31'],
    [{ timestamp: chinaTime(NOON + 601) }, '31'],
    [{ timestamp: '2026-11-24T12:00:00' }, '31'],
  ]
  for (const [params, expected] of cases) {
    assert.equal(code(await top(sandbox, tmall, TIME, params)), expected, JSON.stringify(params))
  }
  assert.equal(code(await top(sandbox, tmall, 'taobao.no.such')), '22')
  const page = { fields: 'tid', start_created: chinaTime(NOON - 60), end_created: chinaTime(NOON) }
  assert.equal(code(await top(sandbox, tmall, 'taobao.trades.sold.get', { ...page, session: '' })), '26')
  assert.equal(code(await top(sandbox, tmall, 'taobao.trades.sold.get', { ...page, session: 'x' })), '27')
})

test('answers errors with HTTP 200, in XML unless JSON was asked for, and refuses other verbs', async () => {
  const xml = await top(sandbox, tmall, TIME, { format: '', v: '1.0' })
  assert.match(
    xml,
    /^<\?xml version="1.0" encoding="utf-8" \?><error_response><code>33<\/code><msg>Invalid Version<\/msg><request_id>\w+<\/request_id><\/error_response>$/,
  )
  const put = await fetch(`${sandbox.url}/router/rest?format=json`, { method: 'PUT' })
  assert.equal(put.status, 200)
  assert.equal(code(await put.text()), '9')
})

test('returns only the fields asked for, nested ones too, and ids with all their digits', async () => {
  await control(sandbox, 'trades', {
    shop: 'tm',
    tid: '2948105733618820417',
    lines: 2,
    status: 'WAIT_SELLER_SEND_GOODS',
  })
  const answer = await top(sandbox, tmall, 'taobao.trade.fullinfo.get', {
    fields: 'tid,tid_str,orders.title,orders.oid,no_such_field',
    tid: '2948105733618820417',
  })
  const shape = answer.replace(/"title":"[^"]*"/g, '"title":""').replace(/"oid":2948\d{15}/g, '"oid":0')
  assert.match(
    shape,
    /^\{"trade_fullinfo_get_response":\{"trade":\{"tid":2948105733618820417,"tid_str":"2948105733618820417","orders":\{"order":\[\{"title":"","oid":0\},\{"title":"","oid":0\}\]\}\},"request_id":"\w+"\}\}$/,
  )
})

test('gives an OAID only beside the five receiver fields, and says so when it was demanded', async () => {
  const tid = '2948105733618820417'
  const five = 'receiver_name,receiver_address,created,receiver_mobile,receiver_phone'
  const ask = (params: Record<string, string>) =>
    top(sandbox, tmall, 'taobao.trade.fullinfo.get', { tid, ...params })
  assert.equal(valuesOf(await ask({ fields: 'tid,oaid' }), 'oaid').length, 0)
  assert.equal(valuesOf(await ask({ fields: `tid,oaid,${five}` }), 'oaid').length, 1)
  assert.equal(valuesOf(await ask({ fields: five, include_oaid: 'true' }), 'oaid').length, 1)
  const refused = await ask({ fields: 'tid', include_oaid: 'true' })
  assert.deepEqual(valuesOf(refused, 'sub_code'), ['isv.oaid-field-miss'])
  const masked = await ask({ fields: five })
  assert.match(valuesOf(masked, 'receiver_mobile')[0] ?? '', /^1\d\d\*{4}\d{4}$/)
  assert.match(valuesOf(masked, 'receiver_name')[0] ?? '', /\*$/)
})

test('refuses a missing or foreign trade', async () => {
  const ask = (shop: typeof tmall, tid: string) =>
    top(sandbox, shop, 'taobao.trade.fullinfo.get', { fields: 'tid', tid })
  assert.equal(valuesOf(await ask(tmall, ''), 'sub_code')[0], 'isv.missing-parameter:tid')
  assert.equal(valuesOf(await ask(tmall, 'x1'), 'sub_code')[0], 'isv.invalid-parameter:tid')
  assert.equal(valuesOf(await ask(taobao, '2948105733618820417'), 'sub_code')[0], 'isv.trade-not-exist')
})

test('reads multipart, checks Tmall refusals strictly and writes the refusal into the book of deeds', async () => {
  const refund = await control(sandbox, 'refunds', { tid: '2948105733618820417', constraint: '' })
  const id = valuesOf(refund, 'refundId')[0] ?? ''
  const version = valuesOf(refund, 'version')[0] ?? ''
  const plain = { refund_id: id, refuse_message: '商品已发出' }
  const withoutProof = await top(sandbox, tmall, 'taobao.refund.refuse', plain)
  assert.equal(valuesOf(withoutProof, 'sub_code')[0], 'isv.missing-parameter:refuse_proof')
  const stale = await refuseWithProof({ ...plain, refund_phase: 'onsale', refund_version: '1' })
  assert.equal(valuesOf(stale, 'sub_code')[0], 'isv.refund-version-error')
  const done = await refuseWithProof({ ...plain, refund_phase: 'onsale', refund_version: version })
  assert.deepEqual(valuesOf(done, 'status'), ['SELLER_REFUSE_BUYER'])
  const again = await refuseWithProof({ ...plain, refund_phase: 'onsale', refund_version: version })
  assert.equal(valuesOf(again, 'code')[0], '15')
  const book = await (await fetch(`${sandbox.url}/control/done?shop=tm&action=refuse`)).json()
  assert.deepEqual(book.counts, { [`tm refuse ${id}`]: 1 })
  assert.equal(book.deeds.length, 4)
})

test('hands out tokens for a code once, and for a refresh token', async () => {
  const consent = await fetch(
    `${sandbox.url}/authorize/grant?shop=tb&client_id=1001&state=s1&redirect_uri=${encodeURIComponent('http://127.0.0.1:9/back')}`,
    { redirect: 'manual' },
  )
  const target = new URL(consent.headers.get('location') ?? '')
  assert.equal(target.searchParams.get('state'), 's1')
  const body = {
    grant_type: 'authorization_code',
    client_id: '1001',
    client_secret: 'top-secret',
    code: target.searchParams.get('code') ?? '',
  }
  const ask = (params: Record<string, string>) =>
    fetch(`${sandbox.url}/token`, { method: 'POST', body: new URLSearchParams(params) })
  const first = await (await ask(body)).json()
  assert.equal(decodeURIComponent(first.taobao_user_nick), '测试小店')
  assert.equal((await ask(body)).status, 400)
  const fields = { fields: 'tid' }
  const fresh = { ...taobao, sessionKey: String(first.access_token) }
  assert.match(await top(sandbox, fresh, 'taobao.trades.sold.get', fields), /"total_results":0,"request_id"/)
  await control(sandbox, 'expire-session', { shop: 'tb' })
  assert.equal(code(await top(sandbox, fresh, 'taobao.trades.sold.get', fields)), '27')
  const renewed = await (
    await ask({ ...body, grant_type: 'refresh_token', refresh_token: taobao.refreshToken })
  ).json()
  const again = { ...taobao, sessionKey: String(renewed.access_token) }
  assert.match(await top(sandbox, again, 'taobao.trades.sold.get', fields), /"total_results":0/)
})

async function refuseWithProof(params: Record<string, string>): Promise<string> {
  const { topSign } = await import('./sign.ts')
  const all = new Map(
    Object.entries({
      method: 'taobao.refund.refuse',
      app_key: tmall.appKey,
      session: tmall.sessionKey,
      timestamp: chinaTime(NOON),
      v: '2.0',
      format: 'json',
      sign_method: 'hmac',
      ...params,
    }),
  )
  const form = new FormData()
  for (const [name, value] of all) form.set(name, value)
  form.set('sign', topSign(all, tmall.appSecret, 'hmac') ?? '')
  form.set('refuse_proof', new Blob([Buffer.from('GIF89a-and-more')], { type: 'image/gif' }), 'proof.gif')
  return (await fetch(`${sandbox.url}/router/rest`, { method: 'POST', body: form })).text()
}
