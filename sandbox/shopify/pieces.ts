import { keptMap } from '../kept-map.ts'
import type { Line, Shop, Trade } from '../world/model.ts'
import { openParcels } from '../world/sent-parcels.ts'

/** Pieces of a line whose money was given back. They are no longer to be sent. */
export const refundedPieces = (trade: Trade, line: Line): number =>
  line.status === 'TRADE_CLOSED'
    ? line.num
    : trade.refunds
        .filter((refund) => refund.line === line && refund.status === 'SUCCESS')
        .reduce((sum, { num }) => Math.min(sum + num, line.num), 0)

/** Pieces of a line that are still to be sent. */
export function piecesToSend(trade: Trade, line: Line): number {
  if (
    line.status !== 'WAIT_SELLER_SEND_GOODS' &&
    line.status !== 'PAID_FORBID_CONSIGN' &&
    line.status !== 'WAIT_BUYER_PAY'
  )
    return 0
  const sent = openParcels(trade)
    .flatMap(({ goods }) => goods)
    .filter((one) => one.line === line)
    .reduce((sum, { pieces }) => sum + pieces, 0)
  return Math.max(line.num - sent - refundedPieces(trade, line), 0)
}

const split = keptMap<Shop, true>('shopify split')

/** Lets a shop keep its goods at two places: every second line of an order is at the other one. */
export const splitLocations = (shop: Shop): void => void split.set(shop, true)

export const LOCATIONS = [
  { id: 61_000_000_001, name: '主仓' },
  { id: 61_000_000_002, name: '二仓' },
] as const

export const locationsOf = (shop: Shop) => LOCATIONS.slice(0, split.has(shop) ? 2 : 1)

/** The lines of an order at each place. */
export const linesAt = (trade: Trade): { location: (typeof LOCATIONS)[number]; lines: Line[] }[] =>
  locationsOf(trade.shop)
    .map((location, at, all) => ({
      location,
      lines: trade.lines.filter((_, place) => place % all.length === at),
    }))
    .filter(({ lines }) => lines.length > 0)
