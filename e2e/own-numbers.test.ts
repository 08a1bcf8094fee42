import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { connectors } from '../server/connectors/index.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { numberRun } from '../server/fulfilment/desk/number-run.ts'
import { unreleaseDeliveries } from '../server/fulfilment/shipping/release.ts'
import { viewDeliveries } from '../server/fulfilment/view.ts'
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
    label: 'logistics.waybillApply',
    merges: true,
  },
  {
    platform: 'weixin',
    gives: 'logistics/ewaybill/biz/order/create',
    afterwards: 'logistics/ewaybill/biz/order/get',
    label: 'logistics/ewaybill/biz/print/get',
    merges: true,
  },
  // Number and label come in one call, and orders of 快手 are not merged.
  {
    platform: 'kuaishou',
    gives: 'open.express.ebill.get',
    afterwards: 'open.express.ebill.get',
    label: undefined,
    merges: false,
  },
]

for (const { platform, gives, afterwards, label, merges } of sources)
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

    if (label !== undefined)
      test('when the label is refused: it is asked for three times at most, the row says why, and the next number has one', async () => {
        const { id, tid } = await released()
        const calls = () =>
          [...house.sandbox.sandbox.calls].flatMap(([of, n]) => (of.endsWith(` ${label}`) ? [n] : []))
        house.sandbox.sandbox.calls.clear()
        await sql`
          update waybill set asked_at = asked_at - interval '1 hour', ended_at = ended_at - interval '1 hour'`.execute(
          house.db,
        )
        // Without its answer, the number is found again, and its label is asked for alone.
        await house.control('faults', { kind: 'timeout-after', ms: 20, method: gives, count: 1 })
        await house.control('faults', { kind: 'forbidden', method: label, count: 1000 })
        must(await house.run((tx) => takeNumbers(tx, [id], by)))
        const outbox = house.outbox()
        await numbersSettled(house)
        assert.deepEqual(await requestsOf(house, id), ['returned', 'failed'])
        const asked = calls()
        assert.deepEqual([asked.length, given(tid)], [1, ['back']])
        assert.ok((asked[0] ?? 0) <= 3, `${asked[0]} times`)
        const [row = assert.fail()] = await viewDeliveries(house.db, [id])
        assert.deepEqual([row.numberState, row.waybillNo, row.workState], ['failed', '', 'number'])
        assert.notEqual(row.numberError, '')
        const run = await numberRun(house.db, packer)
        assert.deepEqual(
          [run?.total, run?.taken, run?.failed, run?.reasons[0]?.message],
          [1, 0, 1, row.numberError],
        )
        const gate = await sql`select from shop_gate where away_since is not null`.execute(house.db)
        assert.deepEqual(gate.rows, [])
        await sleep(500)
        assert.deepEqual(calls(), asked)
        await outbox.stop()
        house.sandbox.sandbox.board.faults = []
        await numbered(house, [id])
        assert.deepEqual(await requestsOf(house, id), ['returned', 'failed', 'taken on it'])
        assert.deepEqual(given(tid), ['back', 'live'])
      })
  })
