import { useEffect, useRef, useState } from 'react'
import { useSay } from '../../words.ts'
import { KeyCap, Segments } from '../base/button.tsx'
import { useKeys } from '../base/keys.ts'
import { useShops } from '../base/session.ts'
import { Soon, soon } from '../base/soon.tsx'
import { densitySetting } from '../base/store.ts'
import { Popover } from '../overlay/overlay.tsx'
import { type ChipField, type Field, valueText } from './filters.ts'
import { listWords } from './list-words.ts'
import { useUrlState } from './search-params.ts'
import './list.css'

const filterPanel = soon(() => import('./filter-editor-page.tsx'))

/** The active filters as chips. A chip opens its editor; ✕ removes the filter. */
export function Chips({ fields: all }: { fields: readonly Field[] }) {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const add = useRef<HTMLButtonElement>(null)
  const fields = all.filter((field): field is ChipField => field.kind !== 'platforms')
  const [open, setOpen] = useState<{ key: string; anchor: HTMLElement | null }>()
  const active = fields.filter((field) => (search[field.key] ?? '') !== '')
  const offersAny = fields.some(({ linked }) => !linked)
  const pickFilter = () => setOpen({ key: '', anchor: add.current })
  useKeys(offersAny ? [{ key: 'f', words: listWords.keyFilter, run: pickFilter }] : [])
  const pasting = search['do'] === 'paste'
  useEffect(() => {
    if (!pasting) return
    setSearch({ do: '' })
    setOpen({ key: fields.find(({ kind }) => kind === 'numbers')?.key ?? '', anchor: add.current })
  }, [pasting, fields, setSearch])
  const editing = fields.find((field) => field.key === open?.key)
  const close = () => setOpen(undefined)
  return (
    <div className="chips">
      {active.map((field) => (
        <Chip
          key={field.key}
          field={field}
          value={search[field.key] ?? ''}
          onOpen={(anchor) => setOpen({ key: field.key, anchor })}
          onRemove={() => setSearch({ [field.key]: '' })}
        />
      ))}
      {offersAny && (
        <button ref={add} type="button" className="chip-add" aria-haspopup="dialog" onClick={pickFilter}>
          <span aria-hidden="true">+ </span>
          {say(listWords.filter)} <KeyCap>F</KeyCap>
        </button>
      )}
      {active.length > 0 && (
        <button
          type="button"
          className="link"
          onClick={() => setSearch(Object.fromEntries(active.map((field) => [field.key, ''])))}
        >
          {say(listWords.clear)}
        </button>
      )}
      {open && (
        <Popover
          key={editing?.key}
          anchor={open.anchor}
          label={say(editing?.label ?? listWords.filter)}
          onClose={close}
        >
          <Soon
            part={filterPanel}
            props={{
              fields,
              field: editing,
              value: search[editing?.key ?? ''] ?? '',
              onPick: (key) => setOpen({ key, anchor: open.anchor }),
              onChange: (value) => setSearch({ [open.key]: value }),
              onDone: close,
            }}
          />
        </Popover>
      )}
    </div>
  )
}

function Chip(props: {
  field: Field
  value: string
  onOpen: (anchor: HTMLElement | null) => void
  onRemove: () => void
}) {
  const { field, value } = props
  const say = useSay()
  const shops = useShops()
  const shopName = (id: string) => shops.find((shop) => shop.id === id)?.name
  return (
    <span className="chip">
      <button type="button" onClick={(event) => props.onOpen(event.currentTarget.parentElement)}>
        <span>{say(field.label)}</span>
        {valueText(field, value, say, shopName)}
      </button>
      <button
        type="button"
        className="chip-x"
        aria-label={say(listWords.removeFilter, { name: say(field.label) })}
        onClick={props.onRemove}
      >
        ✕
      </button>
    </span>
  )
}

export function DensitySwitch() {
  const say = useSay()
  const density = densitySetting.use()
  return (
    <Segments
      label={say(listWords.density)}
      value={density}
      options={[
        { value: 'normal', label: say(listWords.normal) },
        { value: 'compact', label: say(listWords.compact) },
      ]}
      onChange={densitySetting.set}
    />
  )
}
