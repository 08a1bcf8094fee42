import type { Config } from '../config.ts'
import type { Place } from './open-merchant.ts'

type Connections = Pick<Config, 'serverConnections' | 'workerConnections'>

/** Most connections of a merchant in the worker process that has no place for work. */
export const fewConnections = 2

/** The worker's part of the connections to a server; the web process has the rest. */
const workerShare = 0.6

/** The most connections of a process to one server. */
export function budgetOf({ serverConnections }: Connections, kind: Place['kind']): number {
  const ofWorker = Math.floor(serverConnections * workerShare)
  return kind === 'worker' ? ofWorker : serverConnections - ofWorker
}

/** At most this many merchants of a worker process get all their connections at a time: some two thirds of the budget. */
export function workPlacesOf(config: Connections): number {
  return Math.max(1, Math.floor((budgetOf(config, 'worker') * 2) / 3 / config.workerConnections))
}

/**
 * At most this many merchants of a server are visited by a worker process at a time, so that the budget is enough for all of them. Where visits want
 * more connections than there are, each closes those of the others, and opening them again is all the work that gets done.
 */
export function visitPlacesOf(config: Connections): number {
  const ofWork = workPlacesOf(config) * (config.workerConnections - fewConnections)
  return Math.max(1, Math.floor((budgetOf(config, 'worker') - ofWork) / fewConnections))
}
