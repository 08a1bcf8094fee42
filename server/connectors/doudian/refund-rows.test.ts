import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { failureOf } from '../conformance/checks.ts'
import { agreeRefund } from './refund-actions.ts'

const refundId = '7000000000000000001'

/** Agrees to a refund on a platform that answers that some rows failed, with these rows. Returns the refusal. */
async function refusalWith(items: readonly object[]): Promise<string[]> {
  const server = createServer((_request, response) => {
    const partly = { code: 10001, msg: 'isv.business-part-failed', sub_code: 'isv.business-part-failed' }
    response.end(JSON.stringify({ ...partly, data: { items } }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : assert.fail()
  const credentials = { appKey: '1', appSecret: '1', shopId: '1', gatewayUrl: `http://127.0.0.1:${port}/` }
  const refund = { refundId, tid: '1', oid: '1', phase: 'onsale', version: '1', amountFen: 100 } as const
  try {
    const { kind, code, message } = await failureOf(
      agreeRefund(
        { credentials, session: 's', variant: 'doudian' },
        { refunds: [{ ...refund, kind: 'refund_only' }] },
      ),
    )
    return [kind, code, message]
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

test('a refund of a batch that failed in part is refused with the words of its own row', async () => {
  const row = { aftersale_id: refundId, status_code: 11005, status_msg: '操作失败' }
  assert.deepEqual(await refusalWith([row]), ['rejected', '11005', '11005 · 操作失败'])
})

test('a batch that failed in part without saying for which refund counts as refused, never as done', async () => {
  assert.deepEqual(await refusalWith([]), [
    'rejected',
    'isv.business-part-failed',
    'isv.business-part-failed · isv.business-part-failed',
  ])
})
