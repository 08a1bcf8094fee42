import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import type { Actor } from '../access/actor.ts'
import type { Tx } from './db.ts'
import type { Row } from './rows.ts'

/** `key`: made by a phone for one scan. `kind`: what is scanned, and for which document. */
type ScanKey = { key: string; kind: string }

/**
 * Does the work once for a key; a key that comes again gets the first answer. The key commits together with the work, so that a scan which
 * is sent again after a lost answer, also days later, changes nothing. A refusal is thrown, and nothing of it is stored: the scan may be
 * sent again. Throws `idempotency_mismatch` if the key came from another user or for another document.
 */
export async function once<Answer>(
  tx: Tx,
  { key, kind }: ScanKey,
  actor: Actor,
  work: () => Promise<Answer>,
): Promise<Answer> {
  // Waits for a transaction that works under the same key now.
  const claimed = await sql`
    insert into phone_scan (key, user_id, kind, answer) values (${key}, ${actor.id}, ${kind}, 'null')
    on conflict (key) do nothing`.execute(tx)
  if (claimed.numAffectedRows === 1n) {
    const answer = await work()
    await sql`update phone_scan set answer = ${JSON.stringify(answer)}::jsonb where key = ${key}`.execute(tx)
    return answer
  }
  const found = await sql<Row<'phone_scan', 'userId' | 'kind'> & Record<'answer', Answer>>`
    select answer, user_id as "userId", kind from phone_scan where key = ${key}`.execute(tx)
  const before = found.rows[0]
  if (before?.userId !== actor.id || before.kind !== kind) throw new AppError('idempotency_mismatch')
  return before.answer
}
