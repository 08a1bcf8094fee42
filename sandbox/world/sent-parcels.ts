import { keptMap } from '../kept-map.ts'
import { touchTrade } from './change.ts'
import type { Line, Trade } from './model.ts'
import { recordShipping, type World } from './world.ts'

/** A parcel of the client with its pieces. The world itself knows whole lines only. */
export interface Parcel {
  courier: string
  waybill: string
  /** Epoch seconds. */
  at: number
  goods: { line: Line; pieces: number }[]
}

/** A parcel as a call of the client names it. */
export type SentParcel = Pick<Parcel, 'courier' | 'waybill' | 'goods'>

const clients = keptMap<Trade, Parcel[]>('parcels')

export const openParcels = (trade: Trade): Parcel[] => clients.get(trade) ?? []

export function addParcel(trade: Trade, parcel: Parcel): void {
  clients.set(trade, [...openParcels(trade), parcel])
}

/** The first waybill of a parcel that has got another one. */
const firstWaybills = keptMap<Parcel, string>('first waybills')
export const firstWaybillOf = (parcel: Parcel): string => firstWaybills.get(parcel) ?? parcel.waybill

/** A number under which nothing of the shop is on its way any more may be cancelled, or used again. */
export function giveUpWaybill(world: World, { shop }: Trade, waybill: string): void {
  const isUsed = [...shop.trades.values()].some(
    (trade) =>
      trade.lines.some((line) => line.waybill === waybill) ||
      openParcels(trade).some((parcel) => parcel.waybill === waybill),
  )
  if (!isUsed) world.waybills.delete(waybill)
}

/** Gives a parcel that has left another courier and waybill. */
export function changeParcel(
  world: World,
  trade: Trade,
  parcel: Parcel,
  { courier, waybill }: Pick<Parcel, 'courier' | 'waybill'>,
): void {
  for (const { line } of parcel.goods)
    if (line.waybill === parcel.waybill) Object.assign(line, { company: courier, waybill })
  const former = parcel.waybill
  firstWaybills.set(parcel, firstWaybillOf(parcel))
  Object.assign(parcel, { courier, waybill })
  giveUpWaybill(world, trade, former)
  world.waybills.set(waybill, trade)
  touchTrade(world, trade)
}

/** Adds the parcels of one call to the world's record as one shipping, with their pieces. */
export function recordParcels(
  world: World,
  trade: Trade,
  parcels: readonly SentParcel[],
  accepted: boolean,
): void {
  const pieces = parcels.flatMap(({ goods }) => goods.map((of) => `${of.line.oid}*${of.pieces}`))
  recordShipping(world, trade, {
    company: parcels.map(({ courier }) => courier).join(),
    waybill: parcels.map(({ waybill }) => waybill).join(),
    ...{ lines: pieces, accepted },
  })
}

/** Pieces of a line that no parcel has. */
export function piecesLeft(trade: Trade, line: Line): number {
  if (line.status !== 'WAIT_SELLER_SEND_GOODS') return 0
  const sent = openParcels(trade).flatMap(({ goods }) => goods.filter((one) => one.line === line))
  return line.num - sent.reduce((sum, { pieces }) => sum + pieces, 0)
}

/** Every parcel of an order: the client's, and those that the simulator shipped itself. */
export function parcelsOf(trade: Trade): Parcel[] {
  const mine = openParcels(trade)
  const known = new Set(mine.flatMap(({ goods }) => goods.map(({ line }) => line)))
  const others = trade.lines.filter((line) => line.consigned > 0 && line.waybill !== '' && !known.has(line))
  const byWaybill = Map.groupBy(others, ({ waybill }) => waybill)
  return [
    ...mine,
    ...[...byWaybill].map(([waybill, lines]) => ({
      courier: 'OTHER',
      waybill,
      at: lines[0]?.consigned ?? 0,
      goods: lines.map((line) => ({ line, pieces: line.num })),
    })),
  ]
}
