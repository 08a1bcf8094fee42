import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { saveSkus } from '../../server/catalog/skus/save-skus.ts'
import { childEnvironment, loadConfig } from '../../server/config.ts'
import { connectors } from '../../server/connectors/index.ts'
import { systemActor, wholeScope } from '../../server/core/access/actor.ts'
import type { Database } from '../../server/core/db/db.ts'
import { migrate } from '../../server/core/db/migrate.ts'
import { nodeFlags } from '../../server/core/embedded/children.ts'
import { createQueues } from '../../server/core/jobs/job.ts'
import {
  approveDocuments,
  createDocument,
  postDocuments,
} from '../../server/inventory/documents/documents.ts'
import { connectDemoShops } from '../../server/shops/demo.ts'
import { goodsOf } from '../../server/start/demo.ts'
import { type Caller, callerAt } from '../../server/testing/app.ts'
import { freePort } from '../../server/testing/free-port.ts'
import { giveShopTasks, jobs } from '../../server/worker.ts'
import { type BenchServer, benchDir, freshDatabase, keyFile, open } from '../database.ts'
import { signIn } from '../session.ts'
import { type BenchPlatform, benchShops } from './shops.ts'

type Shop = { id: string; key: string }

/** The web and worker processes as in production, with a simulator in its own process, all on this machine. */
export type TradingHouse = {
  server: BenchServer
  db: Database
  shops: Shop[]
  /** A user with all permissions. */
  boss: Caller
  market: string
  control(path: string, body?: unknown, method?: string): Promise<unknown>
  start(name: 'web' | 'worker'): Promise<void>
  pids(): Record<string, number>
  [Symbol.asyncDispose](): Promise<void>
}

/** The connector's own limits apply to every shop, and the simulator refuses calls beyond them. */
export async function openTradingHouse(
  server: BenchServer,
  name: string,
  shopCount: number,
  platform: BenchPlatform = 'tmall',
): Promise<TradingHouse> {
  const url = await freshDatabase(server, name)
  await migrate(url)
  const { db, close } = open(url)
  await createQueues(db, jobs)
  const children = new Map<string, ChildProcess>()
  const market = fork(path('./marketplace.ts'), ['0', '1', String(shopCount), platform], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: ['--max-old-space-size=8000'],
  })
  children.set('market', market)
  const address = await firstLine(market)
  const port = await freePort()
  const webUrl = `http://127.0.0.1:${port}`
  const env = {
    DATABASE_URL: url,
    SEALING_KEY_PATH: keyFile,
    DATA_DIR: join(benchDir, name),
    LOG_LEVEL: 'warn',
    NODE_ENV: 'production',
    PORT: String(port),
    LISTEN_HOST: '127.0.0.1',
    PUBLIC_URL: webUrl,
    SIMULATOR: '1',
  }
  const control = (to: string, body?: unknown, method?: string) =>
    ask(`${address}/control/${to}`, body, method)
  const shops = await connect(server, db, address, benchShops(shopCount, platform))
  await stock(db, address, shops)
  for (const { key } of shops) await control('limit', { shop: key, perSecond: quota })
  const cookie = await signIn(db, server.ring, loadConfig({ PUBLIC_URL: webUrl }))
  return {
    server,
    db,
    shops,
    boss: callerAt(webUrl, '', `${cookie.name}=${cookie.value}`),
    market: address,
    control,
    async start(child) {
      const started = fork(path(scripts[child]), [], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        execArgv: nodeFlags,
        env: childEnvironment(env),
      })
      children.set(child, started)
      while (child === 'web' && !(await answers(`${webUrl}/healthz`))) await sleep(50)
    },
    pids: () => Object.fromEntries([...children].map(([key, { pid = 0 }]) => [key, pid])),
    async [Symbol.asyncDispose]() {
      for (const child of [...children.values()].toReversed()) await end(child)
      await close()
    },
  }
}

/** Calls per second that the connector declares and the simulator enforces. */
export const quota = 20

async function connect(
  server: BenchServer,
  db: Database,
  address: string,
  options: ReturnType<typeof benchShops>,
): Promise<Shop[]> {
  const deps = { db, ring: server.ring, connectors, onShopConnected: giveShopTasks }
  const ids = await connectDemoShops(deps, address, options)
  // Removes the demo's higher rate, so that the platform's quota applies.
  await sql`update shop set settings = settings - 'requestsPerSecond'`.execute(db)
  // Downloads are off, because the measurement begins with staged trades.
  await sql`update task set enabled = false where shop_id is not null`.execute(db)
  return options.map(({ key }, at) => ({ key, id: ids[at] ?? '' }))
}

/** Adds one warehouse with plenty of stock of every SKU. */
async function stock(db: Database, address: string, shops: readonly Shop[]): Promise<void> {
  const all = (await Promise.all(shops.map((shop) => goodsOf(address, shop)))).flat()
  const goods = [...new Map(all.map((one) => [one.code, one])).values()]
  const actor = systemActor
  await db.transaction().execute(async (tx) => {
    const made = await sql<{ id: string }>`
      insert into warehouse (code, name, kind, province, city) values ('HZ', '杭州仓', 'own', '浙江省', '杭州市') returning id`.execute(
      tx,
    )
    await saveSkus(tx, goods, actor)
    const lines = goods.map(({ code }) => ({ skuCode: code, quantity: 100_000 }))
    const input = { warehouseId: made.rows[0]?.id ?? '', note: '期初库存', lines }
    const id = await createDocument(tx, 'adjustment', input, { actor, scope: wholeScope })
    await approveDocuments(tx, [id], { actor, scope: wholeScope })
    await postDocuments(tx, [id], { actor, scope: wholeScope })
  })
}

async function ask(
  url: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<unknown> {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const answer = await fetch(url, init)
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

const scripts = { web: '../../server/start/web.ts', worker: '../../server/worker.ts' }
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

export async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = await once(child.stdout ?? child, 'data')
  return String(chunk).trim()
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.ok ?? false
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
