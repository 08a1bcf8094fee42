import assert from 'node:assert/strict'
import { access, chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { migrate } from '../../server/core/db/migrate.ts'
import { filesOf, migrationFolder } from '../../server/core/db/migration-files.ts'
import { createMerchantDatabase } from '../../server/core/directory/merchant-database.ts'
import { setState } from '../../server/core/directory/merchant-states.ts'
import {
  applicationRoleOf,
  applicationUrlOf,
  databaseOf,
  enterMerchant,
  keyPathOf,
  merchantOf,
  ownerRoleOf,
  ownerUrlOf,
  serverOf,
} from '../../server/core/directory/merchants.ts'
import { suspendMerchant } from '../../server/merchants/suspend.ts'
import { until } from '../../server/testing/until.ts'
import { connect, remainsOn, rolesOf, rows } from './ask-server.ts'
import { openMerchants } from './merchants-house.ts'

// `npm run merchant -- migrate` and `drop`, which are killed half-way and run again. No web or worker process is needed.

const house = await openMerchants({ merchants: 2, servers: 1, trades: 1, pooler: false })
after(() => house[Symbol.asyncDispose]())
const [one, two] = house.merchants
if (!one || !two) throw new Error('two merchants are needed')
const server = await serverOf(house.directory, 's1')
const files = await filesOf(migrationFolder)
const lastTwo = files.slice(-2)

test('migrate that is killed within one merchant is completed by the same command, and touches no database that lacks nothing', async () => {
  await addOlder('old1')
  await addOlder('old2')
  const before = await Promise.all([one.key, two.key].map(migrationsOf))
  const keep = await connect(await ownerUrl('old2'))
  await keep.query('begin; lock table migration in share mode')
  const said = await house.command(['migrate'], () => waits(databaseOf('old2')))
  assert.match(said, /^old1 {2}\d/m)
  assert.doesNotMatch(said, /^old2/m)
  await keep.end()
  await until(() => isUnused('old2'), 20_000)
  assert.deepEqual(await lackedBy('old1'), [])
  assert.deepEqual(await lackedBy('old2'), lastTwo)
  const done = await migrationsOf('old1')

  assert.match(await house.command(['migrate']), /^old2 {2}\d/m)
  assert.deepEqual(await lackedBy('old2'), [])
  assert.deepEqual(await migrationsOf('old1'), done)
  assert.deepEqual(await Promise.all([one.key, two.key].map(migrationsOf)), before)
  // The application's role works on what the last migrations made.
  const application = await connect(await applicationUrl('old2'))
  assert.equal((await application.query('select from report_mail')).rowCount, 0)
  await application.end()
})

test('migrate names the merchants that failed, and those behind them are migrated; with a key it does one alone', async () => {
  await addOlder('old3')
  await addOlder('old4')
  const closed = await connect(server.ownerUrl)
  await closed.query(`alter role ${ownerRoleOf('old1')} nologin`)
  await assert.rejects(house.command(['migrate', 'old1']), /not migrated: old1/)
  assert.deepEqual(await lackedBy('old3'), lastTwo)
  await house.command(['migrate', 'old4'])
  assert.deepEqual([await lackedBy('old3'), await lackedBy('old4')], [lastTwo, []])
  await assert.rejects(house.command(['migrate']), (error: Error) => {
    assert.match(error.message, /^old1 .*not permitted to log in/m)
    assert.match(error.message, /not migrated: old1$/m)
    return true
  })
  assert.deepEqual(await lackedBy('old3'), [])
  await closed.query(`alter role ${ownerRoleOf('old1')} login`)
  await closed.end()
  await assert.rejects(house.command(['migrate', 'other']), /There is no merchant other/)
})

test('migrate refuses a merchant that has shops and no backup, does the others, and does it once it has one', async () => {
  await addOlder('old6')
  await addOlder('old7')
  await rows(
    await ownerUrl('old6'),
    `insert into shop (platform, variant, name) values ('taobao', '', '一号店') returning id`,
  )
  await assert.rejects(house.command(['migrate']), (error: Error) => {
    assert.match(error.message, /^ {2}There is no backup: run npm run merchant -- backup old6 FOLDER first$/m)
    assert.match(error.message, /not migrated: old6$/m)
    return true
  })
  assert.deepEqual([await lackedBy('old6'), await lackedBy('old7')], [lastTwo, []])
  await house.command(['backup', 'old6', join(house.config.dataDir, 'backups')])
  const said = await house.command(['migrate', 'old6'])
  assert.match(said, /^ {2}old6 {4}上一次备份 .* · The last backup is of /m)
  assert.deepEqual(await lackedBy('old6'), [])
})

test('a merchant that was restored from a backup of an older program is open after resume, with every migration and the rights of its application', async () => {
  await addOlder('old5')
  const said = await house.command(['backup', 'old5', join(house.config.dataDir, 'backups')])
  const [folder = ''] = said.split('  ')
  await house.command(['migrate', 'old5'])
  await assert.rejects(
    house.command(['run', 'old5', 'restore', folder, '--replace']),
    /Merchant old5 is active: suspend old5 before a restore/,
  )
  assert.deepEqual(await lackedBy('old5'), [])
  await suspendMerchant(house.directory, 'old5')
  await house.command(['run', 'old5', 'restore', folder, '--replace'])
  assert.deepEqual(await lackedBy('old5'), lastTwo)
  await assert.rejects(applicationUrl('old5').then(connect), /not permitted to log in/)

  await house.command(['resume', 'old5'])
  assert.deepEqual(await lackedBy('old5'), [])
  assert.equal((await merchantOf(house.directory, 'old5')).state, 'active')
  assert.deepEqual(await rows(await applicationUrl('old5'), 'select id from shop'), [])
})

test('run opens psql at the database of one merchant as its owner, and says how to get psql where there is none', async () => {
  const programs = join(house.config.dataDir, 'programs')
  await mkdir(programs)
  house.env['PATH'] = programs
  await assert.rejects(house.command(['run', one.key, 'psql']), (error: Error) => {
    assert.match(error.message, /This machine has no psql: install it/)
    // The password of a merchant is in no file.
    assert.doesNotMatch(error.message, /NAME\.password/)
    return true
  })
  // It has what psql would get.
  await writeFile(join(programs, 'psql'), `#!/bin/sh\necho "password=$PGPASSWORD arguments=$*"\n`)
  await chmod(join(programs, 'psql'), 0o755)
  const said = await house.command(['run', one.key, 'psql', '-c', 'select 1'])
  const [, password = '', address = ''] = /^password=(\S+) arguments=(\S+) -c select 1$/m.exec(said) ?? []
  assert.ok(!address.includes(password))
  const url = new URL(address)
  url.password = password
  const signedIn = await rows(url.href, 'select current_user::text as role, current_database()::text as name')
  assert.deepEqual(signedIn, [{ role: ownerRoleOf(one.key), name: databaseOf(one.key) }])
  delete house.env['PATH']
})

test('run begins only the commands that are of one installation', async () => {
  for (const other of ['start', 'migrate', 'backup', 'constructor'])
    await assert.rejects(house.command(['run', one.key, other]), /run KEY admin\|doctor\|keys\|psql/)
})

test('drop does nothing without its confirmation, or for a merchant that is not there', async () => {
  await assert.rejects(house.command(['drop', one.key]), /drop KEY --yes/)
  assert.equal((await merchantOf(house.directory, one.key)).state, 'active')
  assert.deepEqual(await remainsOf(one.key), [databaseOf(one.key), ...rolesOf(one.key)])
  await assert.rejects(house.command(['drop', 'other', '--yes']), /There is no merchant other/)
})

test('drop that is killed while it closes, and again before the directory has forgotten it, is completed by the same command; the other merchant stays', async () => {
  const trades = await rowsOf(two.key)
  const drop = ['drop', one.key, '--yes']
  await one.close()
  await house.command(drop, async () => (await merchantOf(house.directory, one.key)).state === 'suspended')
  assert.deepEqual(await remainsOf(one.key), [databaseOf(one.key), ...rolesOf(one.key)])

  // This lock lets the state change, and the row not go.
  const keep = await connect(server.ownerUrl)
  await keep.query('begin')
  await keep.query('select from merchant where key = $1 for key share', [one.key])
  await house.command(drop, async () => (await remainsOf(one.key)).length === 0)
  await keep.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'sanyi directory' and wait_event_type = 'Lock'`,
  )
  await keep.end()
  const between = await merchantOf(house.directory, one.key)
  assert.deepEqual([between.state, between.hosts], ['suspended', [one.host]])
  const said = await house.command(['migrate', one.key])
  assert.match(said, /^m1 {2}.*drop m1 --yes once more completes the drop$/m)

  await house.command(drop)
  assert.deepEqual(await remainsOf(one.key), [])
  await assert.rejects(merchantOf(house.directory, one.key), /There is no merchant m1/)
  // Its backups need its keys.
  await access(keyPathOf(house.directory, one.key))
  assert.match(await house.command(['list']), /^m2 {2}active {2}s1 {2}m2\.example\.com/m)
  assert.deepEqual(await remainsOf(two.key), [databaseOf(two.key), ...rolesOf(two.key)])
  assert.deepEqual(await rowsOf(two.key), trades)
  const application = await connect(await applicationUrl(two.key))
  assert.equal((await application.query('select from shop')).rowCount, 1)
  await application.end()
  // Its key and host name are free for another.
  await house.command(['host', two.key, '--host', `${two.host},${one.host}`])
})

/** A merchant whose database lacks the last two migrations. */
async function addOlder(key: string): Promise<void> {
  const merchant = await enterMerchant(house.directory, { key, server: 's1', hosts: [`${key}.example.com`] })
  await createMerchantDatabase(house.directory, merchant, server)
  const only = new Set(files.slice(0, -2))
  await migrate(ownerUrlOf(house.directory, merchant, server), { application: applicationRoleOf(key), only })
  await setState(house.directory, key, ['making'], 'active')
}

const ownerUrl = async (key: string) =>
  ownerUrlOf(house.directory, await merchantOf(house.directory, key), server)
const applicationUrl = async (key: string) =>
  applicationUrlOf(house.directory, await merchantOf(house.directory, key), server)

/** The applied migrations with their times. */
const migrationsOf = async (key: string) =>
  rows<{ name: string }>(await ownerUrl(key), 'select * from migration order by name')

async function lackedBy(key: string): Promise<string[]> {
  const applied = new Set((await migrationsOf(key)).map(({ name }) => name))
  return files.filter((name) => !applied.has(name))
}

/** All rows of some tables, and where they are. */
const rowsOf = async (key: string) =>
  rows(
    await ownerUrl(key),
    `select 'shop' as name, ctid::text, id::text from shop union all select 'task', ctid::text, id::text from task order by 1, 2`,
  )

const remainsOf = (key: string) => remainsOn(server, key)

/** True while a migration waits for a lock in the database. */
async function waits(database: string): Promise<boolean> {
  const found = await rows(
    server.ownerUrl,
    `select from pg_stat_activity where datname = $1 and application_name = 'sanyi migrate' and wait_event_type = 'Lock'`,
    [database],
  )
  return found.length > 0
}

const isUnused = async (key: string) =>
  (
    await rows(
      server.ownerUrl,
      `select from pg_stat_activity where datname = $1 and application_name = 'sanyi migrate'`,
      [databaseOf(key)],
    )
  ).length === 0
