import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { getPage, type Query } from '../../api.ts'
import type { PagePath } from '../../api-routes.ts'
import { every } from '../base/every.ts'

export type Rows<Row> = {
  rows: Row[]
  loading: boolean
  /** True while rows of the previous filter are shown and the new ones are being loaded. */
  stale: boolean
  error: unknown
  hasMore: boolean
  more: () => void
  refetch: () => void
}

const noRows: never[] = []
/** A list is read again this soon while one of its rows waits for a platform's answer. */
const movingMs = 2_000

/** Reads a list page by page as the user scrolls. */
export function useRows<Row>(
  path: PagePath<Row>,
  query: Query,
  options: { pollMs?: number; limit?: number; isMoving?: ((row: Row) => boolean) | undefined } = {},
): Rows<Row> {
  const { limit = 100, isMoving = () => false } = options
  const list = useInfiniteQuery({
    queryKey: [path, 'list', query],
    queryFn: ({ pageParam, signal }) => getPage<Row>(path, { ...query, limit, after: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    // Only a list with one loaded page is refreshed: refreshing many pages costs many requests and moves rows while the user reads them.
    refetchInterval: (asked) =>
      options.pollMs !== undefined && (asked.state.data?.pages.length ?? 0) <= 1
        ? every(asked.state.data?.pages[0]?.rows.some(isMoving) ? movingMs : options.pollMs)(asked)
        : false,
  })
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? noRows, [list.data])
  const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = list
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, hasNextPage, isFetchingNextPage])
  return {
    rows,
    loading: list.isPending,
    stale: list.isPlaceholderData,
    error: list.error,
    hasMore: hasNextPage,
    more,
    refetch: useCallback(() => void refetch(), [refetch]),
  }
}

/** The selected rows: some by id, or all rows of the filter. */
export type Selection = {
  ids: ReadonlySet<string>
  /** The number of all rows of the filter, if all are selected; otherwise undefined. */
  whole: number | undefined
  toggle: (id: string) => void
  range: (fromId: string, toId: string) => void
  all: (on: boolean) => void
  takeWhole: (count: number) => void
  clear: () => void
}

const nothing: ReadonlySet<string> = new Set()

export function useSelection(rows: readonly { id: string }[]): Selection {
  const [ids, setIds] = useState(nothing)
  const [whole, setWhole] = useState<number>()
  const change = (next: Iterable<string>) => {
    setWhole(undefined)
    setIds(new Set(next))
  }
  return {
    ids,
    whole,
    toggle: (id) => change(toggled(ids, id)),
    range: (fromId, toId) => {
      const between = rowsBetween(rows, fromId, toId)
      if (between.length > 0) change([...ids, ...between])
    },
    all: (on) => change(on ? rows.map((row) => row.id) : []),
    takeWhole: setWhole,
    clear: () => change([]),
  }
}

export const toggled = (ids: ReadonlySet<string>, id: string): string[] =>
  ids.has(id) ? [...ids].filter((each) => each !== id) : [...ids, id]

/** Returns the ids of the rows from one row to another, in either direction; none if one of the two is not loaded. */
export function rowsBetween(rows: readonly { id: string }[], oneId: string, otherId: string): string[] {
  const ends = [oneId, otherId].map((id) => rows.findIndex((row) => row.id === id))
  if (ends.includes(-1)) return []
  return rows.slice(Math.min(...ends), Math.max(...ends) + 1).map((row) => row.id)
}
