import type { Config } from '../config.ts'
import type { BudgetLimits } from '../core/db/connection-budget.ts'
import type { Place } from './open-merchant.ts'

type Connections = Pick<Config, 'serverConnections' | 'webConnections' | 'workerConnections'>

/** Most connections of a merchant in the worker process that has no place for work; some work needs two at once. */
export const fewConnections = 2

/** The worker's part of the connections to a server; the web process has the rest. */
const workerShare = 0.6
/** The part of the worker's connections that merchants with a place for work have more than others. */
const workShare = 1 / 3

/** Limits the connections of a process to one server. */
export function budgetLimits(config: Connections, kind: Place['kind']): BudgetLimits {
  const ofWorker = Math.floor(config.serverConnections * workerShare)
  if (kind === 'web') return { most: config.serverConnections - ofWorker }
  const more = workPlacesOf(config) * (config.workerConnections - fewConnections)
  return { most: ofWorker, pools: Math.max(2, Math.floor((ofWorker - more) / fewConnections)) }
}

/** At most this many merchants of a worker process get all their connections at a time. */
export function workPlacesOf({ serverConnections, workerConnections }: Connections): number {
  const more = serverConnections * workerShare * workShare
  return Math.max(1, Math.floor(more / (workerConnections - fewConnections)))
}
