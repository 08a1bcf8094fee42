export type { Alarm, Overview, Queue, Stuck } from '../../../server/reports/contract.ts'
