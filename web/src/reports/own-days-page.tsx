import { RangeCalendar } from '../ui/form/calendar.tsx'
import { DayInput, DaysBox } from '../ui/form/day-field.tsx'
import { type Side, wholeDays } from '../ui/form/range-text.ts'
import { listWords } from '../ui/list/list-words.ts'
import { useSay } from '../words.ts'
import { ownDays, type Span } from './spans.ts'

type Props = { days: Span; onChange: (days: Span) => void }

/** The first and the last day: typed, or selected in the calendar. A day that makes the span impossible moves the other one. */
export default function OwnDays({ days, onChange }: Props) {
  const say = useSay()
  const change = (next: Span, moved: Span) => {
    if (ownDays(next)) onChange(next)
    else if (ownDays(moved)) onChange(moved)
  }
  const day = (key: keyof Span, side: Side, onOpen: () => void) => (
    <DayInput
      name={say(listWords[key])}
      side={side}
      value={days[key]}
      onChange={(value) => change({ ...days, [key]: value }, { from: value, to: value })}
      onOpen={onOpen}
    />
  )
  return (
    <DaysBox
      className="report-days"
      fields={(onOpen) => (
        <>
          {day('from', 0, onOpen)}
          <span aria-hidden="true">→</span>
          {day('to', 1, onOpen)}
        </>
      )}
      calendar={(close) => (
        <RangeCalendar
          bounds={wholeDays(days.from, days.to)}
          autoFocus
          onChange={(bounds) => {
            const [from, to] = bounds.map((bound) => bound.slice(0, 10))
            if (from && to) change({ from, to }, { from: to, to })
            close()
          }}
        />
      )}
    />
  )
}
