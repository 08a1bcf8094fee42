import { type ReactNode, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useSay } from '../../words.ts'
import { listWords } from '../list/list-words.ts'
import { Popover } from '../overlay/overlay.tsx'
import { CalendarButton, DayCalendar } from './calendar.tsx'
import { Field } from './form.tsx'
import { readMoment, type Side } from './range-text.ts'
import './pickers.css'

/** A day of Beijing time: typed, or selected in the calendar. */
export function DayField(props: { label: string; value: string; onChange: (day: string) => void }) {
  return (
    <Field label={props.label}>
      {(bind) => (
        <DaysBox
          fields={(onOpen) => <DayInput {...props} {...{ bind, onOpen }} side={0} />}
          calendar={(close) => (
            <DayCalendar
              day={props.value}
              onChange={(day) => {
                props.onChange(day)
                close()
              }}
            />
          )}
        />
      )}
    </Field>
  )
}

/** Fields of days with a calendar, which gives the focus back to the field or the button that opened it. */
export function DaysBox(props: {
  className?: string
  fields: (onOpen: () => void) => ReactNode
  calendar: (close: () => void) => ReactNode
}) {
  const say = useSay()
  const box = useRef<HTMLDivElement>(null)
  const [opener, setOpener] = useState<Element | null>(null)
  const onOpen = () => setOpener(document.activeElement)
  const close = () => {
    // The open calendar would keep the focus to itself.
    flushSync(() => setOpener(null))
    if (opener instanceof HTMLElement) opener.focus()
  }
  return (
    <div ref={box} className={`range ${props.className ?? 'one-day'}`}>
      <div className="range-bounds">
        {props.fields(onOpen)}
        <CalendarButton open={opener !== null} onClick={opener ? close : onOpen} />
      </div>
      {opener && (
        <Popover anchor={box.current} label={say(listWords.calendar)} onClose={close}>
          {props.calendar(close)}
        </Popover>
      )}
    </div>
  )
}

/** A day as text. It counts on Enter or when the field is left, so that no half a date moves the page. */
export function DayInput(props: {
  /** The name that is read aloud, of a field without a visible label. */
  name?: string
  bind?: object
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
      {...props.bind}
      type="text"
      className="num"
      placeholder="2026-11-01"
      aria-label={props.name}
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
