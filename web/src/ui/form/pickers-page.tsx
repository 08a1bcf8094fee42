import { useRef, useState } from 'react'
import { useSay } from '../../words.ts'
import { useKeys } from '../base/keys.ts'
import { listWords } from '../list/list-words.ts'
import { CalendarButton, RangeCalendar } from './calendar.tsx'
import { type Bounds, boundsOf, rangeOf, readMoment, readRange, type Side, withBound } from './range-text.ts'
import './pickers.css'

/** A range of Beijing time: typed, pasted, or selected in the calendar. */
export default function RangePicker(props: {
  value: string
  onChange: (value: string) => void
  /** Called on Enter in the second field. Undefined: the surrounding form gets the key. */
  onDone?: () => void
}) {
  const say = useSay()
  const box = useRef<HTMLFieldSetElement>(null)
  const [calendar, setCalendar] = useState<'closed' | 'open' | 'entered'>('closed')
  const bounds = boundsOf(props.value)
  const change = (next: Bounds) => props.onChange(rangeOf(next))
  const field = (side: Side) => box.current?.querySelectorAll('input')[side]
  const bound = (side: Side) => (
    <Bound
      label={say(side === 0 ? listWords.from : listWords.to)}
      side={side}
      value={bounds[side]}
      onChange={(text) => change(withBound(bounds, side, text))}
      onRange={change}
      onOpen={setCalendar}
      onEnter={side === 0 ? () => field(1)?.focus() : props.onDone}
    />
  )
  return (
    <fieldset ref={box} className="range">
      <div className="range-bounds">
        {bound(0)}
        <span aria-hidden="true">→</span>
        {bound(1)}
        <CalendarButton
          open={calendar !== 'closed'}
          onClick={() => setCalendar(calendar === 'closed' ? 'entered' : 'closed')}
        />
      </div>
      {calendar !== 'closed' && (
        <Panel
          key={calendar}
          bounds={bounds}
          entered={calendar === 'entered'}
          onChange={change}
          onClose={() => {
            setCalendar('closed')
            field(0)?.focus()
          }}
        />
      )}
    </fieldset>
  )
}

function Bound(props: {
  label: string
  side: Side
  value: string
  onChange: (text: string) => void
  onRange: (bounds: Bounds) => void
  onOpen: (how: 'open' | 'entered') => void
  onEnter: (() => void) | undefined
}) {
  const { side, value, onEnter } = props
  // The text being typed. Without the focus, the field shows the time that was read.
  const [typed, setTyped] = useState<string>()
  const read = (text: string) => (text.trim() === '' ? '' : readMoment(text, side))
  return (
    <input
      type="text"
      className="num"
      placeholder={side === 0 ? '2026-11-01 00:00' : '2026-11-03 24:00'}
      aria-label={props.label}
      aria-invalid={typed !== undefined && read(typed) === undefined}
      value={typed ?? value}
      onChange={(event) => {
        const text = event.target.value
        const moment = read(text)
        setTyped(text)
        if (moment !== undefined) props.onChange(moment)
      }}
      onPaste={(event) => {
        const both = readRange(event.clipboardData.getData('text'))
        if (!both) return
        event.preventDefault()
        setTyped(undefined)
        props.onRange(both)
      }}
      onBlur={() => setTyped(undefined)}
      onClick={() => props.onOpen('open')}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') props.onOpen('entered')
        else if (event.key !== 'Enter' || event.metaKey || event.ctrlKey || !onEnter) return
        else onEnter()
        event.preventDefault()
      }}
    />
  )
}

const hours = Array.from({ length: 25 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`)

/** The calendar, with the hour of the first day and of the last day. Escape returns to the fields. */
function Panel(props: {
  bounds: Bounds
  entered: boolean
  onChange: (bounds: Bounds) => void
  onClose: () => void
}) {
  const say = useSay()
  const { bounds, onChange } = props
  useKeys([{ key: 'Escape', run: props.onClose }])
  return (
    <div className="range-panel">
      <RangeCalendar bounds={bounds} autoFocus={props.entered} onChange={onChange} />
      <div className="range-hours">
        {([0, 1] as const).map((side) => {
          const [day = '', time = ''] = bounds[side].split(' ')
          return (
            <label key={side} className="row">
              <span className="t2">{say(side === 0 ? listWords.from : listWords.to)}</span>
              <select
                className="input num"
                aria-label={say(side === 0 ? listWords.fromHour : listWords.toHour)}
                disabled={day === ''}
                value={time}
                onChange={(event) => onChange(withBound(bounds, side, `${day} ${event.target.value}`))}
              >
                {[...new Set([time, ...hours])].sort().map((each) => (
                  <option key={each}>{each}</option>
                ))}
              </select>
            </label>
          )
        })}
      </div>
    </div>
  )
}
