import type { LocalizedPair } from '../../lib/localized-text.ts'
import { money } from '../../lib/money-text.ts'
import { type Measure, type ReportName, reports } from '../report-rules.ts'

// Server and pages both import this file: which figures of today may be watched, and with which usual bounds.

export const thresholdFigures = ['refundRate', 'sales', 'onTime', 'late'] as const
export type ThresholdFigure = (typeof thresholdFigures)[number]

/**
 * A figure of a report by shop. `side`: the figures that are reported. `counted`: the columns whose sum is at least the least count. `bound`, `least` and `hour`:
 * the first values of the form; a bound of money is in fen.
 */
type Threshold = {
  report: ReportName
  measure: string
  side: 'above' | 'below'
  counted: { columns: readonly string[]; words: LocalizedPair }
  bound: number
  least: number
  hour: number
}

const trades = { columns: ['trade_count', 'own_count'], words: ['付款交易', 'Paid trades'] } as const
const deliveries = {
  columns: ['due_count'],
  words: ['有时限的发货单', 'Deliveries with a deadline'],
} as const

export const thresholds: Readonly<Record<ThresholdFigure, Threshold>> = {
  refundRate: {
    report: 'sales',
    measure: 'refundRate',
    side: 'above',
    counted: trades,
    bound: 8,
    least: 20,
    hour: 0,
  },
  // Early in the day every shop has sold little, and a shop without a trade is the one to be reported.
  sales: {
    report: 'sales',
    measure: 'amount',
    side: 'below',
    counted: trades,
    bound: 100_000,
    least: 0,
    hour: 18,
  },
  onTime: {
    report: 'deadlines',
    measure: 'rate',
    side: 'below',
    counted: deliveries,
    bound: 90,
    least: 20,
    hour: 0,
  },
  late: {
    report: 'deadlines',
    measure: 'late',
    side: 'above',
    counted: deliveries,
    bound: 5,
    least: 1,
    hour: 0,
  },
}

export const isThresholdFigure = (name: string): name is ThresholdFigure => Object.hasOwn(thresholds, name)

export function measureOfThreshold(figure: ThresholdFigure): Measure {
  const { report, measure } = thresholds[figure]
  const found = reports[report].measures.find(({ key }) => key === measure)
  if (found === undefined) throw new Error(`${figure} is no figure of its report.`)
  return found
}

export const isBeyond = (figure: ThresholdFigure, value: number, bound: number): boolean =>
  thresholds[figure].side === 'above' ? value > bound : value < bound

const names: Readonly<Record<ThresholdFigure, LocalizedPair>> = {
  refundRate: ['退款率', 'Refund rate'],
  sales: ['销售额', 'Sales'],
  onTime: ['发货按时率', 'Shipped on time'],
  late: ['超时发货', 'Shipped late'],
}
export const thresholdName = (figure: ThresholdFigure): LocalizedPair => names[figure]

/** 退款率 > 8% */
export function thresholdWords(figure: ThresholdFigure, bound: number): LocalizedPair {
  const { kind } = measureOfThreshold(figure)
  const [zh, en] = names[figure]
  const sign = thresholds[figure].side === 'above' ? '>' : '<'
  const text = kind === 'money' ? money(bound) : kind === 'percent' ? `${bound}%` : String(bound)
  return [`${zh} ${sign} ${text}`, `${en} ${sign} ${text}`]
}
