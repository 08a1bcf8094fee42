import type { Words } from '../words.ts'
import type { OrderDetail } from './types.ts'

type Notice = Pick<OrderDetail['notices'][number], 'status' | 'agreeing'>

/** What became of the refund that stops an order. */
export function refundStop({ status, agreeing }: Notice): Words {
  if (status === 'succeeded')
    return [
      '已退款 ¥{amount}，商品还没减去，订单已挂起。',
      '¥{amount} went back and its goods are still on the order, which is on hold.',
    ]
  return agreeing === ''
    ? ['买家申请退款 ¥{amount}，订单已挂起。', 'The buyer asks for ¥{amount} back; the order is on hold.']
    : ['我方已同意退款 ¥{amount}，订单已挂起。', 'We agreed to pay ¥{amount} back; the order is on hold.']
}

/** What makes the order go on. */
export const refundNext = ({ status }: Notice): Words =>
  status === 'succeeded'
    ? ['转退单后减去商品，再继续。', 'Convert the refund: its goods come off, then the order goes on.']
    : [
        '退款关闭后自动解挂；退款成功则减去这一行再发。',
        'Released once it closes; when it succeeds the line comes off.',
      ]
