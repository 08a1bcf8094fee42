import fc from 'fast-check'
import { type RawBuilder, sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { moveSettlements } from '../../server/finance/settlement-verbs.ts'
import { writeBackAgain } from '../../server/fulfilment/write-back/write-again.ts'
import { copyOrders } from '../../server/orders/create/copy.ts'
import {
  approveExtraRefunds,
  createExtraRefund,
  voidExtraRefunds,
} from '../../server/orders/settle/extra-refunds.ts'
import { clerk, rowsOf } from '../one-shop.ts'
import { attempt } from './desk-attempt.ts'
import type { Desk, Round } from './desk-place.ts'

/** Payments beside the platform's refunds, and reshipments. */
export const moneyCommand = fc.record({
  do: fc.constant('money' as const),
  what: fc.constantFrom(
    ...(['extra', 'extra', 'extra_approve', 'extra_approve', 'extra_void', 'reship', 'write_again'] as const),
    ...(['approve', 'unapprove', 'post', 'settle'] as const),
  ),
  trade: fc.nat({ max: 3 }),
})
export type MoneyCommand = typeof moneyCommand extends fc.Arbitrary<infer Value> ? Value : never

let wishes = 0

export async function withMoney(desk: Desk, round: Round, one: MoneyCommand): Promise<void> {
  const tid = round.trades[one.trade % round.trades.length]?.tid ?? ''
  const idsOf = async (query: RawBuilder<{ id: string }>) =>
    (await rowsOf(desk.db, query)).map(({ id }) => id)
  const orders = () => idsOf(sql<{ id: string }>`select id from sales_order where tid = ${tid} order by id`)
  const extras = () =>
    idsOf(sql<{ id: string }>`
      select e.id from extra_refund e join sales_order o on o.id = e.order_id where o.tid = ${tid} order by e.id`)
  switch (one.what) {
    case 'extra': {
      const [orderId] = await orders()
      if (orderId === undefined) return
      const wish = { orderId, kind: 'compensation' as const, amountFen: 4_000, reason: '补偿' }
      await attempt(desk, (tx) => createExtraRefund(tx, wish, { actor: clerk, scope: wholeScope }))
      return
    }
    case 'extra_approve': {
      const ids = await extras()
      await attempt(desk, (tx) => approveExtraRefunds(tx, ids, { actor: clerk, scope: wholeScope }))
      return
    }
    case 'extra_void': {
      const ids = await extras()
      await attempt(desk, (tx) => voidExtraRefunds(tx, ids, { actor: clerk, scope: wholeScope }))
      return
    }
    case 'reship': {
      const [orderId] = await orders()
      if (orderId === undefined) return
      wishes += 1
      const lines = [{ lineNo: 1, quantity: 1 }]
      const wish = { key: `${tid}/${wishes}`, orderId, kind: 'reship' as const, reason: '少发', lines }
      await attempt(desk, (tx) => copyOrders(tx, desk.ring, [wish], { actor: clerk, scope: wholeScope }))
      return
    }
    case 'write_again': {
      const ids = await idsOf(
        sql<{ id: string }>`select id from delivery where tid = ${tid} and write_back = 'failed'`,
      )
      await attempt(desk, (tx) => writeBackAgain(tx, ids, '再回写', { actor: clerk, scope: wholeScope }))
      return
    }
    default: {
      const event = one.what
      const ids = await idsOf(sql<{ id: string }>`select id from settlement where tid = ${tid}`)
      await attempt(desk, (tx) => moveSettlements(tx, ids, { event }, { actor: clerk, scope: wholeScope }))
    }
  }
}
