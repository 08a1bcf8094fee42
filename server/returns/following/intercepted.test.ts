import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { viewIntercepts } from '../../fulfilment/intercepts/aftersale-view.ts'
import type { InterceptEvent } from '../../fulfilment/intercepts/intercept-lifecycle.ts'
import { decideIntercepts } from '../../fulfilment/shipping/intercept-verbs.ts'
import { interceptEnded } from '../../intake/jobs.ts'
import { type RefundChange, refundArrives, workTwice } from '../../testing/refund-versions.ts'
import { assertSound, codes } from '../../testing/returns.ts'
import { aShippingHouse, type Packed, packer, type ShippingHouse } from '../../testing/shipping.ts'
import { createReturns, returnParcels } from '../create.ts'
import { receiveReturns } from '../receiving/receive.ts'
import { viewReturn } from '../view/view.ts'

describe('parcels that are stopped, and goods that come back', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    await sql`update platform_action set state = 'withdrawn', next_at = null, lease_until = null
      where state in ('pending', 'sending')`.execute(house.db)
    await sql`delete from job`.execute(house.db)
  })

  const arrives = (packed: Packed, change?: RefundChange) => refundArrives(house, packed, change)
  const work = () => workTwice(house.db, [interceptEnded])
  /** A shipped order whose write-back is done. */
  const told = async () => {
    const packed = await house.shipped()
    const outbox = house.outbox()
    await house.settled(packed.id)
    await outbox.stop()
    return packed
  }
  const interceptOf = async ({ id }: Packed) => {
    const found = await sql<{
      id: string
    }>`select id from intercept where delivery_id = ${id} order by id desc limit 1`.execute(house.db)
    const [one] = await viewIntercepts(
      house.db,
      found.rows.map((row) => row.id),
    )
    return one ?? assert.fail('no intercept')
  }
  const decide = async (packed: Packed, event: InterceptEvent) => {
    const { id } = await interceptOf(packed)
    const outcomes = await house.run((tx) =>
      decideIntercepts(tx, [id], { event }, { actor: packer, scope: wholeScope }),
    )
    assert.deepEqual(codes(outcomes), ['done'])
    await work()
  }
  const returns = async ({ orderId }: Packed) =>
    (
      await sql<{
        id: string
        no: string
        kind: string
        status: string
        refundNo: string
        lines: string[]
        reason: string
      }>`
        select t.id, t.no, t.kind, t.status, t.refund_no as "refundNo", t.void_reason as reason,
          array(select line_no || ':' || quantity from (
            select order_line_no as line_no, quantity from return_line where return_id = t.id order by 1) l) as lines
        from return_order t where t.order_id = ${orderId} order by t.id`.execute(house.db)
    ).rows
  const shown = async (packed: Packed) =>
    (await returns(packed)).map(({ kind, status, refundNo }) => `${kind} ${status} ${refundNo}`)
  const all = ({ tid }: Packed) => house.trade(tid).lines.map(({ num }, at) => `${at + 1}:${num}`)
  const byHand = async ({ orderId }: Packed, lineNo = 1) => {
    const wish = {
      orderId,
      kind: 'return' as const,
      reason: '',
      courier: '',
      waybillNo: '',
      warehouseId: undefined,
      exchangeWhen: undefined,
      lines: [{ lineNo, quantity: 1 }],
    }
    const [made] = await house.run((tx) => createReturns(tx, [wish], { actor: packer, scope: wholeScope }))
    return made?.done ? 'done' : made?.code
  }
  const scanned = async ({ id }: Packed) => {
    const [made] = await house.run((tx) => returnParcels(tx, [id], { actor: packer, scope: wholeScope }))
    return made?.done ? 'done' : made?.code
  }
  const receive = async (ids: readonly string[]) =>
    codes(
      await house.run((tx) =>
        receiveReturns(
          tx,
          ids.map((id) => ({ id })),
          { actor: packer, scope: wholeScope },
        ),
      ),
    )
  const sound = () => assertSound(house.db)
  /** The pieces that the order's returns put on hand. */
  const movedIn = async ({ orderId }: Packed) =>
    (
      await sql<{ pieces: number }>`
        select coalesce(sum(m.quantity), 0)::int as pieces from stock_movement m join return_order t
          on m.document_kind = 'return' and m.document_id = t.id where t.order_id = ${orderId}`.execute(
        house.db,
      )
    ).rows[0]?.pieces
  const pieces = ({ tid }: Packed) => house.trade(tid).lines.reduce((sum, { num }) => sum + num, 0)

  test('追回 makes the return of the parcel once, both name each other, and it is received once', async () => {
    const packed = await told()
    const refundNo = await arrives(packed)
    assert.deepEqual(await shown(packed), [])
    await decide(packed, 'return')
    const [own, ...more] = await returns(packed)
    assert.deepEqual(more, [])
    assert.deepEqual(
      [own?.kind, own?.status, own?.refundNo, own?.lines],
      ['refused', 'unconfirmed', refundNo, all(packed)],
    )
    const { returnId, returnNo, id } = await interceptOf(packed)
    assert.deepEqual([returnId, returnNo], [own?.id, own?.no])
    const seen = await viewReturn(house.db, own?.id ?? '', wholeScope)
    assert.deepEqual(
      seen.intercepts.map((one) => [one.id, one.state]),
      [[id, 'returned']],
    )
    assert.equal(seen.events.at(-1)?.actorName, packer.name)
    assert.deepEqual(seen.return.deadline, new Date('2026-11-26T12:00:00+08:00'))
    assert.deepEqual(await receive([own?.id ?? '']), ['done'])
    assert.deepEqual(
      [await scanned(packed), await byHand(packed), await movedIn(packed)],
      ['nothing_left', 'too_many', pieces(packed)],
    )
    // A second refund of the same goods creates no second return.
    await arrives(packed, { refundKind: 'return', phase: 'aftersale' })
    assert.equal((await returns(packed)).length, 1)
    await sound()
  })

  test('whoever scans the parcel first notes that it came back; 追回 is said already', async () => {
    const packed = await told()
    await arrives(packed)
    assert.deepEqual([await scanned(packed), await scanned(packed)], ['done', 'nothing_left'])
    await work()
    const [own, ...more] = await returns(packed)
    const { id, state, returnId, endedBy } = await interceptOf(packed)
    assert.deepEqual([more, state, returnId, endedBy], [[], 'returned', own?.id, packer.name])
    assert.deepEqual(
      codes(
        await house.run((tx) =>
          decideIntercepts(tx, [id], { event: 'return' }, { actor: packer, scope: wholeScope }),
        ),
      ),
      ['already'],
    )
  })

  test('a scanner and whoever notes 追回 at once: one return', async () => {
    for (let round = 0; round < 4; round += 1) {
      const packed = await told()
      await arrives(packed)
      const { id } = await interceptOf(packed)
      await Promise.all([
        scanned(packed),
        house.run((tx) =>
          decideIntercepts(tx, [id], { event: 'return' }, { actor: packer, scope: wholeScope }),
        ),
      ])
      await Promise.all([work(), scanned(packed)])
      assert.equal((await returns(packed)).length, 1)
      assert.equal((await interceptOf(packed)).state, 'returned')
    }
    await sound()
  })

  test('while a parcel is looked for no return is made of it; missed, the return is what is left to do', async () => {
    const packed = await house.shipped()
    const refundNo = await arrives(packed, { refundKind: 'return' })
    const later = { refundId: refundNo, refundKind: 'return' as const }
    await arrives(packed, { ...later, at: 5, carrier: 'SF', waybillNo: 'sf0001' })
    assert.deepEqual([await shown(packed), await byHand(packed)], [[], 'being_intercepted'])
    await decide(packed, 'miss')
    const [own, ...more] = await returns(packed)
    assert.deepEqual(
      [more, own?.kind, own?.refundNo, own?.lines, own?.status],
      [[], 'return', refundNo, all(packed), 'unconfirmed'],
    )
    assert.equal((await interceptOf(packed)).returnNo, own?.no)
    const { return: seen } = await viewReturn(house.db, own?.id ?? '', wholeScope)
    assert.equal(seen.waybillNo, 'SF0001')
    await arrives(packed, { ...later, at: 10, status: 'agreed' })
    assert.deepEqual(await shown(packed), [`return unconfirmed ${refundNo}`])
  })

  test('missed for money only, a person may ask for the goods, and the intercept names that return', async () => {
    const packed = await told()
    await arrives(packed)
    assert.equal(await byHand(packed), 'being_intercepted')
    await decide(packed, 'miss')
    assert.deepEqual(await shown(packed), [])
    assert.equal(await byHand(packed), 'done')
    const [own] = await returns(packed)
    assert.equal((await interceptOf(packed)).returnNo, own?.no)
  })

  test('pulled: what left is in the house, nothing is to come back, and a return that waited for it is voided', async () => {
    const packed = await house.shipped()
    // A person had created a return before the refund was known.
    assert.equal(await byHand(packed), 'done')
    const refundNo = await arrives(packed, { refundKind: 'return' })
    assert.equal(await scanned(packed), 'being_intercepted')
    await decide(packed, 'pull')
    const [own, ...more] = await returns(packed)
    assert.deepEqual([more, own?.status, own?.reason], [[], 'voided', 'parcel_pulled'])
    await arrives(packed, { refundId: refundNo, refundKind: 'return', status: 'agreed', at: 10 })
    assert.deepEqual(
      (await returns(packed)).map(({ status }) => status),
      ['voided'],
    )
    assert.deepEqual(await receive([own?.id ?? '']), ['wrong_status'])
    await sound()
  })

  test('of two refunds one closes and the stop is lifted: the other makes its return', async () => {
    const packed = await house.shipped()
    const [line] = house.trade(packed.tid).lines
    const outbox = house.outbox()
    await house.settled(packed.id)
    await outbox.stop()
    const money = await arrives(packed)
    const goods = await arrives(packed, {
      refundKind: 'return',
      oid: line?.oid ?? '',
      quantity: 1,
      amountFen: 100,
    })
    assert.deepEqual(await shown(packed), [])
    await arrives(packed, { refundId: money, status: 'closed', at: 10 })
    assert.equal((await interceptOf(packed)).state, 'lifted')
    await work()
    const [own, ...more] = await returns(packed)
    assert.deepEqual([more, own?.refundNo, own?.lines], [[], goods, ['1:1']])
  })

  test('what is on another return already is not on the parcel’s: each piece comes in once', async () => {
    const packed = await told()
    const [line] = house.trade(packed.tid).lines
    await arrives(packed, {
      refundKind: 'return',
      oid: line?.oid ?? '',
      quantity: line?.num ?? 0,
      amountFen: 100,
    })
    await arrives(packed)
    await decide(packed, 'return')
    const made = await returns(packed)
    assert.deepEqual(
      made.map(({ kind, lines }) => [kind, lines]),
      [
        ['return', all(packed).slice(0, 1)],
        ['refused', all(packed).slice(1)],
      ],
    )
    assert.deepEqual(await receive(made.map(({ id }) => id)), ['done', 'done'])
    assert.deepEqual([await movedIn(packed), await scanned(packed)], [pieces(packed), 'nothing_left'])
    await sound()
  })
})
