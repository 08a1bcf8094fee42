import { basename, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { closeRestoredShops } from '../access/shop-gate.ts'
import { migrate } from '../db/migrate.ts'
import { migrationNames } from '../db/migration-files.ts'
import { analyzeAll } from './analyze.ts'
import { checkBackup } from './check-backup.ts'
import { copiedTables, statementOf } from './copied-tables.ts'
import { copyIn } from './copy.ts'
import { leapNumbers } from './leap.ts'
import { type BackupTable, type Manifest, sumOf } from './manifest.ts'
import { readTable } from './read-table.ts'
import { markRestoring, removeMark } from './restoring.ts'
import { type BringBack, dropEverything, setAside } from './set-aside.ts'

export type RestoreRequest = {
  /** For the owner of the tables. */
  url: string
  folder: string
  /** The one of this folder (`readManifest`). */
  manifest: Manifest
  /** True if the rows that the database has now may be replaced. */
  replace: boolean
  /** True for a move: nothing was given out after the backup, so the numbers go on without a leap. */
  isMove?: boolean
  onProgress?: (done: { bytes: number; ofBytes: number; table: string }) => void
}

/** Two restores into one database at once would wait for each other and then replace each other's rows. */
const restoreLock = 7_214_034

/**
 * Restores a backup into a database that has no users and no shops, or any with `replace`. The rows are written in one transaction, so a
 * restore that is killed changes no row; `restoring` keeps the installation from starting until it is run again. A database with migrations that
 * the backup does not have loses its tables before, once every file of the backup was found whole. Tables that a person made by hand are
 * emptied as well, and get the rows that the backup has of them; tables that only the backup has are left out.
 */
export async function restoreBackup({
  url,
  folder,
  manifest,
  replace,
  isMove = false,
  onProgress,
}: RestoreRequest): Promise<void> {
  await assertKnown(manifest)
  const client = clientFor(url)
  const holder = clientFor(url)
  try {
    await client.connect()
    await holder.connect()
    await takeLock(holder)
    await assertAlone(client)
    await assertMayFill(client, replace)
    const mark = await markRestoring(client, resolve(folder))
    let emptied = false
    try {
      emptied = await emptyIfFurther(client, folder, manifest)
      await migrate(url, { only: new Set(manifest.migrations) })
      await fill(client, { folder, manifest, isMove, onProgress })
    } catch (error) {
      // The rows are those from before, so the installation may start with them.
      if (mark.isFirst && !emptied) await removeMark(client).catch(() => {})
      throw error
    }
    await analyzeAll(url, manifest.statistics ?? [])
  } finally {
    await client.end().catch(() => {})
    await holder.end().catch(() => {})
  }
}

/**
 * Refuses a restore as `restoreBackup` would, and changes nothing. Returns true if the database has users or shops, whose rows would be replaced. Asked while the
 * embedded server still keeps its log, which a restore breaks.
 */
export async function assertRestorable(
  url: string,
  { manifest, replace }: Pick<RestoreRequest, 'manifest' | 'replace'>,
): Promise<boolean> {
  await assertKnown(manifest)
  const client = clientFor(url)
  try {
    await client.connect()
    await assertAlone(client)
    await assertMayFill(client, replace)
    return await hasUsersOrShops(client)
  } finally {
    await client.end()
  }
}

function clientFor(url: string): pg.Client {
  const client = new pg.Client({ connectionString: url, application_name: 'sanyi restore', keepAlive: true })
  client.on('error', () => {})
  return client
}

async function assertKnown(manifest: Manifest): Promise<void> {
  const known = await migrationNames()
  const unknown = manifest.migrations.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new Error(
      `这个备份来自更新的版本 ${manifest.version}(${unknown.join(', ')})。请用那个版本恢复。\n` +
        `This backup is of a newer version, ${manifest.version} (${unknown.join(', ')}). Restore it with that version.`,
    )
}

/** Takes the lock in a transaction that stays open, which also works behind a pooler. */
async function takeLock(holder: pg.Client): Promise<void> {
  await holder.query('begin; set local idle_in_transaction_session_timeout = 0')
  const { rows } = await holder.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [
    restoreLock,
  ])
  if (!rows[0]?.taken)
    throw new Error('另一个恢复正在进行。\nAnother restore into this database is under way.')
}

/** The server closes the connections of a process that was killed within this time. */
const closingMs = 3000

async function assertAlone(client: pg.Client): Promise<void> {
  let names = await othersOn(client)
  for (const end = performance.now() + closingMs; names.length > 0 && performance.now() < end; ) {
    await sleep(200)
    names = await othersOn(client)
  }
  if (names.length > 0)
    throw new Error(
      `三易还连着这个数据库(${names.join(', ')})。先停止它。\n` +
        `Sanyi is connected to this database (${names.join(', ')}). Stop it first.`,
    )
}

