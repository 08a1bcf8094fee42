import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { control, stillSandbox, type TestSandbox, doudian as tested } from '../../../sandbox/testing.ts'
import { failureOf } from '../conformance/checks.ts'
import type { Call, ListingPage } from '../connector.ts'
import { listGoods } from './goods.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const call = (): Call => ({
  credentials: {
    appKey: tested.appKey,
    appSecret: tested.appSecret,
    shopId: tested.appKey,
    gatewayUrl: sandbox.url,
  },
  session: tested.sessionKey,
  variant: 'doudian',
  now: () => new Date(sandbox.clock.now()),
})

const shop = () => sandbox.world.shops.find(({ key }) => key === tested.key) ?? assert.fail()

describe('the list of goods of Douyin', () => {
  it('is read to its end, though it is longer than its page numbers reach', async () => {
    const [one = assert.fail()] = shop().listings
    const sku = one.skus[0] ?? assert.fail()
    shop().listings = Array.from({ length: 103 }, (_, index) => ({
      ...one,
      numIid: String(3_500_000_000_000_000_000n + BigInt(index)),
      skus: [{ ...sku, skuId: String(1_700_000_000_000_000_000n + BigInt(index)) }],
      banner: '',
    }))
    const ids: string[] = []
    let after: string | null = null
    do {
      const page: ListingPage = await listGoods(call(), { status: 'on_sale', after, size: 1 })
      for (const item of page.items) if ('itemId' in item) ids.push(item.itemId)
      after = page.next
    } while (after !== null)
    assert.deepEqual(
      ids,
      shop().listings.map(({ numIid }) => numIid),
    )
  })

  it('is broken, not at its end, if a later page came without its rows', async () => {
    const first = await listGoods(call(), { status: 'on_sale', after: null, size: 20 })
    await control(sandbox, 'faults', { kind: 'empty-list', method: 'product.listV2', count: 1 })
    const error = await failureOf(listGoods(call(), { status: 'on_sale', after: first.next, size: 20 }))
    assert.deepEqual([error.kind, error.code], ['retry', 'bad_answer'])
  })
})
