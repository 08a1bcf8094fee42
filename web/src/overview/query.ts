import { get } from '../api.ts'
import type { Overview } from './types.ts'

/** Asked by the page and by the top bar's alarms: one answer for both. */
export const overviewQuery = {
  queryKey: ['/overview'],
  queryFn: () => get<Overview>('/overview'),
  refetchInterval: 10_000,
}
