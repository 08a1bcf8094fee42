import { touchTrade } from './change.ts'
import { dividedFee, type Line, type Platform, payment, type Refund, type Trade } from './model.ts'
import { record } from './modified-log.ts'
import { nowSeconds, type World } from './world.ts'

/** The given values of a new refund; times are epoch seconds, money is fen. */
export interface RefundSpec {
  kind?: string
  fee?: number
  num?: number
  reason?: string
  description?: string
  constraint?: string
  /** Seconds until the platform decides automatically. */
  deadlineIn?: number
  created?: number
}

const DAY = 86_400
export const OPEN_STATUSES: ReadonlySet<string> = new Set([
  'WAIT_SELLER_AGREE',
  'WAIT_BUYER_RETURN_GOODS',
  'WAIT_SELLER_CONFIRM_GOODS',
  'SELLER_REFUSE_BUYER',
])
/** True while the refund waits for the seller, for the goods, or for their receipt. */
export const isOpenRefund = ({ status }: Refund): boolean =>
  OPEN_STATUSES.has(status) && status !== 'SELLER_REFUSE_BUYER'
export const RETURN_KINDS: ReadonlySet<string> = new Set([
  'REFUND_AND_RETURN',
  'TMALL_EXCHANGE',
  'TAOBAO_EXCHANGE',
  'REPAIR',
])

/** On WooCommerce and Shopify no buyer applies for a refund: the seller gives money back, of pieces or of an amount alone, and that is final. */
const isFinal = ({ shop }: Trade): boolean => shop.platform === 'woocommerce' || shop.platform === 'shopify'
/** On Shopify a buyer asks for a return of goods that have left. An answer of the seller is the last word, and nothing has a deadline. */
const isReturn = ({ shop }: Trade, line: Line, kind: string): boolean =>
  shop.platform === 'shopify' && line.consigned > 0 && kind === 'REFUND_AND_RETURN'

/** Lets the buyer apply for a refund of one line. The line shows it, and refund and trade are both modified. */
export function openRefund(world: World, trade: Trade, line: Line, spec: RefundSpec = {}): Refund {
  const random = trade.shop.random
  const shipped = line.consigned > 0
  const isJd = trade.shop.platform === 'jd'
  // On JD goods that have left come back, or nothing is paid.
  const asked = isJd && shipped && spec.kind === 'REFUND' ? 'REFUND_AND_RETURN' : spec.kind
  const drawn = asked ?? (shipped ? random.weighted(shippedKinds(trade.shop.platform)) : 'REFUND')
  const isOrder = isJd && !shipped
  const full = Math.max(0, isOrder ? payment(trade) : dividedFee(line))
  const isAsked = isReturn(trade, line, drawn)
  const mayBePart = !isJd && !isAsked && !(isFinal(trade) && spec.kind !== undefined)
  const part = mayBePart && (shipped ? random.chance(0.25) : random.chance(0.08))
  const kind = isFinal(trade) && !isAsked ? (part ? 'OTHERS' : 'REFUND') : drawn
  // Kuaishou counts no pieces of a refund, and JD cancels whole orders before they leave.
  const isWhole = isOrder || trade.shop.platform === 'kuaishou'
  const pieces = isOrder ? trade.lines.reduce((sum, one) => sum + one.num, 0) : line.num
  const num =
    spec.num ?? (!isWhole && line.num > 1 && random.chance(0.4) ? random.between(1, line.num - 1) : pieces)
  const share = num < line.num && !isOrder ? Math.floor((full * num) / line.num) : full
  const now = nowSeconds(world)
  world.nextRefund += random.between(1, 40)
  const created = spec.created ?? now
  const refund: Refund = {
    trade,
    line,
    id: refundNumber(
      world,
      trade,
      isAsked
        ? `r${line.oid}`
        : kind === 'OTHERS' && trade.shop.platform === 'shopify'
          ? '0'
          : isJd && shipped
            ? 'S'
            : line.oid,
    ),
    kind,
    status: 'WAIT_SELLER_AGREE',
    phase: trade.status === 'TRADE_FINISHED' ? 'aftersale' : 'onsale',
    fee: spec.fee ?? (part ? Math.max(1, Math.floor(share / random.between(3, 12))) : share),
    num: isFinal(trade) && part ? 0 : num,
    reason: spec.reason ?? random.pick(shipped ? REASONS_SHIPPED : REASONS_UNSHIPPED),
    description: spec.description ?? (random.chance(0.4) ? random.pick(DESCRIPTIONS) : ''),
    version: 0,
    created,
    modified: created,
    goodStatus: shipped
      ? kind === 'REFUND'
        ? random.pick(['BUYER_NOT_RECEIVED', 'BUYER_RECEIVED'])
        : 'BUYER_RECEIVED'
      : 'BUYER_NOT_RECEIVED',
    deadline: isAsked ? 0 : created + (spec.deadlineIn ?? (shipped ? 5 * DAY : 2 * DAY)),
    company: '',
    waybill: '',
    constraint:
      spec.constraint ??
      (!isAsked && random.chance(0.03) ? random.pick(['cannot_refuse', 'refund_onweb']) : ''),
    refuseReason: '',
    reviewed: false,
    place: -1,
  }
  trade.shop.refunds.set(refund.id, refund)
  if (trade.refunds.length === 0) trade.refunds = []
  trade.refunds.push(refund)
  for (const one of isOrder ? trade.lines : [line]) one.refundId = refund.id
  change(world, refund, 'WAIT_SELLER_AGREE', created)
  if (isFinal(trade) && !isAsked) succeedRefund(world, refund, created)
  return refund
}

