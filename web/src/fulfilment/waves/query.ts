import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { get } from '../../api.ts'
import { every } from '../../ui/base/every.ts'

/** The wave with its lines and baskets. Stops of its orders change while it is picked, so it is read again. */
export const useWave = (id: string) =>
  useQuery({
    queryKey: ['/waves', id],
    queryFn: () => get('/waves/:id', { id }),
    refetchInterval: every(15_000),
  })

/** The waves of a tab, page after page. `more` reads the next page; undefined: these are all. */
export function useWaves(tab: 'running' | 'today' | 'stopped' | 'all', warehouse: string, isShown = true) {
  const found = useInfiniteQuery({
    queryKey: ['/waves', 'list', tab, warehouse],
    queryFn: ({ pageParam }) =>
      get('/waves', { tab, warehouse, limit: 200, ...(pageParam ? { after: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: every(15_000),
    enabled: isShown && warehouse !== '',
  })
  return {
    rows: found.data?.pages.flatMap((page) => page.rows),
    error: found.error,
    again: () => void found.refetch(),
    busy: found.isFetchingNextPage,
    more: found.hasNextPage ? () => void found.fetchNextPage() : undefined,
  }
}

export const countsOf = (warehouse: string) => ({
  queryKey: ['/waves', 'counts', warehouse],
  queryFn: () => get('/waves/counts', { warehouse }),
  refetchInterval: every(15_000),
})

export const rulesOf = (warehouse: string) => ({
  queryKey: ['/wave-rules', warehouse],
  queryFn: () => get('/wave-rules', { warehouse }),
  refetchInterval: every(30_000),
  enabled: warehouse !== '',
})

export const workOf = (warehouse: string) => ({
  queryKey: ['/wave-work', warehouse],
  queryFn: () => get('/wave-work', { warehouse }),
  refetchInterval: every(30_000),
  enabled: warehouse !== '',
})
