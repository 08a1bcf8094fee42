import { yuan } from '../../../../server/lib/money-text.ts'
import {
  type GoodsGoal,
  type Original,
  originals,
  originalWords,
  type RefundRule,
  refundRule,
  refundRules,
} from '../../../../server/orders/refunds/refund-rules.ts'
import type { LocalizedPair, Say } from '../../words.ts'
import type { RefundDetail } from '../types.ts'

export type PlanLine = { what: string; does: string }
export type TableRow = { id: string; state: string; does: string; lit: boolean }

const effectDoes: Record<
  RefundRule['effect'],
  { order: LocalizedPair; goods: LocalizedPair; money: LocalizedPair }
> = {
  hold: {
    order: ['{no} 挂起，原因「退款申请中」', '{no} is held: refund open'],
    goods: ['占用不动', 'stay reserved'],
    money: ['不动', 'untouched'],
  },
  release: {
    order: ['{no} 解除这笔退款的挂起', '{no}: the hold of this refund is lifted'],
    goods: ['占用不动', 'stay reserved'],
    money: ['不动', 'untouched'],
  },
  reduce: {
    order: ['{no} 减去退款的商品，退完则作废', '{no} loses the refunded goods; voided when nothing is left'],
    goods: ['释放退掉的 {pieces} 件', '{pieces} are freed'],
    money: ['记订单退款 ¥{amount}', '¥{amount} recorded as order refund'],
  },
  money: {
    order: ['{no} 记下这笔退款', 'noted on {no}'],
    goods: ['不动', 'untouched'],
    money: ['记退款 ¥{amount}', '¥{amount} recorded as refund'],
  },
  record: {
    order: ['{no} 记下这笔退款', 'noted on {no}'],
    goods: ['不动', 'untouched'],
    money: ['不动', 'untouched'],
  },
  refuse: { order: ['{no} 不动', '{no} stays'], goods: ['不动', 'untouched'], money: ['不动', 'untouched'] },
}

const parcelDoes: Partial<Record<GoodsGoal, LocalizedPair>> = {
  put_back: ['已拣的列入待放回', 'What was picked is listed to be put back'],
  pull: ['停止回写，仓库拦下', 'The platform is not told; the warehouse pulls it out'],
  recall: ['退商品的请快递追回', 'The courier is asked for it when goods are asked back'],
  return: ['等买家寄回', 'The buyer sends it back'],
}

const answerDoes: Record<string, LocalizedPair> = {
  agreeing: ['正在同意，等平台确认', 'Agreeing; the platform has to confirm it'],
  agreed: ['已同意退款', 'Agreed'],
  refusing: ['正在拒绝，等平台确认', 'Refusing; the platform has to confirm it'],
  refused: ['已拒绝退款', 'Refused'],
}

/** Returns our last answer to the platform; undefined if we gave none, or if it failed. */
export function answerOf({ events, state }: RefundDetail): keyof typeof answerDoes | undefined {
  if (state === 'refusing' || state === 'refused') return state
  const answers = ['agreeing', 'agreed', 'agree_failed', 'refusing', 'refused', 'refuse_failed', 'reopened']
  const newestFirst = events.toSorted((a, b) => Number(b.id) - Number(a.id))
  const last = newestFirst.find(({ event }) => answers.includes(event))
  if (last?.event === 'refused' && newestFirst.some((later) => isAskedAgain(later, last))) return undefined
  return last && Object.hasOwn(answerDoes, last.event) ? last.event : undefined
}

type RefundEvent = RefundDetail['events'][number]

/** True if a version after our refusal is open: the buyer asks again. */
const isAskedAgain = ({ id, event, detail }: RefundEvent, refused: RefundEvent): boolean =>
  event === 'changed' && Number(id) > Number(refused.id) && Object(detail).status === 'applied'

/** True if we have answered and the platform has not confirmed it yet. */
export function isUnderWay(refund: RefundDetail): boolean {
  const answer = answerOf(refund)
  return answer === 'refusing' || answer === 'agreeing'
}

/** True if our answer has gone, or is going, and the platform shows the refund as unanswered still. */
export const isAnswered = (refund: RefundDetail): boolean =>
  refund.status === 'applied' &&
  ['agreeing', 'agreed', 'refusing', 'refused'].includes(answerOf(refund) ?? '')

/** Some platforms, such as 拍拍, name no deadline. */
const unanswered = ({ deadline }: RefundDetail): LocalizedPair =>
  deadline === null
    ? ['不同意也不拒绝，买家仍在等答复', 'Neither agreed nor refused; the buyer still waits for an answer']
    : [
        '不同意也不拒绝，仍须在到期前答复买家',
        'Neither agreed nor refused; the buyer still needs an answer in time',
      ]

function platformLine(refund: RefundDetail, say: Say): PlanLine[] {
  const answer = answerDoes[answerOf(refund) ?? '']
  if (!answer && refund.status !== 'applied') return []
  return [
    {
      what: say(['平台', 'Platform']),
      does: say(answer ?? unanswered(refund)),
    },
  ]
}

/**
 * Returns the text about the effects of a refusal: nothing moves, and the order's hold ends when the platform reports that the refund is
 * over.
 */
