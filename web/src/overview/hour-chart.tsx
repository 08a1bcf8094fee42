import { useState } from 'react'
import { count } from '../ui/base/figures.tsx'
import { useSay } from '../words.ts'
import { niceTop } from './nice-top.ts'
import type { Overview } from './types.ts'

const width = 476
const height = 300
const left = 40
const bottom = 22
const hours = Array.from({ length: 24 }, (_, hour) => hour)

/** Paid orders by hour, today as bars and yesterday as a line, so that a drop is noticed early. */
export function HourChart({ hours: data }: { hours: Overview['hours'] | undefined }) {
  const say = useSay()
  const [over, setOver] = useState<number>()
  const today = data?.today ?? []
  const yesterday = data?.yesterday ?? []
  const now = data?.hour ?? 0
  const top = niceTop(Math.max(1, ...today, ...yesterday))
  const step = (width - left - 8) / 24
  const x = (hour: number) => left + hour * step
  const y = (value: number) => 12 + (height - bottom - 12) * (1 - value / top)
  const line = yesterday
    .map(
      (value, hour) =>
        `${hour === 0 ? 'M' : 'V'}${hour === 0 ? `${x(0)},${y(value)}` : y(value)}H${x(hour + 1)}`,
    )
    .join('')
  const sum = (values: readonly number[], to: number) =>
    values.slice(0, to).reduce((total, value) => total + value, 0)
  return (
    <section className="panel hours" aria-label={say(['每小时付款订单', 'Paid orders by the hour'])}>
      <header className="panel-head">
        <h2>{say(['每小时付款订单', 'Paid orders by the hour'])}</h2>
        <span className="push row small num">
          <i className="legend-bar" aria-hidden="true" />{' '}
          {say(['今天 {n}', 'today {n}'], { n: count(sum(today, 24)) })}
          <i className="legend-line" aria-hidden="true" />{' '}
          <span className="t2">
            {say(['昨天到 {hour} 点 {n}', 'yesterday until {hour}:00 {n}'], {
              hour: now + 1,
              n: count(sum(yesterday, now + 1)),
            })}
          </span>
        </span>
      </header>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        className="hour-chart"
        role="img"
        aria-label={say(['今天 {n} 单', '{n} {n|order|orders} today'], { n: sum(today, 24) })}
      >
        {[0, 1 / 3, 2 / 3, 1].map((part) => (
          <g key={part}>
            <path d={`M${left} ${y(top * part)}H${width - 8}`} className="grid-line" />
            <text x={left - 8} y={y(top * part) + 4} textAnchor="end">
              {count(Math.round(top * part))}
            </text>
          </g>
        ))}
        {today.map((value, hour) => (
          <rect
            key={hours[hour]}
            x={x(hour) + step * 0.22}
            width={step * 0.56}
            y={y(value)}
            height={Math.max(0, y(0) - y(value))}
            className={hour === now ? 'bar-now' : 'bar'}
          />
        ))}
        <path d={line} className="yesterday" />
        {hours
          .filter((hour) => hour % 3 === 0)
          .map((hour) => (
            <text key={hour} x={x(hour) + step / 2} y={height - 6} textAnchor="middle">
              {String(hour).padStart(2, '0')}
            </text>
          ))}
        {over !== undefined && (
          <text x={Math.min(x(over) + step / 2, width - 90)} y={10} className="over">
            {`${String(over).padStart(2, '0')}:00 · ${count(today[over] ?? 0)} / ${count(yesterday[over] ?? 0)}`}
          </text>
        )}
        {hours.map((hour) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: only shows figures that the label sums up
          <rect
            key={hour}
            x={x(hour)}
            y={0}
            width={step}
            height={height - bottom}
            fill="transparent"
            onMouseEnter={() => setOver(hour)}
            onMouseLeave={() => setOver(undefined)}
          />
        ))}
      </svg>
    </section>
  )
}
