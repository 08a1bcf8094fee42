import { pair, type VerbTable } from '../core/verbs-contract.ts'
import { interceptEvents } from '../fulfilment/intercepts/intercept-lifecycle.ts'

export const tradeVerbs = {
  convert: {
    path: '/staged-trades/convert',
    permission: 'trades.convert',
    summary: 'Convert to sales orders; each trade exactly once',
    words: ['转销售单', 'Convert'],
    done: ['已转 {n} 条', '{n} converted'],
    bulk: { name: 'trades.convert', words: ['批量转单', 'Convert trades'] },
  },
  convertInstead: {
    path: '/staged-trades/convert-instead',
    permission: 'orders.void',
    summary: 'Void the orders of our own with their numbers, and convert',
    words: ['作废同号单并转单', 'Void the other, convert'],
    done: ['{n} 条以交易为准，正在转单', '{n} being converted instead'],
    bulk: { name: 'trades.convert_instead', words: ['批量作废同号单并转单', 'Void the others, convert'] },
  },
  acceptDoubts: {
    path: '/staged-trades/take-doubts',
    permission: 'trades.doubts',
    summary: 'Take what was taken for values that could not be read, of the versions that were looked at',
    words: ['采用存疑内容…', 'Take values in doubt…'],
    done: ['采用了 {n} 条', '{n} taken'],
    audit: { 'trade.take_doubts': ['采用了交易的存疑内容', 'Values in doubt of a trade taken'] },
  },
  process: {
    path: '/staged-trades/process',
    permission: 'trades.process',
    summary: 'Mark processed: no channel brings them back',
    words: ['标为已处理', 'Mark processed'],
    done: ['{n} 条标为已处理', '{n} marked processed'],
    bulk: { name: 'trades.process', words: ['批量标记已处理', 'Mark trades processed'] },
  },
  unprocess: {
    path: '/staged-trades/unprocess',
    permission: 'trades.process',
    summary: 'Take the mark back; they are fetched again',
    words: ['撤销已处理', 'Undo processed'],
    done: ['撤销 {n} 条，正在重新取明细', '{n} undone, being fetched again'],
    bulk: { name: 'trades.unprocess', words: ['批量撤销已处理', 'Undo processed trades'] },
  },
  remove: {
    path: '/staged-trades/remove',
    permission: 'trades.remove',
    summary: 'Remove; the next download brings them back',
    words: ['移除', 'Remove'],
    done: [
      '移除 {n} 条，下次下载会带最新内容回来',
      '{n} removed; the next download brings them back as they are now',
    ],
    bulk: { name: 'trades.remove', words: ['批量移除', 'Remove trades'] },
  },
} as const satisfies VerbTable

export const refundVerbs = {
  convert: {
    path: '/staged-refunds/convert',
    permission: 'refunds.convert',
    summary: 'Convert, and do to orders what follows',
    words: ['转退单', 'Convert'],
    done: ['{n} 笔已转退单', '{n} converted'],
    bulk: { name: 'refunds.convert', words: ['批量转退单', 'Convert refunds'] },
  },
  acceptDoubts: {
    path: '/staged-refunds/take-doubts',
    permission: 'trades.doubts',
    summary: 'Take what was taken for values that could not be read, of the versions that were looked at',
    words: ['采用存疑内容…', 'Take values in doubt…'],
    done: ['采用了 {n} 笔', '{n} taken'],
    audit: { 'refund.take_doubts': ['采用了退单的存疑内容', 'Values in doubt of a refund taken'] },
  },
  process: {
    path: '/staged-refunds/process',
    permission: 'refunds.process',
    summary: 'Mark processed: neither order nor platform is touched',
    words: ['标为已处理', 'Mark processed'],
    done: ['{n} 笔标为已处理', '{n} marked processed'],
    bulk: { name: 'refunds.process', words: ['退单批量标记已处理', 'Mark refunds processed'] },
  },
  unprocess: {
    path: '/staged-refunds/unprocess',
    permission: 'refunds.process',
    summary: 'Take the mark back',
    words: ['撤销已处理', 'Undo processed'],
    done: ['{n} 笔回到待处理', '{n} are open again'],
    bulk: { name: 'refunds.unprocess', words: ['退单批量撤销已处理', 'Undo processed refunds'] },
  },
} as const satisfies VerbTable

/** Verbs of the after-sales page. */
export const afterSalesVerbs = {
  agree: {
    path: '/aftersale/agree',
    permission: 'refunds.agree',
    summary: 'Agree to each: moves money on the platforms',
    words: ['同意退款…', 'Agree…'],
    done: ['{n} 笔已交给平台退款', '{n}: the platform was told to pay'],
    bulk: { name: 'aftersale.agree', words: ['批量同意退款', 'Agree to refunds'] },
  },
  refuse: {
    path: '/aftersale/refuse',
    permission: 'refunds.refuse',
    summary: 'Refuse each, for one reason of one platform',
    words: ['拒绝退款…', 'Refuse…'],
    done: ['{n} 笔正在写回拒绝', '{n}: refusals are written back'],
    bulk: { name: 'aftersale.refuse', words: ['批量拒绝退款', 'Refuse refunds'] },
  },
  pull: {
    path: '/aftersale/pull',
    permission: 'fulfilment.unship',
    summary: 'The parcels of these refunds were pulled out',
    words: pair(interceptEvents.pull),
    done: ['{n} 笔的包裹已拦下', '{n} pulled out'],
    bulk: { name: 'aftersale.pull', words: ['售后批量拦到', 'Parcels pulled out'] },
  },
  ask: {
    path: '/aftersale/ask',
    permission: 'aftersale.intercept',
    summary: 'The couriers were asked for them',
    words: pair(interceptEvents.ask),
    done: ['{n} 笔已记下：请快递拦截', '{n} noted: the courier was asked'],
    bulk: { name: 'aftersale.ask', words: ['售后批量请快递拦截', 'Couriers asked'] },
  },
  miss: {
    path: '/aftersale/miss',
    permission: 'aftersale.intercept',
    summary: 'They were missed',
    words: pair(interceptEvents.miss),
    done: ['{n} 笔没拦到', '{n} missed'],
    bulk: { name: 'aftersale.miss', words: ['售后批量没拦到', 'Parcels missed'] },
  },
  money: {
    path: '/aftersale/money',
    permission: 'aftersale.intercept',
    summary: 'Money only: they go on',
    words: pair(interceptEvents.money),
    done: ['{n} 笔只退钱', '{n}: money only'],
    bulk: { name: 'aftersale.money', words: ['售后批量只退钱', 'Money only'] },
  },
  assignFault: {
    path: '/aftersale/duty',
    permission: 'refunds.duty',
    summary: 'Who bears it',
    words: ['判责任…', 'Set responsibility…'],
    done: ['{n} 笔已判责任', '{n} said'],
    bulk: { name: 'aftersale.duty', words: ['批量判定责任', 'Say who bears them'] },
  },
} as const satisfies VerbTable
