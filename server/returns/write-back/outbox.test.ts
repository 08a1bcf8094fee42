import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import { wholeScope } from '../../core/access/actor.ts'
import type { Running } from '../../core/jobs/engine.ts'
import { afterSalesRows } from '../../intake/aftersales/desk-view.ts'
import { agreeRefunds, outcomesOf } from '../../intake/refunds/refund-actions.ts'
import { viewRefund } from '../../intake/refunds/refund-view.ts'
import { codes } from '../../testing/returns.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { receiveReturns } from '../receiving/receive.ts'
import { viewReturn } from '../view/view.ts'
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

test('without a call for receipts nothing is written back: the return and the desk name the next step', async () => {
  await using house = await aShippingHouse('tmall')
  const outbox = house.outbox()
  const packed = await house.shipped()
  await house.settled(packed.id)
  await outbox.stop()
  await house.control('refunds', { tid: packed.tid, kind: 'REFUND_AND_RETURN' })
  const refund = house.trade(packed.tid).refunds.at(-1) ?? assert.fail('no refund')
  await house.control(`refunds/${refund.id}/agree`)
  await house.downloadRefund(refund.id)
  const found = await sql<{ id: string; refundId: string }>`
    select t.id, r.id as "refundId" from return_order t join staged_refund r on r.refund_no = t.refund_no
    where t.order_id = ${packed.orderId}`.execute(house.db)
  const { id, refundId } = found.rows[0] ?? assert.fail('no return')
  const suggestion = async () => (await afterSalesRows(house.db, [refundId])).map((row) => row.suggestion)
  assert.deepEqual(await suggestion(), ['wait_buyer'])
  const platforms = connectors.filter(({ cannot }) => cannot.reportReturn)
  const agrees = ({ actions }: (typeof platforms)[number]) => actions.agreeRefund !== undefined
  const agreeing = platforms.find((one) => agrees(one) && !one.paysReturnsThere)
  const paying = platforms.find((one) => agrees(one) && one.paysReturnsThere)
  const other = platforms.find((one) => !agrees(one))
  await sql`update shop set platform = ${agreeing?.id ?? ''}, variant = ''`.execute(house.db)
  const by = { actor: packer, scope: wholeScope }
  assert.deepEqual(codes(await house.run((tx) => receiveReturns(tx, [{ id }], by))), ['done'])
  const { return: shown, receiptNote } = await viewReturn(house.db, id, wholeScope)
  assert.deepEqual(
    [shown.status, shown.told, receiptNote],
    ['received', 'none', agreeing?.cannot.reportReturn],
  )
  const actions = await sql`select from platform_action where kind = 'return.receipt'`.execute(house.db)
  assert.equal(actions.rows.length, 0)
  const again = await house.run((tx) => writeBackReceiptsAgain(tx, [id], '再试', by))
  assert.deepEqual(codes(again), ['unsupported_by_platform'])
  assert.deepEqual(await suggestion(), ['goods_back'])
  const codeOf = async () => {
    const { actions } = (await viewRefund(house.db, refundId, wholeScope)) ?? assert.fail()
    return actions.find(({ action }) => action === 'agree')?.code
  }
  const agree = async () => {
    const rows = await afterSalesRows(house.db, [refundId])
    const sent = await house.run((tx) => agreeRefunds(tx, house.ring, { seen: rows, request: {} }, by))
    return outcomesOf(rows, sent).map((one) => (one.done ? 'done' : one.code))
  }
  assert.equal(await codeOf(), '')
  await sql`update shop set platform = ${other?.id ?? ''}`.execute(house.db)
  assert.deepEqual(await suggestion(), ['goods_back_there'])
  await sql`update shop set platform = ${paying?.id ?? ''}`.execute(house.db)
  assert.deepEqual(
    [await suggestion(), await codeOf(), await agree()],
    [['goods_back_there'], 'paid_there', ['paid_there']],
  )
})
