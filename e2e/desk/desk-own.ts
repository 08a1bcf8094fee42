import { wholeScope } from '../../server/core/access/actor.ts'
import { createOrders } from '../../server/orders/create/create.ts'
import { clerk } from '../one-shop.ts'
import { attempt } from './desk-attempt.ts'
import type { Desk, Round } from './desk-place.ts'

/** The numbers of these trades, and of the orders that were made here for the same buyers. */
export const tidsOf = ({ trades: all }: Round, chosen: readonly number[]) =>
  chosen.flatMap((at) => {
    const tid = all[at % all.length]?.tid
    return tid === undefined ? [] : [tid, ownNo(tid)]
  })

export const ownNo = (tid: string) => `${tid}-OWN`

/** 手工建单: an order of one SKU that is made here, for the receiver of a trade. */
export async function makeOwn(desk: Desk, round: Round, at: number): Promise<void> {
  const trade = round.trades[at % round.trades.length]
  const code = round.codes[at % round.codes.length]
  if (!trade || code === undefined) return
  const { token: _token, ...receiver } = trade.receiver
  const lines = [{ code, quantity: 1 + (at % 2), priceFen: 9000 }]
  const order = { key: ownNo(trade.tid), outerNo: ownNo(trade.tid), shopId: desk.shopId, paid: true }
  await attempt(desk, (tx) =>
    createOrders(tx, desk.ring, [{ ...order, receiver, lines }], { actor: clerk, scope: wholeScope }),
  )
}
