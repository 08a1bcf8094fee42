import { money, yuan } from '../../../../server/lib/money-text.ts'
import { useSay } from '../../words.ts'
import { Tip } from '../overlay/tip.tsx'
import { fullTime, shortTime, useNow } from './time.ts'
import { shared } from './words.ts'

const grouped = new Intl.NumberFormat('en-US')

/** 12480 → "12,480" */
export function count(value: number): string {
  return grouped.format(value).replace('-', '−')
}

/** {count: 10000, capped: true} → "10,000+" */
export function cappedCount(value: { count: number; capped: boolean }): string {
  return `${count(value.count)}${value.capped ? '+' : ''}`
}

/** "…18820417": numbers differ at their ends. */
export function shortNo(no: string, kept = 8): string {
  return no.length > kept + 2 ? `…${no.slice(-kept)}` : no
}

export function Money({ fen, symbol = false }: { fen: number; symbol?: boolean }) {
  return <span className="num">{symbol ? money(fen) : yuan(fen)}</span>
}

/** A short time, with the full time on hover. */
export function Time({ at, say = shortTime }: { at: string | null; say?: (at: string) => string }) {
  if (at === null) return <span className="t3">–</span>
  return (
    <Tip text={fullTime(at)}>
      <time className="num" dateTime={at}>
        {say(at)}
      </time>
    </Tip>
  )
}

/** A text on one line, whole in its title. */
export const CutText = ({ text }: { text: string }) => (
  <div className="cut" title={text}>
    {text}
  </div>
)

/** A time in grey, because other values of the row matter more. */
export const QuietTime = ({ at }: { at: string | null }) => (
  <span className="t2">
    <Time at={at} />
  </span>
)

const urgentMs = 4 * 3600_000

/** The time left until a deadline as HH:MM: amber within four hours, red and with a label after the deadline. */
export function Countdown({ to }: { to: string | null }) {
  const now = useNow()
  const say = useSay()
  if (to === null) return <span className="t3">–</span>
  const left = Date.parse(to) - now
  const minutes = Math.floor(Math.abs(left) / 60_000)
  const text = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  const tone = left < 0 ? 'ink-bad' : left < urgentMs ? 'ink-warn' : ''
  return (
    <Tip text={fullTime(to)}>
      <span className={`num ${tone}`}>{left < 0 ? `${say(shared.over)} ${text}` : text}</span>
    </Tip>
  )
}

/** "× 2": bold above 1, because an overlooked quantity makes a wrong parcel. */
export function Times({ quantity }: { quantity: number }) {
  return <span className={quantity > 1 ? 'times many' : 'times'}>{`× ${count(quantity)}`}</span>
}
