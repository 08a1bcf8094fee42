import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { connectors } from '../server/connectors/index.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { unreleaseDeliveries } from '../server/fulfilment/shipping/release.ts'
import { waybillDemo } from '../server/fulfilment/waybills/demo.ts'
import { takeNumbers } from '../server/fulfilment/waybills/take.ts'
import {
  inOneParcel,
  labelsOf,
  numbered,
  numbersSettled,
  requestsOf,
} from '../server/testing/numbers/numbered.ts'
import { must } from '../server/testing/run.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'

const by = { actor: packer, scope: wholeScope }

const sources = [
  {
    platform: 'doudian',
    gives: 'logistics.newCreateOrder',
    afterwards: 'logistics.waybillApply',
    merges: true,
  },
  {
    platform: 'weixin',
    gives: 'logistics/ewaybill/biz/order/create',
    afterwards: 'logistics/ewaybill/biz/order/get',
    merges: true,
  },
  // Number and label come in one call, and orders of 快手 are not merged.
  {
    platform: 'kuaishou',
    gives: 'open.express.ebill.get',
    afterwards: 'open.express.ebill.get',
    merges: false,
  },
]

for (const { platform, gives, afterwards, merges } of sources)
  describe(`numbers of ${platform} are not lost`, () => {
    let house: ShippingHouse
    before(async () => {
      house = await aShippingHouse(platform)
      const { db, ring } = house
      await waybillDemo({ db, ring, connectors, simulator: true }, [house.shopId])
    })
    after(() => house[Symbol.asyncDispose]())
    beforeEach(() => {
      house.sandbox.sandbox.board.faults = []
    })
    const given = (tid: string) => labelsOf(house, tid).map(({ cancelled }) => (cancelled ? 'back' : 'live'))
    const released = () => house.released({ type: undefined })

    test('when the token ends before the label: it is renewed, and the parcel has its one number', async () => {
      const { id, tid } = await released()
      await house.control('faults', { kind: 'timeout-after', ms: 20, method: gives, count: 1 })
      await house.control('faults', { kind: 'session-expired', method: afterwards, count: 1 })
      await numbered(house, [id])
      assert.deepEqual([await requestsOf(house, id), given(tid)], [['taken on it'], ['live']])
      const shop = await sql<{
        state: string
      }>`select auth_state as state from shop where id = ${house.shopId}`.execute(house.db)
      assert.deepEqual(shop.rows, [{ state: 'live' }])
    })

    test('when the answer is lost and the whole parcel is taken back: its number goes back', async () => {
      const one = await released()
      const other = merges ? await released() : one
      house.trade(other.tid).receiver = house.trade(one.tid).receiver
      if (merges) await inOneParcel(house, [one.id, other.id])
      const ids = [...new Set([one.id, other.id])]
      await house.control('faults', { kind: 'timeout-after', ms: 20, method: gives, count: 1000 })
      must(await house.run((tx) => takeNumbers(tx, ids, by)))
      const outbox = house.outbox()
      await until(async () => given(one.tid).length > 0)
      must(await house.run((tx) => unreleaseDeliveries(tx, ids, by)))
      house.sandbox.sandbox.board.faults = []
      await numbersSettled(house)
      await outbox.stop()
      assert.deepEqual([given(one.tid), given(other.tid)], [['back'], ['back']])
      assert.deepEqual(
        labelsOf(house, one.tid).map(({ waybill }) => waybill),
        labelsOf(house, other.tid).map(({ waybill }) => waybill),
      )
      assert.deepEqual(await requestsOf(house, one.id), ['returned'])
    })
  })
