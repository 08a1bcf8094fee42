import { useSay } from '../../words.ts'
import { Choice } from './form.tsx'
import './chips.css'

/** A choice of several: the chosen ones, each with a button that removes it, above a list of the others. `none`: what no choice means. */
export function Chips(props: {
  label: string
  none: string
  all: readonly { key: string; name: string }[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
}) {
  const say = useSay()
  const { all, chosen } = props
  const nameOf = (key: string) => all.find((one) => one.key === key)?.name ?? key
  return (
    <>
      {chosen.length > 0 && (
        <ul className="row chosen-list">
          {chosen.map((key) => (
            <li key={key} className="chosen-one">
              {nameOf(key)}
              <button
                type="button"
                aria-label={say(['去掉 {name}', 'Remove {name}'], { name: nameOf(key) })}
                onClick={() => props.onChange(chosen.filter((one) => one !== key))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <Choice
        label={props.label}
        value=""
        options={[
          { value: '', label: chosen.length === 0 ? props.none : say(['再加一个…', 'Add another…']) },
          ...all
            .filter(({ key }) => !chosen.includes(key))
            .map(({ key, name }) => ({ value: key, label: name })),
        ]}
        onChange={(key) => key !== '' && props.onChange([...chosen, key])}
      />
    </>
  )
}
