import { refundRule } from '../../../../server/orders/refunds/refund-rules.ts'
import type { LocalizedPair } from '../../words.ts'
import type { OrderDetail } from '../types.ts'

type Notice = Pick<OrderDetail['notices'][number], 'kind' | 'phase' | 'status' | 'agreeing'>

/** Returns the text about the refund that stops the order. */
export function refundStop({ kind, phase, status, agreeing }: Notice): LocalizedPair {
  if (agreeing !== '' && status !== 'succeeded')
    return [
      '我方已同意退款 ¥{amount}，订单已挂起。',
      'We agreed to pay ¥{amount} back; the order is on hold.',
    ]
  if (status === 'unknown')
    return [
      '退款 ¥{amount} 的状态未识别，订单已挂起。',
      'The status of a refund of ¥{amount} is unknown; the order is on hold.',
    ]
  if (status !== 'succeeded')
    return [
      '买家申请退款 ¥{amount}，订单已挂起。',
      'The buyer asks for ¥{amount} back; the order is on hold.',
    ]
  return effectOf({ kind, phase, status }) === 'refuse'
    ? [
        '退款 ¥{amount} 已成功，类型未识别，订单已挂起。',
        'A refund of ¥{amount} of an unknown kind succeeded; the order is on hold.',
      ]
    : [
        '已退款 ¥{amount}，商品还没减去，订单已挂起。',
        '¥{amount} went back and its goods are still on the order, which is on hold.',
      ]
}

/** Returns the text about how the stop, or the order, will end. */
export function refundNext({ kind, phase, status }: Notice): LocalizedPair {
  if (status === 'unknown')
    return [
      '等平台给出新状态，或核对平台后标记已处理。',
      'Wait for a new status, or check the platform and mark it processed.',
    ]
  const isOver = status === 'succeeded'
  const success = effectOf({ kind, phase, status: 'succeeded' })
  if (success === 'reduce')
    return isOver
      ? [
          '转退单后减去商品：退完则作废，否则继续。',
          'Convert the refund: its goods come off; voided when nothing is left, else it goes on.',
        ]
      : [
          '退款关闭后自动解挂；退款成功则减去商品：退完则作废，否则继续。',
          'Released once it closes; when it succeeds its goods come off: voided when nothing is left, else it goes on.',
        ]
  if (success === 'refuse')
    return isOver
      ? ['核对平台后标记已处理。', 'Check the platform, then mark it processed.']
      : [
          '退款关闭后自动解挂；退款成功则核对平台，再标记已处理。',
          'Released once it closes; when it succeeds, check the platform and mark it processed.',
        ]
  return ['退款结束后自动解挂。', 'Released once the refund is over.']
}

/** For an unshipped order the refund rules have the same effect in every status, so one status is enough. */
const effectOf = (refund: Pick<Notice, 'kind' | 'phase' | 'status'>) =>
  refundRule(refund, 'unconfirmed').effect
