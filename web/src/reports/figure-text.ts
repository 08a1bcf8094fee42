import { yuan } from '../../../server/lib/money-text.ts'
import type { Measure } from '../../../server/reports/report-rules.ts'
import type { Say } from '../words.ts'

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const count = (value: number) => grouped.format(value).replace('-', '−')

/** Returns a figure as text: 45.2%, 1,268.00, 3.4 h. */
export function figureText({ kind }: Pick<Measure, 'kind'>, value: number | null, say: Say): string {
  if (value === null) return '–'
  if (kind === 'money') return yuan(value)
  if (kind === 'percent') return `${value.toFixed(1)}%`
  if (kind === 'hours') return say(['{n} 小时', '{n} h'], { n: value.toFixed(1) })
  if (kind === 'grams') return `${count(value)} g`
  return count(value)
}

/** Returns the change since the period before: "+4.1%", of a percentage "+0.3 点". Empty: there is nothing to compare with. */
export function changeText(
  { kind }: Pick<Measure, 'kind'>,
  now: number | null,
  before: number | null,
  say: Say,
): string {
  if (now === null || before === null) return ''
  if (kind === 'percent') return `${signed(now - before)} ${say(['点', 'pts'])}`
  return before === 0 ? '' : `${signed((100 * (now - before)) / Math.abs(before))}%`
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`
