import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { failureOf } from '../conformance/checks.ts'
import type { Fields } from '../fields.ts'
import { listGoods } from './goods.ts'
import { refundsOfTrade } from './refunds.ts'

describe('an answer of Paipai', () => {
  it('about an item that was deleted since costs only this item', async () => {
    await using platform = await answering(({ method, form }) => {
      const itemList = ['A1', 'A2'].map((itemCode) => ({ itemCode, itemState: 'IS_FOR_SALE' }))
      if (method === 'item/sellerSearchItemList') return { errorCode: 0, countTotal: 2, itemList }
      const itemCode = form.get('itemCode')
      return itemCode === 'A1'
        ? { errorCode: 9, errorMessage: '商品不存在' }
        : { errorCode: 0, itemCode, itemState: 'IS_FOR_SALE', stockList: [] }
    })
    const { items } = await listGoods(platform.call, { status: 'on_sale', after: null, size: 20 })
    assert.deepEqual(
      items.map((item) => 'itemId' in item && item.itemId),
      ['A2'],
    )
  })

  it('that is of another deal, or names no refund of a deal in refund, does not say that there is none', async () => {
    const asked = async (answer: Fields) => {
      await using platform = await answering(() => ({ errorCode: 0, ...answer }))
      return await refundsOfTrade(platform.call, '1-20150401-1')
    }
    const none = { dealCode: '1-20150401-1', itemList: [] }
    assert.deepEqual(await asked(none), [])
    for (const odd of [{ dealCode: '1-20150401-2' }, { dealState: 'DS_DEAL_REFUNDING' }, { itemList: [7] }])
      assert.equal((await failureOf(asked({ ...none, ...odd }))).code, 'bad_answer')
  })
})

async function answering(answer: (asked: { method: string; form: URLSearchParams }) => Fields) {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const method = (request.url ?? '').replace(/^\/|\.xhtml$/g, '')
    response.end(
      JSON.stringify(answer({ method, form: new URLSearchParams(Buffer.concat(parts).toString()) })),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const credentials = { uin: '1', appOAuthID: '1', apiUrl: `http://127.0.0.1:${port}/` }
  return {
    call: { credentials, session: '', variant: 'paipai' },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
