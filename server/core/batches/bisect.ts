import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { safeError } from '../../lib/safe-error.ts'
import type { Tx } from '../db/db.ts'
import { notFound, type Outcome } from '../decide.ts'

/**
 * Runs a set-based verb under a savepoint. After an unexpected error the ids are halved again and again until the failing row is alone;
 * that row is refused with the code `failed` (or the code of the AppError), so that one bad row does not fail a thousand. Errors that do
 * not depend on the rows (deadlock, lost connection, shutdown) are thrown: the caller must try the whole transaction again.
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

/** Returns exactly one outcome for each id, in the order of the ids. An id without an outcome of the verb is answered as not found. */
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

// Connection (08), rollback by the server (40), resources (53), operator (57) and system (58) classes of SQLSTATE.
const serverClasses = /^(08|40|53|57|58)/

/** True if another attempt with the same rows may succeed. */
export function isAboutTheServer(error: unknown): boolean {
  const { code } = safeError(error)
  if (/^[0-9A-Z]{5}$/.test(code)) return serverClasses.test(code)
  if (/^E[A-Z]{3,}/.test(code)) return true
  return (
    error instanceof Error &&
    /^(Connection terminated|Client has encountered a connection error)/.test(error.message)
  )
}
