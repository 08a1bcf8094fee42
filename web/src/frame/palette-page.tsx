import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useState } from 'react'
import { get } from '../api.ts'
import { keysNow, type NamedKey } from '../ui/base/keys.ts'
import { useMay, useMayOpen } from '../ui/base/session.ts'
import { scopeSetting } from '../ui/base/store.ts'
import { Dialog } from '../ui/overlay/overlay.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { commands } from './commands.ts'
import { menuPages } from './menu.ts'

type Entry = { key: string; group: LocalizedPair; text: string; hint: string; run: () => void }

const groups = {
  here: ['这一页', 'Here'],
  page: ['页面', 'Pages'],
  action: ['动作', 'Actions'],
  found: ['单据', 'Documents'],
  search: ['搜索', 'Search'],
} as const

/** Keys that move, select, open or search, which the palette does not list as actions. */
const moves = new Set(['j', 'x', 'Enter', 'Escape', '/', 'mod+k', 'mod+a'])

const foundPages = {
  trade: '/staged-trades',
  order: '/orders',
  delivery: '/deliveries',
  refund: '/staged-refunds',
  return: '/returns',
  parcel: '/unclaimed-parcels',
  sku: '/products',
} as const

/** Lists that can be searched for the typed text. */
const searched: readonly {
  to: string
  words: LocalizedPair
  search?: Record<string, string>
}[] = [
  {
    to: '/staged-trades',
    words: ['在待转入订单里搜「{text}」', 'Search staged trades for {text}'],
  },
  {
    to: '/orders',
    words: ['在销售订单里搜「{text}」', 'Search orders for {text}'],
    search: { tab: 'all' },
  },
  {
    to: '/returns',
    words: ['在退货单里搜「{text}」', 'Search returns for {text}'],
    search: { tab: 'all' },
  },
]

/** The command palette: finds pages, actions and documents by keyboard. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  // Read once, so that the palette offers the keys of the page from which it was opened.
  const [keys] = useState(() => keysNow().filter(({ key }) => !moves.has(key)))
  const entries = useEntries(typed, keys, onClose)
  const chosen = Math.min(at, entries.length - 1)
  useEffect(() => {
    document.getElementById(`palette-${chosen}`)?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const onKey = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && entries.length > 0) {
      event.preventDefault()
      setAt((chosen + step + entries.length) % entries.length)
    }
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault()
      entries[chosen]?.run()
    }
  }
  return (
    <Dialog title="" label={say(['命令', 'Commands'])} hanging onClose={onClose}>
      <input
        className="input large"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={entries[chosen] ? `palette-${chosen}` : undefined}
        placeholder={say([
          '单号、运单号、手机号、商品编码、名称或条码、页面或动作',
          'A document no., waybill, phone, goods or barcode, page or action',
        ])}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKey}
      />
      <div id="palette-list" className="palette" role="listbox" aria-label={say(['结果', 'Results'])}>
        {entries.map((entry, index) => (
          <button
            key={entry.key}
            id={`palette-${index}`}
            type="button"
            role="option"
            aria-selected={index === chosen}
            className="menu-item"
            onMouseMove={() => setAt(index)}
            onClick={entry.run}
          >
            <span className="t3 palette-group">
              {entry.group === entries[index - 1]?.group ? '' : say(entry.group)}
            </span>
            <span className={entry.group === groups.found ? 'palette-no num' : 'grow cut'}>{entry.text}</span>
            <span className="t3 cut push">{entry.hint}</span>
          </button>
        ))}
        {entries.length === 0 && <p className="t3">{say(['没有找到', 'Nothing found'])}</p>}
      </div>
    </Dialog>
  )
}

function useEntries(typed: string, keys: readonly NamedKey[], onClose: () => void): Entry[] {
  const say = useSay()
  const may = useMay()
  const mayOpen = useMayOpen()
  const navigate = useNavigate()
  // The palette's own entries follow every letter; otherwise Enter would run an entry of an earlier text. Only the request to the server is
  // deferred.
  const text = typed.trim()
  const asked = useDeferredValue(text)
  const { data } = useQuery({
    queryKey: ['/search', asked],
    queryFn: ({ signal }) => get('/search', { q: asked, shop: scopeSetting.read() }, signal),
    enabled: asked.length >= 4 || /\p{Script=Han}{2}/u.test(asked),
    staleTime: 10_000,
    retry: false,
  })
  const go =
    (to: string, search: Record<string, string> = {}) =>
    () => {
      onClose()
      void navigate({ to, search })
    }
  const matches = (words: LocalizedPair) =>
    words.some((each) => each.toLowerCase().includes(text.toLowerCase()))
  const pages = menuPages
    .filter((page) => mayOpen(page.to) && matches(page.words))
    .map((page) => ({ key: page.to, group: groups.page, text: say(page.words), hint: '', run: go(page.to) }))
  const here = keys
    .filter(({ words }) => matches(words))
    .map(({ key, words, run }) => ({
      key: `here-${words[1]}`,
      group: groups.here,
      text: say(words),
      hint: key.toUpperCase(),
      run: () => {
        onClose()
        run()
      },
    }))
  const actions = commands
    .filter(
      ({ to, permission, words }) => (permission === '' || may(permission)) && mayOpen(to) && matches(words),
    )
    .map((command) => ({
      key: say(command.words),
      group: groups.action,
      text: say(command.words),
      hint: '',
      run: go(command.to, command.search),
    }))
  const found = (asked === text ? (data?.rows ?? []) : []).map((row) => ({
    key: `${row.kind}-${row.id}`,
    group: groups.found,
    text: row.no,
    hint: row.text,
    // A delivery has no page of its own, so the list with its row is opened.
    run: go(
      foundPages[row.kind],
      row.kind === 'delivery' ? { tab: 'all', numbers: row.no } : { open: row.id },
    ),
  }))
  const search =
    text.length < 2
      ? []
      : searched
          .filter(({ to }) => mayOpen(to))
          .map(({ to, words, search: own }) => ({
            key: `search-${to}`,
            group: groups.search,
            text: say(words, { text }),
            hint: '',
            run: go(to, { ...own, q: text }),
          }))
  // Documents and pages come first: a user who types a page's name wants that page and not a search.
  return [...found, ...pages, ...here, ...actions, ...search]
}
