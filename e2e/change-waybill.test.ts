import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { sql } from 'kysely'
import { codesOf, testApp } from '../server/testing/app.ts'
import { testDatabase } from '../server/testing/database.ts'
import { aShippingHouse, aWaybill } from '../server/testing/shipping.ts'

// A clerk corrects waybills through the API, and a worker reports them to the platform: 改运单.
for (const platform of ['tmall', 'shopify'] as const) {
  describe(`the waybill of a parcel that ${platform} knows of`, async () => {
    const base = await testDatabase()
    const app = await testApp({}, undefined, Promise.resolve(base))
    const house = await aShippingHouse(platform, base.url)
    after(async () => {
      await house[Symbol.asyncDispose]()
      await app[Symbol.asyncDispose]()
    })
    const packer = await app.as(['fulfilment.read', 'fulfilment.ship'])
    const reader = await app.as(['fulfilment.read'])
    const method = platform === 'tmall' ? 'taobao.logistics.consign.resend' : 'FulfillmentTrackingInfoUpdate'

    let made = 0
    const writtenBack = async () => {
      made += 1
      // Orders of Shopify have shorter numbers than the house gives.
      const packed = await house.shipped(platform === 'shopify' ? { tid: `59900001${10_000 + made}` } : {})
      const outbox = house.outbox()
      assert.equal((await house.settled(packed.id)).writeBack, 'done')
      await outbox.stop()
      return packed
    }
    const change = (who: typeof packer, id: string, waybillNo: string) =>
      codesOf(who, '/api/deliveries/change-waybill', {
        rows: [{ id, courier: 'SF', waybillNo }],
        reason: '面单贴错',
      })
    const shown = (tid: string) =>
      house.trade(tid).lines.map(({ waybill, shipments }) => [waybill, shipments])
    const seen = async (id: string) => {
      const answer = await packer.call('GET', `/api/deliveries?tab=all&ids=${id}`)
      const { rows } = answer.body as { rows: Record<string, unknown>[] }
      const [row = assert.fail()] = rows
      return [row['waybillNo'], row['shownWaybill'], row['writeBack']]
    }

    test('is changed by who may ship, shows what the platform still has, and is changed there once', async () => {
      const { id, tid, waybillNo } = await writtenBack()
      const next = aWaybill()
      const forbidden = await reader.call('POST', '/api/deliveries/change-waybill', {
        rows: [{ id, courier: 'SF', waybillNo: next }],
        reason: '面单贴错',
      })
      assert.equal(forbidden.status, 403)
      assert.deepEqual(await change(packer, id, next.toLowerCase()), ['done'])
      assert.deepEqual(await seen(id), [next, waybillNo, 'waiting'])
      const outbox = house.outbox()
      const ended = await house.settled(id)
      assert.deepEqual([ended.writeBack, ended.errorCode], ['done', ''])
      await outbox.stop()
      assert.deepEqual(await seen(id), [next, '', 'done'])
      assert.deepEqual(shown(tid), [
        [next, 1],
        [next, 1],
      ])
      await house.download(tid)
      const news = await sql<{ n: number }>`select count(*)::int as n from order_difference`.execute(house.db)
      assert.equal(news.rows[0]?.n, 0)
    })

    test('is changed once though the answer was lost', async () => {
      const { id, tid } = await writtenBack()
      const next = aWaybill()
      await house.control('faults', { kind: 'timeout-after', method, ms: 20, count: 1 })
      assert.deepEqual(await change(packer, id, next), ['done'])
      const outbox = house.outbox({ timeoutSeconds: 1 })
      const state = await house.settled(id)
      await outbox.stop()
      assert.deepEqual([state.writeBack, state.action, state.attempts], ['done', 'succeeded', 1])
      assert.deepEqual(shown(tid), [
        [next, 1],
        [next, 1],
      ])
      assert.deepEqual(house.sandbox.sandbox.board.faults, [])
    })
  })
}
