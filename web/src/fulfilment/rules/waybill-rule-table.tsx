import { useQuery } from '@tanstack/react-query'
import {
  faultOf,
  ownOrders,
  type RuleFault,
  type WaybillRule,
} from '../../../../server/fulfilment/waybills/account-rules.ts'
import { Button } from '../../ui/base/button.tsx'
import { connectorsQuery, useShops } from '../../ui/base/session.ts'
import { type Say, useSay } from '../../words.ts'
import { useCourierName } from '../query.ts'
import type { WaybillRules } from '../types.ts'

export type KeyedRule = { key: number; rule: WaybillRule }
type Account = WaybillRules['accounts'][number]
type Option = { value: string; label: string }

/** The first picker of a rule. */
export const pickOf = (at: number) =>
  document.querySelectorAll<HTMLElement>('.waybill-rules tr.waybill-rule')[at]?.querySelector('select')

/** The rules in their order, one in each row. */
export function WaybillRuleTable(props: {
  rows: readonly KeyedRule[]
  at: number
  faults: readonly (RuleFault | undefined)[]
  stored: WaybillRules
  /** Why the user may not change the rules. */
  denied: string | undefined
  onPick: (at: number) => void
  onChange: (at: number, rule: WaybillRule) => void
  onMove: (from: number, to: number) => void
}) {
  const say = useSay()
  const { rows, at, faults, onPick, onChange, onMove } = props
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th />
          <th>{say(['平台', 'Platform'])}</th>
          <th>{say(['订单的快递', 'Order asks for'])}</th>
          <th>{say(['仓库', 'Warehouse'])}</th>
          <th>{say(['用这个账号', 'This account'])}</th>
          <th>{say(['启用', 'On'])}</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, rule }, index) => (
          <tr
            key={key}
            className={`waybill-rule${index === at ? ' on' : ''}${rule.enabled ? '' : ' off'}`}
            aria-current={index === at}
            onFocus={() => onPick(index)}
            onMouseDown={() => onPick(index)}
          >
            <td className="num t3">{index + 1}</td>
            <RuleCells
              {...{ rule, stored: props.stored, denied: props.denied, fault: faults[index] }}
              n={index + 1}
              onChange={(next) => onChange(index, next)}
            />
            <td className="waybill-rule-moves">
              <Moves
                {...{ index, last: rows.length - 1, why: props.denied }}
                onMove={(to) => onMove(index, to)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Moves(props: {
  index: number
  last: number
  why: string | undefined
  onMove: (to: number) => void
}) {
  const say = useSay()
  const { index, last, why, onMove } = props
  return (
    <>
      {index > 0 && (
        <Button
          kind="quiet"
          size="small"
          why={why}
          aria-label={say(['第 {n} 条上移', 'Move rule {n} up'], { n: index + 1 })}
          onClick={() => onMove(index - 1)}
        >
          ↑
        </Button>
      )}
      {index < last && (
        <Button
          kind="quiet"
          size="small"
          why={why}
          aria-label={say(['第 {n} 条下移', 'Move rule {n} down'], { n: index + 1 })}
          onClick={() => onMove(index + 1)}
        >
          ↓
        </Button>
      )}
    </>
  )
}

function RuleCells(props: {
  rule: WaybillRule
  n: number
  stored: WaybillRules
  denied: string | undefined
  fault: RuleFault | undefined
  onChange: (rule: WaybillRule) => void
}) {
  const say = useSay()
  const { rule, n, stored, fault } = props
  const platform = usePlatformName()
  const courier = useCourierName()
  const account = useAccountName(stored)
  const change = (next: Partial<WaybillRule>) =>
    props.onChange(withFittingAccount({ ...rule, ...next }, stored.accounts))
  const all = { value: '', label: say(['不限', 'Any']) }
  const pick = { denied: props.denied, wrong: fault !== undefined }
  return (
    <>
      <td>
        <Pick
          {...pick}
          label={say(['第 {n} 条：平台', 'Rule {n}: platform'], { n })}
          value={rule.platform}
          options={[all, ...[...stored.platforms, ownOrders].map(optionOf(platform))]}
          onChange={(value) => change({ platform: value })}
        />
      </td>
      <td>
        <Pick
          {...pick}
          label={say(['第 {n} 条：订单的快递', 'Rule {n}: courier of the order'], { n })}
          value={rule.courier}
          options={[all, ...couriersOf(stored.accounts, rule).map(optionOf(courier))]}
          onChange={(value) => change({ courier: value })}
        />
      </td>
      <td>
        <Pick
          {...pick}
          label={say(['第 {n} 条：仓库', 'Rule {n}: warehouse'], { n })}
          value={rule.warehouseId ?? ''}
          options={[
            all,
            ...stored.warehouses
              .filter(({ id, active }) => active || id === rule.warehouseId)
              .map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(value) => change({ warehouseId: value === '' ? null : value })}
        />
      </td>
      <td className="waybill-rule-account">
        <Pick
          {...pick}
          label={say(['第 {n} 条：账号', 'Rule {n}: account'], { n })}
          value={rule.accountId}
          options={accountsFor(rule, stored.accounts).map(optionOf(account))}
          onChange={(accountId) => props.onChange({ ...rule, accountId })}
        />
        {fault && <div className="ink-bad small">{say(fault.message)}</div>}
      </td>
      <td>
        <input
          type="checkbox"
          aria-label={say(['第 {n} 条：启用', 'Rule {n}: on'], { n })}
          checked={rule.enabled}
          disabled={props.denied !== undefined}
          onChange={(event) => props.onChange({ ...rule, enabled: event.target.checked })}
        />
      </td>
    </>
  )
}

function Pick(props: {
  label: string
  value: string
  options: readonly Option[]
  denied: string | undefined
  wrong: boolean
  onChange: (value: string) => void
}) {
  const { label, value, options } = props
  return (
    <select
      className="input"
      aria-label={label}
      title={options.find((option) => option.value === value)?.label}
      aria-invalid={props.wrong}
      disabled={props.denied !== undefined}
      value={value}
      onChange={(event) => props.onChange(event.target.value)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

const optionOf =
  (name: (value: string) => string) =>
  (value: string): Option => ({ value, label: name(value) })

/** The couriers of the accounts in use, and that of the rule. */
const couriersOf = (accounts: readonly Account[], { courier }: WaybillRule) => [
  ...new Set([
    ...accounts.flatMap((account) => (account.enabled ? [account.courier] : [])),
    ...(courier === '' ? [] : [courier]),
  ]),
]

/** The accounts from which the rule could get numbers, and the one that it has. */
function accountsFor(rule: WaybillRule, accounts: readonly Account[]): string[] {
  const byId = new Map(accounts.map((account) => [account.id, account]))
  const fits = accounts.filter(
    ({ id, enabled }) => enabled && faultOf([{ ...rule, accountId: id }], 0, byId) === undefined,
  )
  return [...new Set([...fits.map(({ id }) => id), rule.accountId])]
}

/** Keeps the account while it fits the conditions; else takes the first that fits. */
function withFittingAccount(rule: WaybillRule, accounts: readonly Account[]): WaybillRule {
  const byId = new Map(accounts.map((account) => [account.id, account]))
  if (faultOf([rule], 0, byId) === undefined) return rule
  const [first = rule.accountId] = accountsFor(rule, accounts)
  return { ...rule, accountId: first }
}

export function usePlatformName(): (platform: string) => string {
  const say = useSay()
  const connectors = useQuery(connectorsQuery).data?.rows
  return (platform) => {
    if (platform === ownOrders || platform === '') return say(['自建单', 'Own orders'])
    const name = connectors?.find(({ id }) => id === platform)?.name
    return name ? say(name) : platform
  }
}

/** 圆通速递 · 天猫旗舰店 · 菜鸟电子面单 · 余杭网点 */
export function useAccountName(stored: WaybillRules): (id: string) => string {
  const say = useSay()
  const courier = useCourierName()
  const shops = useShops()
  return (id) => {
    const account = stored.accounts.find((one) => one.id === id)
    if (!account) return say(['别的店铺的账号', 'An account of another shop'])
    const shop = shops.find((one) => one.id === account.shopId)?.name ?? ''
    return [courier(account.courier), shop, sourceOf(account, say), account.branchName, stateOf(account, say)]
      .filter(Boolean)
      .join(' · ')
  }
}

const sourceOf = ({ sourceName }: Account, say: Say) => say(sourceName)
const stateOf = ({ enabled }: Account, say: Say) => (enabled ? '' : say(['已停用', 'retired']))
