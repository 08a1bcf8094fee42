import { access } from 'node:fs/promises'
import { sql } from 'kysely'
import { fingerprintsOf, type KeyRing, loadKeyRing, unseal } from '../../lib/seal.ts'
import { StartError } from '../../lib/stopping.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import type { SealedPlace } from './reseal.ts'

/**
 * Returns the columns that store sealed values. It is called only for a database without recorded keys, because loading the list of columns
 * takes long.
 */
type Places = () => readonly SealedPlace[] | Promise<readonly SealedPlace[]>

type Known = Row<'sealing_key', 'number' | 'fingerprint'> & { dropped: boolean }

/**
 * Returns the sealing keys of this database. Creates the key file only if the database has neither recorded keys nor sealed values. Throws
 * a StartError if the file is missing, incomplete, or of another database. If two machines start at once on an empty database, one creates
 * the file and the other is refused with the advice to share that file.
 */
export async function openKeyRing(db: Database, path: string, places: Places): Promise<KeyRing> {
  return db.transaction().execute(async (tx) => {
    await sql`
      select pg_advisory_xact_lock(hashtextextended('sealing keys of ' || current_schema(), 0))`.execute(tx)
    const known = await knownKeys(tx)
    const isThere = await isFileThere(path)
    if (!isThere) await assertNothingSealed(tx, path, known, places)
    const ring = await loadKeyRing(path)
    assertSame(path, ring, known)
    if (isThere && known.length === 0) await assertOpens(tx, path, ring, await places())
    await rememberKeys(tx, ring)
    return ring
  })
}

/**
 * Throws a StartError if the key file is missing, incomplete or of another database. Unlike `openKeyRing` it makes no file and records
 * nothing.
 */
export async function assertKeyFile(db: Database, path: string): Promise<void> {
  const known = await knownKeys(db)
  if (await isFileThere(path)) assertSame(path, await loadKeyRing(path), known)
  else
    assertNoneNeeded(
      path,
      known.filter(({ dropped }) => !dropped),
    )
}

/** A file that cannot be read is there, and its reader says why. */
const isFileThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )

async function knownKeys(tx: Database | Tx): Promise<Known[]> {
  const found = await sql<Known>`
    select number, fingerprint, dropped_at is not null as dropped from sealing_key order by number`.execute(
    tx,
  )
  return found.rows
}

/** Stores the fingerprints of new keys, and clears the drop time of keys that are in the file again. */
export async function rememberKeys(db: Database | Tx, ring: KeyRing): Promise<void> {
  const keys = fingerprintsOf(ring)
  await sql`
    insert into sealing_key (number, fingerprint)
    select * from unnest(${keys.map(([number]) => number)}::smallint[], ${keys.map(([, print]) => print)}::text[])
    on conflict (number) do update set dropped_at = null where sealing_key.dropped_at is not null`.execute(db)
}

/** Records that the key file no longer contains this key. */
export async function forgetKey(db: Database, number: number): Promise<void> {
  await sql`update sealing_key set dropped_at = now() where number = ${number}::smallint`.execute(db)
}

function assertSame(path: string, ring: KeyRing, known: readonly Known[]): void {
  const prints = new Map(fingerprintsOf(ring))
  const foreign = known.filter(
    ({ number, fingerprint }) => (prints.get(number) ?? fingerprint) !== fingerprint,
  )
  if (foreign.length > 0)
    throw refusal(
      path,
      `不是这个数据库的:密钥 ${numbersOf(foreign)} 与封存数据用的不同`,
      `is not this database's: key ${numbersOf(foreign)} is another than the one that sealed its values`,
    )
  const missing = known.filter(({ number, dropped }) => !dropped && !prints.has(number))
  if (missing.length > 0)
    throw refusal(
      path,
      `是旧的:缺密钥 ${numbersOf(missing)}`,
      `is an older one: it lacks key ${numbersOf(missing)}`,
    )
}

async function assertNothingSealed(
  tx: Tx,
  path: string,
  known: readonly Known[],
  places: Places,
): Promise<void> {
  const sealed =
    known.length > 0 ? known.filter(({ dropped }) => !dropped) : await sealedWith(tx, await places())
  assertNoneNeeded(path, sealed)
}

function assertNoneNeeded(path: string, sealed: readonly { number: number }[]): void {
  if (sealed.length === 0) return
  throw refusal(
    path,
    `不见了,而数据库里有密钥 ${numbersOf(sealed)} 封存的数据`,
    `is missing, and the database holds what key ${numbersOf(sealed)} sealed`,
  )
}

/** Returns the key numbers that seal the values of a database without recorded keys. Reads one sealed value of each column. */
async function sealedWith(tx: Tx, places: readonly SealedPlace[]): Promise<{ number: number }[]> {
  const numbers = new Set<number>()
  for (const place of places) {
    const sample = await place.sample?.(tx)
    if (sample) numbers.add(sample.sealed[1] ?? 0)
  }
  return [...numbers].sort((a, b) => a - b).map((number) => ({ number }))
}

/**
 * Throws if the key file cannot open one sealed value of each column: then the file is of another database. Used for databases without
 * recorded keys.
 */
async function assertOpens(
  tx: Tx,
  path: string,
  ring: KeyRing,
  places: readonly SealedPlace[],
): Promise<void> {
  for (const place of places) {
    const sample = await place.sample?.(tx)
    if (!sample) continue
    try {
      unseal(ring, sample.boundTo, sample.sealed)
    } catch {
      throw refusal(
        path,
        `不是这个数据库的:打不开 ${place.name} 里封存的数据`,
        `is not this database's: it does not open what is sealed in ${place.name}`,
      )
    }
  }
}

const numbersOf = (keys: readonly { number: number }[]) => keys.map(({ number }) => number).join(', ')

function refusal(path: string, zh: string, en: string): StartError {
  return new StartError(
    `密钥文件 ${path} ${zh}。把这个数据库的密钥文件放回来;所有机器共用同一个文件。\n` +
      `The key file ${path} ${en}. Put this database's key file back: all machines share one file.`,
  )
}
