import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import type { Running } from '../../core/jobs/engine.ts'
import { codes } from '../../testing/returns.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { receiveReturns } from '../receiving/receive.ts'
import { writeBackReceiptsAgain } from './tell-again.ts'

type State = {
  id: string
  status: string
  told: string
  code: string
  refund: string
  waybill: string
  key: string
}

for (const platform of ['tmall', 'pinduoduo'] as const)
  describe(`telling ${platform} that goods are back`, () => {
    let house: ShippingHouse
    let outbox: Running
    before(async () => {
      house = await aShippingHouse(platform)
      outbox = house.outbox()
    })
    after(async () => {
      await outbox.stop()
      await house[Symbol.asyncDispose]()
    })

    /** A shipped order whose write-back is done and for which the buyer has applied to send the goods back. */
    async function asked() {
      const packed = await house.shipped(platform === 'pinduoduo' ? { lines: 1 } : {})
      await house.settled(packed.id)
      await house.control('refunds', { tid: packed.tid, kind: 'REFUND_AND_RETURN' })
      const refund = house.trade(packed.tid).refunds.at(-1) ?? assert.fail('no refund')
      await house.downloadRefund(refund.id)
      return { ...packed, refund }
    }
    const change = async (refundId: string, action: string) => {
      await house.control(`refunds/${refundId}/${action}`)
      await house.downloadRefund(refundId)
    }
    const state = async (orderId: string): Promise<State> => {
      const found = await sql<State>`
        select t.id, t.status, t.told, t.error_code as code, t.refund_status as refund, t.waybill_no as waybill,
          coalesce(a.idempotency_key, '') as key
        from return_order t left join platform_action a on a.id = t.action_id where t.order_id = ${orderId}`.execute(
        house.db,
      )
      return found.rows[0] ?? assert.fail('no return')
    }
    const receive = async (id: string) =>
      codes(await house.run((tx) => receiveReturns(tx, [{ id }], { actor: packer, scope: wholeScope })))
    const toldAs = (orderId: string, told: string) => until(async () => (await state(orderId)).told === told)

    test('from the buyer’s request to the settled return: the parcel is known, the platform hears, and pays', async () => {
      const { orderId, refund } = await asked()
      assert.equal((await state(orderId)).status, 'unconfirmed')
      await change(refund.id, 'agree')
      await change(refund.id, 'return')
      const { id, waybill } = await state(orderId)
      assert.equal(waybill, refund.waybill)
      assert.deepEqual(await receive(id), ['done'])
      await toldAs(orderId, 'done')
      assert.equal(refund.status, 'SUCCESS')
      assert.equal((await state(orderId)).status, 'received')
      await house.downloadRefund(refund.id)
      assert.deepEqual(await state(orderId), {
        id,
        status: 'settled',
        told: 'done',
        code: '',
        refund: 'succeeded',
        waybill: refund.waybill,
        key: `return.receipt/${id}`,
      })
    })

    test('what the platform refuses is told again by a person, with a reason', async () => {
      const { orderId, refund } = await asked()
      const { id } = await state(orderId)
      // The goods arrive before the buyer has told the platform the waybill.
      assert.deepEqual(await receive(id), ['done'])
      await toldAs(orderId, 'failed')
      assert.notEqual((await state(orderId)).code, '')
      await change(refund.id, 'agree')
      await change(refund.id, 'return')
      const again = () =>
        house.run((tx) =>
          writeBackReceiptsAgain(tx, [id], '买家已填运单', { actor: packer, scope: wholeScope }),
        )
      assert.deepEqual(codes(await again()), ['done'])
      await toldAs(orderId, 'done')
      assert.equal(refund.status, 'SUCCESS')
      assert.deepEqual(codes(await again()), ['action_succeeded'])
    })
  })
