import { useState } from 'react'
import { ruleMissWords } from '../../../../server/fulfilment/waybills/account-rules.ts'
import { courierText } from '../../orders/courier-text.ts'
import { Button } from '../../ui/base/button.tsx'
import { PageLink } from '../../ui/base/page-link.tsx'
import { TextField } from '../../ui/form/form.tsx'
import { DryCounts, DrySum } from '../../ui/rules/dry-run.tsx'
import { type Say, useSay } from '../../words.ts'
import type { WaybillDryRun, WaybillRules } from '../types.ts'
import { useAccountName, usePlatformName } from './waybill-rule-table.tsx'

type Row = WaybillDryRun['rows'][number]

/** Tries the rules on one order that is named by its number. */
export function TryOne({ busy, onRun }: { busy: boolean; onRun: (number: string) => void }) {
  const say = useSay()
  const [typed, setTyped] = useState('')
  const number = typed.trim()
  return (
    <form
      className="waybill-try"
      onSubmit={(event) => {
        event.preventDefault()
        if (number !== '') onRun(number)
      }}
    >
      <TextField
        label={say([
          '只试一单：订单号、交易号或发货单号',
          'Only one: number of the order, trade or delivery',
        ])}
        value={typed}
        maxLength={60}
        onChange={setTyped}
      />
      <Button
        type="submit"
        busy={busy}
        why={number === '' ? say(['先填单号', 'Type a number first']) : undefined}
      >
        {say(['试这单', 'Try it'])}
      </Button>
    </form>
  )
}

/** The dry run of the edited rules: for each delivery its account, the rule that decided, and why the rules before it did not. */
export function WaybillDryRunRows({ run, stored }: { run: WaybillDryRun; stored: WaybillRules }) {
  const say = useSay()
  const account = useAccountName(stored)
  const platform = usePlatformName()
  const accountOf = (id: string, courier: string) =>
    stored.accounts.some((one) => one.id === id)
      ? account(id)
      : `${courierText(courier, say)} · ${account(id)}`
  if (run.seen === 0) return <p className="t2">{say(['没有这样的发货单', 'There is no such delivery'])}</p>
  return (
    <>
      <DrySum
        n={run.changing}
        run={run}
        words={['/ {seen}{more} 单会和已保存的规则不同', '/ {seen}{more} would differ from the saved rules']}
      />
      <DryCounts all={run.byRule.map(({ rule, count }) => ({ name: ruleText(rule, say), count }))} />
      <DryCounts
        all={[
          ...run.byAccount.map(({ accountId, courier, count }) => ({
            name: accountOf(accountId ?? '', courier),
            count,
          })),
          ...run.refused.map(({ message, count }) => ({ name: say(message), count })),
        ]}
      />
      <ul className="dry-rows choice-rows">
        {run.rows.map((row) => (
          <li key={row.orderId}>
            <span className="choice-order">
              <PageLink
                to="/orders"
                search={{ tab: 'all', ids: row.orderId, open: row.orderId }}
                className="num"
              >
                {row.orderNo}
              </PageLink>
              <span className="t3 small">{factsOf(row, platform(row.platform), say)}</span>
            </span>
            <span className="choice-picks">
              <span>
                {row.why ? (
                  <span className="ink-bad">{say(row.why)}</span>
                ) : (
                  <b>{accountOf(row.accountId ?? '', row.courier)}</b>
                )}{' '}
                <span className="t2 small nowrap">{ruleText(row.rule, say)}</span>
              </span>
              <Passed passed={row.passed} />
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Passed({ passed }: { passed: Row['passed'] }) {
  const say = useSay()
  if (passed.length === 0) return null
  return (
    <span className="reason-chips">
      {passed.map(({ rule, miss }) => (
        <span key={rule} className="reason-chip waits">
          {ruleText(rule, say)} {say(ruleMissWords[miss])}
        </span>
      ))}
    </span>
  )
}

const ruleText = (rule: number, say: Say) =>
  rule === 0 ? say(['没有规则符合', 'no rule fits']) : say(['第 {n} 条', 'rule {n}'], { n: rule })

const factsOf = ({ wanted, warehouse }: Row, platform: string, say: Say) =>
  [platform, wanted === '' ? say(['没指定快递', 'any courier']) : courierText(wanted, say), warehouse]
    .filter(Boolean)
    .join(' · ')
