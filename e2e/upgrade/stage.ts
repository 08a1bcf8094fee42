import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { loadConfig } from '../../server/config.ts'
import { type Database, type OpenDatabase, openDatabase } from '../../server/core/db/db.ts'
import { loadKeyRing } from '../../server/lib/seal.ts'
import { type Caller, callerAt, insertUser } from '../../server/testing/app.ts'
import { testDatabase } from '../../server/testing/database.ts'
import { freePort } from '../../server/testing/free-port.ts'
import { aShop, manyOrders } from '../../server/testing/orders.ts'
import { until } from '../../server/testing/until.ts'
import { sessionCookieName, signCookie } from '../../server/users/sign-in/auth.ts'
import { type Balancer, startBalancer } from './balancer.ts'
import { type Migrations, makeVersion, type Process, startProcess } from './versions.ts'

export type Web = Process & { port: number }

/** An installation whose processes are started one by one, of any version, behind a balancer. */
export type Stage = OpenDatabase & {
  balancer: Balancer
  folder: string
  /** Ids of unconfirmed orders. */
  orders: string[]
  newUser(): Promise<Caller>
  make(version: string, migrations: Migrations): string
  web(version: string): Promise<Web>
  worker(version: string): Promise<Process>
  /** Asks a process to end as a service manager does, and returns its exit code. */
  end(process: Process): Promise<number | NodeJS.Signals>
  /** Runs a script of a version. */
  command(version: string, script: readonly string[]): Process
  owner(text: string): Promise<void>
  /** The owner of the tables, who sees what others do on the server. */
  ownerDb: Database
  [Symbol.asyncDispose](): Promise<void>
}

const drainSeconds = 1

export async function openStage(orderCount: number): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const base = stack.use(await testDatabase())
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-upgrade-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const port = await freePort()
  const balancer = await startBalancer(port)
  stack.defer(() => balancer.close())
  const env = {
    ...{ DATABASE_URL: base.url, DATABASE_OWNER_URL: '', DATA_DIR: folder, LISTEN_HOST: '127.0.0.1' },
    ...{ SEALING_KEY_PATH: join(folder, 'sealing.json'), PUBLIC_URL: balancer.url, SIMULATOR: '1' },
    DRAIN_SECONDS: String(drainSeconds),
  }
  const ring = await loadKeyRing(env.SEALING_KEY_PATH)
  const database = openDatabase(base.url, { max: 4, name: 'e2e' })
  stack.defer(() => database.close())
  const owner = openDatabase(base.ownerUrl, { max: 2, name: 'e2e' })
  stack.defer(() => owner.close())
  const orders = await manyOrders(database.db, { shopId: await aShop(database.db) }, orderCount)
  const started: Process[] = []
  stack.defer(async () => {
    for (const { child, exit } of started) {
      child.kill('SIGKILL')
      await exit
    }
  })
  const start = (version: string, script: readonly string[], more: Record<string, string> = {}) => {
    const process = startProcess(version, script, { ...env, ...more })
    started.push(process)
    return process
  }
  const owned = stack.move()
  return {
    ...database,
    ...{ balancer, folder, orders: orders.map(({ id }) => id) },
    async newUser() {
      const { id, token } = await insertUser(database, ['*'], 'all')
      const config = loadConfig({ PORT: String(port), PUBLIC_URL: balancer.url })
      return callerAt(balancer.url, id, `${sessionCookieName(config)}=${signCookie(ring, token)}`)
    },
    make: (version, migrations) => makeVersion(join(folder, version), version, migrations),
    async web(version) {
      const own = await freePort()
      const web = start(version, ['server/start/web.ts'], { PORT: String(own) })
      balancer.add(own)
      await Promise.race([balancer.until(own, true), web.exit.then(() => assert.fail(web.log()))])
      return { ...web, port: own }
    },
    async worker(version) {
      const worker = start(version, ['server/worker.ts'])
      await until(() => worker.log().includes('"working"'), 60_000)
      return worker
    },
    async end(process) {
      process.child.kill('SIGTERM')
      return process.exit
    },
    command: (version, script) => start(version, script, { DATABASE_OWNER_URL: base.ownerUrl }),
    owner: base.owner,
    ownerDb: owner.db,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Waits until a migrator is in the middle of a migration, which sleeps there, and kills it. Returns once the server has noticed. */
export async function killWithin(
  { ownerDb: db }: Stage,
  migrator: Process,
  migration: string,
): Promise<void> {
  const within = async () => {
    const found = await sql`
      select from pg_stat_activity where application_name = 'sanyi migrate' and wait_event = 'PgSleep'
        and datname = current_database() and query like ${`%${migration}%`}`.execute(db)
    return found.rows.length > 0
  }
  await until(async () => migrator.child.exitCode !== null || (await within()), 60_000)
  assert.equal(migrator.child.exitCode, null, migrator.log())
  migrator.child.kill('SIGKILL')
  await migrator.exit
  await untilNoMigrator(db)
}

export async function untilNoMigrator(db: Database): Promise<void> {
  await until(async () => {
    const found = await sql`
      select from pg_stat_activity where application_name = 'sanyi migrate' and datname = current_database()`.execute(
      db,
    )
    return found.rows.length === 0
  })
}
