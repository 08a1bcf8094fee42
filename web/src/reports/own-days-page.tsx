import { useRef, useState } from 'react'
import { CalendarButton, RangeCalendar } from '../ui/form/calendar.tsx'
import { readMoment, type Side, wholeDays } from '../ui/form/range-text.ts'
import { listWords } from '../ui/list/list-words.ts'
import { Popover } from '../ui/overlay/overlay.tsx'
import { useSay } from '../words.ts'
import { ownDays, type Span } from './spans.ts'
import '../ui/form/pickers.css'

type Props = { days: Span; onChange: (days: Span) => void }

/** The first and the last day: typed, or selected in the calendar. A day that makes the span impossible moves the other one. */
export default function OwnDays({ days, onChange }: Props) {
  const say = useSay()
  const box = useRef<HTMLFieldSetElement>(null)
  const [open, setOpen] = useState(false)
  const change = (next: Span, moved: Span) => {
    if (ownDays(next)) onChange(next)
    else if (ownDays(moved)) onChange(moved)
  }
  const day = (key: keyof Span, side: Side) => (
    <Day
      label={say(listWords[key])}
      side={side}
      value={days[key]}
      onChange={(value) => change({ ...days, [key]: value }, { from: value, to: value })}
      onOpen={() => setOpen(true)}
    />
  )
  return (
    <fieldset ref={box} className="range report-days">
      <div className="range-bounds">
        {day('from', 0)}
        <span aria-hidden="true">→</span>
        {day('to', 1)}
        <CalendarButton open={open} onClick={() => setOpen(!open)} />
      </div>
      {open && (
        <Popover anchor={box.current} label={say(listWords.calendar)} onClose={() => setOpen(false)}>
          <RangeCalendar
            bounds={wholeDays(days.from, days.to)}
            autoFocus
            onChange={(bounds) => {
              const [from, to] = bounds.map((bound) => bound.slice(0, 10))
              if (from && to) change({ from, to }, { from: to, to })
              setOpen(false)
            }}
          />
        </Popover>
      )}
    </fieldset>
  )
}

/** A day as text. It counts on Enter or when the field is left, so that no half a date moves the report. */
function Day(props: {
  label: string
  side: Side
  value: string
  onChange: (day: string) => void
  onOpen: () => void
}) {
  const { side, value } = props
  const [typed, setTyped] = useState<string>()
  const read = typed === undefined ? undefined : readMoment(typed, side)?.slice(0, 10)
  const settle = () => {
    if (read !== undefined && read !== value) props.onChange(read)
    setTyped(undefined)
  }
  return (
    <input
      type="text"
      className="num"
      placeholder="2026-11-01"
      aria-label={props.label}
      aria-invalid={typed !== undefined && read === undefined}
      value={typed ?? value}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') props.onOpen()
        else if (event.key === 'Enter') settle()
        else return
        event.preventDefault()
      }}
    />
  )
}
