import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { searchHeaders } from '../../../../server/core/http/search-contract.ts'
import { nameFor, soughtAs } from './sought.ts'

/** The query of the address, with text values only, so that a person can read and type it. */
export type Search = Record<string, string>

export function parseSearch(text: string): Search {
  const search = Object.fromEntries(new URLSearchParams(text))
  for (const key of Object.keys(searchHeaders)) {
    const value = search[key]
    if (value?.startsWith('~')) search[key] = soughtAs(value)
  }
  return search
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(search))
    if (typeof value === 'string' && value !== '')
      params.set(key, Object.hasOwn(searchHeaders, key) ? nameFor(value) : value)
  // Commas and colons are not encoded, so that lists of ids are readable.
  const text = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%7E', '~')
  return text === '' ? '' : `?${text}`
}

export function textOnly(search: Record<string, unknown>): Search {
  return Object.fromEntries(
    Object.entries(search).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  )
}

/** Returns the parameters of a link for an address from the server, such as "/orders?tab=held". */
export function linkOf(address: string): { to: string; search: Search } {
  const [to = '/', search = ''] = address.split('?')
  return { to, search: parseSearch(search) }
}

/** Returns the page's state from the address, and a function that changes parts of it. An empty text removes a part. */
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
