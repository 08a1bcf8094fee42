import type {
  LineRefund,
  Trade,
  TradeLine,
  TradeStatus,
  TradeType,
} from '../../server/connectors/connector.ts'
import { dayMs, hourMs, minuteMs } from '../../server/lib/time.ts'
import { makeGoods, type Sku } from './goods.ts'
import { buyerOf } from './people.ts'
import { createRandom, type Random } from './random.ts'

/** One shop of the generated data, with its goods and buyers. */
export type BenchShop = { id: string; goods: Sku[][]; random: Random; buyers: number }

export const itemsPerShop = 500

export function makeShop(id: string, no: number, buyers: number): BenchShop {
  const random = createRandom(7000 + no)
  return { id, goods: makeGoods(random, no, itemsPerShop), random, buyers }
}

const platformWords: Record<TradeStatus, string> = {
  unpaid: 'WAIT_BUYER_PAY',
  paid: 'WAIT_SELLER_SEND_GOODS',
  partly_shipped: 'SELLER_CONSIGNED_PART',
  shipped: 'WAIT_BUYER_CONFIRM_GOODS',
  finished: 'TRADE_FINISHED',
  closed_unpaid: 'TRADE_CLOSED_BY_TAOBAO',
  closed_refunded: 'TRADE_CLOSED',
  unknown: 'PAID_FORBID_CONSIGN_X',
}
export const messages = [
  '麻烦周四前送到',
  '不要发圆通',
  '送礼，不要放价格单',
  '工作日不在家，放驿站',
  '和昨天那单一起发',
  '请备注送货前打电话',
]
export const memos = ['已加急', '改地址已核对', '赠品：洗衣袋', '等补差价', '顺丰到付', '老客户，检查后再发']

/** Returns a trade number of 19 digits. The `prefix` of four digits separates sets of trades and orders them by age. */
export function tidOf(prefix: string, serial: number): string {
  return `${prefix}${String(serial).padStart(11, '0')}${String((serial * 7919) % 10_000).padStart(4, '0')}`
}

/** Draws the status for an age: old trades are completed; young ones wait for payment or shipping. */
function statusAt(random: Random, ageMs: number): TradeStatus {
  const fate = random.next()
  const days = ageMs / dayMs
  if (fate < 0.0002) return 'unknown'
  if (fate < 0.07) return days < 1 ? 'unpaid' : 'closed_unpaid'
  if (ageMs < 30 * minuteMs && random.chance(0.3)) return 'unpaid'
  if (fate < 0.1 && days > 2) return 'closed_refunded'
  const shippedAfter = 0.3 + random.next() ** 2 * 3
  if (days < shippedAfter) return 'paid'
  if (fate < 0.11 && days < shippedAfter + 2) return 'partly_shipped'
  return days < shippedAfter + 3 + random.next() * 9 ? 'shipped' : 'finished'
}

/** Returns a trade of `lineCount` lines, as its platform would show it at `now`. */
export function makeTrade(
  shop: BenchShop,
  { tid, createdAt, now, lineCount = 2 }: { tid: string; createdAt: Date; now: Date; lineCount?: number },
): Trade {
  const { random } = shop
  const ageMs = now.getTime() - createdAt.getTime()
  const is = statusAt(random, ageMs)
  const paid = is !== 'unpaid' && is !== 'closed_unpaid'
  const cod = paid && random.chance(0.01)
  const type = typeOf(random, cod)
  const payDelay = random.chance(0.9) ? random.int(10 * minuteMs) : random.int(20 * hourMs)
  const paidAt = paid ? new Date(Math.min(createdAt.getTime() + payDelay, now.getTime())) : null
  const open = is === 'paid' || is === 'unpaid' || is === 'partly_shipped'
  const shipBy = paidAt && new Date(paidAt.getTime() + (type === 'presale' ? 15 * dayMs : 48 * hourMs))
  const lines = makeLines(shop, lineCount, { tid, status: is, shipBy })
  const hasMemo = random.chance(0.12)
  const postFeeFen = random.chance(0.18) ? 800 : 0
  const shippedAt =
    open || !paidAt || is === 'closed_refunded' ? null : new Date(paidAt.getTime() + 20 * hourMs)
  const endedAt =
    is === 'finished' || is.startsWith('closed') ? new Date(createdAt.getTime() + 7 * dayMs) : null
  const last = endedAt ?? shippedAt ?? paidAt ?? createdAt
  const { nick, receiver } = buyerOf(random.skewed(shop.buyers, 1.3))
  return {
    tid,
    status: is,
    platformStatus: platformWords[is],
    type,
    platformType: type === 'presale' ? 'step' : 'fixed',
    createdAt,
    modifiedAt: new Date(Math.floor(Math.min(last.getTime(), now.getTime()) / 1000) * 1000),
    paidAt,
    shippedAt,
    endedAt,
    shipBy,
    planAt: null,
    cod,
    finalUnpaid: type === 'presale' && open && random.chance(0.5),
    holds: open && random.chance(0.006) ? ['top_hold'] : [],
    paymentFen: lines.reduce((sum, line) => sum + line.paymentFen, 0) + postFeeFen,
    postFeeFen,
    discountFen: lines.reduce((sum, line) => sum + line.discountFen, 0),
    subsidyFen: 0,
    buyer: { nick, openId: `AAF${random.int(2 ** 31).toString(36)}${random.int(2 ** 31).toString(36)}` },
    receiver,
    buyerMessage: random.chance(0.09) ? random.pick(messages) : '',
    sellerMemo: hasMemo ? random.pick(memos) : '',
    flag: hasMemo && random.chance(0.7) ? 1 + random.skewed(5, 2) : 0,
    lines,
  }
}

function typeOf(random: Random, cod: boolean): TradeType {
  if (cod) return 'cod'
  const point = random.next()
  if (point < 0.03) return 'presale'
  if (point < 0.05) return 'group_buy'
  if (point < 0.055) return 'distribution'
  if (point < 0.056) return 'virtual'
  return 'normal'
}

function makeLines(
  shop: BenchShop,
  count: number,
  { tid, status, shipBy }: Pick<Trade, 'tid' | 'status' | 'shipBy'>,
): TradeLine[] {
  const { random, goods } = shop
  const touched = status === 'paid' || status === 'shipped' ? random.next() : 1
  return Array.from({ length: count }, (_, at): TradeLine => {
    const sku = random.pick(goods[random.skewed(goods.length, 2)] ?? [])
    const quantity = random.chance(0.85) ? 1 : 2 + random.int(3)
    const discountFen = random.chance(0.35) ? Math.floor(sku.priceFen * quantity * 0.12) : 0
    return {
      oid: `${tid.slice(0, 17)}${String(Number(tid.slice(17)) + at).padStart(2, '0')}`,
      status,
      platformStatus: platformWords[status],
      refund: refundOf(status, at, touched),
      refundId: touched < 0.045 && at === 0 ? `82104${tid.slice(4, 14)}` : '',
      ...goodsOf(sku),
      quantity,
      priceFen: sku.priceFen,
      paymentFen: sku.priceFen * quantity - discountFen,
      discountFen,
      shipBy,
    }
  })
}

function refundOf(status: TradeStatus, at: number, touched: number): LineRefund {
  if (status === 'closed_refunded') return 'succeeded'
  if (at > 0) return 'none'
  return touched < 0.03 ? 'applied' : touched < 0.045 ? 'succeeded' : 'none'
}

function goodsOf({ priceFen: _, ...sku }: Sku) {
  return sku
}
