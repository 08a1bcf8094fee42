import type { LocalizedPair } from '../lib/localized-text.ts'
import { yuan } from '../lib/money-text.ts'
import type { Measure } from './report-rules.ts'

// Server and pages both import this file: figures of reports as people read them.

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const count = (value: number) => grouped.format(value).replace('-', '−')
const same = (text: string): LocalizedPair => [text, text]

/** Returns a figure as text: 45.2%, 1,268.00, 3.4 h. */
export function figureWords({ kind }: Pick<Measure, 'kind'>, value: number | null): LocalizedPair {
  if (value === null) return same('–')
  if (kind === 'money') return same(yuan(value))
  if (kind === 'percent') return same(`${value.toFixed(1)}%`)
  if (kind === 'hours') return [`${value.toFixed(1)} 小时`, `${value.toFixed(1)} h`]
  if (kind === 'grams') return same(`${count(value)} g`)
  return same(count(value))
}

/**
 * Returns the change since the period before: "+4.1%", "×12" of a figure that has become many times as much, of a percentage "+0.3 点". Empty:
 * there is nothing to compare with.
 */
export function changeWords(
  { kind }: Pick<Measure, 'kind'>,
  now: number | null,
  before: number | null,
): LocalizedPair {
  if (now === null || before === null) return same('')
  if (kind === 'percent') return [`${signed(now - before)} 点`, `${signed(now - before)} pts`]
  if (before > 0 && now >= 10 * before) return same(`×${count(now / before)}`)
  return same(before === 0 ? '' : `${signed((100 * (now - before)) / Math.abs(before))}%`)
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`
