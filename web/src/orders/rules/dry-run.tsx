import { errorText } from '../../api.ts'
import { Button } from '../../ui/base/button.tsx'
import { Note } from '../../ui/base/empty.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { clockSeconds } from '../../ui/base/time.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { DryRun } from '../types.ts'

/** The dry run of edited rules: its time and result, or a hint before the first run. */
export function DryRunPanel(props: {
  at: string | undefined
  hint: LocalizedPair
  error: Error | null
  busy: boolean
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
          <Button letter="T" busy={busy} onClick={onRun}>
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

export const confirmHint: LocalizedPair = [
  '用左边的规则（不必先保存）看现在的未确认订单：能确认多少，其余各因为什么。什么都不会改。',
  'Holds the rule, saved or not, against the orders that wait now. Changes nothing.',
]

/** The dry run of the selected confirm rule: how many unconfirmed orders pass, and why the others do not. */
export function ConfirmDryRun({ run }: { run: DryRun }) {
  const say = useSay()
  return (
    <>
      <DrySum
        n={run.passing}
        run={run}
        words={['/ {seen}{more} 单会确认', '/ {seen}{more} would be confirmed']}
      />
      <DryCounts all={run.byReason.map((reason) => ({ name: say(reason), count: reason.count }))} />
      <ul className="dry-rows">
        {run.rows.map((row) => (
          <li key={row.id}>
            <PageLink to="/orders" search={{ tab: 'all', ids: row.id, open: row.id }} className="num">
              {row.no}
            </PageLink>
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
