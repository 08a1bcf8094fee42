import { loadConfig } from '../config.ts'
import { type Budget, createBudget } from '../core/db/connection-budget.ts'
import { openDirectory } from '../core/directory/directory.ts'
import { buildLog } from '../core/http/http-log.ts'
import { thisProgram } from '../core/upgrade/program.ts'
import { quietly } from '../lib/quiet.ts'
import { exitWithStartError } from '../lib/stopping.ts'
import { budgetOf } from './limits.ts'
import type { Place } from './open-merchant.ts'
import { followTime } from './time.ts'

type Begun = Place & {
  /** Aborted when the process stops. */
  stopping: AbortController
  /** Settles when the process follows the time of the directory no more. */
  following: Promise<void>
}

/** Begins a process of many merchants: its log, the directory, the directory's time. A StartError ends the process. */
export async function begin(kind: Place['kind']): Promise<Begun> {
  const config = loadConfig()
  const log = buildLog(config, kind)
  const warn = quietly(log)
  log.info(await thisProgram(), 'starting')
  const directory = await openDirectory(config, (error) => warn(error, 'directory connection lost')).catch(
    exitWithStartError,
  )
  const stopping = new AbortController()
  const { ended } = await followTime(directory, log, stopping.signal)
  const budgets = new Map<string, Budget>()
  const budgetAt = (server: string) => {
    const budget = budgets.get(server) ?? createBudget(budgetOf(config, kind))
    budgets.set(server, budget)
    return budget
  }
  return { directory, config, log, kind, budgetOf: budgetAt, stopping, following: ended }
}
