import { lazy, Suspense, useState } from 'react'
import { useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { useShops } from '../base/session.ts'
import { clock, dateOf, readBeijing } from '../base/time.ts'
import { MenuItem } from '../overlay/overlay.tsx'
import { days, type Field, type Option, readNumbers } from './filters.ts'
import { listWords } from './list-words.ts'

const RangePicker = lazy(() => import('../form/pickers-page.tsx'))

type EditorProps = { field: Field; value: string; onChange: (value: string) => void; onDone: () => void }

/** The form of one filter. */
export function FilterEditor(props: EditorProps) {
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

function Choices({ field, value, onChange, options }: EditorProps & { options: readonly Option[] }) {
  const say = useSay()
  const [typed, setTyped] = useState('')
  const chosen = value === '' ? [] : value.split(',')
  const toggle = (each: string) =>
    onChange((chosen.includes(each) ? chosen.filter((other) => other !== each) : [...chosen, each]).join(','))
  return (
    <div className="stack">
      {options.length > 8 && (
        <input
          className="input small-input"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          aria-label={say(listWords.keySearch)}
        />
      )}
      <div role="menu" aria-label={say(field.label)}>
        {options
          .filter((option) => say(option.label).toLowerCase().includes(typed.toLowerCase()))
          .map((option) => (
            <MenuItem
              key={option.value}
              checked={chosen.includes(option.value)}
              onPick={() => toggle(option.value)}
            >
              {say(option.label)}
            </MenuItem>
          ))}
      </div>
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
  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault()
        onChange(at ?? '')
        onDone()
      }}
    >
      <input
        className="input num"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        aria-label={say(field.label)}
        aria-invalid={typed !== '' && at === undefined}
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
  const [from = '', to = ''] = value.split('~').map((fen) => (fen === '' ? '' : String(Number(fen) / 100)))
  const fen = (yuanText: string) =>
    yuanText.trim() === '' || Number.isNaN(Number(yuanText)) ? '' : String(Math.round(Number(yuanText) * 100))
  return (
    <form
      className="editor"
      onSubmit={(event) => {
        event.preventDefault()
        const form = new FormData(event.currentTarget)
        const [low, high] = [fen(String(form.get('from'))), fen(String(form.get('to')))]
        onChange(low === '' && high === '' ? '' : `${low}~${high}`)
        onDone()
      }}
    >
      <div className="row">
        <input
          className="input num"
          name="from"
          inputMode="decimal"
          defaultValue={from}
          placeholder={say(listWords.atLeast)}
          aria-label={say(listWords.atLeast)}
        />
        <input
          className="input num"
          name="to"
          inputMode="decimal"
          defaultValue={to}
          placeholder={say(listWords.atMost)}
          aria-label={say(listWords.atMost)}
        />
      </div>
      <span className="push">
        <Button kind="primary" size="small" type="submit">
          {say(listWords.apply)}
        </Button>
      </span>
    </form>
  )
}
