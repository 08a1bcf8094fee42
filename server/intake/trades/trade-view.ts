import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { TradeDetailView } from '../contract.ts'
import { tradeEventsOf } from '../event-queries.ts'
import { type TradeState, tradeEvents } from '../lifecycle.ts'
import { withPlatformWords } from '../platform-status.ts'
import { refundsOfTrade } from '../staged/refund-view-queries.ts'
import { type WholeTrade, wholeTrade } from './trade-view-queries.ts'

export async function viewTrade(
  db: Database,
  id: string,
  scope: Scope,
): Promise<TradeDetailView | undefined> {
  const found = await wholeTrade(db, id, scope)
  const [trade] = await withPlatformWords(db, found ? [found] : [])
  if (!trade) return undefined
  const [events, refunds] = [
    await tradeEventsOf(db, trade.shopId, trade.tid),
    await refundsOfTrade(db, trade.shopId, trade.tid),
  ]
  return { ...trade, events, refunds, actions: actionsOf(trade) }
}

function actionsOf(trade: WholeTrade): TradeDetailView['actions'] {
  const inState = (from: readonly TradeState[]) =>
    from.includes(trade.state) ? '' : `already_${trade.state}`
  const convert = inState(tradeEvents.convert.from) || trade.reason
  return [
    ['convert', convert],
    [
      'convertAsRecord',
      trade.state === 'staged' && trade.reason === 'shipped_elsewhere' ? '' : 'not_shipped_elsewhere',
    ],
    ['convert-instead', trade.state === 'staged' && trade.reason === 'duplicate' ? '' : 'not_duplicate'],
    [
      'take-doubts',
      trade.state !== 'staged'
        ? `already_${trade.state}`
        : trade.doubts.some(({ taken }) => !taken)
          ? ''
          : 'not_doubtful',
    ],
    ['remove', inState(['fetching', 'staged'])],
    ['process', inState(tradeEvents.process.from)],
    ['unprocess', inState(tradeEvents.unprocess.from)],
  ].map(([action = '', code = '']) => ({ action, allowed: code === '', code }))
}