function refundNumber({ nextRefund }: World, { shop, tid, buyer }: Trade, oid: string): string {
  // JD counts applications and service orders by numbers of their own.
  if (oid === 'S') return `S${nextRefund % 100_000_000_000}`
  if (shop.platform === 'pinduoduo') return String(nextRefund % 100_000_000_000)
  if (shop.platform === 'xiaohongshu') return `R${nextRefund}${buyer.tail}`
  // On WooCommerce and Shopify a refund is found by its order, and may be of several lines; an amount alone is of none on Shopify.
  if (shop.platform === 'woocommerce' || shop.platform === 'shopify')
    return `${tid}-${oid.startsWith('r') ? 'r' : ''}${nextRefund % 1_000_000_000}-${oid.replace('r', '')}`
  return `${nextRefund}${buyer.tail}`
}

/** On JD: a service order, for goods that have left; others cancel an order. */
export const isServiceOrder = ({ id, trade }: Refund): boolean =>
  trade.shop.platform === 'jd' && id.startsWith('S')
/** The lines that a refund concerns. */
const linesOf = (refund: Refund): readonly Line[] =>
  refund.trade.shop.platform === 'jd' && !isServiceOrder(refund) ? refund.trade.lines : [refund.line]

/** Lets the buyer change an open or closed refund, with another amount or unchanged. The refund is open again with a new version. */
export function reopenRefund(world: World, refund: Refund, fee?: number): boolean {
  if (refund.status === 'SUCCESS' || refund.trade.shop.platform === 'shopify') return false
  if (fee !== undefined) refund.fee = fee
  refund.deadline = nowSeconds(world) + 3 * DAY
  refund.reviewed = false
  refund.line.refundId = refund.id
  change(world, refund, 'WAIT_SELLER_AGREE')
  return true
}

/** Lets the seller agree: the refund is paid, or for a refund with return the buyer must first send the goods back. */
export function agreeRefund(world: World, refund: Refund): boolean {
  if (refund.status === 'WAIT_SELLER_CONFIRM_GOODS') return succeedRefund(world, refund)
  if (refund.status !== 'WAIT_SELLER_AGREE') return false
  if (!RETURN_KINDS.has(refund.kind)) return succeedRefund(world, refund)
  refund.deadline = nowSeconds(world) + 7 * DAY
  change(world, refund, 'WAIT_BUYER_RETURN_GOODS')
  return true
}

export function returnGoods(world: World, refund: Refund): boolean {
  if (refund.status !== 'WAIT_BUYER_RETURN_GOODS') return false
  refund.goodStatus = 'BUYER_RETURNED_GOODS'
  refund.company = '韵达快递'
  refund.waybill = `43${refund.id.slice(-12)}`
  refund.deadline = nowSeconds(world) + 10 * DAY
  if (isServiceOrder(refund))
    refund.sent = { at: nowSeconds(world), version: refund.version, modified: refund.modified }
  change(world, refund, 'WAIT_SELLER_CONFIRM_GOODS')
  return true
}