function leftBy(refund: RefundDetail): LocalizedPair {
  const { state, status } = refund
  const original = originalOf(refund)
  if (original && refundRule({ ...refund, status: 'applied' }, original).notice === 'hold') {
    if (status === 'refused' || status === 'closed')
      return [
        '商品、库存、资金都没有动；订单因它的挂起已解除',
        'Goods, stock and money were left as they are; its hold on the order is lifted',
      ]
    if (state === 'refused' && status === 'applied')
      return [
        '商品、库存、资金都没有动；平台更新状态后，订单因它的挂起解除',
        'Goods, stock and money were left as they are; its hold goes once the platform tells the new status',
      ]
  }
  return ['订单、库存、资金都没有动', 'Order, stock and money were left as they are']
}

/** Returns what a decision did here. */
export function doneOf(refund: RefundDetail, say: Say): PlanLine[] {
  if (refund.state === 'converted') return planOf(refund, say)
  const here = say(['这里', 'Here'])
  if (refund.state === 'processed')
    return [
      {
        what: here,
        does: say([
          '只标为已处理，订单、库存、资金都没有动',
          'Marked processed; order, stock and money were left as they are',
        ]),
      },
      ...platformLine(refund, say),
    ]
  return [
    ...platformLine(refund, say),
    {
      what: here,
      does: say(leftBy(refund)),
    },
  ]
}

/** Returns the original's state as in refund-rules.ts; undefined: there is no order yet. */
export function originalOf(refund: RefundDetail): Original | undefined {
  return originals.find((standing) => standing === refund.original?.standing)
}

/** Returns what a refund does while its trade is not converted: it only marks the trade line. */
function stagedDoes(status: RefundDetail['status']): LocalizedPair {
  if (status === 'succeeded')
    return ['子订单标为已退款，不再转单', 'Its line is marked refunded and does not convert']
  if (status === 'closed' || status === 'refused')
    return ['子订单的退款标记去掉，可以转单', 'The mark on its line goes; it can convert']
  return ['标记该子订单退款中，不转单', 'Its line is marked and not converted']
}

/** Returns the rule that refuses to convert the refund; undefined: it may be converted. */
export function refusalOf(refund: RefundDetail): RefundRule | undefined {
  const original = originalOf(refund)
  const rule = original && refundRule(refund, original)
  return rule?.effect === 'refuse' ? rule : undefined
}

/** Returns what converting would do now, for each document. */
export function planOf(refund: RefundDetail, say: Say): PlanLine[] {
  const original = originalOf(refund)
  if (!refund.original)
    return [
      {
        what: say(['订单', 'Order']),
        does: say([
          '没有原单，留在这里，原单到了自动再判',
          'No original: stays here and is judged again when it comes',
        ]),
      },
    ]
  if (!original) {
    return [
      { what: say(['交易', 'Trade']), does: `${refund.tid} ${say(stagedDoes(refund.status))}` },
      ...platformLine(refund, say),
    ]
  }
  const rule = refundRule(refund, original)
  const does = effectDoes[rule.effect]
  const parcel = parcelDoes[rule.goods]
  const params = { no: refund.original.orderNo, pieces: refund.quantity, amount: yuan(refund.amountFen) }
  return [
    { what: say(['销售订单', 'Sales order']), does: say(does.order, params) },
    { what: say(['库存', 'Stock']), does: say(does.goods, params) },
    ...(parcel ? [{ what: say(['包裹', 'Parcel']), does: say(parcel) }] : []),
    { what: say(['资金', 'Money']), does: say(does.money, params) },
    ...platformLine(refund, say),
  ]
}

/** Returns the refund rules for this kind, status and phase; the one that applies is marked. */
export function tableOf(refund: RefundDetail, say: Say): TableRow[] {
  const original = originalOf(refund)
  const rows = refundRules
    .filter(
      (rule) =>
        rule.kinds.includes(refund.kind) &&
        rule.statuses.includes(refund.status) &&
        rule.phases.includes(refund.phase),
    )
    .toSorted((a, b) => place(a) - place(b))
  const waiting: TableRow[] = [
    {
      id: 'absent',
      state: say(['没有原单', 'No original']),
      does: say(['留在待转入，原单到了自动再判', 'Stays here until the original comes']),
      lit: !refund.original,
    },
    {
      id: 'staged',
      state: say(['仍在待转入', 'Still staged']),
      does: say(stagedDoes(refund.status)),
      lit: refund.original !== null && !original,
    },
  ]
  return [
    ...waiting,
    ...rows.map((rule) => ({
      id: rule.id,
      state: rule.originals.map((each) => say(originalWords[each])).join(say(['、', ', '])),
      does: say(rule),
      lit: original !== undefined && rule.originals.includes(original),
    })),
  ]
}

/** Returns the position by which rules are sorted: that of the rule's first original in the life of an order. */
function place(rule: RefundRule): number {
  return originals.findIndex((original) => rule.originals.includes(original))
}

/** 之后会怎样: what later statuses of the refund will do to the same original. */
export function afterOf(refund: RefundDetail, say: Say): PlanLine[] {
  const original = originalOf(refund)
  if (!original || refund.status === 'succeeded' || refund.status === 'closed') return []
  return [
    {
      what: say(['退款成功', 'Succeeded']),
      does: say(refundRule({ kind: refund.kind, status: 'succeeded', phase: refund.phase }, original)),
    },
    {
      what: say(['退款关闭', 'Closed']),
      does: say(refundRule({ kind: refund.kind, status: 'closed', phase: refund.phase }, original)),
    },
    {
      what: say(['买家改金额', 'Amount changed']),
      does: say(['回到这里，按新版本再判', 'Comes back here and is judged again']),
    },
  ]
}
