import {
  addCells,
  daysIn,
  type Measure,
  measured,
  type Report,
} from '../../../server/reports/report-rules.ts'
import { type Say, useSay } from '../words.ts'
import { changeTone } from './change-tone.ts'
import { changeText, figureText } from './figure-text.ts'
import type { Figures } from './types.ts'

const most = 5

/** The first measures of the report over all its days, with their change since as many days before. A click shows the measure below. */
export function Kpis(props: {
  report: Report
  data: Figures
  measure: Measure
  onPick: (measure: Measure) => void
}) {
  const say = useSay()
  const { report, data, measure, onPick } = props
  const sum = addCells(data.total)
  return (
    <div className="report-kpis">
      {report.measures.slice(0, most).map((each) => {
        const now = measured(each, data.columns, sum)
        const before = data.before === null ? null : measured(each, data.columns, data.before)
        return (
          <button
            key={each.key}
            type="button"
            className="report-kpi"
            aria-pressed={each.key === measure.key}
            onClick={() => onPick(each)}
          >
            <span className="t2 small">{say(each.words)}</span>
            <b className="num">{figureText(each, now, say)}</b>
            <Change measure={each} now={now} before={before} days={daysOf(data)} say={say} />
            <Spark values={data.total.map((cell) => measured(each, data.columns, cell))} />
          </button>
        )
      })}
    </div>
  )
}

function Change(props: {
  measure: Measure
  now: number | null
  before: number | null
  days: number
  say: Say
}) {
  const { measure, now, before, days, say } = props
  const text = changeText(measure, now, before, say)
  if (text === '') return <span className="t3 small">{say(['没有前期', 'Nothing before'])}</span>
  return (
    <span className="small num">
      <span className={changeTone(now ?? 0, before ?? 0, measure.bad)}>{text}</span>{' '}
      <span className="t2">{say(['比前 {n} 天', 'vs {n} {n|day|days} before'], { n: days })}</span>
    </span>
  )
}

const daysOf = ({ periods }: Figures) =>
  daysIn({ from: periods[0]?.from ?? '', to: periods.at(-1)?.to ?? '' })

function Spark({ values }: { values: readonly (number | null)[] }) {
  const top = Math.max(1e-9, ...values.map((value) => value ?? 0))
  if (values.length < 2) return null
  const points = values.map(
    (value, at) => `${(at * 52) / (values.length - 1) + 2},${18 - (16 * (value ?? 0)) / top}`,
  )
  return (
    <svg className="report-spark" width="56" height="20" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  )
}
