import { Link } from '@tanstack/react-router'
import { errorText } from '../api.ts'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/empty.tsx'
import { clockSeconds } from '../ui/time.ts'
import { useSay } from '../words.ts'
import { howText, missText } from './choice-words.ts'
import { courierText } from './events.ts'
import type { ChoiceDryRun } from './types.ts'

type Row = ChoiceDryRun['rows'][number]

/** What the rules in hand would choose for the orders that wait now: which rule decided, and why the ones before it did not. */
export function ChoiceDryRunPanel(props: {
  run: ChoiceDryRun | undefined
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
            '用手上的规则（不必先保存）看最近的未确认订单：各从哪个仓发、用哪家快递、是哪条规则、前面的为什么不行。什么都不会改。',
            'Holds the rules, saved or not, against the latest orders that wait: from where, by whom, by which rule, and why not by those before it. Changes nothing.',
          ])}
        </p>
      )}
      {run && <Told run={run} />}
    </>
  )
}

function Told({ run }: { run: ChoiceDryRun }) {
  const say = useSay()
  return (
    <>
      <p className="dry-sum">
        <b className="num">{run.changing}</b>
        <span className="t2">
          {say(['/ {seen}{more} 单会和现在不同', '/ {seen}{more} would differ from now'], {
            seen: run.seen,
            more: run.capped ? '+' : '',
          })}
        </span>
      </p>
      <Counts
        all={run.byWarehouse.map(({ name, count }) => ({
          name: name || say(['没有仓库', 'No warehouse']),
          count,
        }))}
      />
      <Counts all={run.byCourier.map(({ name, count }) => ({ name: courierText(name, say), count }))} />
      <ul className="dry-rows choice-rows">
        {run.rows.map((row) => (
          <li key={row.id}>
            <span className="choice-order">
              <Link to="/orders" search={{ tab: 'all', ids: row.id, open: row.id }} className="num">
                {row.no}
              </Link>
              <span className="t3 small">
                {row.region}
                {row.weightG !== null && <span className="num"> · {row.weightG} g</span>}
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

function Counts({ all }: { all: readonly { name: string; count: number }[] }) {
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
