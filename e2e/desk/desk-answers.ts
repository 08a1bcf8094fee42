import fc from 'fast-check'
import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { agreeRefunds, type Seen } from '../../server/intake/refunds/refund-actions.ts'
import { shipOverRefunds } from '../../server/orders/refunds/ship-over.ts'
import { clerk, rowsOf } from '../one-shop.ts'
import { attempt } from './desk-attempt.ts'
import type { Desk, Round } from './desk-place.ts'

// Users' answers to refunds: agreeing, or shipping in spite of them.

export const answerKinds = [
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('agree' as const), trade: fc.nat({ max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('ship_over' as const),
      trade: fc.nat({ max: 3 }),
      /** Index among the trade's orders. */
      which: fc.nat({ max: 2 }),
    }),
  },
]
export type AnswerCommand =
  (typeof answerKinds)[number]['arbitrary'] extends fc.Arbitrary<infer Value> ? Value : never

export async function answer(desk: Desk, { trades }: Round, one: AnswerCommand): Promise<void> {
  const tid = trades[one.trade % trades.length]?.tid ?? ''
  return one.do === 'agree' ? agree(desk, tid) : shipOver(desk, tid, one.which)
}

async function agree(desk: Desk, tid: string): Promise<void> {
  const seen = await rowsOf<Seen>(
    desk.db,
    sql`select id, version, amount_fen::float8 as "amountFen" from staged_refund
        where tid = ${tid} and status in ('applied', 'agreed') order by id`,
  )
  if (seen.length > 0)
    await attempt(desk, (tx) =>
      agreeRefunds(tx, desk.ring, { seen, request: {} }, { actor: clerk, scope: wholeScope }),
    )
}

async function shipOver(desk: Desk, tid: string, which: number): Promise<void> {
  const orders = await rowsOf<{ id: string }>(
    desk.db,
    sql`select id from sales_order where tid = ${tid} order by id`,
  )
  const order = orders[which % Math.max(1, orders.length)]
  const by = { actor: clerk, scope: wholeScope, request: { ip: '', id: '' } }
  if (order) await attempt(desk, (tx) => shipOverRefunds(tx, order.id, '买家说照发', by))
}
