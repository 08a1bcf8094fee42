import type { PaperTemplate } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { get } from '../../api.ts'

export const templatesQuery = {
  queryKey: ['/paper-templates'],
  queryFn: () => get('/paper-templates'),
  staleTime: 30_000,
}

/** The accounts from which waybill numbers are taken. */
export const accountsQuery = {
  queryKey: ['waybill-accounts'],
  queryFn: () => get('/waybill-accounts'),
}

export const papersQuery = (ids: readonly string[]) => ({
  queryKey: ['/papers', 'deliveries', ids.join(',')],
  queryFn: () => get('/papers', { ids: ids.join(',') }),
  enabled: ids.length > 0,
})

/** A template that is a row. */
export type Stored = PaperTemplate & { id: string; version: number }
