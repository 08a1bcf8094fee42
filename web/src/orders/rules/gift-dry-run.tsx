import { PageLink } from '../../ui/base/page-link.tsx'
import { DryCounts, DrySum } from '../../ui/rules/dry-run.tsx'
import { type LocalizedPair, type Say, useSay } from '../../words.ts'
import { giftMissText } from '../gift-words.ts'
import type { GiftDryRun } from '../types.ts'

export const giftHint: LocalizedPair = [
  '用手上的规则（不必先保存）看最近的未确认订单：各送什么、是哪条规则、别的为什么没送。什么都不会改。',
  'Holds the rules, saved or not, against the latest orders that wait: what each would get, by which rule, and why not by the others. Changes nothing.',
]

type Item = GiftDryRun['rows'][number]['now'][number]
const itemsText = (items: readonly Item[], say: Say) =>
  items.map(({ code, quantity }) => `${code} × ${quantity}`).join(say(['、', ', ']))

export function GiftDryRunRows({ run }: { run: GiftDryRun }) {
  const say = useSay()
  return (
    <>
      <DrySum
        n={run.changing}
        run={run}
        words={['/ {seen}{more} 单的赠品会变', '/ {seen}{more} would get other gifts']}
      />
      <DryCounts all={run.byRule} />
      <DryCounts all={run.bySku} />
      <ul className="dry-rows choice-rows">
        {run.rows.map((row) => (
          <li key={row.id}>
            <span className="choice-order">
              <PageLink to="/orders" search={{ tab: 'all', ids: row.id, open: row.id }} className="num">
                {row.no}
              </PageLink>
              {row.now.length > 0 && (
                <span className="t3 small">
                  {say(['现在', 'now'])} {itemsText(row.now, say)}
                </span>
              )}
            </span>
            <span className="choice-picks">
              {row.given.map(({ rule, items }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two rules may have one name
                <span key={index}>
                  <b>{itemsText(items, say)}</b> <span className="t2 small">{rule}</span>
                </span>
              ))}
              {row.missed.length > 0 && (
                <span className="reason-chips">
                  {row.missed.map(({ rule, miss }, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: two rules may have one name
                    <span key={index} className="reason-chip waits">
                      {rule} {giftMissText(miss, say)}
                    </span>
                  ))}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
