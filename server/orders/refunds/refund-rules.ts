/**
 * What converting a refund does, by kind, status, phase and the state of its original. The server acts by this table, the rules page
 * shows it, and the after-sales page makes suggestions by it. Converting never answers the platform.
 */

import type { RefundKind, RefundPhase, RefundStatus } from '../../connectors/connector.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { OrderStatus } from '../order/lifecycle.ts'
import { aboutGoods, anyKind, open } from '../order/open-refund-rules.ts'
import { received } from './received-rules.ts'
import {
  aftersale,
  before,
  comesBack,
  gone,
  goodsOnly,
  hold,
  inOffice,
  lift,
  money,
  moneyOnly,
  onsale,
  over,
  paidBack,
  record,
  reduce,
  refuse,
  rule,
} from './refund-row-rules.ts'

/**
 * The original's state. `record`: shipped by others, kept without stock. `shipped_unwritten`: the goods have left but the write-back is
 * not done, so for the buyer and the platform nothing is shipped.
 */
export type Original = OrderStatus | 'shipped_unwritten' | 'record'
export const originals = [
  'unconfirmed',
  'confirmed',
  'released',
  'shipped_unwritten',
  'shipped',
  'completed',
  'record',
  'voided',
] as const satisfies readonly Original[]

export const originalWords = {
  unconfirmed: { zh: '未确认', en: 'Unconfirmed' },
  confirmed: { zh: '已确认', en: 'Confirmed' },
  released: { zh: '已通知配货', en: 'Released' },
  shipped_unwritten: { zh: '已发货未回写', en: 'Shipped, not written back' },
  shipped: { zh: '已发货', en: 'Shipped' },
  completed: { zh: '已完成', en: 'Completed' },
  record: { zh: '在别处发货', en: 'Shipped elsewhere' },
  voided: { zh: '已作废', en: 'Voided' },
} as const satisfies Record<Original, LocalizedText>

export function originalOf(order: { origin: string; status: OrderStatus; writtenBack: boolean }): Original {
  if (order.status === 'voided') return 'voided'
  if (order.origin === 'record') return 'record'
  return order.status === 'shipped' && !order.writtenBack ? 'shipped_unwritten' : order.status
}

/**
 * `hold`: the order is held for this refund. Every other effect lifts this refund's hold and no other hold.
 * `reduce`: money is refunded and goods are taken off the line; the order is voided when nothing is left.
 * `money`: money is refunded, the goods stay. `release` and `record`: nothing else happens.
 */
export type RefundEffect = 'hold' | 'release' | 'reduce' | 'money' | 'record'
export type FactKind = 'order_refund' | 'return_refund' | 'void_refund' | 'refund_only'

/**
 * What happens to the goods. `stay`: nothing. `put_back`: goods that the warehouse may have picked become a put-back.
 * `pull`: the warehouse takes the parcel out; until then no shipment is written back.
 * `recall`: the courier is asked for the parcel, if goods are refunded and not only money. `return`: the buyer sends the goods.
 */
export type GoodsGoal = 'stay' | 'put_back' | 'pull' | 'recall' | 'return'

export type Match = {
  originals: readonly Original[]
  kinds: readonly RefundKind[]
  statuses: readonly RefundStatus[]
  phases: readonly RefundPhase[]
  goods: GoodsGoal
}
/** `fact`: kind of the settlement for the money. `refuse`: the refund cannot be converted, with this code. */
export type Act =
  | { effect: 'reduce' | 'money'; fact: FactKind }
  | { effect: 'hold' | 'release' | 'record' }
  | { effect: 'refuse'; code: 'kind_unknown' | 'status_unknown' | 'original_voided' }
/**
 * What a staged version does to an unshipped order, converted or not (refund-notices.ts). `hold`: the order is held.
 * `until_taken`: the order is held until the conversion has taken the goods off.
 * `lift`: this refund's hold is lifted, and no other. `note`: the refund is only shown.
 */
export type NoticeEffect = 'hold' | 'until_taken' | 'lift' | 'note'
export type RefundRule = { id: string; notice: NoticeEffect } & Match & Act & LocalizedText

