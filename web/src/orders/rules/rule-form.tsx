import { useState } from 'react'
import { Status } from '../../ui/base/status.tsx'
import { fullTime, readBeijing } from '../../ui/base/time.ts'
import { Check, TextField } from '../../ui/form/form.tsx'
import { fieldsOf } from '../../ui/form/schema.ts'
import { SchemaForm } from '../../ui/form/schema-form.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { CheckRow, RuleRow } from '../types.ts'

/** One confirm rule: name, dates, and every check with its parameters. */
export function RuleForm(props: {
  rule: RuleRow
  checks: readonly CheckRow[]
  /** Names of checks that are newer than the stored rules. */
  fresh: readonly string[]
  onChange: (rule: RuleRow) => void
}) {
  const say = useSay()
  const { rule, checks, fresh, onChange } = props
  return (
    <>
      <RuleHead rule={rule} onChange={onChange} />
      <ul className="check-rows">
        {checks.map((check) => {
          const settings = rule.checks[check.name] ?? { on: check.on }
          const set = (next: Record<string, unknown>) =>
            onChange({
              ...rule,
              checks: { ...rule.checks, [check.name]: { ...settings, ...next, on: next['on'] === true } },
            })
          const fields = fieldsOf(check.params)
          return (
            <li key={check.name}>
              {check.always ? (
                <span className="check-always">
                  {say(check)} <span className="t3 small">{say(['总是拦下', 'always stops'])}</span>
                </span>
              ) : (
                <span className="row">
                  <Check
                    label={say(check)}
                    checked={settings.on}
                    onChange={(on) => set({ ...settings, on })}
                  />
                  {fresh.includes(check.name) && (
                    <Status tone="move">{say(['新，按默认执行', 'New, asked by default'])}</Status>
                  )}
                </span>
              )}
              {settings.on && !check.always && fields.length > 0 && (
                <div className={`check-params ${fields.some(({ kind }) => kind === 'text') ? 'texts' : ''}`}>
                  <SchemaForm fields={fields} values={settings} onChange={set} />
                </div>
              )}
            </li>
          )
        })}
      </ul>
    </>
  )
}

/** The fields of every kind of rule: name, dates, enabled. */
export function RuleHead<Rule extends Pick<RuleRow, 'name' | 'enabled' | 'from' | 'to'>>(props: {
  rule: Rule
  onChange: (rule: Rule) => void
}) {
  const say = useSay()
  const { rule, onChange } = props
  return (
    <div className="rule-head">
      <TextField
        label={say(['名称', 'Name'])}
        value={rule.name}
        maxLength={60}
        onChange={(name) => onChange({ ...rule, name })}
      />
      <When
        label={['从，北京时间', 'From, Beijing time']}
        at={rule.from}
        onChange={(from) => onChange({ ...rule, from })}
      />
      <When label={['到', 'Until']} at={rule.to} onChange={(to) => onChange({ ...rule, to })} />
      <Check
        label={say(['开', 'On'])}
        checked={rule.enabled}
        onChange={(enabled) => onChange({ ...rule, enabled })}
      />
    </div>
  )
}

function When(props: { label: LocalizedPair; at: string | null; onChange: (at: string | null) => void }) {
  const say = useSay()
  const [typed, setTyped] = useState(props.at === null ? '' : fullTime(props.at).slice(0, 16))
  const read = readBeijing(typed)
  return (
    <TextField
      label={say(props.label)}
      value={typed}
      placeholder={say(['不限', 'No limit'])}
      wrong={typed !== '' && read === undefined ? '2026-11-11 00:00' : undefined}
      onChange={(next) => {
        setTyped(next)
        const at = readBeijing(next)
        if (next === '' || at !== undefined) props.onChange(at ?? null)
      }}
    />
  )
}
