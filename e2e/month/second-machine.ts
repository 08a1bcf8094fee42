import assert from 'node:assert/strict'
import { join } from 'node:path'
import { sql } from 'kysely'
import pg from 'pg'
import { openDatabase } from '../../server/core/db/db.ts'
import { startPostgres } from '../../server/core/embedded/postgres.ts'
import { until } from '../../server/testing/until.ts'
import { tradeFor } from './first-week.ts'
import type { Env, Machine } from './machine.ts'
import { signIn } from './merchant.ts'
import { anotherMachine, backupOf, booksEqual, databaseOf, type Month } from './month.ts'

/** The database moves to a server of its own, and a second machine gets a web and a worker. Then the first one dies. */
export async function secondMachine(month: Month): Promise<string> {
  const { machine: first, folder, elsewhere } = month
  const server = await startPostgres({ dataDir: join(folder, 'server', 'postgres') })
  month.defer(() => server.stop())
  const databaseUrl = await databaseAt(server.url)
  const from = performance.now()
  await first.stop()
  await first.sanyi(['backup', elsewhere])
  await first.sanyi(['restore', await backupOf(month)], { env: { DATABASE_URL: databaseUrl } })
  month.databaseUrl = databaseUrl
  await roles(first, databaseUrl)
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  month.boss = await signIn(first.url)
  await booksEqual(month)

  const second = await anotherMachine(month, 'second-machine')
  await month.install(second)
  const refused = await second.sanyi(['start', '--role=worker'], {
    env: { DATABASE_URL: databaseUrl },
    codes: [1, 78],
  })
  assert.match(refused, /sealing\.json/)
  second.giveKeys(join(elsewhere, 'sealing.json'))
  await roles(second, databaseUrl)
  month.boss = await signIn(second.url)
  const since = new Date()
  await tradeFor(month, 4)
  await untilBothWork(month, since)
  await booksEqual(month, [first, second])
  await first.lose()
  month.machine = second
  await tradeFor(month, 2)
  return `moved in ${seconds} s; both workers took tasks; the first machine died, the second went on; ${await booksEqual(month)}`
}

/** A database of an ordinary role, as the guide makes it. */
async function databaseAt(serverUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  await client.query(`create role erp login password 'nine-green-bottles'`)
  await client.query('create database erp owner erp')
  await client.end()
  const url = new URL(serverUrl)
  return `postgres://erp:nine-green-bottles@${url.host}/erp`
}

/** Waits until two workers have begun runs since then. Each takes what is due when it looks, so that one alone may do so for some seconds. */
async function untilBothWork(month: Month, since: Date): Promise<void> {
  const { db, close } = openDatabase(await databaseOf(month), { max: 1, name: 'e2e' })
  await until(async () => {
    const { rows } = await sql`
      select distinct worker from task_run where started_at > ${since} and worker is not null`.execute(db)
    return rows.length === 2
  }, 60_000).finally(close)
}

/** A web and a worker, each with a folder of its own and the one file of keys. */
async function roles(machine: Machine, databaseUrl: string): Promise<void> {
  for (const role of ['web', 'worker']) {
    const env: Env = {
      DATABASE_URL: databaseUrl,
      DATA_DIR: join(machine.dataDir, role),
      SEALING_KEY_PATH: join(machine.dataDir, 'keys', 'sealing.json'),
    }
    await machine.start([`--role=${role}`], env)
  }
}
