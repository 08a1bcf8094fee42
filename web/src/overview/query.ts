import { get } from '../api.ts'

/** How many alarms: the top bar asks on every page. */
export const alarmSumQuery = {
  queryKey: ['/overview', 'alarms'],
  queryFn: () => get('/overview/alarms'),
  refetchInterval: 15_000,
}

export const overviewQuery = {
  queryKey: ['/overview'],
  queryFn: () => get('/overview'),
  refetchInterval: 10_000,
}
