import type { PaperTemplate } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { get } from '../../api.ts'

export const templatesQuery = {
  queryKey: ['/paper-templates'],
  queryFn: () => get('/paper-templates'),
  staleTime: 30_000,
}

export const papersQuery = (ids: readonly string[]) => ({
  queryKey: ['/deliveries', 'papers', ids.join(',')],
  queryFn: () => get('/deliveries/papers', { ids: ids.join(',') }),
  enabled: ids.length > 0,
})

/** A template that is a row. */
export type Stored = PaperTemplate & { id: string; version: number }
