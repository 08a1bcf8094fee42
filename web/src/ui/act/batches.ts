import { useQuery } from '@tanstack/react-query'
import type { BatchAnswer } from '../../../../server/core/batches/contract.ts'
import { get, post } from '../../api.ts'
import { every } from '../base/every.ts'
import type { Json } from '../base/json.ts'

/** A bulk action as the server returns it. Pages read it again and again, because any process may run it. */
export type Batch = Json<BatchAnswer>

export type Target = { ids: string[] } | { filter: Record<string, unknown> }

export function startBatch(
  action: string,
  target: Target,
  input?: object,
): Promise<{ id: string; no: string }> {
  return post('/batches', { action, target, ...(input === undefined ? {} : { input: { ...input } }) })
}

/** Returns the running bulk actions. They are read every second while there are any; otherwise rarely, to notice those of other users. */
export function useRunningBatches(): Batch[] {
  const { data } = useQuery({
    queryKey: ['/batches', 'running'],
    queryFn: () => get('/batches', { running: true }),
    refetchInterval: (query) => every((query.state.data?.rows.length ?? 0) > 0 ? 1000 : 15_000)(query),
  })
  return data?.rows ?? []
}

/** Milliseconds between two reads of a bulk action that this page has started. */
const ownPollMs = 400

/** Returns one bulk action, read again and again until it ends. `own`: this page has started it. */
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

/** Returns the remaining milliseconds at the speed so far; undefined: the speed is unknown. */
export function leftMs(batch: Batch, now: number): number | undefined {
  if (batch.startedAt === null || batch.done === 0 || isOver(batch)) return undefined
  return ((now - Date.parse(batch.startedAt)) / batch.done) * (batch.total - batch.done)
}
