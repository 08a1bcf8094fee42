import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react'
import { createPortal, flushSync } from 'react-dom'
import { useSay } from '../../words.ts'
import { usePlace } from '../overlay/place.ts'
import { toast } from '../overlay/toasts.tsx'
import { Field } from './form.tsx'
import './picker.css'

export type PickerProps<Row> = {
  label: string
  /** The text of the selected row; empty: none is selected. */
  value: string
  onPick: (row: Row | undefined) => void
  hint?: ReactNode
  wrong?: string | undefined
  placeholder?: string
  autoFocus?: boolean
  /** True: the field is in a table with column heads, so its label is only read aloud. */
  bare?: boolean
}

type Source<Row> = {
  queryKey: readonly unknown[]
  find: (text: string) => Promise<readonly Row[]>
  /** Returns codes of the row. Typing or scanning one of them completely selects the row. */
  codesOf: (row: Row) => readonly string[]
  option: (row: Row) => ReactNode
}

/**
 * A field for selecting one of many rows: type, move up and down, press Enter. No row is preselected. A scanner sends Enter after the code,
 * which selects the row with that code.
 */
export function Picker<Row extends { id: string }>(props: PickerProps<Row> & Source<Row>) {
  const say = useSay()
  const input = useRef<HTMLInputElement>(null)
  const listId = useId()
  const { open, rows, at, typed, isFetching, type, pick, settle, onKey } = usePicker(props)
  const field = (bind: object) => (
    <input
      {...bind}
      {...{ autoFocus: props.autoFocus }}
      ref={input}
      className="input"
      role="combobox"
      aria-expanded={open}
      aria-controls={listId}
      aria-autocomplete="list"
      aria-activedescendant={rows[at] ? `${listId}-${rows[at].id}` : undefined}
      aria-label={props.bare ? props.label : undefined}
      autoComplete="off"
      placeholder={props.placeholder}
      maxLength={80}
      value={typed ?? props.value}
      onChange={(event) => type(event.target.value)}
      onKeyDown={onKey}
      onBlur={() => open && void settle()}
    />
  )
  return (
    <>
      {props.bare ? field({}) : <Field {...props}>{field}</Field>}
      {open && (
        <Options anchor={input.current} id={listId} label={props.label}>
          {rows.map((row, index) => (
            <div
              key={row.id}
              id={`${listId}-${row.id}`}
              role="option"
              aria-selected={index === at}
              tabIndex={-1}
              className="picker-option"
              ref={index === at ? (node) => node?.scrollIntoView({ block: 'nearest' }) : undefined}
              // `preventDefault` keeps the focus in the input.
              onPointerDown={(event) => {
                event.preventDefault()
                pick(row)
              }}
            >
              {props.option(row)}
            </div>
          ))}
          {rows.length === 0 && (
            <p className="t2 picker-none">
              {isFetching ? say(['正在找…', 'Looking…']) : say(['没有找到', 'Nothing found'])}
            </p>
          )}
        </Options>
      )}
    </>
  )
}

/** The text being typed, the rows that it finds, and the row that the arrow keys are at. */
function usePicker<Row extends { id: string }>(props: PickerProps<Row> & Source<Row>) {
  const say = useSay()
  const rowOfCode = useRowOfCode(props)
  const [typed, setTyped] = useState<string>()
  const [at, setAt] = useState(-1)
  // The form may change before the code is found, so the row goes to the newest `onPick`.
  const onPick = useRef(props.onPick)
  useLayoutEffect(() => {
    onPick.current = props.onPick
  })
  const text = typed?.trim() ?? ''
  const open = typed !== undefined
  const found = useQuery({
    queryKey: [...props.queryKey, text],
    queryFn: () => props.find(text),
    enabled: open,
    placeholderData: keepPreviousData,
  })
  const rows = open ? (found.data ?? []) : []
  const close = () => {
    setTyped(undefined)
    setAt(-1)
  }
  const type = (now: string) => {
    setTyped(now)
    setAt(-1)
    props.onPick(undefined)
  }
  const pick = (row: Row) => {
    props.onPick(row)
    close()
  }
  /** Selects the row whose code was typed completely. Without such a row nothing is selected. */
  const settle = async () => {
    // A row that is loaded already is selected at once: the next press may be on the button that saves.
    const loaded =
      text === '' || found.isPlaceholderData
        ? undefined
        : rows.find((one) => hasCode(props.codesOf(one), text))
    const row = loaded ?? (await rowOfCode(text))
    // Drawn at once: a key that came before the drawing would change the form as it was without the row.
    flushSync(() => {
      close()
      if (row) onPick.current(row)
    })
    return row
  }
  const onEnter = async () => {
    const typedNow = typed
    if (await settle()) return
    setTyped(typedNow)
    toast('idle', say(['用 ↑ ↓ 选一个，再按回车', 'Choose one with ↑ ↓, then press Enter']))
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      if (open) setAt(Math.min(rows.length - 1, Math.max(0, at + step)))
      else setTyped('')
    } else if (event.key === 'Escape' && open) {
      event.preventDefault()
      close()
    } else if (event.key === 'Enter' && open && !event.metaKey && !event.ctrlKey) {
      event.preventDefault()
      const row = rows[at]
      if (row) pick(row)
      else void onEnter()
    }
  }
  return { open, rows, at, typed, isFetching: found.isFetching, type, pick, settle, onKey }
}

/** Finds the row with this code, even while rows are being loaded. */
function useRowOfCode<Row>({ queryKey, find, codesOf }: Source<Row>) {
  const queries = useQueryClient()
  return async (text: string): Promise<Row | undefined> => {
    if (text === '') return undefined
    const all = await queries.fetchQuery({ queryKey: [...queryKey, text], queryFn: () => find(text) })
    return all.find((one) => hasCode(codesOf(one), text))
  }
}

const hasCode = (codes: readonly string[], text: string) =>
  codes.some((code) => code.toLowerCase() === text.toLowerCase())

function Options(props: { anchor: HTMLElement | null; id: string; label: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  const style = usePlace(props.anchor, box, { placement: 'bottom left', offset: 4, maxHeight: 320 })
  const width = Math.max(320, props.anchor?.offsetWidth ?? 0)
  return createPortal(
    <div
      ref={box}
      id={props.id}
      role="listbox"
      aria-label={props.label}
      className="popover picker-options"
      style={{ ...style, width }}
    >
      {props.children}
    </div>,
    document.body,
  )
}
