import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { get, remove } from '../../api.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import { Button } from '../base/button.tsx'
import { Soon, soon } from '../base/soon.tsx'
import { MenuItem, Popover } from '../overlay/overlay.tsx'
import { toastError } from '../overlay/toasts.tsx'
import { listWords } from './list-words.ts'
import { parseSearch, type Search, stringifySearch, textOnly, useUrlState } from './search-params.ts'

export type View = { name: LocalizedPair; search: Search }
type SavedView = { id: string; name: string; query: string; own: boolean }

/** Named filters: the list's own, and those that users saved. */
export function Views({
  list,
  builtIn,
  kept,
  tab = 'tab',
}: {
  list: string
  builtIn: readonly View[]
  kept: readonly string[]
  /** The name of the tab in the address. */
  tab?: string
}) {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const saved = useSavedViews(list)
  const queries = useQueryClient()
  const drop = useMutation({
    mutationFn: (id: string) => remove('/views/:id', { id }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/views', list] }),
    onError: toastError,
  })
  const now = ofView(search, kept)
  const named = [
    ...builtIn.map((view) => ({ name: say(view.name), search: view.search })),
    ...saved.map((view) => ({ name: view.name, search: parseSearch(view.query) })),
  ]
  const current = named.find((view) => stringifySearch(sorted(view.search)) === stringifySearch(sorted(now)))
  const name =
    current?.name ??
    // The tab alone is no filter.
    say(Object.keys(now).every((key) => key === tab) ? listWords.viewAll : listWords.viewOwn)
  const pick = (next: Search) => {
    const cleared = Object.fromEntries(Object.keys(now).map((key) => [key, '']))
    setSearch({ ...cleared, ...next })
    setAnchor(null)
  }
  return (
    <>
      <button
        type="button"
        className="button view"
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        {say(listWords.view, { name })}
        <svg width="8" height="5" viewBox="0 0 8 5" aria-hidden="true">
          <path d="M.7.7 4 4 7.3.7" fill="none" stroke="currentColor" strokeWidth="1.2" />
        </svg>
      </button>
      {anchor && (
        <Popover
          anchor={anchor}
          label={say(listWords.view, { name })}
          role="menu"
          onClose={() => setAnchor(null)}
        >
          <MenuItem radio checked={Object.keys(now).length === 0} onPick={() => pick({})}>
            {say(listWords.viewAll)}
          </MenuItem>
          {named.map((view) => (
            <MenuItem key={view.name} radio checked={view === current} onPick={() => pick(view.search)}>
              {view.name}
            </MenuItem>
          ))}
          {saved
            .filter((view) => view.own)
            .map((view) => (
              <MenuItem key={view.id} danger onPick={() => drop.mutate(view.id)}>
                {say(listWords.deleteView, { name: view.name })}
              </MenuItem>
            ))}
        </Popover>
      )}
    </>
  )
}

const form = soon(() => import('./save-view-page.tsx'))

export function SaveView({ list, kept }: { list: string; kept: readonly string[] }) {
  const say = useSay()
  const [search] = useUrlState()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const query = stringifySearch(ofView(search, kept)).slice(1)
  return (
    <>
      <Button kind="quiet" onClick={(event) => setAnchor(event.currentTarget)}>
        {say(listWords.saveView)}
      </Button>
      {anchor && <Soon part={form} props={{ list, query, anchor, onClose: () => setAnchor(null) }} />}
    </>
  )
}

function useSavedViews(list: string): SavedView[] {
  const { data } = useQuery({
    queryKey: ['/views', list],
    queryFn: () => get('/views', { list }),
    staleTime: 300_000,
  })
  return data?.rows ?? []
}

function ofView(search: Search, kept: readonly string[]): Search {
  return textOnly(Object.fromEntries(Object.entries(search).filter(([key]) => kept.includes(key))))
}

function sorted(search: Search): Search {
  return Object.fromEntries(Object.entries(search).toSorted(([a], [b]) => a.localeCompare(b)))
}
