import { sql } from 'kysely'
import type { SealedPlace, WalkCounts } from '../core/access/reseal.ts'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { librarySecrets } from './sign-in/auth.ts'

/** The secrets and backup codes of authenticator apps. The sign-in library seals them in its own form: `$ba$<key>$<hex>`. */
export const userSealed: readonly SealedPlace[] = (['secret', 'backup_codes'] as const).map((column) => ({
  name: `user_two_factor.${column}`,
  async uses(db) {
    const found = await sql<Record<'key' | 'count', number>>`
      select ${keyOf(column)} as key, count(*)::int as count from user_two_factor group by 1`.execute(db)
    return new Map(found.rows.map((row) => [row.key, row.count]))
  },
  async names(db, key) {
    const found = await sql<{ used: boolean }>`
      select exists (select from user_two_factor where ${keyOf(column)} = ${key}) as used`.execute(db)
    return found.rows[0]?.used ?? false
  },
  async reseal({ db, ring, signal }) {
    const counts: WalkCounts = { seen: 0, resealed: 0, failed: 0 }
    const rows = await readOld(db, column, ring.current.number)
    if (rows.length === 0) return counts
    const { symmetricDecrypt, symmetricEncrypt } = await import('better-auth/crypto')
    const keys = new Map(librarySecrets(ring).map(({ version, value }) => [version, value]))
    const key = { keys, currentVersion: ring.current.number }
    for (const { id, sealed } of rows) {
      signal.throwIfAborted()
      counts.seen += 1
      const plain = await symmetricDecrypt({ key, data: sealed }).catch(() => undefined)
      if (plain === undefined) counts.failed += 1
      else
        counts.resealed += await write(db, column, id, {
          old: sealed,
          fresh: await symmetricEncrypt({ key, data: plain }),
        })
    }
    return counts
  },
}))

type Column = 'secret' | 'backup_codes'

const keyOf = (column: Column) => sql`split_part(${sql.ref(column)}, '$', 3)::int`

/** Returns the values that are sealed with an older key. There are tens at most, one for each user with a second factor. */
async function readOld(db: Database, column: Column, current: number) {
  const found = await sql<Row<'user_two_factor', 'id'> & Record<'sealed', string>>`
    select id, ${sql.ref(column)} as sealed from user_two_factor where ${keyOf(column)} <> ${current} order by id`.execute(
    db,
  )
  return found.rows
}

async function write(
  db: Database,
  column: Column,
  id: string,
  { old, fresh }: { old: string; fresh: string },
): Promise<number> {
  const written = await sql`
    update user_two_factor set ${sql.ref(column)} = ${fresh} where id = ${id} and ${sql.ref(column)} = ${old}`.execute(
    db,
  )
  return Number(written.numAffectedRows ?? 0)
}
