import { anyKind, open } from '../order/open-refund-rules.ts'
import {
  aftersale,
  comesBack,
  gone,
  goodsOnly,
  money,
  over,
  paidBack,
  record,
  rule,
  staysThere,
} from './refund-row-rules.ts'
import type { RefundRule } from './refund-rules.ts'

/** Rules for goods that the buyer has received. They cannot be stopped, even if the shipment was never written back. */
export const received: readonly RefundRule[] = [
  rule('received_open', { originals: gone, kinds: staysThere, statuses: open, phases: aftersale }, record, [
    '买家已收货：没有包裹可拦，只决定退不退钱',
    'The buyer has the goods: there is no parcel to stop, only money to decide on',
  ]),
  rule(
    'received_return_open',
    { originals: gone, kinds: comesBack, statuses: open, phases: aftersale, goods: 'return' },
    record,
    ['买家已收货：等买家寄回，走退货单', 'The buyer has the goods and sends them back, on a return order'],
  ),
  rule('received_ended', { originals: gone, kinds: anyKind, statuses: over, phases: aftersale }, record, [
    '退款结束：记在订单上',
    'The refund ended: noted on the order',
  ]),
  rule(
    'received_succeeded',
    { originals: gone, kinds: ['refund_only'], statuses: paidBack, phases: aftersale },
    money('refund_only'),
    [
      '买家已收货：只退钱，库存不动，记仅退款',
      'The buyer has the goods: money only, stock stays, recorded as refund only',
    ],
  ),
  rule(
    'received_return_succeeded',
    { originals: gone, kinds: ['return'], statuses: paidBack, phases: aftersale, goods: 'return' },
    money('return_refund'),
    [
      '买家已收货：记退货退款，商品入库另走退货单',
      'The buyer had the goods: recorded as return refund; they come back on a return order',
    ],
  ),
  rule(
    'received_goods_succeeded',
    { originals: gone, kinds: goodsOnly, statuses: paidBack, phases: aftersale },
    record,
    ['换货、补发、维修不退钱：记在订单上', 'Exchange, reship and repair return no money: noted on the order'],
  ),
]
