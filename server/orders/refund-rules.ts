/**
 * What converting a refund does, by its kind, its state and the state of its original. One table: the server acts by
 * it and the decision page lights its row. Converting never refuses or agrees anything on the platform.
 */
import type { RefundKind, RefundStatus } from '../connectors/connector.ts'
import type { OrderStatus } from './lifecycle.ts'

/** The original's state as the table knows it. `record`: shipped elsewhere, kept without stock. */
export type Original = OrderStatus | 'record'
export const originals = [
  'unconfirmed',
  'confirmed',
  'released',
  'shipped',
  'completed',
  'record',
  'voided',
] as const satisfies readonly Original[]

export function originalOf(order: { origin: string; status: OrderStatus }): Original {
  if (order.status === 'voided') return 'voided'
  return order.origin === 'record' ? 'record' : order.status
}

/**
 * hold: the order stands still for this refund. The other four lift this refund's own hold and no other.
 * reduce: money goes back and goods come off the line; the order is voided when everything is gone.
 * money: money goes back, goods stay as they are. release, record: nothing else happens.
 */
export type RefundEffect = 'hold' | 'release' | 'reduce' | 'money' | 'record'
export type FactKind = 'order_refund' | 'return_refund' | 'void_refund' | 'refund_only'

type Words = { zh: string; en: string }
type Match = {
  originals: readonly Original[]
  kinds: readonly RefundKind[]
  statuses: readonly RefundStatus[]
}
/** `fact`: the settlement that the money is recorded as. `refuse`: not convertible, with this code. */
type Act =
  | { effect: 'reduce' | 'money'; fact: FactKind }
  | { effect: 'hold' | 'release' | 'record' }
  | { effect: 'refuse'; code: 'kind_unknown' | 'status_unknown' | 'original_voided' }
export type RefundRule = { id: string } & Match & Act & Words

const before: readonly Original[] = ['unconfirmed', 'confirmed', 'released']
const gone: readonly Original[] = ['shipped', 'completed']
const anyOriginal: readonly Original[] = originals
const anyKind: readonly RefundKind[] = ['refund_only', 'return', 'exchange', 'reship', 'repair', 'other']
const goodsOnly: readonly RefundKind[] = ['exchange', 'reship', 'repair']
const open: readonly RefundStatus[] = ['applied', 'agreed']
const paidBack: readonly RefundStatus[] = ['succeeded']

