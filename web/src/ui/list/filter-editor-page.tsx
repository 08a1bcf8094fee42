import { type KeyboardEvent, lazy, type ReactNode, Suspense, useRef, useState } from 'react'
import { type LocalizedPair, useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { isTyped } from '../base/initials.ts'
import { useShops } from '../base/session.ts'
import { clock, dateOf, readBeijing } from '../base/time.ts'
import { MenuItem } from '../overlay/overlay.tsx'
import { type ChipField, days, type Field, type Option, readNumbers } from './filters.ts'
import { listWords } from './list-words.ts'
import { moneyBounds, moneyRange, readFen } from './money-range.ts'

const SkuFilter = lazy(() => import('../../catalog/sku-filter-page.tsx'))
const RangePicker = lazy(() => import('../form/pickers-page.tsx'))

type EditorProps = { field: ChipField; value: string; onChange: (value: string) => void; onDone: () => void }

/** The panel of 筛选 and of each chip: the filters to choose from, or the form of one filter. */
export default function FilterPanel(
  props: Omit<EditorProps, 'field'> & {
    fields: readonly ChipField[]
    field: ChipField | undefined
    onPick: (key: string) => void
  },
) {
  const { field } = props
  return field ? <FilterEditor {...props} field={field} /> : <FilterPicker {...props} />
}

function FilterEditor(props: EditorProps) {
  const { field } = props
  const shops = useShops()
  switch (field.kind) {
    case 'options':
      return <Choices {...props} options={field.options} />
    case 'shops':
      return (
        <Choices
          {...props}
          options={shops.map((shop) => ({
            value: shop.id,
            label: { zh: `${shop.label.zh} · ${shop.name}`, en: `${shop.label.en} · ${shop.name}` },
          }))}
        />
      )
    case 'sku':
      return (
        <Suspense fallback={<div style={{ height: 30, width: 320 }} />}>
          <SkuFilter {...props} />
        </Suspense>
      )
    case 'period':
      return <Period {...props} />
    case 'numbers':
      return <Numbers {...props} />
    case 'money':
      return <MoneyRange {...props} />
    case 'until':
      return <Until {...props} />
    case 'text':
      return <Text {...props} />
  }
}

/**
 * Lists the filters. The user types the name of a filter or of one of its values, in either language or by initials. Enter opens the first
 * match.
 */
function FilterPicker({ fields, onPick }: { fields: readonly Field[]; onPick: (key: string) => void }) {
  const say = useSay()
  const shops = useShops()
  const offered = fields.filter((field) => !field.linked)
  return (
    <TypedMenu
      label={say(listWords.filter)}
      rows={offered.map((field) => ({
        key: field.key,
        label: pairOf(field.label),
        also: valuesOf(field, shops),
      }))}
      draw={({ key, label }, value) => (
        <MenuItem key={key} onPick={() => onPick(key)}>
          {say(label)}
          {value && <span className="t3"> · {say(value)}</span>}
        </MenuItem>
      )}
    />
  )
}

const pairOf = (label: Option['label']): LocalizedPair => ('zh' in label ? [label.zh, label.en] : label)

function valuesOf(field: Field, shops: ReturnType<typeof useShops>): LocalizedPair[] {
  if (field.kind === 'options') return field.options.map(({ label }) => pairOf(label))
  return field.kind === 'shops' ? shops.map(({ name }) => [name, name]) : []
}

type MenuRow = { key: string; label: LocalizedPair; also?: readonly LocalizedPair[] }

/** A menu with a text box above it. Only rows that match the typed text are shown. Enter chooses the first row; the arrow keys move. */
function TypedMenu(props: {
  label: string
  rows: readonly MenuRow[]
  draw: (row: MenuRow, value: LocalizedPair | undefined) => ReactNode
}) {
  const say = useSay()
  const [typed, setTyped] = useState('')
  const menu = useRef<HTMLDivElement>(null)
  const named = props.rows.filter(({ label }) => isTyped(label, typed))
  // A filter is found by its values only if more than one letter was typed.
  const byValue = props.rows.flatMap((row) => {
    const value =
      typed.trim().length < 2 || named.includes(row)
        ? undefined
        : row.also?.find((each) => isTyped(each, typed))
    return value ? [{ row, value }] : []
  })
  const item = (at: number) => menu.current?.querySelectorAll<HTMLElement>('.menu-item')[at]
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || (event.key !== 'Enter' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    if (event.key === 'Enter') item(0)?.click()
    else item(0)?.focus()
  }
  return (
    <div className="stack">
      <input
        {...{ autoFocus: true }}
        className="input small-input"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKey}
        aria-label={say(listWords.keySearch)}
        placeholder={say(listWords.typeToFind)}
        autoComplete="off"
      />
      <div ref={menu} role="menu" aria-label={props.label}>
        {named.map((row) => props.draw(row, undefined))}
        {byValue.map(({ row, value }) => props.draw(row, value))}
      </div>
      {named.length + byValue.length === 0 && (
        <p className="t3 small none-typed">{say(listWords.noneTyped)}</p>
      )}
    </div>
  )
}

