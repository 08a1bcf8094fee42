import type { sql } from 'kysely'
import { demoShops } from '../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../sandbox/server.ts'
import type { Platform } from '../sandbox/world/model.ts'
import { connectors } from '../server/connectors/index.ts'
import { type Actor, systemActor } from '../server/core/access/actor.ts'
import { type Database, openDatabase } from '../server/core/db/db.ts'
import type { RunContext } from '../server/core/tasks/kinds.ts'
import { memoryKeyRing } from '../server/lib/seal.ts'
import { type OpenedShop, openCall } from '../server/shops/calls.ts'
import { connectDemoShops } from '../server/shops/demo.ts'
import { testDatabase } from '../server/testing/database.ts'
import { aRun } from '../server/testing/run.ts'
import { giveShopTasks } from '../server/worker.ts'

/** One connected shop of the simulator without any process. A test runs its tasks itself. */
export type OneShop = {
  db: Database
  databaseUrl: string
  shopId: string
  key: string
  sandbox: RunningSandbox
  control(path: string, body?: unknown): Promise<unknown>
  /** The context of a task's run. A later one has a greater fence. */
  aRun<Params>(params: Params): Promise<RunContext<Params> & OpenedShop>
  [Symbol.asyncDispose](): Promise<void>
}

export const clerk: Actor = { ...systemActor, kind: 'user', id: '1', name: '林晓' }

export async function openShop(platform: Platform, trades: number): Promise<OneShop> {
  const base = await testDatabase()
  const database = openDatabase(base.url, { max: 12 })
  const { db } = database
  const options = demoShops.filter((shop) => shop.platform === platform).map((shop) => ({ ...shop, trades }))
  const sandbox = await startSandbox({ port: 0, seed: 'races', shops: options, spreadSeconds: 86_400 })
  const ring = memoryKeyRing()
  const [shopId = ''] = await connectDemoShops(
    { db, ring, connectors, onShopConnected: giveShopTasks },
    sandbox.url,
    options,
  )
  let fence = 0
  return {
    db,
    databaseUrl: base.url,
    shopId,
    key: options[0]?.key ?? '',
    sandbox,
    async control(path, body) {
      const [verb = '', rest = path] = path.includes(' ') ? path.split(' ') : [body ? 'POST' : 'GET', path]
      const response = await fetch(`${sandbox.url}/control/${rest}`, {
        method: verb,
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      return response.json()
    },
    async aRun(params) {
      fence += 1
      const opened = await openCall({ db, ring, connectors, simulator: true }, shopId)
      return Object.assign(opened, aRun(db, params), { runId: String(fence), fence: String(fence) })
    },
    async [Symbol.asyncDispose]() {
      await sandbox.close()
      await database.close()
      await base[Symbol.asyncDispose]()
    },
  }
}

export async function rowsOf<Row>(db: Database, query: ReturnType<typeof sql<Row>>): Promise<Row[]> {
  return (await query.execute(db)).rows
}
