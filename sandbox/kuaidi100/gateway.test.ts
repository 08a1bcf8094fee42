import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { stillSandbox, type TestSandbox } from '../testing.ts'
import { labelSign } from './gateway.ts'
import { kuaidi100Demo } from './labels.ts'

const { key, partnerId, partnerKey } = kuaidi100Demo
const man = { name: '王一', mobile: '13800001234', printAddr: '浙江省杭州市西湖区文三路 1 号' }
const parcel = {
  ...{ printType: 'NON', partnerId, partnerKey, kuaidicom: 'zhongtong', recMan: man, sendMan: man },
  ...{ cargo: '毛巾×2', count: 1, payType: 'MONTHLY', expType: '标准快递', orderId: 'o1', reorder: false },
}

describe('the simulated 快递100', () => {
  let sandbox: TestSandbox
  before(async () => {
    sandbox = await stillSandbox()
  })
  after(() => sandbox.close())
  beforeEach(() => {
    sandbox.sandbox.kuaidi100.mode = 'same_number'
    for (const enterprise of sandbox.sandbox.kuaidi100.enterprises.values())
      Object.assign(enterprise, { left: null, ended: false })
  })

  type Answer = { success: boolean; code: number; data: Record<string, string> | null }
  async function send(method: string, param: object, form: Record<string, string> = {}): Promise<Answer> {
    const [text, t] = [JSON.stringify(param), String(sandbox.clock.now())]
    const all = { method, key, t, param: text, sign: labelSign(text, t, kuaidi100Demo), ...form }
    const answer = await fetch(`${sandbox.url}/label/order`, {
      method: 'POST',
      body: new URLSearchParams(all),
    })
    return answer.json()
  }
  const order = (change: object = {}, form?: Record<string, string>) =>
    send('order', { ...parcel, ...change }, form)
  const codes = async (...asked: Promise<Answer>[]) => (await Promise.all(asked)).map(({ code }) => code)

  test('refuses a wrong signature, an unknown key and an ended one', async () => {
    const sign = labelSign(JSON.stringify(parcel), String(sandbox.clock.now()), kuaidi100Demo)
    assert.deepEqual(
      await codes(
        order({}, { sign: '0'.repeat(32) }),
        order({}, { sign: sign.toLowerCase() }),
        order({}, { key: 'none' }),
      ),
      [503, 503, 600],
    )
    for (const enterprise of sandbox.sandbox.kuaidi100.enterprises.values()) enterprise.ended = true
    assert.deepEqual(await codes(order()), [601])
    for (const enterprise of sandbox.sandbox.kuaidi100.enterprises.values())
      Object.assign(enterprise, { ended: false, left: 0 })
    assert.deepEqual(await codes(order({ orderId: 'none left' })), [601])
  })

  test('refuses what lacks a parameter, and a courier that it does not know', async () => {
    assert.deepEqual(
      await codes(
        order({}, { method: '' }),
        order({}, { t: '1576123932' }),
        order({ printType: '' }),
        order({ printType: 'CLOUD' }),
        order({ printType: 'IMAGE' }),
        order({ recMan: { ...man, printAddr: '' } }),
        order({ recMan: { ...man, mobile: '138****1234' } }),
        order({ sendMan: { ...man, mobile: '' } }),
        order({ cargo: '' }),
        order({ weight: '1250g' }),
        order({ partnerId: '' }),
        order({ partnerKey: 'another' }),
        order({ kuaidicom: 'ZTO' }),
      ),
      [400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 30003, 500],
    )
    assert.deepEqual(sandbox.sandbox.kuaidi100.given, [])
  })

  test('gives an order one number for 48 hours, or calls it sent twice, and another one where it is asked anew', async () => {
    const first = await order()
    assert.equal(first.code, 200)
    assert.match(first.data?.['bulkpen'] ?? '', /^\d{3}-\d\d-\d{3}$/)
    const same = await order()
    assert.deepEqual([same.success, same.code, same.data], [true, 30011, first.data])
    sandbox.sandbox.kuaidi100.mode = 'neither'
    const twice = await order()
    assert.deepEqual([twice.success, twice.code, twice.data], [false, 501, null])
    assert.notEqual((await order({ reorder: true })).data?.['kuaidinum'], first.data?.['kuaidinum'])
    sandbox.clock.advance(49 * 3_600_000)
    assert.equal((await order()).code, 200)
  })

  test('takes a number back with the courier’s own number of the order, once and again', async () => {
    const { data } = await order({ orderId: 'o2' })
    const back = {
      ...{ partnerId, partnerKey, kuaidicom: 'zhongtong', kuaidinum: data?.['kuaidinum'] },
      orderId: data?.['kdComOrderNum'],
    }
    assert.deepEqual(
      await codes(
        send('cancel', { ...back, orderId: '' }),
        send('cancel', { ...back, kuaidinum: '1' }),
        send('cancel', back),
        send('cancel', back),
      ),
      [400, 30009, 200, 200],
    )
    assert.equal(sandbox.sandbox.kuaidi100.given.at(-1)?.cancelled, true)
  })
})
