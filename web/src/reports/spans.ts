import type { LocalizedPair } from '../words.ts'

export type Span = { from: string; to: string }

const dayMs = 86_400_000
const plus = (day: string, days: number) =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10)

/** Returns the day in China at this time. */
export const chinaDayOf = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10)

/** The spans that the page offers, from the present day. */
export const spans: readonly { key: string; words: LocalizedPair; of: (today: string) => Span }[] = [
  { key: '7', words: ['近 7 天', 'Last 7 days'], of: (today) => ({ from: plus(today, -6), to: today }) },
  { key: '14', words: ['近 14 天', 'Last 14 days'], of: (today) => ({ from: plus(today, -13), to: today }) },
  { key: '30', words: ['近 30 天', 'Last 30 days'], of: (today) => ({ from: plus(today, -29), to: today }) },
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
    of: (today) => ({ from: plus(today, -364), to: today }),
  },
]

function lastWeek(today: string): Span {
  const monday = plus(today, -((new Date(today).getUTCDay() + 6) % 7))
  return { from: plus(monday, -7), to: plus(monday, -1) }
}

function lastMonth(today: string): Span {
  const to = plus(`${today.slice(0, 7)}-01`, -1)
  return { from: `${to.slice(0, 7)}-01`, to }
}

/** Returns the filter of a list for these days, whose end is excluded: "2026-11-18 00:00~2026-11-19 00:00". */
export const periodFilter = ({ from, to }: Span) => `${from} 00:00~${plus(to, 1)} 00:00`
