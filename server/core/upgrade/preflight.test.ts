import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { noRestartCode, StartError } from '../../lib/stopping.ts'
import { connected, type TestDatabase, testDatabase } from '../../testing/database.ts'
import { noteBackup } from './last-backup.ts'
import { beforeUpgrade, lookAtUpgrade } from './preflight.ts'

const names = ['0074_erasure.sql', '0078_schema_support.sql']
const hourMs = 3_600_000

let dataDir: string

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sanyi-preflight-'))
})
after(() => rm(dataDir, { recursive: true }))

/** The English faults of an upgrade of this database. */
async function faultsOf({ ownerUrl }: TestDatabase, at = dataDir): Promise<string[] | undefined> {
  await using client = await connected(ownerUrl)
  const look = await lookAtUpgrade(client, names, { dataDir: at, isEmbedded: true })
  return look?.faults.map(({ en }) => en)
}

async function usedDatabase(): Promise<TestDatabase> {
  const base = await testDatabase()
  await base.owner(`insert into shop (platform, variant, name) values ('taobao', '', '一号店')`)
  return base
}

const nightly = (ended: string) => `
  with made as (
    insert into task (kind, cron, next_run_at) values ('backup', '0 4 * * *', now() + interval '1 day') returning id
  )
  insert into task_run (task_id, kind, trigger, state, ended_at)
  select id, 'backup', 'schedule', 'done', ${ended} from made`

test('a database without users and shops has nothing to lose, and is not asked for a backup', async () => {
  await using base = await testDatabase()
  assert.equal(await faultsOf(base), undefined)
})

test('a backup of the last day and a half is wanted: by the command, by the nightly task, or the one that was restored', async () => {
  await using base = await usedDatabase()
  assert.deepEqual(await faultsOf(base), ['There is no backup: run npm run backup -- FOLDER first'])
  await noteBackup(dataDir, new Date(Date.now() - 40 * hourMs).toISOString())
  const old = ['There is no backup of the last 36 hours: run npm run backup -- FOLDER first']
  assert.deepEqual(await faultsOf(base), old)
  await noteBackup(dataDir, new Date(Date.now() - 30 * hourMs).toISOString())
  assert.deepEqual(await faultsOf(base), [])
  await writeFile(join(dataDir, 'last-backup.json'), 'no json')
  assert.equal((await faultsOf(base))?.length, 1)
  await base.owner(nightly(`now() - interval '40 hours'`))
  assert.deepEqual(await faultsOf(base), old)
  await base.owner(`update task_run set ended_at = now() - interval '30 hours' where kind = 'backup'`)
  assert.deepEqual(await faultsOf(base), [])
  await base.owner(
    `delete from task_run; insert into restore_record (taken_at, backup) values (now(), 'sanyi-1')`,
  )
  assert.deepEqual(await faultsOf(base), [])
})

test('an old backup that was restored suffices until a task runs over its rows, and from then on counts by its own time', async () => {
  await using base = await usedDatabase()
  await rm(join(dataDir, 'last-backup.json'), { force: true })
  await base.owner(
    `insert into restore_record (taken_at, backup) values (now() - interval '40 hours', 'sanyi-1')`,
  )
  assert.deepEqual(await faultsOf(base), [])
  await base.owner(nightly('null').replace("'done'", "'queued'"))
  assert.deepEqual(await faultsOf(base), [
    'There is no backup of the last 36 hours: run npm run backup -- FOLDER first',
  ])
  await base.owner(`update restore_record set taken_at = now() - interval '30 hours'`)
  assert.deepEqual(await faultsOf(base), [])
})

test('a disk without room for the upgrade is a fault of its own', async () => {
  await using base = await usedDatabase()
  await noteBackup(dataDir, new Date().toISOString())
  await base.owner(`insert into restore_record (taken_at, backup) values (now(), 'sanyi-1')`)
  // The disk of this folder has no bytes at all.
  assert.match(
    (await faultsOf(base, '/proc'))?.join() ?? '',
    /^The disk has 0 MB left, and the upgrade needs about 2\d\d MB$/,
  )
})

test('a refused upgrade says why and how to upgrade nevertheless; what it will do is said before', async () => {
  await using base = await usedDatabase()
  await rm(join(dataDir, 'last-backup.json'), { force: true })
  await using client = await connected(base.ownerUrl)
  const said: string[] = []
  const settings = { dataDir, isEmbedded: true, say: (line: string) => void said.push(line) }
  await assert.rejects(beforeUpgrade(client, names, { ...settings, anyway: false }), (error) => {
    assert.ok(error instanceof StartError)
    assert.equal(error.exitCode, noRestartCode)
    assert.match(error.message, /没有备份：先运行 npm run backup -- 文件夹/)
    assert.match(error.message, /nothing was changed\.\n {2}There is no backup.*\n.*--upgrade-anyway/)
    return true
  })
  assert.match(said[0] ?? '', /Upgrading to \S+.*: 2 steps$/)
  assert.match(
    said.join('\n'),
    /PostgreSQL \d+\S*, a database of \d+ MB\n.* [MG]B left on the disk\n.*No backup is known\n {2}0074_erasure\.sql: A buyer/,
  )
  said.length = 0
  await beforeUpgrade(client, names, { ...settings, anyway: true })
  assert.match(said.at(-1) ?? '', /There is no backup/)
})
