import { Link } from '@tanstack/react-router'
import { errorText } from '../api.ts'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/empty.tsx'
import { clockSeconds } from '../ui/time.ts'
import { useSay } from '../words.ts'
import type { DryRun } from './types.ts'

/** What the rule in hand would do with the unconfirmed orders now: how many pass, and why each other does not. */
export function DryRunPanel(props: {
  run: DryRun | undefined
  error: Error | null
  busy: boolean
  onRun: () => void
}) {
  const say = useSay()
  const { run, error, busy, onRun } = props
  return (
    <>
      <div className="row">
        <h3>{say(['试算', 'Dry run'])}</h3>
        {run && <span className="t3 small num">{clockSeconds(run.at)}</span>}
        <span className="push">
          <Button letter="T" busy={busy} onClick={onRun}>
            {say(['试算未确认订单', 'Try on waiting orders'])}
          </Button>
        </span>
      </div>
      {error && <Note tone="bad">{errorText(error)}</Note>}
      {!run && !error && (
        <p className="t2 small">
          {say([
            '用左边的规则（不必先保存）看现在的未确认订单：能确认多少，其余各因为什么。什么都不会改。',
            'Holds the rule, saved or not, against the orders that wait now. Changes nothing.',
          ])}
        </p>
      )}
      {run && <Told run={run} />}
    </>
  )
}

function Told({ run }: { run: DryRun }) {
  const say = useSay()
  const most = Math.max(1, ...run.byReason.map(({ count }) => count))
  return (
    <>
      <p className="dry-sum">
        <b className="num">{run.passing}</b>
        <span className="t2">
          {say(['/ {seen}{more} 单会确认', '/ {seen}{more} would be confirmed'], {
            seen: run.seen,
            more: run.capped ? '+' : '',
          })}
        </span>
      </p>
      <ul className="dry-reasons">
        {run.byReason.map((reason) => (
          <li key={reason.reason}>
            <span className="cut">{say(reason)}</span>
            <i aria-hidden="true">
              <i style={{ width: `${(reason.count / most) * 100}%` }} />
            </i>
            <span className="num">{reason.count}</span>
          </li>
        ))}
      </ul>
      <ul className="dry-rows">
        {run.rows.map((row) => (
          <li key={row.id}>
            <Link to="/orders" search={{ tab: 'all', ids: row.id, open: row.id }} className="num">
              {row.no}
            </Link>
            <span className="reason-chips">
              {row.reasons.map(({ reason, message, waits }) => (
                <span key={reason} className={waits ? 'reason-chip waits' : 'reason-chip'}>
                  {say(message)}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
