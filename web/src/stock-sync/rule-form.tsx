import type { StockSyncRule } from '../../../server/stock-sync/lifecycle.ts'
import { useWarehouses } from '../inventory/query.ts'
import { Check, TextField } from '../ui/form/form.tsx'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import '../inventory/inventory.css'

export type RuleDraft = { warehouses: readonly string[] } & Record<Amount, string>
type Amount = 'percent' | 'plus' | 'safety' | 'min' | 'max'

export function draftOf(rule: StockSyncRule): RuleDraft {
  return {
    warehouses: rule.warehouses,
    percent: String(rule.percent),
    plus: String(rule.plus),
    safety: String(rule.safety),
    min: String(rule.min),
    max: rule.max === null ? '' : String(rule.max),
  }
}

const amounts: Record<
  Amount,
  { words: LocalizedPair; pattern: RegExp; wrong: LocalizedPair; hint: LocalizedPair }
> = {
  percent: {
    words: ['比例 %', 'Percent'],
    pattern: /^(\d|[1-9]\d|100)$/,
    wrong: ['0 到 100', '0 to 100'],
    hint: ['向下取整；几家店共用时，合计不超过 100', 'Rounded down; of shops that share, 100 in all'],
  },
  plus: {
    words: ['加减', 'Plus or minus'],
    pattern: /^-?\d{1,6}$/,
    wrong: ['整数，可以是负数', 'A whole number, may be negative'],
    hint: ['加出来的可能超卖', 'What is added may be oversold'],
  },
  safety: {
    words: ['安全库存', 'Held back'],
    pattern: /^\d{1,6}$/,
    wrong: ['0 或正整数', '0 or more'],
    hint: ['留着不卖；只剩这么多时平台显示 0', 'Kept unsold; with no more than this, 0 is shown'],
  },
  min: {
    words: ['至少显示', 'At least'],
    pattern: /^\d{1,6}$/,
    wrong: ['0 或正整数', '0 or more'],
    hint: ['大于 0 会超卖，只用于随时能补的货', 'Oversells; for goods that can be had at any time'],
  },
  max: {
    words: ['最多显示', 'At most'],
    pattern: /^\d{0,8}$/,
    wrong: ['正整数，不限就留空', 'A whole number, or empty'],
    hint: ['留空不限', 'Empty: no limit'],
  },
}

/** Returns the rule; undefined if a value is invalid. */
export function readDraft(draft: RuleDraft): StockSyncRule | undefined {
  if (Object.entries(amounts).some(([name, { pattern }]) => !pattern.test(draft[nameOf(name)].trim())))
    return undefined
  const { warehouses, percent, plus, safety, min, max } = draft
  const rule = {
    warehouses: [...warehouses],
    percent: Number(percent),
    plus: Number(plus),
    safety: Number(safety),
    min: Number(min),
    max: max.trim() === '' ? null : Number(max),
  }
  return rule.max !== null && rule.max < rule.min ? undefined : rule
}

function nameOf(name: string): Amount {
  return name === 'percent' || name === 'plus' || name === 'safety' || name === 'min' ? name : 'max'
}

export const wrongDraft = (say: Say) =>
  say(['有数字不对，或最多小于至少', 'A number is wrong, or the most is less than the least'])

export function RuleForm({ draft, onChange }: { draft: RuleDraft; onChange: (draft: RuleDraft) => void }) {
  const say = useSay()
  const field = (name: Amount) => {
    const { words, pattern, wrong, hint } = amounts[name]
    return (
      <TextField
        label={say(words)}
        value={draft[name]}
        inputMode="numeric"
        maxLength={9}
        hint={say(hint)}
        wrong={pattern.test(draft[name].trim()) ? undefined : say(wrong)}
        onChange={(value) => onChange({ ...draft, [name]: value })}
      />
    )
  }
  return (
    <>
      <Warehouses chosen={draft.warehouses} onChange={(warehouses) => onChange({ ...draft, warehouses })} />
      <div className="form-row">
        {field('percent')}
        {field('safety')}
      </div>
      <div className="form-row">
        {field('plus')}
        {field('max')}
        {field('min')}
      </div>
    </>
  )
}

/** The warehouses of a rule. None selected: all active ones, also future ones. */
function Warehouses(props: { chosen: readonly string[]; onChange: (chosen: readonly string[]) => void }) {
  const say = useSay()
  const warehouses = useWarehouses().filter(
    ({ id, active, kind }) => (active && kind !== 'defective') || props.chosen.includes(id),
  )
  const toggle = (id: string, on: boolean) =>
    props.onChange(on ? [...props.chosen, id] : props.chosen.filter((one) => one !== id))
  return (
    <fieldset className="upload-warehouses">
      <legend className="t2">{say(['用哪些仓库的库存', 'Of which warehouses'])}</legend>
      <Check
        label={say(['全部仓库', 'All of them'])}
        checked={props.chosen.length === 0}
        onChange={() => props.onChange([])}
      />
      {warehouses.map(({ id, name }) => (
        <Check key={id} label={name} checked={props.chosen.includes(id)} onChange={(on) => toggle(id, on)} />
      ))}
    </fieldset>
  )
}