/** Exactly one row for every combination; a test walks them all. */
export const refundRules: readonly RefundRule[] = [
  {
    id: 'unshipped_open',
    originals: before,
    kinds: anyKind,
    statuses: open,
    effect: 'hold',
    zh: '挂起订单，等退款结果。商品和金额不动',
    en: 'The order is held until the refund is decided. Goods and money stay',
  },
  {
    id: 'unshipped_refused',
    originals: before,
    kinds: anyKind,
    statuses: ['refused'],
    effect: 'release',
    zh: '已拒绝退款：解除这笔退款的挂起，订单继续。买家再申请会再挂起',
    en: 'Refused: the hold of this refund is lifted and the order goes on. If the buyer asks again it is held again',
  },
  {
    id: 'unshipped_closed',
    originals: before,
    kinds: anyKind,
    statuses: ['closed'],
    effect: 'release',
    zh: '解除这笔退款的挂起，其他挂起不动',
    en: 'The hold of this refund is lifted, and no other',
  },
  {
    id: 'unshipped_succeeded',
    originals: before,
    kinds: ['refund_only'],
    statuses: paidBack,
    effect: 'reduce',
    fact: 'order_refund',
    zh: '从订单扣减退款的商品和金额；累计退完则作废。记订单退款',
    en: 'Goods and money come off the order; it is voided when everything is gone. Recorded as order refund',
  },
  {
    id: 'unshipped_return_succeeded',
    originals: before,
    kinds: ['return'],
    statuses: paidBack,
    effect: 'reduce',
    fact: 'order_refund',
    zh: '还没发货，退货退款按仅退款处理：扣减商品和金额，累计退完则作废。记订单退款',
    en: 'Nothing was shipped, so it is a refund only: goods and money come off the order; voided when everything is gone',
  },
  {
    id: 'unshipped_goods_succeeded',
    originals: before,
    kinds: goodsOnly,
    statuses: paidBack,
    effect: 'release',
    zh: '还没发货，没有可换、可补、可修的商品：只解除挂起',
    en: 'Nothing was shipped that could be exchanged or repaired: only its hold is lifted',
  },
  {
    id: 'voided_pending',
    originals: ['voided'],
    kinds: anyKind,
    statuses: [...open, 'refused', 'closed'],
    effect: 'record',
    zh: '原单已作废：只记录',
    en: 'The original is voided: recorded only',
  },
  {
    id: 'voided_succeeded',
    originals: ['voided'],
    kinds: ['refund_only', 'return'],
    statuses: paidBack,
    effect: 'money',
    fact: 'void_refund',
    zh: '原单已作废：只退钱，记无效单退款',
    en: 'The original is voided: money only, recorded as refund of a voided order',
  },
  {
    id: 'voided_goods_succeeded',
    originals: ['voided'],
    kinds: [...goodsOnly, 'other'],
    statuses: paidBack,
    effect: 'refuse',
    code: 'original_voided',
    zh: '原单已作废，没有发过货，不能转。恢复原单或标记已处理',
    en: 'The original is voided and was never shipped. Restore it, or mark the refund processed',
  },
  {
    id: 'shipped_pending',
    originals: gone,
    kinds: anyKind,
    statuses: [...open, 'refused', 'closed'],
    effect: 'record',
    zh: '已发货：记在订单上，等退款结果',
    en: 'Shipped: noted on the order until the refund is decided',
  },
  {
    id: 'shipped_succeeded',
    originals: gone,
    kinds: ['refund_only'],
    statuses: paidBack,
    effect: 'money',
    fact: 'refund_only',
    zh: '已发货：只退钱，库存不动，记仅退款',
    en: 'Shipped: money only, stock stays, recorded as refund only',
  },
  {
    id: 'shipped_return_succeeded',
    originals: gone,
    kinds: ['return'],
    statuses: paidBack,
    effect: 'money',
    fact: 'return_refund',
    zh: '已发货：记退货退款，商品入库另走退货单',
    en: 'Shipped: recorded as return refund; the goods come back on a return order',
  },
  {
    id: 'shipped_goods_succeeded',
    originals: gone,
    kinds: goodsOnly,
    statuses: paidBack,
    effect: 'record',
    zh: '换货、补发、维修不退钱：记在订单上',
    en: 'Exchange, reship and repair return no money: noted on the order',
  },
  {
    id: 'record_pending',
    originals: ['record'],
    kinds: anyKind,
    statuses: [...open, 'refused', 'closed'],
    effect: 'record',
    zh: '在别处发货：记在订单上，等退款结果',
    en: 'Shipped elsewhere: noted on the order until the refund is decided',
  },
  {
    id: 'record_succeeded',
    originals: ['record'],
    kinds: ['refund_only'],
    statuses: paidBack,
    effect: 'money',
    fact: 'refund_only',
    zh: '在别处发货：只退钱，没有库存，记仅退款',
    en: 'Shipped elsewhere: money only, no stock, recorded as refund only',
  },
  {
    id: 'record_return_succeeded',
    originals: ['record'],
    kinds: ['return'],
    statuses: paidBack,
    effect: 'money',
    fact: 'return_refund',
    zh: '在别处发货：记退货退款，没有库存',
    en: 'Shipped elsewhere: recorded as return refund, no stock',
  },
  {
    id: 'record_goods_succeeded',
    originals: ['record'],
    kinds: goodsOnly,
    statuses: paidBack,
    effect: 'record',
    zh: '换货、补发、维修不退钱：记在订单上',
    en: 'Exchange, reship and repair return no money: noted on the order',
  },
  {
    id: 'other_succeeded',
    originals: [...before, ...gone, 'record'],
    kinds: ['other'],
    statuses: paidBack,
    effect: 'refuse',
    code: 'kind_unknown',
    zh: '退款类型未识别，不知道是否退了钱，不能转。核对平台后标记已处理',
    en: 'Unknown kind of refund: it is not known whether money went back. Check the platform, then mark it processed',
  },
  {
    id: 'status_unknown',
    originals: anyOriginal,
    kinds: anyKind,
    statuses: ['unknown'],
    effect: 'refuse',
    code: 'status_unknown',
    zh: '退款状态未识别，不能转。等平台给出新状态',
    en: 'Unknown refund status. Wait for the platform to change it',
  },
]

/** The row that holds for this refund on that original. */
export function refundRule(
  refund: { kind: RefundKind; status: RefundStatus },
  original: Original,
): RefundRule {
  const row = refundRules.find(
    (rule) =>
      rule.originals.includes(original) &&
      rule.kinds.includes(refund.kind) &&
      rule.statuses.includes(refund.status),
  )
  if (!row) throw new RangeError(`no rule for ${refund.kind} ${refund.status} on ${original}`)
  return row
}
