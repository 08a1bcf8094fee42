import type { Static } from 'typebox'
import type { health } from '../../../server/overview/health/contract.ts'

export type { Alarm } from '../../../server/alarms/contract.ts'
export type { Queue, Sales, ShipBy, Stuck, Week } from '../../../server/overview/contract.ts'
export type HealthFinding = Static<typeof health>['rows'][number]
export type { Sizes } from '../../../server/overview/health/contract.ts'