/** One row for every combination of original, kind, status and phase. */
export const refundRules: readonly RefundRule[] = [
  rule('unshipped_open', { originals: inOffice, kinds: aboutGoods, statuses: open, phases: onsale }, hold, [
    '挂起订单，等退款结果。商品和金额不动',
    'The order is held until the refund is decided. Goods and money stay',
  ]),
  rule(
    'released_open',
    { originals: ['released'], kinds: aboutGoods, statuses: open, phases: onsale },
    hold,
    [
      '挂起订单，仓库停下不出库，等退款结果',
      'The order is held and nothing leaves the warehouse until the refund is decided',
    ],
  ),
  rule(
    'before_received_open',
    { originals: before, kinds: aboutGoods, statuses: open, phases: aftersale, notice: 'note' },
    hold,
    [
      '说的是收到的货，这张单还没发：转退单后挂起',
      'It is about goods that were received; this order, not shipped, is held once converted',
    ],
  ),
  rule('money_only_open', { originals: [...before, ...gone], kinds: moneyOnly, statuses: open }, record, [
    '价保、退运费、补差：只谈钱，货照发',
    'Price protection, freight or a difference: about money only, the goods go on',
  ]),
  rule(
    'money_only_succeeded',
    { originals: [...before, ...gone, 'record'], kinds: moneyOnly, statuses: paidBack },
    money('refund_only'),
    ['价保、退运费、补差：只退钱，商品不动，记仅退款', 'Money only: goods stay, recorded as refund only'],
  ),
  rule('unshipped_refused', { originals: before, kinds: anyKind, statuses: ['refused'] }, lift, [
    '已拒绝退款：解除这笔退款的挂起，订单继续。买家再申请会再挂起',
    'Refused: the hold of this refund is lifted and the order goes on. If the buyer asks again it is held again',
  ]),
  rule('unshipped_closed', { originals: before, kinds: anyKind, statuses: ['closed'] }, lift, [
    '解除这笔退款的挂起，其他挂起不动',
    'The hold of this refund is lifted, and no other',
  ]),
  rule('unshipped_succeeded', { originals: inOffice, kinds: ['refund_only'], statuses: paidBack }, reduce, [
    '从订单扣减退款的商品和金额；累计退完则作废。记订单退款',
    'Goods and money come off the order; it is voided when everything is gone. Recorded as order refund',
  ]),
  rule('unshipped_return_succeeded', { originals: inOffice, kinds: ['return'], statuses: paidBack }, reduce, [
    '还没发货，退货退款按仅退款处理：扣减商品和金额，累计退完则作废。记订单退款',
    'Nothing was shipped, so it is a refund only: goods and money come off the order; voided when everything is gone',
  ]),
  rule(
    'released_succeeded',
    { originals: ['released'], kinds: ['refund_only', 'return'], statuses: paidBack, goods: 'put_back' },
    reduce,
    [
      '从订单扣减退款的商品和金额，退掉的列入待放回；累计退完则作废，发货单取消。记订单退款',
      'Goods and money come off the order and are listed to be put back; when everything is gone it is voided and its delivery cancelled',
    ],
  ),
  rule('unshipped_goods_succeeded', { originals: before, kinds: goodsOnly, statuses: paidBack }, lift, [
    '还没发货，没有可换、可补、可修的商品：只解除挂起',
    'Nothing was shipped that could be exchanged or repaired: only its hold is lifted',
  ]),
  rule('voided_pending', { originals: ['voided'], kinds: anyKind, statuses: [...open, ...over] }, record, [
    '原单已作废：只记录',
    'The original is voided: recorded only',
  ]),
  rule(
    'voided_succeeded',
    { originals: ['voided'], kinds: ['refund_only', 'return', 'money_only'], statuses: paidBack },
    money('void_refund'),
    [
      '原单已作废：只退钱，记无效单退款',
      'The original is voided: money only, recorded as refund of a voided order',
    ],
  ),
  rule(
    'voided_goods_succeeded',
    { originals: ['voided'], kinds: [...goodsOnly, 'other'], statuses: paidBack },
    refuse('original_voided'),
    [
      '原单已作废，没有发过货，不能转。恢复原单或标记已处理',
      'The original is voided and was never shipped. Restore it, or mark the refund processed',
    ],
  ),
  rule(
    'unwritten_open',
    { originals: ['shipped_unwritten'], kinds: aboutGoods, statuses: open, phases: onsale, goods: 'pull' },
    record,
    [
      '货已出库、还没回写：停止回写，仓库拦下包裹。拦到撤销发货，没拦到再回写',
      'Shipped but not written back: the platform is not told, and the warehouse pulls the parcel out. If it is too late, it is told after all',
    ],
  ),
  rule(
    'unwritten_ended',
    { originals: ['shipped_unwritten'], kinds: anyKind, statuses: over, phases: onsale },
    record,
    ['退款结束：撤掉拦截，继续回写', 'The refund ended: the intercept is lifted and the platform is told'],
  ),
  rule(
    'unwritten_succeeded',
    {
      originals: ['shipped_unwritten'],
      kinds: ['refund_only'],
      statuses: paidBack,
      phases: onsale,
      goods: 'pull',
    },
    money('refund_only'),
    [
      '钱已退、还没回写：停止回写，仓库拦下包裹。记仅退款，拦到则扣减商品',
      'Money is back and the platform was not told: it is not told, and the warehouse pulls the parcel out. Recorded as refund only',
    ],
  ),
  rule(
    'unwritten_return_succeeded',
    {
      originals: ['shipped_unwritten'],
      kinds: ['return'],
      statuses: paidBack,
      phases: onsale,
      goods: 'pull',
    },
    money('return_refund'),
    [
      '钱已退、还没回写：停止回写，仓库拦下包裹。记退货退款',
      'Money is back and the platform was not told: it is not told, and the warehouse pulls the parcel out. Recorded as return refund',
    ],
  ),
  rule(
    'unwritten_goods_succeeded',
    { originals: ['shipped_unwritten'], kinds: goodsOnly, statuses: paidBack, phases: onsale },
    record,
    [
      '换货、补发、维修不退钱：记在订单上，继续回写',
      'Exchange, reship and repair return no money: noted on the order, the platform is told',
    ],
  ),
  rule(
    'shipped_open',
    {
      originals: ['shipped'],
      kinds: ['refund_only', 'other'],
      statuses: open,
      phases: onsale,
      goods: 'recall',
    },
    record,
    [
      '已发货：要退商品的请快递拦截追回，或只同意退钱',
      'Shipped: ask the courier for the parcel when its goods are asked back, or agree to the money only',
    ],
  ),
  rule(
    'shipped_reship_open',
    { originals: ['shipped'], kinds: ['reship'], statuses: open, phases: onsale },
    record,
    ['已发货：记在订单上，等补发结果', 'Shipped: noted on the order until the reship is decided'],
  ),
  rule(
    'shipped_return_open',
    { originals: ['shipped'], kinds: comesBack, statuses: open, phases: onsale, goods: 'return' },
    record,
    ['已发货：等买家寄回，走退货单', 'Shipped: the buyer sends the goods back, on a return order'],
  ),
  rule('shipped_ended', { originals: ['shipped'], kinds: anyKind, statuses: over, phases: onsale }, record, [
    '退款结束：记在订单上，撤掉追回',
    'The refund ended: noted on the order, the recall is lifted',
  ]),
  rule(
    'shipped_succeeded',
    { originals: ['shipped'], kinds: ['refund_only'], statuses: paidBack, phases: onsale, goods: 'recall' },
    money('refund_only'),
    [
      '已发货：只退钱，库存不动，记仅退款。整件退的请快递追回',
      'Shipped: money only, stock stays, recorded as refund only. Whole goods are asked back from the courier',
    ],
  ),
  rule(
    'shipped_return_succeeded',
    { originals: ['shipped'], kinds: ['return'], statuses: paidBack, phases: onsale, goods: 'return' },
    money('return_refund'),
    [
      '已发货：记退货退款，商品入库另走退货单',
      'Shipped: recorded as return refund; the goods come back on a return order',
    ],
  ),
  rule(
    'shipped_goods_succeeded',
    { originals: ['shipped'], kinds: goodsOnly, statuses: paidBack, phases: onsale },
    record,
    ['换货、补发、维修不退钱：记在订单上', 'Exchange, reship and repair return no money: noted on the order'],
  ),
  ...received,
  // The goods of a completed order were received, even if the platform gives the phase `onsale`.
  ...received.map(
    (one): RefundRule => ({
      ...one,
      id: one.id.replace('received', 'completed'),
      originals: ['completed'],
      phases: onsale,
    }),
  ),
  rule('record_pending', { originals: ['record'], kinds: anyKind, statuses: open }, record, [
    '在别处发货：记在订单上，等退款结果',
    'Shipped elsewhere: noted on the order until the refund is decided',
  ]),
  rule('record_ended', { originals: ['record'], kinds: anyKind, statuses: over }, record, [
    '在别处发货：退款结束，记在订单上',
    'Shipped elsewhere: the refund ended, noted on the order',
  ]),
  rule(
    'record_succeeded',
    { originals: ['record'], kinds: ['refund_only'], statuses: paidBack },
    money('refund_only'),
    [
      '在别处发货：只退钱，没有库存，记仅退款',
      'Shipped elsewhere: money only, no stock, recorded as refund only',
    ],
  ),
  rule(
    'record_return_succeeded',
    { originals: ['record'], kinds: ['return'], statuses: paidBack },
    money('return_refund'),
    ['在别处发货：记退货退款，没有库存', 'Shipped elsewhere: recorded as return refund, no stock'],
  ),
  rule('record_goods_succeeded', { originals: ['record'], kinds: goodsOnly, statuses: paidBack }, record, [
    '换货、补发、维修不退钱：记在订单上',
    'Exchange, reship and repair return no money: noted on the order',
  ]),
  rule(
    'unwritten_other_succeeded',
    { originals: ['shipped_unwritten'], kinds: ['other'], statuses: paidBack, goods: 'pull' },
    refuse('kind_unknown'),
    [
      '货已出库、还没回写，退款类型未识别：停止回写，仓库拦下包裹。不能转，核对平台后标记已处理',
      'Shipped but not written back, and an unknown kind of refund: it is not written back, and the warehouse pulls the parcel out. Check the platform, then mark it processed',
    ],
  ),
  rule(
    'other_succeeded',
    { originals: [...before, 'shipped', 'completed', 'record'], kinds: ['other'], statuses: paidBack },
    refuse('kind_unknown'),
    [
      '退款类型未识别，不知道是否退了钱，不能转。核对平台后标记已处理',
      'Unknown kind of refund: it is not known whether money went back. Check the platform, then mark it processed',
    ],
  ),
  rule(
    'unwritten_status_unknown',
    { originals: ['shipped_unwritten'], kinds: anyKind, statuses: ['unknown'], goods: 'pull' },
    refuse('status_unknown'),
    [
      '货已出库、还没回写，退款状态未识别：停止回写，仓库拦下包裹。不能转，等平台给出新状态',
      'Shipped but not written back, and an unknown refund status: it is not written back, and the warehouse pulls the parcel out. Wait for the platform to change it',
    ],
  ),
  rule(
    'status_unknown',
    {
      originals: originals.filter((one) => one !== 'shipped_unwritten'),
      kinds: anyKind,
      statuses: ['unknown'],
    },
    refuse('status_unknown'),
    ['退款状态未识别，不能转。等平台给出新状态', 'Unknown refund status. Wait for the platform to change it'],
  ),
]

export function refundRule(
  refund: { kind: RefundKind; status: RefundStatus; phase: RefundPhase },
  original: Original,
): RefundRule {
  const row = refundRules.find(
    (one) =>
      one.originals.includes(original) &&
      one.kinds.includes(refund.kind) &&
      one.statuses.includes(refund.status) &&
      one.phases.includes(refund.phase),
  )
  if (!row) throw new RangeError(`no rule for ${refund.kind} ${refund.status} ${refund.phase} on ${original}`)
  return row
}
