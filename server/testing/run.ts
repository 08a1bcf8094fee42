import pino from 'pino'
import { systemActor } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import type { RunContext } from '../core/tasks/kinds.ts'

/** Makes the input of a task's run that is not recorded. */
export function aRun<Params>(db: Database, params: Params): RunContext<Params> {
  return {
    db,
    params,
    window: undefined,
    signal: new AbortController().signal,
    progress: () => {},
    actor: systemActor,
    log: pino({ level: 'silent' }),
    taskId: '1',
    runId: '1',
    fence: '1',
  }
}
