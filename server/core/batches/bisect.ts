import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { safeError } from '../../lib/safe-error.ts'
import type { Tx } from '../db/db.ts'
import { notFound, type Outcome } from '../decide.ts'

/**
 * Runs a set-based verb under a savepoint. After an unexpected error, each half of the ids runs alone, and so on until the failing row is
 * found. That row is refused with the code `failed` or the code of its AppError; the others are done. Errors that do not depend on the rows
 * (deadlock, lost connection, shutdown) are thrown, and the caller must run the whole transaction again.
 */
export async function bisect(
  tx: Tx,
  ids: readonly string[],
  run: (ids: readonly string[]) => Promise<Outcome[]>,
  onFailed: (id: string, error: unknown) => void = () => {},
): Promise<Outcome[]> {
  if (ids.length === 0) return []
  await sql`savepoint bisect`.execute(tx)
  let failure: unknown
  try {
    const outcomes = await run(ids)
    await sql`release savepoint bisect`.execute(tx)
    return answersFor(ids, outcomes)
  } catch (error) {
    if (isAboutTheServer(error)) throw error
    failure = error
  }
  await sql`rollback to savepoint bisect`.execute(tx)
  await sql`release savepoint bisect`.execute(tx)
  const [id] = ids
  if (ids.length === 1 && id !== undefined) {
    onFailed(id, failure)
    return [outcomeOf(id, failure)]
  }
  const middle = Math.ceil(ids.length / 2)
  const first = await bisect(tx, ids.slice(0, middle), run, onFailed)
  return [...first, ...(await bisect(tx, ids.slice(middle), run, onFailed))]
}

/** Returns one outcome for each id, in the order of the ids. If the verb answered nothing for an id, the outcome is "not found". */
function answersFor(ids: readonly string[], outcomes: readonly Outcome[]): Outcome[] {
  const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  return ids.map((id) => byId.get(id) ?? { id, done: false, ...notFound({ zh: '这一条', en: 'Row' }) })
}

function outcomeOf(id: string, error: unknown): Outcome {
  if (error instanceof AppError) {
    return { id, done: false, code: error.code, message: { zh: error.text('zh'), en: error.text('en') } }
  }
  const { type, code } = safeError(error)
  return { id, done: false, code: 'failed', ref: code || type }
}

// Classes of SQLSTATE: connection (08), transaction rolled back by the server (40), resources (53), operator (57), system (58).
const serverClasses = /^(08|40|53|57|58)/

/** True if the error does not depend on the rows: the same statement may succeed later. */
export function isAboutTheServer(error: unknown): boolean {
  const { code } = safeError(error)
  // The code of a failed connection, such as EPIPE. No SQLSTATE begins with an E.
  if (/^E[A-Z]{3,}/.test(code)) return true
  if (/^[0-9A-Z]{5}$/.test(code)) return serverClasses.test(code)
  return (
    error instanceof Error &&
    /^(Connection terminated|Client has encountered a connection error)/.test(error.message)
  )
}
