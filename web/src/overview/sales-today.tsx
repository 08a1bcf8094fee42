import { useState } from 'react'
import { count } from '../ui/base/figures.tsx'
import { useSay } from '../words.ts'
import { niceTop } from './nice-top.ts'
import { Change, reportTo, SalesFigure, shareOf, shortYuan } from './sales-figures.tsx'
import type { Sales } from './types.ts'

const width = 476
const height = 262
const left = 40
const bottom = 22
const hours = Array.from({ length: 24 }, (_, hour) => hour)

/** The sales of today, those of yesterday beside them, so that a drop is noticed early. */
export function SalesToday({ sales }: { sales: Sales | undefined }) {
  const say = useSay()
  return (
    <section className="panel sales" aria-label={say(['今天销售', 'Sales today'])}>
      <header className="panel-head">
        <h2>{say(['今天销售', 'Sales today'])}</h2>
        <span className="push row small">
          <i className="legend-bar" aria-hidden="true" /> {say(['今天', 'today'])}
          <i className="legend-line" aria-hidden="true" />{' '}
          <span className="t2">{say(['昨天', 'yesterday'])}</span>
        </span>
      </header>
      {sales && <Figures sales={sales} />}
      {sales && <HourChart sales={sales} />}
    </section>
  )
}

function Figures({ sales: { day, now, before } }: { sales: Sales }) {
  const say = useSay()
  const of = (by: string) => reportTo({ from: day, to: day, by })
  const average = (sums: Sales['now']) => (sums.count === 0 ? 0 : Math.round(sums.amountFen / sums.count))
  return (
    <div className="sales-figures four">
      <SalesFigure
        label={say(['付款订单', 'Paid orders'])}
        text={count(now.count)}
        note={say(['昨天同时刻 {n}', 'yesterday {n}'], { n: count(before.count) })}
        link={of('paid')}
      />
      <SalesFigure
        label={say(['销售额 ¥', 'Sales ¥'])}
        text={shortYuan(now.amountFen, say)}
        fen={now.amountFen}
        note={<Change now={now.amountFen} before={before.amountFen} words={say(['比昨天', 'vs then'])} />}
        link={of('amount')}
      />
      <SalesFigure
        label={say(['客单价 ¥', 'Average ¥'])}
        text={now.count === 0 ? '–' : (average(now) / 100).toFixed(2)}
        note={say(['昨天 {n}', 'yesterday {n}'], {
          n: before.count === 0 ? '–' : (average(before) / 100).toFixed(2),
        })}
        link={of('average')}
      />
      <SalesFigure
        label={say(['退款 ¥', 'Refunds ¥'])}
        text={shortYuan(now.refundFen, say)}
        fen={now.refundFen}
        note={say(['{now}，昨天 {before}', '{now}, then {before}'], {
          now: shareOf(now.refundFen, now.amountFen),
          before: shareOf(before.refundFen, before.amountFen),
        })}
        link={of('refund')}
      />
    </div>
  )
}

function HourChart({ sales: { today, yesterday, hour: now } }: { sales: Sales }) {
  const say = useSay()
  const [over, setOver] = useState<number>()
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
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      className="hour-chart"
      role="img"
      aria-label={say(['今天每小时付款订单', 'Paid orders today by the hour'])}
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
  )
}
