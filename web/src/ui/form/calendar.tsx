import { parseDate } from '@internationalized/date'
import { type ReactNode, useContext } from 'react'
import { Button } from 'react-aria-components/Button'
import { CalendarStateContext, Calendar as OneDayCalendar } from 'react-aria-components/Calendar'
import { I18nProvider } from 'react-aria-components/I18nProvider'
import {
  RangeCalendar as Calendar,
  CalendarCell,
  CalendarGrid,
  Heading,
  RangeCalendarStateContext,
} from 'react-aria-components/RangeCalendar'
import { type LocalizedPair, useLanguage, useSay } from '../../words.ts'
import { dateOf } from '../base/time.ts'
import { listWords } from '../list/list-words.ts'
import { type Bounds, wholeDays } from './range-text.ts'

// Our content policy refuses the library's style element. This element has its id, so the library does not add one; the rule is in
// pickers.css.
const styleId = 'react-aria-pressable-style'
if (!document.getElementById(styleId))
  document.head.append(Object.assign(document.createElement('meta'), { id: styleId }))

/** A calendar. Arrows, Page Up and Page Down move; Enter or a click selects the first and then the last day. */
export function RangeCalendar(props: {
  bounds: Bounds
  autoFocus: boolean
  onChange: (bounds: Bounds) => void
}) {
  const say = useSay()
  const [from, to] = props.bounds.map((bound) => bound.slice(0, 10))
  return (
    <Localized>
      <Calendar
        className="calendar"
        aria-label={say(['起止日期', 'First and last day'])}
        firstDayOfWeek="mon"
        commitBehavior="reset"
        autoFocus={props.autoFocus}
        defaultFocusedValue={parseDate(from || to || dateOf(Date.now()))}
        value={from && to && from <= to ? { start: parseDate(from), end: parseDate(to) } : null}
        onChange={({ start, end }) => props.onChange(wholeDays(start.toString(), end.toString()))}
      >
        <Month />
      </Calendar>
    </Localized>
  )
}

/** A calendar of which one day is selected, by the same keys. */
export function DayCalendar(props: { day: string; onChange: (day: string) => void }) {
  const say = useSay()
  return (
    <Localized>
      <OneDayCalendar
        className="calendar one-day"
        aria-label={say(listWords.calendar)}
        firstDayOfWeek="mon"
        autoFocus
        value={parseDate(props.day)}
        onChange={(day) => props.onChange(day.toString())}
      >
        <Month />
      </OneDayCalendar>
    </Localized>
  )
}

function Localized({ children }: { children: ReactNode }) {
  const chinese = useLanguage() === 'zh'
  return <I18nProvider locale={chinese ? 'zh-CN' : 'en-GB'}>{children}</I18nProvider>
}

function Month() {
  const today = dateOf(Date.now())
  return (
    <>
      <header>
        <YearStep by={-1} words={['上一年', 'Previous year']} />
        <Button slot="previous">‹</Button>
        <Heading />
        <Button slot="next">›</Button>
        <YearStep by={1} words={['下一年', 'Next year']} />
      </header>
      <CalendarGrid>
        {(date) => <CalendarCell date={date} className={date.toString() === today ? 'day today' : 'day'} />}
      </CalendarGrid>
    </>
  )
}

function YearStep({ by, words }: { by: 1 | -1; words: LocalizedPair }) {
  const say = useSay()
  const ofRange = useContext(RangeCalendarStateContext)
  const ofDay = useContext(CalendarStateContext)
  const state = ofRange ?? ofDay
  return (
    <button
      type="button"
      aria-label={say(words)}
      onClick={() => state?.setFocusedDate(state.focusedDate.add({ years: by }))}
    >
      {by < 0 ? '«' : '»'}
    </button>
  )
}

/** Opens and closes a calendar, beside the fields of its days. */
export function CalendarButton({ open, onClick }: { open: boolean; onClick: () => void }) {
  const say = useSay()
  return (
    <button
      type="button"
      className="range-open"
      aria-label={say(listWords.calendar)}
      aria-expanded={open}
      onClick={onClick}
    >
      <svg width="14" height="14" viewBox="0 0 14 14" fill="none" stroke="currentColor" aria-hidden="true">
        <path d="M1.5 3.5h11v9h-11zM1.5 6.5h11M4.5 1.5v3M9.5 1.5v3" />
      </svg>
    </button>
  )
}
