import pino from 'pino'
import { systemActor } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import type { Outcome } from '../core/decide.ts'
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

/** Throws unless each id was done, and there was one. */
export function must(outcomes: readonly Outcome[]): void {
  const refused = outcomes.filter((one) => !one.done)
  if (refused.length > 0 || outcomes.length === 0) throw new Error(JSON.stringify(outcomes))
}

/** What each id got: `done`, or the code of its refusal. */
export const codes = (outcomes: readonly { done: boolean; code?: string }[]) =>
  outcomes.map((one) => (one.done ? 'done' : (one.code ?? '')))
