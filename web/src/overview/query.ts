import { get } from '../api.ts'
import { every } from '../ui/base/every.ts'

/** The number of alarms, which the top bar shows on every page. */
export const alarmSumQuery = {
  queryKey: ['/overview', 'alarms'],
  queryFn: () => get('/overview/alarms'),
  refetchInterval: every(15_000),
}

export const overviewQuery = {
  queryKey: ['/overview'],
  queryFn: () => get('/overview'),
  refetchInterval: every(10_000),
}
