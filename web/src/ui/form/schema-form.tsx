import { type LocalizedPair, useSay } from '../../words.ts'
import { count } from '../base/figures.tsx'
import { Check, Choice, TextField } from './form.tsx'
import { isAbout, type SchemaField, typedValue, valueIn } from './schema.ts'

type Values = Record<string, unknown>

/** A form made from a JSON schema: a shop's credentials, a task's parameters. */
export function SchemaForm(props: {
  fields: readonly SchemaField[]
  values: Values
  onChange: (values: Values) => void
  /** Labels of fields whose schema has none. */
  words?: Record<string, LocalizedPair>
  optionWords?: Record<string, LocalizedPair>
  /** Names of stored secrets. A secret that is left empty does not change. */
  stored?: readonly string[]
  wrong?: { field: string; text: string } | undefined
}) {
  const say = useSay()
  const { fields, values, onChange, words, optionWords, stored = [], wrong } = props
  const set = (name: string, value: unknown) => onChange({ ...values, [name]: value })
  return (
    <>
      {fields.map((field) => {
        const label = say(words?.[field.name] ?? [field.zh, field.en])
        const value = valueIn(field, values)
        const error = wrong && isAbout(wrong.field, field.name) ? wrong.text : undefined
        if (field.kind === 'switch')
          return (
            <Check
              key={field.name}
              label={label}
              checked={value === true}
              onChange={(checked) => set(field.name, checked)}
            />
          )
        if (field.kind === 'choice')
          return (
            <Choice
              key={field.name}
              label={label}
              value={String(value ?? '')}
              options={field.options.map((option) => ({
                value: option,
                label: say(optionWords?.[option] ?? [option, option]),
              }))}
              onChange={(next) => set(field.name, next)}
            />
          )
        const bounds =
          field.minimum !== undefined && field.maximum !== undefined
            ? `${count(field.minimum)} – ${count(field.maximum)}`
            : undefined
        return (
          <TextField
            key={field.name}
            label={label}
            aside={bounds}
            type={field.kind === 'secret' ? 'password' : 'text'}
            {...(field.kind === 'whole' ? { inputMode: 'numeric' as const } : {})}
            {...(field.kind === 'secret' ? { autoComplete: 'new-password' } : {})}
            value={String(value ?? '')}
            placeholder={
              stored.includes(field.name) ? say(['已保存，不改就留空', 'Stored; leave empty to keep']) : ''
            }
            onChange={(next) => set(field.name, typedValue(field, next))}
            wrong={error}
          />
        )
      })}
    </>
  )
}
