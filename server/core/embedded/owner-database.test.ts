import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { restoreSettings, withOwnerDatabase } from './owner-database.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import { startToKeep } from './postgres-watch.ts'

let folder: string
let dataDir: string
const started: Postgres[] = []
const small = { shared_buffers: '32MB' }
const usual = ['on', 'replica', 'on']
const ofRestore = ['off', 'minimal', 'off']

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-owner-'))
  await chmod(folder, 0o755)
  dataDir = join(folder, 'postgres')
})

after(async () => {
  for (const server of started) await server.stop().catch(() => {})
  await rm(folder, { recursive: true, force: true })
})

test('a start does not go on with the server of a restore that was killed, and takes over one with the usual settings', async () => {
  // The server outlives the command that has started it.
  const left = await begun(startPostgres({ dataDir, settings: { ...small, ...restoreSettings } }))
  assert.deepEqual(await settingsOf(left.url), ofRestore)
  const kept = await begun(startToKeep({ dataDir, settings: small }))
  assert.deepEqual([kept.adopted, await settingsOf(kept.url)], [false, usual])
  const again = await begun(startToKeep({ dataDir, settings: small }))
  assert.deepEqual([again.adopted, again.url], [true, kept.url])
})

test('a restore works with its own settings where a server of others was left running, and leaves none behind', async () => {
  const left = await begun(startPostgres({ dataDir, settings: small }))
  assert.deepEqual(await settingsOf(left.url), usual)
  const within = await owned(settingsOf, { ...small, ...restoreSettings })
  assert.deepEqual(within, ofRestore)
  assert.equal((await begun(startPostgres({ dataDir, settings: small }))).adopted, false)
})

test('a command without settings works on a server that runs, and leaves it running', async () => {
  const running = await begun(startPostgres({ dataDir, settings: small }))
  assert.equal(await owned(async (url) => url), running.url)
  assert.equal((await begun(startPostgres({ dataDir, settings: small }))).adopted, true)
})

async function begun(starting: Promise<Postgres>): Promise<Postgres> {
  const server = await starting
  started.push(server)
  return server
}

const owned = <T>(work: (url: string) => Promise<T>, settings: Record<string, string> = {}) =>
  withOwnerDatabase({ databaseUrl: undefined, databaseOwnerUrl: undefined, dataDir: folder }, work, {
    settings,
  })

/** Whether tables are vacuumed, what the log holds, and whether it is handed over. */
async function settingsOf(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ value: string }>(
      `select current_setting(name) as value from unnest(array['autovacuum', 'wal_level', 'archive_mode']) with ordinality t (name, n) order by n`,
    )
    return rows.map(({ value }) => value)
  } finally {
    await client.end()
  }
}
