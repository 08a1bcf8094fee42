import { keptMap } from '../kept-map.ts'
import type { Line, Shop, Trade } from '../world/model.ts'

/** A parcel of an order with the pieces in it. */
export interface Pack {
  id: string
  company: string
  waybill: string
  at: number
  goods: { line: Line; num: number }[]
}

const packs = keptMap<Trade, Pack[]>('doudian packs')
const answers = keptMap<Shop, Map<string, string>>('doudian answers')

/** The parcels that the client reported. */
export const reported = (trade: Trade): Pack[] => packs.get(trade) ?? []

export function addPack(trade: Trade, pack: Omit<Pack, 'id'>): Pack {
  const known = reported(trade)
  const added = { ...pack, id: `${trade.tid}${known.length + 1}` }
  packs.set(trade, [...known, added])
  return added
}

/** How many pieces of a line have not left. */
export function piecesLeft(trade: Trade, line: Line): number {
  if (line.status !== 'WAIT_SELLER_SEND_GOODS') return 0
  return reported(trade)
    .flatMap(({ goods }) => goods)
    .reduce((left, one) => (one.line === line ? left - one.num : left), line.num)
}

/** How many pieces of a line the buyer still gets: those that have not left, without single ones whose money has gone back. */
export function piecesOwed(trade: Trade, line: Line): number {
  const back = trade.refunds.filter(
    (refund) =>
      refund.kind === 'REFUND' &&
      refund.line === line &&
      refund.status === 'SUCCESS' &&
      refund.num < line.num,
  )
  return piecesLeft(trade, line) - back.reduce((sum, { num }) => sum + num, 0)
}

/** Every parcel of the order: those of the client, and one for each waybill under which the world shipped lines by itself. */
export function packsOf(trade: Trade): Pack[] {
  const known = reported(trade)
  const own = new Map<string, Pack>()
  for (const line of trade.lines) {
    if (line.waybill === '' || known.some(({ goods }) => goods.some((one) => one.line === line))) continue
    const pack = own.get(line.waybill) ?? {
      id: `${trade.tid}0${own.size + 1}`,
      company: line.company,
      waybill: line.waybill,
      at: line.consigned,
      goods: [],
    }
    pack.goods.push({ line, num: line.num })
    own.set(line.waybill, pack)
  }
  return [...known, ...own.values()]
}

/** The answer of the first successful call with a request_id, which later calls with it get again. */
export const answerOf = (shop: Shop, requestId: string): string | undefined =>
  answers.get(shop)?.get(requestId)

export function keepAnswer(shop: Shop, requestId: string, data: string): void {
  const known = answers.get(shop) ?? new Map<string, string>()
  answers.set(shop, known.set(requestId, data))
}
