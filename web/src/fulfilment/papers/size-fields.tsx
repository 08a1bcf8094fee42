import { useId } from 'react'
import type { PaperTemplate } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Choice } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'

const sizes = [
  [210, 297, 'A4'],
  [148, 210, 'A5'],
  [100, 180, ''],
  [100, 150, ''],
  [76, 130, ''],
  [60, 40, ''],
  [40, 30, ''],
] as const

export function SizeFields({
  template,
  onChange,
}: {
  template: PaperTemplate
  onChange: (template: PaperTemplate) => void
}) {
  const say = useSay()
  const { widthMm, heightMm } = template
  const known = sizes.find(([width, height]) => width === widthMm && height === heightMm)
  const set = (width: number, height: number) => onChange({ ...template, widthMm: width, heightMm: height })
  return (
    <>
      <Choice
        label={say(['纸张（毫米）', 'Paper (mm)'])}
        value={known ? `${widthMm}×${heightMm}` : ''}
        options={[
          ...sizes.map(([width, height, name]) => ({
            value: `${width}×${height}`,
            label: [name, `${width} × ${height}`].filter(Boolean).join(' '),
          })),
          { value: '', label: say(['自定', 'Other']) },
        ]}
        onChange={(value) => {
          const chosen = sizes.find(([width, height]) => `${width}×${height}` === value)
          if (chosen) set(chosen[0], chosen[1])
        }}
      />
      <div className="form-row">
        <Millimetres
          label={say(['宽', 'Width'])}
          value={widthMm}
          onChange={(width) => set(width, heightMm)}
        />
        <Millimetres
          label={say(['高', 'Height'])}
          value={heightMm}
          onChange={(height) => set(widthMm, height)}
        />
      </div>
    </>
  )
}

function Millimetres(props: { label: string; value: number; onChange: (mm: number) => void }) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id} className="t2">
        {props.label}
      </label>
      <SizeInput
        id={id}
        label={props.label}
        value={props.value}
        least={20}
        most={420}
        onChange={props.onChange}
      />
    </div>
  )
}

export function SizeInput(props: {
  id?: string
  label: string
  value: number
  least: number
  most: number
  /** 0.5: halves may be typed. */
  step?: 0.5 | 1
  onChange: (value: number) => void
}) {
  const { step = 1 } = props
  return (
    <input
      id={props.id}
      className="input paper-size"
      type="number"
      aria-label={props.label}
      min={props.least}
      max={props.most}
      step={step}
      // A number that is out of bounds is not taken over while it is typed; leaving the field shows the last good one.
      key={props.value}
      defaultValue={props.value}
      onChange={(event) => {
        const typed = event.target.valueAsNumber
        if (
          Number.isInteger(typed / step) &&
          typed >= props.least &&
          typed <= props.most &&
          document.activeElement !== event.target
        )
          props.onChange(typed)
      }}
      onBlur={(event) => {
        const typed = Math.round(event.target.valueAsNumber / step) * step
        const good = typed >= props.least && typed <= props.most
        if (good && typed !== props.value) props.onChange(typed)
        else event.target.value = String(props.value)
      }}
    />
  )
}
