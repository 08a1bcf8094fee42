import type { Static } from 'typebox'
import type { alarmSum } from '../../../server/reports/contract.ts'
import { get } from '../api.ts'
import type { Overview } from './types.ts'

type AlarmSum = Static<typeof alarmSum>

/** How many alarms: the top bar asks on every page. */
export const alarmSumQuery = {
  queryKey: ['/overview', 'alarms'],
  queryFn: () => get<AlarmSum>('/overview/alarms'),
  refetchInterval: 15_000,
}

export const overviewQuery = {
  queryKey: ['/overview'],
  queryFn: () => get<Overview>('/overview'),
  refetchInterval: 10_000,
}
