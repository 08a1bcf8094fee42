import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress } from 'node:zlib'
import pg from 'pg'
import { sharedMs } from '../../lib/clock.ts'
import { dayMs } from '../../lib/time.ts'
import { isRunning } from '../embedded/processes.ts'
import { thisProgram } from '../upgrade/program.ts'
import { backupNameOf } from './backup-name.ts'
import { type CopiedTable, copiedTables, statementOf } from './copied-tables.ts'
import { copyOut } from './copy.ts'
import { type BackupTable, fileOf, type Manifest, writeManifest } from './manifest.ts'
import { measuredStream } from './measured.ts'
import { assertRoom, BackupRefusal } from './refusal.ts'
import { costlyStatistics } from './statistics.ts'

export type BackupRequest = {
  url: string
  /** The folder in which the backup's folder is made. */
  place: string
  /** Called as rows are written, with their bytes so far and an estimate of the whole. */
  onProgress?: (done: { bytes: number; ofBytes: number }) => void
  signal?: AbortSignal
}

export type MadeBackup = { folder: string; manifest: Manifest }

/** Compressed rows take a third to a half of the tables. */
const expectedShare = 0.6
const spareBytes = 64_000_000

/**
 * Writes a backup of the database into a new folder of `place`, while the installation works. All tables are read in one transaction, which
 * sees one moment. The folder gets its name when every file is on the disk, so a backup that was killed never looks like a complete one.
 * Throws if a migration is missing, or the disk has too little space.
 */
export async function makeBackup({ url, place, onProgress, signal }: BackupRequest): Promise<MadeBackup> {
  const parent = resolve(place)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  await removeDrafts(parent)
  const client = new pg.Client({ connectionString: url, application_name: 'sanyi backup', keepAlive: true })
  client.on('error', () => {})
  const draft = join(parent, draftName())
  ownDrafts.add(draft)
  try {
    await client.connect()
    const { backend, tables, ...head } = await beginSnapshot(client)
    const ofBytes = tables.reduce((sum, table) => sum + table.sizeBytes, 0)
    await assertRoom(parent, ofBytes * expectedShare + spareBytes, { zh: '备份', en: 'backup' })
    await mkdir(draft, { mode: 0o700 })
    let bytes = 0
    const onBytes = (more: number) => {
      bytes += more
      onProgress?.({ bytes, ofBytes })
    }
    const stored: BackupTable[] = []
    for (const table of tables) stored.push(await storeTable(client, draft, table, { onBytes, signal }))
    const [sequences, statistics] = [await sequencesOf(client), await costlyStatistics(client)]
    const manifest: Manifest = { ...head, tables: stored, sequences, statistics }
    await assertSameTransaction(client, backend)
    await client.query('commit')
    await writeManifest(draft, manifest)
    await syncFolder(draft)
    const folder = await nameDraft(draft, parent, manifest)
    await syncFolder(parent)
    return { folder, manifest }
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  } finally {
    ownDrafts.delete(draft)
    await client.end().catch(() => {})
  }
}

/**
 * Gives the draft its name and returns the folder. A second backup of one second gets a number behind it: renaming takes a name and finds
 * it taken in one step, also for two processes.
 */
async function nameDraft(draft: string, parent: string, { takenAt }: Manifest): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = join(parent, backupNameOf(takenAt, number))
    const failure = await rename(draft, folder).catch((error: unknown) => ({ error }))
    if (!failure) return folder
    // Systems name a taken name differently, so the folder itself is the sign, as long as the draft is there.
    if (!(await stat(folder).catch(() => undefined))) throw failure.error
    await stat(draft)
  }
}

type Head = Omit<Manifest, 'tables' | 'sequences' | 'statistics'> & { backend: string; tables: CopiedTable[] }

/** Begins the transaction of the snapshot, and locks the tables against migrations. */
async function beginSnapshot(client: pg.Client): Promise<Head> {
  await client.query('begin isolation level repeatable read read only').catch(refusePooler)
  await client.query(
    'set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = 0',
  )
  const found = await client.query<{ backend: string; at: Date; server: string; ready: boolean }>(`
    select pg_backend_pid() || ' ' || pg_current_snapshot()::text as backend, now() as at, current_setting('server_version') as server,
      to_regclass('migration') is not null and to_regclass('sealing_key') is not null and to_regclass('restoring') is null as ready`)
  const [row] = found.rows
  if (!row?.ready)
    throw new BackupRefusal(
      '数据库是空的、版本太旧,或正在恢复,没有可备份的。\nThe database is empty, too old or being restored: there is nothing to back up.',
    )
  const tables = await copiedTables(client)
  const lock = await statementOf(
    client,
    `select 'lock table ' || string_agg(quote_ident(name), ', ') || ' in access share mode' as text from unnest($1::text[]) name`,
    [tables.map(({ name }) => name)],
  )
  await client.query(lock)
  const migrations = await client.query<{ name: string }>('select name from migration order by name')
  const keys = await client.query<Manifest['keys'][number]>(
    'select number::int as number, fingerprint from sealing_key where dropped_at is null order by number',
  )
  return {
    backend: row.backend,
    tables,
    format: 1,
    takenAt: row.at.toISOString(),
    ...(await thisProgram()),
    migrations: migrations.rows.map(({ name }) => name),
    serverVersion: row.server,
    keys: keys.rows,
  }
}

