import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import {
  type FieldPlace,
  fieldWords,
  type PaperField,
  type PaperTemplate,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import {
  changed,
  type Grip,
  type Guides,
  type Placed,
  pulled,
  snapped,
  withField,
  within,
  withPlace,
} from './layout/places.ts'
import './free-places.css'

const grips: Grip[] = ([-1, 0, 1] as const).flatMap((dy) =>
  ([-1, 0, 1] as const).flatMap((dx): Grip[] => (dx === 0 && dy === 0 ? [] : [{ dx, dy }])),
)
const whole: Grip = { dx: 0, dy: 0 }
const noGuides: Guides = { x: [], y: [] }

export type PlacesProps = {
  template: PaperTemplate
  chosen: PaperField | undefined
  /** True: edges are drawn to whole millimetres and to other edges. */
  snaps: boolean
  onChoose: (key: PaperField | undefined) => void
  /** Changes of the same group are undone together. */
  onChange: (template: PaperTemplate, group?: string) => void
}

/** Lies over the sheet of a free layout: each field is a box that is moved and sized by the pointer or by the arrow keys. */
export function FreePlaces({ children, ...props }: PlacesProps & { children: ReactNode }) {
  const { template, chosen } = props
  const sheet = useRef<HTMLDivElement>(null)
  const [guides, setGuides] = useState(noGuides)
  const placed = template.options.fields.flatMap((field) => (field.on ? (withPlace(field) ?? []) : []))
  const mmAt = (point: { clientX: number; clientY: number }) => {
    const box = sheet.current?.getBoundingClientRect()
    if (!box) return { x: 0, y: 0 }
    const mm = template.widthMm / box.width
    return { x: (point.clientX - box.left) * mm, y: (point.clientY - box.top) * mm }
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: fields are dropped here; by the keyboard they are added by their buttons
    <div
      ref={sheet}
      className="free-sheet"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        const key = event.dataTransfer.getData('text/plain')
        const field = template.options.fields.find((one) => one.key === key)
        if (!field) return
        event.preventDefault()
        props.onChange(withField(template, field.key, mmAt(event)))
        props.onChoose(field.key)
      }}
    >
      {children}
      {placed.map((field) => (
        <PlaceBox key={field.key} {...props} field={field} mmAt={mmAt} onGuides={setGuides} />
      ))}
      {chosen !== undefined &&
        guides.x.map((x) => (
          <i key={`x${x}`} className="free-guide" style={mmBox({ x, y: 0, w: 0, h: template.heightMm })} />
        ))}
      {chosen !== undefined &&
        guides.y.map((y) => (
          <i key={`y${y}`} className="free-guide" style={mmBox({ x: 0, y, w: template.widthMm, h: 0 })} />
        ))}
    </div>
  )
}

const mmBox = ({ x, y, w, h }: Omit<FieldPlace, 'right'>) => ({
  ...{ left: `${x}mm`, top: `${y}mm`, width: `${w}mm`, height: `${h}mm` },
})

type BoxProps = PlacesProps & {
  field: Placed
  mmAt: (point: { clientX: number; clientY: number }) => { x: number; y: number }
  onGuides: (guides: Guides) => void
}

function PlaceBox(props: BoxProps) {
  const say = useSay()
  const { field, chosen, onChoose } = props
  const { place, key } = field
  const isChosen = chosen === key
  const button = useRef<HTMLButtonElement>(null)
  const drag = useDrag(props)
  useEffect(() => {
    // The button that added it is gone, and has taken the focus with it.
    if (isChosen && document.activeElement === document.body) button.current?.focus()
  }, [isChosen])
  const name = say(fieldWords[key])
  return (
    <button
      ref={button}
      type="button"
      className="free-place"
      style={mmBox(place)}
      aria-pressed={isChosen}
      aria-label={say(placeWords, { name, x: place.x, y: place.y, w: place.w, h: place.h })}
      title={name}
      data-field={key}
      onFocus={() => onChoose(key)}
      onKeyDown={(event) => onArrow(event, props)}
      {...drag(whole)}
    >
      {isChosen &&
        grips.map((grip) => (
          <span
            key={`${grip.dx}${grip.dy}`}
            className="free-grip"
            data-grip={`${grip.dx},${grip.dy}`}
            style={{ left: `${(grip.dx + 1) * 50}%`, top: `${(grip.dy + 1) * 50}%`, cursor: cursorOf(grip) }}
            {...drag(grip)}
          />
        ))}
    </button>
  )
}

const cursorOf = ({ dx, dy }: Grip) =>
  dx === 0 ? 'ns-resize' : dy === 0 ? 'ew-resize' : dx === dy ? 'nwse-resize' : 'nesw-resize'

const placeWords: LocalizedPair = [
  '{name}：左 {x} 上 {y}，宽 {w} 高 {h} 毫米',
  '{name}: left {x}, top {y}, width {w}, height {h} mm',
]

const placeOf = (template: PaperTemplate, key: PaperField, place: FieldPlace) =>
  changed(template, key, (field) => ({ ...field, place: within(place, template) }))

/** The pointer pulls the whole place or one of its grips. All moves until it is let go are undone together. */
function useDrag({ field, template, snaps, mmAt, onGuides, onChange }: BoxProps) {
  const from = useRef<{ place: FieldPlace; at: { x: number; y: number }; group: string }>(undefined)
  const others = template.options.fields.flatMap((one) =>
    one.on && one.place && one.key !== field.key ? [one.place] : [],
  )
  const to = (grip: Grip) => (event: PointerEvent) => {
    const start = from.current
    if (!start) return
    event.stopPropagation()
    const at = mmAt(event)
    const place = pulled(start.place, grip, { x: at.x - start.at.x, y: at.y - start.at.y })
    const drawn = snaps ? snapped(place, grip, others, template) : { place, guides: noGuides }
    onGuides(drawn.guides)
    onChange(placeOf(template, field.key, drawn.place), start.group)
  }
  const end = () => {
    from.current = undefined
    onGuides(noGuides)
  }
  return (grip: Grip) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return
      event.stopPropagation()
      event.currentTarget.setPointerCapture(event.pointerId)
      from.current = { place: field.place, at: mmAt(event), group: `drag ${field.key} ${event.timeStamp}` }
      event.currentTarget.closest('button')?.focus()
    },
    onPointerMove: to(grip),
    onPointerUp: end,
    onPointerCancel: end,
  })
}

const arrows: Record<string, { x: number; y: number }> = {
  ...{ ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 } },
  ...{ ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } },
}

/** An arrow moves by 1 mm, with Shift by 5 mm; with Ctrl or ⌘ it sizes. Delete takes the field from the paper. */
function onArrow(event: KeyboardEvent, { field, template, onChange, onChoose }: BoxProps): void {
  const { key, place } = field
  const way = arrows[event.key]
  if (way) {
    const mm = event.shiftKey ? 5 : 1
    const by = { x: way.x * mm, y: way.y * mm }
    const grip: Grip = event.ctrlKey || event.metaKey ? { dx: 1, dy: 1 } : whole
    onChange(placeOf(template, key, pulled(place, grip, by)))
  } else if (event.key === 'Delete' || event.key === 'Backspace') {
    onChange(changed(template, key, (one) => ({ ...one, on: false })))
    onChoose(undefined)
  } else if (event.key === 'Escape') onChoose(undefined)
  else return
  event.preventDefault()
  event.stopPropagation()
}
