import { useState } from 'react'
import { couriers } from '../../../../server/connectors/couriers.ts'
import { policies, policyWords } from '../../../../server/orders/sourcing/choice-lifecycle.ts'
import { SkuPicker } from '../../catalog/sku-picker.tsx'
import { Button } from '../../ui/base/button.tsx'
import { useShops } from '../../ui/base/session.ts'
import { Check, Choice, TextArea, TextField } from '../../ui/form/form.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { ChoiceRules, CourierRuleRow, WarehouseRuleRow } from '../types.ts'
import { RuleHead } from './rule-form.tsx'

type Rule = WarehouseRuleRow | CourierRuleRow
type Warehouses = ChoiceRules['warehouses']

/** The conditions of a sourcing rule. Its effect (`children`) is shown between the name and the conditions. */
export function RuleFields<R extends Rule>(props: {
  rule: R
  onChange: (rule: R) => void
  children: React.ReactNode
}) {
  const say = useSay()
  const { rule, onChange } = props
  return (
    <>
      <RuleHead rule={rule} onChange={onChange} />
      {props.children}
      <h3>{say(['什么订单', 'Which orders'])}</h3>
      <Shops rule={rule} onChange={onChange} />
      <ListField
        label={['地区，逗号分开', 'Regions, comma-separated']}
        hint={['如：浙江，广东 深圳，义乌', 'For example 浙江, 广东 深圳, 义乌']}
        value={rule.regions}
        rows={2}
        onChange={(regions) => onChange({ ...rule, regions })}
      />
      <div className="choice-grid">
        <ListField
          label={['留言或备注含', 'Message or memo says']}
          value={rule.words}
          onChange={(words) => onChange({ ...rule, words })}
        />
        <ListField
          label={['但不含', 'But not']}
          value={rule.notWords}
          onChange={(notWords) => onChange({ ...rule, notWords })}
        />
        <Between
          label={['重量 g', 'Weight g']}
          unit={1}
          from={rule.minWeightG}
          below={rule.maxWeightG}
          onChange={(minWeightG, maxWeightG) => onChange({ ...rule, minWeightG, maxWeightG })}
        />
        <Between
          label={['金额 ¥', 'Amount ¥']}
          unit={100}
          from={rule.minFen}
          below={rule.maxFen}
          onChange={(minFen, maxFen) => onChange({ ...rule, minFen, maxFen })}
        />
        <ListField
          skus
          label={['SKU 编码', 'SKU codes']}
          value={rule.skus}
          onChange={(skus) => onChange({ ...rule, skus })}
        />
        <ListField
          label={['商品分类', 'Categories']}
          value={rule.categories}
          onChange={(categories) => onChange({ ...rule, categories })}
        />
        <Choice
          label={say(['货到付款', 'Cash on delivery'])}
          value={String(rule.cod)}
          onChange={(cod) => onChange({ ...rule, cod: cod === 'null' ? null : cod === 'true' })}
          options={[
            { value: 'null', label: say(['不限', 'Either']) },
            { value: 'true', label: say(['是', 'Yes']) },
            { value: 'false', label: say(['不是', 'No']) },
          ]}
        />
      </div>
    </>
  )
}