/** Records that the seller has received the goods, which ends the refund. Returns the problem, or undefined. */
export function takeReceipt(world: World, refund: Refund): string | undefined {
  if (refund.status === 'SUCCESS') return undefined
  if (!RETURN_KINDS.has(refund.kind)) return '该退款不需要退货'
  if (refund.status !== 'WAIT_SELLER_CONFIRM_GOODS') return `退款状态不允许入仓:${refund.status}`
  succeedRefund(world, refund)
  return undefined
}

/** Pays the refund. Closes a line that is refunded in full, and a trade if all its lines are closed. */
export function succeedRefund(world: World, refund: Refund, now = nowSeconds(world)): boolean {
  if (!OPEN_STATUSES.has(refund.status)) return false
  refund.deadline = 0
  const { trade, line } = refund
  let returned = 0
  for (const other of trade.refunds) {
    if (other.line === line && (other.status === 'SUCCESS' || other === refund)) returned += other.fee
  }
  const movesMoney =
    refund.kind === 'REFUND' || refund.kind === 'REFUND_AND_RETURN' || refund.kind === 'OTHERS'
  const { platform } = trade.shop
  // On JD an order that has left stays as it is, also if all its goods come back.
  if (
    movesMoney &&
    !isServiceOrder(refund) &&
    (platform === 'jd' || returned >= dividedFee(line)) &&
    trade.status !== 'TRADE_FINISHED'
  ) {
    // Kuaishou's gifts end with the order that they come with, and JD cancels whole orders.
    for (const ended of platform === 'kuaishou' || platform === 'jd' ? trade.lines : [line]) {
      ended.status = 'TRADE_CLOSED'
      ended.ended = now
    }
    if (
      trade.lines.every(
        (other) => other.status === 'TRADE_CLOSED' || other.status === 'TRADE_CLOSED_BY_TAOBAO',
      )
    ) {
      trade.previousStatus = trade.status
      trade.status = 'TRADE_CLOSED'
      trade.ended = now
    } else if (
      trade.status === 'SELLER_CONSIGNED_PART' &&
      !trade.lines.some((other) => other.status === 'WAIT_SELLER_SEND_GOODS')
    ) {
      trade.status = 'WAIT_BUYER_CONFIRM_GOODS'
    }
  }
  change(world, refund, 'SUCCESS', now)
  return true
}

export function closeRefund(world: World, refund: Refund): boolean {
  if (!OPEN_STATUSES.has(refund.status)) return false
  if (refund.status === 'SELLER_REFUSE_BUYER' && refund.trade.shop.platform === 'shopify') return false
  refund.deadline = 0
  change(world, refund, 'CLOSED')
  return true
}

export function refuseRefund(world: World, refund: Refund, message: string): boolean {
  if (refund.status !== 'WAIT_SELLER_AGREE' && refund.status !== 'WAIT_SELLER_CONFIRM_GOODS') return false
  refund.refuseReason = message
  refund.deadline = nowSeconds(world) + 3 * DAY
  change(world, refund, 'SELLER_REFUSE_BUYER')
  return true
}

/**
 * The lines for which a buyer may apply: on Kuaishou the order's own, and no gift; on JD the first, in place of the order, while the
 * order waits to be shipped, and each of them after it.
 */
export function refundable(trade: Trade): readonly Line[] {
  if (trade.shop.platform === 'kuaishou') return trade.lines.slice(0, 1)
  if (trade.shop.platform !== 'jd' || trade.consigned > 0) return trade.lines
  const mayCancel = trade.hold === '' && trade.status !== 'PAID_FORBID_CONSIGN'
  return mayCancel ? trade.lines.slice(0, 1) : []
}

/** Adds a paid refund to every line, for a trade that is created as closed. */
export function settleWhole(world: World, trade: Trade): void {
  for (const line of refundable(trade)) {
    const refund = openRefund(world, trade, line, {
      kind: 'REFUND',
      ...(trade.shop.platform === 'jd' ? {} : { fee: Math.max(0, dividedFee(line)), num: line.num }),
      created: (isFinal(trade) && trade.ended) || trade.paid || trade.created,
    })
    refund.deadline = 0
    change(world, refund, 'SUCCESS', trade.ended || trade.created)
  }
}