async function othersOn(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select distinct application_name as name from pg_stat_activity
    where datname = current_database() and application_name like 'sanyi%' and application_name <> 'sanyi restore' order by 1`)
  return rows.map(({ name }) => name)
}

/** Throws if the database has users or shops, or tables of another program, and they may not be replaced. */
async function assertMayFill(client: pg.Client, replace: boolean): Promise<void> {
  const { rows } = await client.query<{ tables: number; ours: boolean }>(`
    select count(*)::int as tables, to_regclass('migration') is not null as ours from pg_class
    where relnamespace = quote_ident(current_schema())::regnamespace and relkind in ('r', 'p') and relname <> 'restoring'`)
  const { tables, ours } = rows[0] ?? { tables: 0, ours: false }
  if (tables === 0) return
  if (!ours)
    throw new Error(
      '这个数据库里有别的程序的表。请另建一个空数据库。\nThis database has tables of another program. Make an empty one.',
    )
  if (replace || !(await hasUsersOrShops(client))) return
  throw new Error(
    '这个数据库里已有用户或店铺。若要用备份替换它们的全部数据,加上 --replace。\n' +
      'This database has users or shops already. To replace all of its data by the backup, add --replace.',
  )
}

export async function hasUsersOrShops(client: pg.Client): Promise<boolean> {
  const exists = await client.query<{ ready: boolean }>(
    `select to_regclass('app_user') is not null and to_regclass('shop') is not null as ready`,
  )
  if (!exists.rows[0]?.ready) return false
  const { rows } = await client.query<{ used: boolean }>(
    'select exists (select from app_user) or exists (select from shop) as used',
  )
  return rows[0]?.used ?? false
}

/**
 * Empties a database that has migrations which the backup does not have, because migrations only go forward. Returns true if it was. The rows
 * do not come back after that, so the whole backup is checked before.
 */
async function emptyIfFurther(client: pg.Client, folder: string, manifest: Manifest): Promise<boolean> {
  const exists = await client.query<{ ready: boolean }>(
    `select to_regclass('migration') is not null as ready`,
  )
  if (!exists.rows[0]?.ready) return false
  const { rows } = await client.query<{ name: string }>('select name from migration')
  if (rows.every(({ name }) => manifest.migrations.includes(name))) return false
  const { wrong } = await checkBackup(folder, manifest)
  if (wrong.length > 0)
    throw new Error(
      `备份有损坏,数据库没有动过。\nThe backup is damaged, and the database was left as it is.\n${wrong.join('\n')}`,
    )
  await dropEverything(client)
  return true
}

type Filling = Pick<RestoreRequest, 'folder' | 'manifest'> & {
  isMove: boolean
  onProgress: RestoreRequest['onProgress']
}

async function fill(client: pg.Client, { folder, manifest, isMove, onProgress }: Filling): Promise<void> {
  const ofBytes = sumOf(manifest, 'bytes')
  let bytes = 0
  await client.query('begin')
  try {
    await client.query(`
      set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local lock_timeout = '30s';
      set local maintenance_work_mem = '256MB'`)
    const bringBack = await setAside(client)
    await emptyTables(client)
    const ours = new Set((await copiedTables(client)).map(({ name }) => name))
    for (const table of inOrder(manifest.tables.filter(({ name }) => ours.has(name))))
      await fillTable(client, folder, table, (more) => {
        bytes += more
        onProgress?.({ bytes, ofBytes, table: table.name })
      })
    await bringAllBack(client, bringBack)
    await restartSequences(client, manifest)
    await recordRestore(client, folder, manifest)
    if (!isMove) await client.query(leapNumbers)
    await removeMark(client)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

/** The queues come before their jobs, whose foreign key stays. */
const inOrder = (tables: readonly BackupTable[]) =>
  tables.toSorted((a, b) => Number(b.name === 'queue') - Number(a.name === 'queue'))

async function emptyTables(client: pg.Client): Promise<void> {
  const text = await statementOf(
    client,
    `select 'truncate ' || string_agg(quote_ident(relname), ', ') as text from pg_class
    where relnamespace = quote_ident(current_schema())::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname <> all($1::text[])`,
    [['restoring', 'version']],
  )
  await client.query(text)
}

async function fillTable(
  client: pg.Client,
  folder: string,
  table: BackupTable,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const text = await statementOf(
    client,
    `select format('copy %I (%s) from stdin (format binary%s)', $1::text, string_agg(quote_ident(c), ', ' order by n),
      -- Rows of a table that was emptied in this transaction need no later visit by vacuum.
      (select case when relkind = 'r' then ', freeze' else '' end from pg_class where oid = to_regclass(quote_ident($1::text)))) as text
    from unnest($2::text[]) with ordinality u (c, n)`,
    [table.name, table.columns],
  )
  const copy = copyIn(client, text)
  const [difference] = await readTable(folder, table, { stream: copy.stream, rows: () => copy.rows }, onBytes)
  if (difference)
    throw new Error(
      `备份里的表 ${table.name} 与清单不符(${difference.what})。它的任何一行都没有写入。\n` +
        `Table ${table.name} of the backup differs from its manifest (${difference.what}). No row of it was written.`,
    )
}

async function bringAllBack(client: pg.Client, statements: BringBack): Promise<void> {
  for (const statement of statements) await client.query(statement)
}

/** Closes the shops until each was read again. */
async function recordRestore(client: pg.Client, folder: string, { takenAt }: Manifest): Promise<void> {
  await client.query('insert into restore_record (taken_at, backup) values ($1, $2)', [
    takenAt,
    basename(resolve(folder)),
  ])
  await client.query(closeRestoredShops)
}

/** `restart` belongs to the transaction, which `setval` does not. */
async function restartSequences(client: pg.Client, { sequences }: Manifest): Promise<void> {
  const text = await statementOf(
    client,
    `select string_agg(format('alter sequence %I restart with %s', s.name, s.next::bigint), ';') as text
    from unnest($1::text[], $2::text[]) s (name, next) where to_regclass(quote_ident(s.name)) is not null`,
    [sequences.map(({ name }) => name), sequences.map(({ next }) => next)],
  )
  if (text) await client.query(text)
}
