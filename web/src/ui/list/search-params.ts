import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { nameFor, soughtAs } from './sought.ts'

/** What stands in the address after the question mark: text only, so that a link can be read and typed. */
export type Search = Record<string, string>

export function parseSearch(text: string): Search {
  const search = Object.fromEntries(new URLSearchParams(text))
  const { q } = search
  if (q?.startsWith('~')) search['q'] = soughtAs(q)
  return search
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(search))
    if (typeof value === 'string' && value !== '') params.set(key, key === 'q' ? nameFor(value) : value)
  // Commas and colons may stand as they are; lists of ids stay readable.
  const text = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%7E', '~')
  return text === '' ? '' : `?${text}`
}

export function textOnly(search: Record<string, unknown>): Search {
  return Object.fromEntries(
    Object.entries(search).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  )
}

/** "/orders?tab=held" as the server writes it → what a link takes. */
export function linkOf(address: string): { to: string; search: Search } {
  const [to = '/', search = ''] = address.split('?')
  return { to, search: parseSearch(search) }
}

/** The page's state in the address, and how to change a part of it. Empty text takes a part out. */
export function useUrlState(): [Search, (change: Search, options?: { push?: boolean }) => void] {
  const search = useSearch({ strict: false, select: textOnly, structuralSharing: true })
  const navigate = useNavigate()
  const set = useCallback(
    (change: Search, { push = false } = {}) => {
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) => textOnly({ ...before, ...change }),
        replace: !push,
      })
    },
    [navigate],
  )
  return [search, set]
}
