import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { failureOf } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { fieldsAt } from '../fields.ts'
import { reportCancel } from './reports.ts'

/** Reports a stopped refund to a platform that refuses the report and shows the after-sale in this state. Returns the code; undefined: it was heard. */
async function refusedWith(state: object): Promise<string | undefined> {
  const whole = fieldsAt(answerIn(import.meta.url, 'afterSaleDetail'), 'data')
  const processInfo = fieldsAt(whole, 'process_info')
  const info = { ...fieldsAt(processInfo, 'after_sale_info'), ...state }
  const data = { ...whole, process_info: { ...processInfo, after_sale_info: info } }
  const server = createServer(({ url = '' }, response) => {
    const isReport = url.startsWith('/afterSale/CancelSendGoodsSuccess')
    const refused = {
      code: 50002,
      sub_code: 'isv.business-failed:12001',
      sub_msg: '售后单状态不允许操作',
      msg: '业务处理失败',
    }
    response.end(JSON.stringify(isReport ? refused : { code: 10000, msg: 'success', data }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : assert.fail()
  const credentials = { appKey: '1', appSecret: '1', shopId: '1', gatewayUrl: `http://127.0.0.1:${port}/` }
  const refund = {
    refundId: '7000000000000000001',
    tid: '1',
    oid: '1',
    phase: 'onsale',
    version: '1',
  } as const
  const report = { ...refund, amountFen: 100, failure: null, at: new Date(1_700_000_000_000) }
  try {
    const said = reportCancel({ credentials, session: 's', variant: 'doudian' }, report)
    return await said.then(
      () => undefined,
      async (error: unknown) => (await failureOf(Promise.reject(error))).code,
    )
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

test('a refused report of stopped goods counts as heard once the money is back or on its way, and else stays refused', async () => {
  const types = { after_sale_type: 2 }
  const heard = [
    { ...types, after_sale_status: 12, refund_status: 3 },
    // The money failed to go back, and the platform tries again.
    { ...types, after_sale_status: 12, refund_status: 4 },
  ]
  for (const state of heard) assert.equal(await refusedWith(state), undefined, JSON.stringify(state))
  const refused = [
    { ...types, after_sale_status: 6, refund_status: 1 },
    { ...types, after_sale_status: 28, refund_status: 1 },
    // A return that was agreed to: its goods have not come yet.
    { after_sale_type: 0, after_sale_status: 7, refund_status: 1 },
  ]
  for (const state of refused) assert.notEqual(await refusedWith(state), undefined, JSON.stringify(state))
})