type Copying = { onBytes: (bytes: number) => void; signal: AbortSignal | undefined }

async function storeTable(
  client: pg.Client,
  folder: string,
  { name, columns }: CopiedTable,
  { onBytes, signal }: Copying,
): Promise<BackupTable> {
  const text = await statementOf(
    client,
    `select format('copy (select %s from %I) to stdout (format binary)', string_agg(quote_ident(c), ', ' order by n), $1::text) as text
    from unnest($2::text[]) with ordinality u (c, n)`,
    [name, columns],
  )
  const copy = copyOut(client, text)
  const plain = measuredStream({ onBytes })
  const packed = measuredStream({ hashed: true })
  // `flush` writes the file through to the disk before it is closed.
  const file = createWriteStream(fileOf(folder, { name }), { flags: 'wx', mode: 0o600, flush: true })
  await pipeline(copy.stream, plain.stream, createZstdCompress(), packed.stream, file, { signal })
  return {
    name,
    columns,
    rows: await copy.rows,
    bytes: plain.bytes(),
    storedBytes: packed.bytes(),
    sha256: packed.sha256(),
  }
}

/**
 * Reads the sequences. They are outside of transactions, and are read after the rows: each has passed all numbers that the rows have.
 */
async function sequencesOf(client: pg.Client): Promise<Manifest['sequences']> {
  const text = await statementOf(
    client,
    `select string_agg(format('select %L as name, (last_value + case when is_called then %s else 0 end)::text as next from %I',
      c.relname, s.seqincrement, c.relname), ' union all ' order by c.relname) as text
    from pg_sequence s join pg_class c on c.oid = s.seqrelid
    where c.relnamespace = quote_ident(current_schema())::regnamespace`,
    [],
  )
  return (await client.query<Manifest['sequences'][number]>(text)).rows
}

/** A pooler that lends connections for single statements would have read the tables at several moments. */
async function assertSameTransaction(client: pg.Client, backend: string): Promise<void> {
  const { rows } = await client.query<{ backend: string }>(
    `select pg_backend_pid() || ' ' || pg_current_snapshot()::text as backend`,
  )
  if (rows[0]?.backend !== backend) refusePooler(new Error('another snapshot'))
}

function refusePooler(cause: unknown): never {
  throw new BackupRefusal(
    '连接池不能给备份留住同一个连接:请让备份直连数据库(DATABASE_OWNER_URL)。\n' +
      'The pooler does not keep one connection for a transaction: let the backup reach the database itself (DATABASE_OWNER_URL).',
    { cause },
  )
}

/** Drafts of this process that are being written. An earlier process, of a container say, may have had our number. */
const ownDrafts = new Set<string>()
const draftPattern = /^\.draft-(.+)-(\d+)(?:\.\d+)?$/
let drafts = 0
const draftName = () => `.draft-${hostname()}-${process.pid}.${++drafts}`

/** A draft of another machine in which no file began for so long was killed: the nightly task ends after six hours. */
const oldDraftMs = dayMs

/** Removes folders of backups that were killed: on this machine at once, and on others, such as earlier containers, after a day. */
async function removeDrafts(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    const [, host, pid] = draftPattern.exec(name) ?? []
    const path = join(place, name)
    if (host === undefined || ownDrafts.has(path)) continue
    const isLeft =
      host === hostname() ? Number(pid) === process.pid || !isRunning(Number(pid)) : await isOldDraft(path)
    if (isLeft) await rm(path, { recursive: true, force: true })
  }
}

async function isOldDraft(path: string): Promise<boolean> {
  // It may get its name, or be removed, at this moment.
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && sharedMs() - found.mtimeMs > oldDraftMs
}

/** Makes the names in a folder durable. Windows cannot open a folder, and needs nothing. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close()
}
