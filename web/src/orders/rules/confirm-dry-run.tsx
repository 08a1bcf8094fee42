import { PageLink } from '../../ui/base/page-link.tsx'
import { DryCounts, DrySum } from '../../ui/rules/dry-run.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { DryRun } from '../types.ts'

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
