import type { LocalizedPair, Say } from '../words.ts'

export const platformStatusWords: Readonly<Record<string, LocalizedPair>> = {
  TRADE_NO_CREATE_PAY: ['没有创建支付', 'Payment not set up'],
  WAIT_BUYER_PAY: ['待付款', 'To pay'],
  PAY_PENDING: ['付款确认中', 'Payment pending'],
  WAIT_PRE_AUTH_CONFIRM: ['待签约', 'Contract pending'],
  WAIT_SELLER_SEND_GOODS: ['待发货', 'To ship'],
  PAID_FORBID_CONSIGN: ['已付款，禁止发货', 'Paid, shipping forbidden'],
  SELLER_CONSIGNED_PART: ['部分发货', 'Partly shipped'],
  WAIT_BUYER_CONFIRM_GOODS: ['已发货', 'Shipped'],
  TRADE_BUYER_SIGNED: ['已签收', 'Signed for'],
  TRADE_FINISHED: ['交易成功', 'Finished'],
  TRADE_CLOSED: ['退款关闭', 'Closed by refund'],
  TRADE_CLOSED_BY_TAOBAO: ['交易关闭', 'Closed'],
}

// Pinduoduo has four statuses instead of one; its connector stores them as "confirm 1, group 1, order 1, refund 1". These are the labels of
// `order`.
const orderStates: Readonly<Record<string, LocalizedPair>> = {
  '1': ['待发货', 'To ship'],
  '2': ['已发货', 'Shipped'],
  '3': ['已签收', 'Signed for'],
}

/** Returns the label of a platform's own status. An unknown one is shown as a new status. */
export function platformStatusText(status: string, say: Say): string {
  const words = platformStatusWords[status]
  if (words) return say(words)
  const figures = new Map(Array.from(status.matchAll(/(\w+) (\d+)/g), ([, name = '', n = '']) => [name, n]))
  if (figures.size === 0) return status === '' ? '' : say(['平台的新状态', 'A new status of the platform'])
  if (figures.get('confirm') === '2' || figures.get('group') === '2') return say(['已取消', 'Cancelled'])
  if (figures.get('refund') === '4') return say(['已退款', 'Refunded'])
  const order = orderStates[figures.get('order') ?? '']
  const more = [
    order ? say(order) : '',
    figures.get('group') === '0' ? say(['未成团', 'group open']) : '',
    figures.get('confirm') === '0' ? say(['未成交', 'not made yet']) : '',
    /^[23]$/.test(figures.get('refund') ?? '') ? say(['退款中', 'refund open']) : '',
  ].filter(Boolean)
  return more.join(say(['，', ', '])) || say(['平台的新状态', 'A new status of the platform'])
}
