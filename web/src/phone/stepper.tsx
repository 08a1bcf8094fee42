import { useSay } from '../words.ts'

/** A short number that was typed or pressed. Codes of goods are longer. Undefined: it is a code. */
export const typedCount = (text: string): number | undefined =>
  /^\d{1,4}$/.test(text) ? Number(text) : undefined

/** A number with large buttons for one less and one more. */
export function Stepper({
  words,
  value,
  least,
  most = 9999,
  onChange,
}: {
  words: string
  value: number
  least: number
  most?: number
  onChange: (value: number) => void
}) {
  const say = useSay()
  return (
    <fieldset className="phone-stepper" aria-label={words}>
      <span className="t2">{words}</span>
      <button
        type="button"
        aria-label={say(['少一件', 'One less'])}
        onClick={() => onChange(Math.max(least, value - 1))}
      >
        −
      </button>
      <output className="num">{value}</output>
      <button
        type="button"
        aria-label={say(['多一件', 'One more'])}
        onClick={() => onChange(Math.min(most, value + 1))}
      >
        +
      </button>
    </fieldset>
  )
}
