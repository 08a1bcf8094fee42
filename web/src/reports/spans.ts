import { daysIn, plusDays, type Step } from '../../../server/reports/report-rules.ts'
import type { LocalizedPair } from '../words.ts'

export type Span = { from: string; to: string }

/** The spans that the page offers, from the present day. */
export const spans: readonly { key: string; words: LocalizedPair; of: (today: string) => Span }[] = [
  { key: '7', words: ['近 7 天', 'Last 7 days'], of: (today) => ({ from: plusDays(today, -6), to: today }) },
  {
    key: '14',
    words: ['近 14 天', 'Last 14 days'],
    of: (today) => ({ from: plusDays(today, -13), to: today }),
  },
  {
    key: '30',
    words: ['近 30 天', 'Last 30 days'],
    of: (today) => ({ from: plusDays(today, -29), to: today }),
  },
  { key: 'week', words: ['上周', 'Last week'], of: lastWeek },
  {
    key: 'month',
    words: ['本月', 'This month'],
    of: (today) => ({ from: `${today.slice(0, 7)}-01`, to: today }),
  },
  { key: 'before', words: ['上月', 'Last month'], of: lastMonth },
  {
    key: 'year',
    words: ['近 365 天', 'Last 365 days'],
    of: (today) => ({ from: plusDays(today, -364), to: today }),
  },
]

const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))

/** Returns the days that an address asks for by themselves; undefined if it names none, in the wrong order, or more than 400. */
export function ownDays({ from = '', to = '' }: Readonly<Record<string, string>>): Span | undefined {
  if (!isDay(from) || !isDay(to)) return undefined
  const days = daysIn({ from, to })
  return days < 1 || days > 400 ? undefined : { from, to }
}

/** The smallest step with which so many days fit into 62 columns. */
export function leastStep({ from, to }: Span): Step {
  const days = daysIn({ from, to })
  if (days <= 62) return 'day'
  return days <= 7 * 60 ? 'week' : 'month'
}

function lastWeek(today: string): Span {
  const monday = plusDays(today, -((new Date(today).getUTCDay() + 6) % 7))
  return { from: plusDays(monday, -7), to: plusDays(monday, -1) }
}

function lastMonth(today: string): Span {
  const to = plusDays(`${today.slice(0, 7)}-01`, -1)
  return { from: `${to.slice(0, 7)}-01`, to }
}