function Choices({ field, value, onChange, options }: EditorProps & { options: readonly Option[] }) {
  const say = useSay()
  const chosen = value === '' ? [] : value.split(',')
  const toggle = (each: string) =>
    onChange((chosen.includes(each) ? chosen.filter((other) => other !== each) : [...chosen, each]).join(','))
  const rows = options.map((option) => ({ key: option.value, label: pairOf(option.label) }))
  const draw = ({ key, label }: MenuRow) => (
    <MenuItem key={key} checked={chosen.includes(key)} onPick={() => toggle(key)}>
      {say(label)}
    </MenuItem>
  )
  if (options.length > 8) return <TypedMenu label={say(field.label)} rows={rows} draw={draw} />
  return (
    <div role="menu" aria-label={say(field.label)}>
      {rows.map(draw)}
    </div>
  )
}

function Period({ field, value, onChange, onDone }: EditorProps) {
  const say = useSay()
  const pick = (next: string) => {
    onChange(next)
    onDone()
  }
  return (
    <div className="stack">
      <div role="menu" aria-label={say(field.label)}>
        <MenuItem radio checked={value === 'today'} onPick={() => pick('today')}>
          {say(listWords.today)}
        </MenuItem>
        {days.slice(1).map((n) => (
          <MenuItem key={n} radio checked={value === `${n}d`} onPick={() => pick(`${n}d`)}>
            {say(listWords.lastDays, { n })}
          </MenuItem>
        ))}
      </div>
      <div className="editor-foot">
        <Suspense fallback={<div style={{ height: 30, width: 320 }} />}>
          <RangePicker value={value} onChange={onChange} onDone={onDone} />
        </Suspense>
      </div>
    </div>
  )
}

function Numbers({ field, value, onChange, onDone }: EditorProps) {
  const say = useSay()
  const [typed, setTyped] = useState(value.replaceAll(',', '\n'))
  const numbers = readNumbers(typed)
  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault()
        onChange(numbers.join(','))
        onDone()
      }}
    >
      <textarea
        className="input"
        rows={8}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        aria-label={say(field.label)}
      />
      <p className="t3 small">{say(listWords.pasteHint)}</p>
      <div className="row">
        <span className="t2 num">{say(listWords.pasteCount, { n: numbers.length })}</span>
        <span className="push">
          <Button kind="primary" size="small" type="submit">
            {say(listWords.apply)}
          </Button>
        </span>
      </div>
    </form>
  )
}

function Text({ field, value, onChange, onDone }: EditorProps) {
  const say = useSay()
  const [typed, setTyped] = useState(value)
  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault()
        onChange(typed.trim())
        onDone()
      }}
    >
      <input
        className="input"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        aria-label={say(field.label)}
      />
      {field.kind === 'text' && field.hint && <p className="t3 small">{say(field.hint)}</p>}
      <span className="push">
        <Button kind="primary" size="small" type="submit">
          {say(listWords.apply)}
        </Button>
      </span>
    </form>
  )
}

function Until({ field, value, onChange, onDone }: EditorProps) {
  const say = useSay()
  const [typed, setTyped] = useState(value === '' ? '' : `${dateOf(value)} ${clock(value)}`)
  const at = readBeijing(typed)
  const isWrong = typed.trim() !== '' && at === undefined
  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault()
        if (isWrong) return focusWrong(event.currentTarget)
        onChange(at ?? '')
        onDone()
      }}
    >
      <input
        className="input num"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        aria-label={say(field.label)}
        aria-invalid={isWrong}
        placeholder="2026-11-25 18:00"
      />
      <span className="push">
        <Button kind="primary" size="small" type="submit">
          {say(listWords.apply)}
        </Button>
      </span>
    </form>
  )
}

function MoneyRange({ value, onChange, onDone }: EditorProps) {
  const say = useSay()
  const [typed, setTyped] = useState(() => moneyBounds(value))
  const limits = [
    { words: listWords.atLeast, text: typed[0], with: (text: string) => [text, typed[1]] as const },
    { words: listWords.atMost, text: typed[1], with: (text: string) => [typed[0], text] as const },
  ]
  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault()
        const range = moneyRange(typed)
        if (range === undefined) return focusWrong(event.currentTarget)
        onChange(range)
        onDone()
      }}
    >
      <div className="row">
        {limits.map((limit) => (
          <input
            key={limit.words[1]}
            className="input num"
            inputMode="decimal"
            value={limit.text}
            onChange={(event) => setTyped(limit.with(event.target.value))}
            placeholder={say(limit.words)}
            aria-label={say(limit.words)}
            aria-invalid={readFen(limit.text) === undefined}
          />
        ))}
      </div>
      <span className="push">
        <Button kind="primary" size="small" type="submit">
          {say(listWords.apply)}
        </Button>
      </span>
    </form>
  )
}

/** A text that cannot be read is not dropped: the form stays open at it. */
function focusWrong(form: HTMLFormElement): void {
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
