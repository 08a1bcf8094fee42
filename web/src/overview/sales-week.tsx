import { useState } from 'react'
import { Segments } from '../ui/base/button.tsx'
import { count } from '../ui/base/figures.tsx'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import { niceTop } from './nice-top.ts'
import { Change, reportTo, SalesFigure, shareOf, shortYuan } from './sales-figures.tsx'
import type { Week } from './types.ts'

type Sums = Pick<Week['days'][number], 'count' | 'amountFen' | 'refundFen'>
type Shown = {
  words: LocalizedPair
  by: string
  of: (sums: Sums) => number
  isMoney: boolean
  moreIsBad?: boolean
}

const shown = {
  amount: { words: ['销售额', 'Sales'], by: 'amount', of: (sums) => sums.amountFen, isMoney: true },
  orders: { words: ['订单', 'Orders'], by: 'paid', of: (sums) => sums.count, isMoney: false },
  refund: {
    ...{ words: ['退款', 'Refunds'], by: 'refund', of: (sums) => sums.refundFen, isMoney: true },
    moreIsBad: true,
  },
} satisfies Record<string, Shown>
const keys = ['amount', 'orders', 'refund'] as const

const width = 290
const height = 262
const left = 34
const bottom = 22
const weekdays: readonly LocalizedPair[] = [
  ['日', 'Su'],
  ['一', 'Mo'],
  ['二', 'Tu'],
  ['三', 'We'],
  ['四', 'Th'],
  ['五', 'Fr'],
  ['六', 'Sa'],
]

/** Seven days with the present one, and how many deliveries left in time. */
export function SalesWeek({ week }: { week: Week | undefined }) {
  const say = useSay()
  const [key, setKey] = useState<(typeof keys)[number]>('amount')
  const one: Shown = shown[key]
  return (
    <section className="panel week" aria-label={say(['近 7 天', 'Last 7 days'])}>
      <header className="panel-head">
        <h2>{say(['近 7 天', '7 days'])}</h2>
        {one.isMoney && unitOf(one, mostOf(week, one)) === 1e6 && (
          <span className="t2 small">{say(['万元', 'yuan'])}</span>
        )}
        <span className="push">
          <Segments
            label={say(['看什么', 'Figure'])}
            value={key}
            options={keys.map((value) => ({ value, label: say(shown[value].words) }))}
            onChange={setKey}
          />
        </span>
      </header>
      {week && <Figures week={week} one={one} />}
      {week && <DayBars week={week} one={one} />}
    </section>
  )
}

function Figures({ week, one }: { week: Week; one: Shown }) {
  const say = useSay()
  const sum = week.days.reduce((total, day) => total + one.of(day), 0)
  const [from = '', to = ''] = [week.days[0]?.day, week.days.at(-1)?.day]
  const unit = one.isMoney ? ' ¥' : ''
  return (
    <div className="sales-figures">
      <SalesFigure
        label={`${say(one.words)}${unit}`}
        text={one.isMoney ? shortYuan(sum, say) : count(sum)}
        {...(one.isMoney ? { fen: sum } : {})}
        note={
          <Change
            now={sum}
            before={week.before ? one.of(week.before) : 0}
            words={say(['比前 7 天', 'vs 7 days before'])}
            moreIsBad={one.moreIsBad ?? false}
          />
        }
        link={reportTo({ from, to, by: one.by })}
      />
      <SalesFigure
        label={say(['按时发货', 'In time'])}
        text={shareOf(week.onTime, week.onTime + week.late)}
        note={say(['超时 {n} 单', '{n} late'], { n: count(week.late) })}
        link={reportTo({ report: 'deadlines', from, to, by: 'late' })}
      />
    </div>
  )
}

const mostOf = (week: Week | undefined, one: Shown) => Math.max(1, ...(week?.days ?? []).map(one.of))

/** The unit of the bars: ten thousand yuan, yuan, or orders. */
const unitOf = (one: Shown, top: number) => {
  if (!one.isMoney) return 1
  return top >= 1e7 ? 1e6 : 100
}

const barText = (value: number, unit: number, say: Say) => {
  if (value === 0) return '0'
  if (unit !== 1e6) return count(Math.round(value / unit))
  const short = value < 1e8 ? `${Math.round(value / 1e5)}k` : `${(value / 1e8).toFixed(1)}M`
  return say(['{n}', '{short}'], { n: count(Math.round(value / unit)), short })
}

function DayBars({ week, one }: { week: Week; one: Shown }) {
  const say = useSay()
  const { days } = week
  const most = mostOf(week, one)
  const unit = unitOf(one, most)
  const top = niceTop(Math.max(1, most / unit)) * unit
  const step = (width - left - 8) / days.length
  const x = (at: number) => left + at * step
  const y = (value: number) => 16 + (height - bottom - 16) * (1 - value / top)
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className="hour-chart"
      role="img"
      aria-label={
        unit === 1e6
          ? say(['每天{name}，万元', '{name} by the day, yuan'], { name: say(one.words) })
          : say(['每天{name}', '{name} by the day'], { name: say(one.words) })
      }
    >
      {[0, 1 / 3, 2 / 3, 1].map((part) => (
        <g key={part}>
          <path d={`M${left} ${y(top * part)}H${width - 8}`} className="grid-line" />
          <text x={left - 6} y={y(top * part) + 4} textAnchor="end">
            {barText(top * part, unit, say)}
          </text>
        </g>
      ))}
      {days.map((day, at) => (
        <g key={day.day}>
          <title>{day.day}</title>
          <rect
            x={x(at) + step * 0.22}
            width={step * 0.56}
            y={y(Math.max(0, one.of(day)))}
            height={y(0) - y(Math.max(0, one.of(day)))}
            className={at === days.length - 1 || day.due ? 'bar-now' : 'bar'}
          />
          <text x={x(at) + step / 2} y={y(Math.max(0, one.of(day))) - 5} textAnchor="middle" className="over">
            {barText(one.of(day), unit, say)}
          </text>
          <text x={x(at) + step / 2} y={height - 6} textAnchor="middle">
            {at === days.length - 1
              ? say(['今天', 'today'])
              : say(weekdays[new Date(day.day).getUTCDay()] ?? ['', ''])}
          </text>
        </g>
      ))}
    </svg>
  )
}