/** Decides a refund whose deadline has passed, as the platform does: agrees to it, or closes it if it waits for the buyer. */
export function passDeadline(world: World, refund: Refund): void {
  if (refund.trade.shop.platform === 'shopify') return
  if (refund.deadline === 0 || refund.deadline > nowSeconds(world)) return
  if (refund.status === 'WAIT_BUYER_RETURN_GOODS' || refund.status === 'SELLER_REFUSE_BUYER')
    closeRefund(world, refund)
  else agreeRefund(world, refund)
}

function change(world: World, refund: Refund, status: string, when: number = nowSeconds(world)): void {
  refund.status = status
  refund.modified = Math.max(refund.modified, when)
  world.lastVersion = Math.max(world.lastVersion + 1, when * 1000 + (refund.num % 1000))
  refund.version = world.lastVersion
  for (const one of linesOf(refund)) one.refundStatus = status
  if (OPEN_STATUSES.has(status)) world.openRefunds.add(refund)
  else world.openRefunds.delete(refund)
  record(refund.trade.shop.refundLog, refund)
  if (refund.trade.modified <= when && when < nowSeconds(world)) {
    refund.trade.modified = when
    record(refund.trade.shop.tradeLog, refund.trade)
  } else if (when >= nowSeconds(world)) touchTrade(world, refund.trade)
}

const shippedKinds = (platform: Platform) => SHIPPED_KINDS[platform] ?? SHIPPED_KINDS_B
const SHIPPED_KINDS_W = [
  ['REFUND', 34],
  ['REFUND_AND_RETURN', 56],
  ['TMALL_EXCHANGE', 10],
] as const
const SHIPPED_KINDS_P = [
  ['REFUND', 40],
  ['REFUND_AND_RETURN', 60],
] as const
const SHIPPED_KINDS_J = [
  ['REFUND_AND_RETURN', 66],
  ['TMALL_EXCHANGE', 24],
  ['REPAIR', 6],
  ['RESHIPPING', 4],
] as const
const SHIPPED_KINDS_K = [...SHIPPED_KINDS_W, ['OTHERS', 2]] as const
const SHIPPED_KINDS_B = [
  ['REFUND', 30],
  ['REFUND_AND_RETURN', 50],
  ['TMALL_EXCHANGE', 14],
  ['RESHIPPING', 4],
  ['REPAIR', 1],
  ['OTHERS', 1],
] as const
const SHIPPED_KINDS_C = [
  ['REFUND', 32],
  ['REFUND_AND_RETURN', 54],
  ['TAOBAO_EXCHANGE', 10],
  ['RESHIPPING', 3],
  ['OTHERS', 1],
] as const
const SHIPPED_KINDS: Partial<Record<Platform, readonly (readonly [string, number])[]>> = {
  weixin: SHIPPED_KINDS_W,
  taobao: SHIPPED_KINDS_C,
  paipai: SHIPPED_KINDS_P,
  kuaishou: SHIPPED_KINDS_K,
  jd: SHIPPED_KINDS_J,
  shopify: SHIPPED_KINDS_P,
  xiaohongshu: SHIPPED_KINDS_W,
}
const REASONS_UNSHIPPED = [
  '不想要了',
  '拍错/多拍',
  '信息填写错误，重新拍',
  '缺货',
  '协商一致退款',
  '未按约定时间发货',
  '其他',
]
const REASONS_SHIPPED = [
  '7天无理由退换货',
  '质量问题',
  '尺寸拍错/不喜欢/效果不好',
  '颜色/图案/款式与描述不符',
  '少件/漏发',
  '包装/商品破损',
  '卖家发错货',
  '快递一直未送到',
  '退运费',
]
const DESCRIPTIONS = [
  '颜色和图片差太多',
  '尺寸偏小，床单铺不平',
  '有一个枕头有污渍',
  '重复下单了，麻烦退一下',
  '地址填错了，我重新拍',
  '等太久了不要了',
  '线头太多',
  '收到时外箱破了，里面的杯子碎了一只',
]
