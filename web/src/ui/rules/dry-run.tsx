import { errorText } from '../../api.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { Note } from '../base/empty.tsx'
import { clockSeconds } from '../base/time.ts'
import './rules.css'

/** The dry run of edited rules: its time and result, or a hint before the first run. */
export function DryRunPanel(props: {
  at: string | undefined
  hint: LocalizedPair
  error: Error | null
  busy: boolean
  /** Why it may not run now; undefined: it may. */
  why?: string | undefined
  /** The words of the button; left out: for orders. */
  act?: LocalizedPair
  onRun: () => void
  children: React.ReactNode
}) {
  const say = useSay()
  const { at, hint, error, busy, onRun, children } = props
  return (
    <>
      <div className="row">
        <h3>{say(['试算', 'Dry run'])}</h3>
        {at !== undefined && <span className="t3 small num">{clockSeconds(at)}</span>}
        <span className="push">
          <Button letter="T" busy={busy} why={props.why} onClick={onRun}>
            {say(props.act ?? ['试算未确认订单', 'Try on waiting orders'])}
          </Button>
        </span>
      </div>
      {error && <Note tone="bad">{errorText(error)}</Note>}
      {at === undefined && !error && <p className="t2 small">{say(hint)}</p>}
      {children}
    </>
  )
}

/** The number of affected orders: "6 / 57 would …". */
export function DrySum({
  n,
  run,
  words,
}: {
  n: number
  run: { seen: number; capped: boolean }
  words: LocalizedPair
}) {
  const say = useSay()
  return (
    <p className="dry-sum">
      <b className="num">{n}</b>
      <span className="t2">{say(words, { seen: run.seen, more: run.capped ? '+' : '' })}</span>
    </p>
  )
}

export function DryCounts({ all }: { all: readonly { name: string; count: number }[] }) {
  const most = Math.max(1, ...all.map(({ count }) => count))
  return (
    <ul className="dry-reasons">
      {all.map(({ name, count }) => (
        <li key={name}>
          <span className="cut">{name}</span>
          <i aria-hidden="true">
            <i style={{ width: `${(count / most) * 100}%` }} />
          </i>
          <span className="num">{count}</span>
        </li>
      ))}
    </ul>
  )
}
