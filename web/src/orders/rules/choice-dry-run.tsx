import { count } from '../../ui/base/figures.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { DryCounts, DrySum } from '../../ui/rules/dry-run.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { howText, missText } from '../choice-words.ts'
import { courierText } from '../courier-text.ts'
import type { ChoiceDryRun } from '../types.ts'

type Row = ChoiceDryRun['rows'][number]

export const choiceHint: LocalizedPair = [
  '用手上的规则（不必先保存）看最近的未确认订单：各从哪个仓发、用哪家快递、是哪条规则、前面的为什么不行。什么都不会改。',
  'Holds the rules, saved or not, against the latest orders that wait: from where, by whom, by which rule, and why not by those before it. Changes nothing.',
]

/** The dry run of the edited sourcing rules: for each waiting order the rule that decided, and why the rules before it did not. */
export function ChoiceDryRunRows({ run }: { run: ChoiceDryRun }) {
  const say = useSay()
  return (
    <>
      <DrySum
        n={run.changing}
        run={run}
        words={['/ {seen}{more} 单会和现在不同', '/ {seen}{more} would differ from now']}
      />
      <DryCounts
        all={run.byWarehouse.map(({ name, count }) => ({
          name: name || say(['没有仓库', 'No warehouse']),
          count,
        }))}
      />
      <DryCounts all={run.byCourier.map(({ name, count }) => ({ name: courierText(name, say), count }))} />
      <ul className="dry-rows choice-rows">
        {run.rows.map((row) => (
          <li key={row.id}>
            <span className="choice-order">
              <PageLink to="/orders" search={{ tab: 'all', ids: row.id, open: row.id }} className="num">
                {row.no}
              </PageLink>
              <span className="t3 small">
                {row.region}
                {row.weightG !== null && <span className="num nowrap"> · {count(row.weightG)} g</span>}
              </span>
            </span>
            <span className="choice-picks">
              <WarehousePick row={row} />
              <CourierPick row={row} />
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function WarehousePick({ row }: { row: Row }) {
  const say = useSay()
  return (
    <Pick
      was={row.nowWarehouse || say(['未定', 'none'])}
      is={row.warehouse || say(['没有仓库', 'No warehouse'])}
      why={[row.warehouseRule, howText(row.how, say)].filter(Boolean).join(' · ')}
      passed={row.warehousePassed}
    />
  )
}

function CourierPick({ row }: { row: Row }) {
  const say = useSay()
  return (
    <Pick
      was={courierText(row.nowCourier, say)}
      is={courierText(row.courier, say)}
      why={
        row.courierByHand ? howText('hand', say) : row.courierRule || say(['没有规则符合', 'no rule fits'])
      }
      passed={row.courierPassed}
    />
  )
}

function Pick(props: { was: string; is: string; why: string; passed: Row['courierPassed'] }) {
  const say = useSay()
  const { was, is, why, passed } = props
  return (
    <span>
      {was !== is && <s className="t3">{was}</s>} <b>{is}</b> <span className="t2 small">{why}</span>
      {passed.length > 0 && (
        <span className="reason-chips">
          {passed.map(({ rule, miss }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rules may have one name
            <span key={index} className="reason-chip waits">
              {rule} {missText(miss, say)}
            </span>
          ))}
        </span>
      )}
    </span>
  )
}
