import { useQuery } from '@tanstack/react-query'
import type { BatchAnswer } from '../../../../server/core/batches/contract.ts'
import { get, post } from '../../api.ts'
import { every } from '../base/every.ts'
import type { Json } from '../base/json.ts'

/** Bulk work as the server tells it; polled, since it is done by whatever process is free. */
export type Batch = Json<BatchAnswer>

export type Target = { ids: string[] } | { filter: Record<string, unknown> }

export function startBatch(
  action: string,
  target: Target,
  input?: object,
): Promise<{ id: string; no: string }> {
  return post('/batches', { action, target, ...(input === undefined ? {} : { input: { ...input } }) })
}

/** Work that runs now: each second while there is some, else only to notice what others started. */
export function useRunningBatches(): Batch[] {
  const { data } = useQuery({
    queryKey: ['/batches', 'running'],
    queryFn: () => get('/batches', { running: true }),
    refetchInterval: (query) => every((query.state.data?.rows.length ?? 0) > 0 ? 1000 : 15_000)(query),
  })
  return data?.rows ?? []
}

/** Whoever started it looks more often: short work is seen moving, and its end is told soon. */
const ownPollMs = 400

/** One batch until its end, and a little beyond, so that its result can be read. `own`: it was started here. */
export function useBatch(id: string | undefined, own = false): Batch | undefined {
  const { data } = useQuery({
    queryKey: ['/batches', id],
    queryFn: () => get('/batches/:id', { id: id ?? '' }),
    enabled: id !== undefined,
    refetchInterval: (query) => (isOver(query.state.data) ? false : every(own ? ownPollMs : 1000)(query)),
  })
  return data
}

export function isOver(batch: Batch | undefined): boolean {
  return batch?.state === 'done' || batch?.state === 'stopped'
}

/** How long it will take at the pace so far; undefined while there is none. */
export function leftMs(batch: Batch, now: number): number | undefined {
  if (batch.startedAt === null || batch.done === 0 || isOver(batch)) return undefined
  return ((now - Date.parse(batch.startedAt)) / batch.done) * (batch.total - batch.done)
}