/** The warehouses of a sourcing rule in order, and the policy if none of them has all goods. */
export function WarehouseAct(props: {
  rule: WarehouseRuleRow
  warehouses: Warehouses
  onChange: (rule: WarehouseRuleRow) => void
}) {
  const say = useSay()
  const { rule, warehouses, onChange } = props
  const set = (ids: string[]) => onChange({ ...rule, warehouses: ids })
  const others = warehouses.filter(({ id, active }) => active && !rule.warehouses.includes(id))
  return (
    <div className="choice-act">
      <h3>{say(['从哪个仓发', 'Ship from'])}</h3>
      <ol>
        {rule.warehouses.map((id, index) => (
          <li key={id}>
            <span className="t3 num">{index + 1}</span>
            <span className="grow cut">{warehouseText(warehouses, id)}</span>
            {index > 0 && (
              <Button
                kind="quiet"
                size="small"
                aria-label={say(['上移', 'Move up'])}
                onClick={() => set(swapped(rule.warehouses, index))}
              >
                ↑
              </Button>
            )}
            {rule.warehouses.length > 1 && (
              <Button
                kind="quiet"
                size="small"
                aria-label={say(['去掉', 'Take out'])}
                onClick={() => set(rule.warehouses.filter((each) => each !== id))}
              >
                ×
              </Button>
            )}
          </li>
        ))}
      </ol>
      <div className="choice-grid">
        {others.length > 0 && (
          <Choice
            label={say(['再加一个仓', 'Add a warehouse'])}
            value=""
            onChange={(id) => id !== '' && set([...rule.warehouses, id])}
            options={[
              { value: '', label: '' },
              ...others.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
        )}
        <Choice
          label={say(['整单', 'Whole order'])}
          value={rule.policy}
          onChange={(to) =>
            onChange({ ...rule, policy: policies.find((policy) => policy === to) ?? rule.policy })
          }
          options={policies.map((policy) => ({ value: policy, label: say(policyWords[policy]) }))}
        />
      </div>
    </div>
  )
}

/** The courier of a sourcing rule, and the warehouses to which the rule is limited. */
export function CourierAct(props: {
  rule: CourierRuleRow
  warehouses: Warehouses
  onChange: (rule: CourierRuleRow) => void
}) {
  const say = useSay()
  const { rule, warehouses, onChange } = props
  return (
    <div className="choice-act">
      <Choice
        label={say(['用哪家快递', 'Courier'])}
        value={rule.courier}
        onChange={(courier) => onChange({ ...rule, courier })}
        options={couriers.map((courier) => ({ value: courier.code, label: say(courier) }))}
      />
      <Several
        label={['只对这些仓，不勾是全部', 'Only from these; all when none is ticked']}
        all={warehouses.filter(({ id, active }) => active || rule.warehouses.includes(id))}
        chosen={rule.warehouses}
        onChange={(ids) => onChange({ ...rule, warehouses: ids })}
      />
    </div>
  )
}

function warehouseText(warehouses: Warehouses, id: string): string {
  return warehouses.find((warehouse) => warehouse.id === id)?.name ?? id
}

function swapped(ids: readonly string[], index: number): string[] {
  const next = [...ids]
  next.splice(index - 1, 0, ...next.splice(index, 1))
  return next
}

/** The shops of a rule; none selected: all. */
export function Shops<R extends { shops: string[] }>({
  rule,
  onChange,
}: {
  rule: R
  onChange: (rule: R) => void
}) {
  const shops = useShops()
  return (
    <Several
      label={['只对这些店，不勾是全部', 'Only these shops; all when none is ticked']}
      all={shops}
      chosen={rule.shops}
      onChange={(ids) => onChange({ ...rule, shops: ids })}
    />
  )
}

function Several(props: {
  label: LocalizedPair
  all: readonly { id: string; name: string }[]
  chosen: readonly string[]
  onChange: (ids: string[]) => void
}) {
  const say = useSay()
  const { all, chosen, onChange } = props
  return (
    <fieldset className="choice-several">
      <legend className="t2">{say(props.label)}</legend>
      {all.map(({ id, name }) => (
        <Check
          key={id}
          label={name}
          checked={chosen.includes(id)}
          onChange={(on) => onChange(on ? [...chosen, id] : chosen.filter((each) => each !== id))}
        />
      ))}
    </fieldset>
  )
}

const apart = /[\n,，;；、]+/

/** A list of texts separated by commas. The text stays as it was typed. */
export function ListField(props: {
  label: LocalizedPair | string
  hint?: LocalizedPair
  value: readonly string[]
  rows?: number
  /** True: the texts are SKU codes, which can also be searched for. */
  skus?: boolean
  onChange: (value: string[]) => void
}) {
  const say = useSay()
  const [typed, setTyped] = useState(props.value.join('，'))
  const change = (text: string) => {
    setTyped(text)
    props.onChange([...new Set(text.split(apart).map((part) => part.trim()))].filter(Boolean))
  }
  const label = typeof props.label === 'string' ? props.label : say(props.label)
  const common = { label, hint: props.hint && say(props.hint), value: typed, onChange: change }
  const field = props.rows ? <TextArea {...common} rows={props.rows} /> : <TextField {...common} />
  if (!props.skus) return field
  return (
    <div className="list-of-skus">
      {field}
      <SkuPicker
        bare
        retired
        label={say(['加：{what}', 'Add: {what}'], { what: label })}
        value=""
        onPick={(sku) => sku && change([...props.value, sku.code].join('，'))}
      />
    </div>
  )
}

/** A range whose limits may be empty. The upper limit is exclusive. */
export function Between(props: {
  label: LocalizedPair
  /** The number of stored units in a typed unit, such as 100 fen in a yuan. */
  unit: number
  from: number | null
  below: number | null
  onChange: (from: number | null, below: number | null) => void
}) {
  const say = useSay()
  const { unit, onChange } = props
  const shown = (value: number | null) => (value === null ? '' : String(value / unit))
  const [from, setFrom] = useState(shown(props.from))
  const [below, setBelow] = useState(shown(props.below))
  const read = (text: string) => (text.trim() === '' ? null : Math.round(Number(text) * unit))
  const wrong = (text: string) => !/^\s*(\d{1,7}(\.\d{1,2})?)?\s*$/.test(text)
  const change = (nextFrom: string, nextBelow: string) => {
    setFrom(nextFrom)
    setBelow(nextBelow)
    if (!wrong(nextFrom) && !wrong(nextBelow)) onChange(read(nextFrom), read(nextBelow))
  }
  const number = say(['只能是数字', 'Numbers only'])
  return (
    <div className="choice-between">
      <TextField
        label={`${say(props.label)} ${say(['从', 'from'])}`}
        value={from}
        placeholder={say(['不限', 'No limit'])}
        wrong={wrong(from) ? number : undefined}
        inputMode="decimal"
        onChange={(text) => change(text, below)}
      />
      <TextField
        label={say(['到，不含', 'below'])}
        value={below}
        placeholder={say(['不限', 'No limit'])}
        wrong={wrong(below) ? number : undefined}
        inputMode="decimal"
        onChange={(text) => change(from, text)}
      />
    </div>
  )
}
