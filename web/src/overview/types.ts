export type { Alarm } from '../../../server/alarms/contract.ts'
export type { Overview, Queue, Stuck } from '../../../server/overview/contract.ts'
