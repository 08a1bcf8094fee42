import { splitWays } from '../../../../server/orders/split/split-ways-contract.ts'
import { readBeijing } from '../../ui/base/time.ts'
import { Choice, TextArea, TextField } from '../../ui/form/form.tsx'
import { type Say, useSay } from '../../words.ts'

export type How =
  | { by: 'stock' | 'warehouse' | 'category' | 'days' }
  | { by: 'quantity'; max: number }
  | { by: 'weight'; maxG: number }
  | { by: 'presale'; codes: string[]; day: string }

type Fields = { by: string; max: string; kg: string; codes: string; day: string }
export const firstFields: Fields = { by: 'stock', max: '', kg: '', codes: '', day: '' }

/** Returns the entered way to split, or why it is incomplete. */
export function howOf(fields: Fields, say: Say): { how: How } | { why: string } {
  switch (fields.by) {
    case 'quantity': {
      const max = Number(fields.max)
      return Number.isInteger(max) && max > 0
        ? { how: { by: 'quantity', max } }
        : { why: say(['写每单最多几件', 'Write how many pieces an order may have']) }
    }
    case 'weight': {
      const maxG = Math.round(Number(fields.kg) * 1000)
      return maxG > 0
        ? { how: { by: 'weight', maxG } }
        : { why: say(['写每单最多多重', 'Write how heavy an order may be']) }
    }
    case 'presale': {
      const codes = fields.codes.split(/[\s,，;；]+/).filter(Boolean)
      if (codes.length === 0) return { why: say(['写预售的商家编码', 'Write the codes of what is presold']) }
      return readBeijing(fields.day) === undefined
        ? { why: say(['日期写成 2026-12-01', 'Write the date as 2026-12-01']) }
        : { how: { by: 'presale', codes, day: fields.day.trim() } }
    }
    case 'warehouse':
    case 'category':
    case 'days':
      return { how: { by: fields.by } }
    default:
      return { how: { by: 'stock' } }
  }
}

export function HowFields({ fields, onChange }: { fields: Fields; onChange: (fields: Fields) => void }) {
  const say = useSay()
  const set = (name: keyof Fields) => (value: string) => onChange({ ...fields, [name]: value })
  return (
    <>
      <Choice
        label={say(['怎么拆', 'How'])}
        value={fields.by}
        onChange={set('by')}
        options={Object.entries(splitWays).map(([value, words]) => ({ value, label: say(words) }))}
      />
      {fields.by === 'quantity' && (
        <TextField
          label={say(['每单最多件数', 'Pieces at most'])}
          value={fields.max}
          inputMode="numeric"
          onChange={set('max')}
        />
      )}
      {fields.by === 'weight' && (
        <TextField
          label={say(['每单最多公斤', 'Kilograms at most'])}
          value={fields.kg}
          inputMode="decimal"
          onChange={set('kg')}
        />
      )}
      {fields.by === 'presale' && (
        <>
          <TextArea
            label={say(['商家编码，一行一个', 'Codes, one a line'])}
            value={fields.codes}
            rows={3}
            onChange={set('codes')}
          />
          <TextField
            label={say(['哪天发', 'Leaves on'])}
            value={fields.day}
            placeholder="2026-12-01"
            onChange={set('day')}
          />
        </>
      )}
    </>
  )
}
