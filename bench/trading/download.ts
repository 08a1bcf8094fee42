import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { demoShops } from '../../sandbox/demo-shops.ts'
import { childEnvironment } from '../../server/config.ts'
import { connectors } from '../../server/connectors/index.ts'
import type { Database } from '../../server/core/db/db.ts'
import { migrate } from '../../server/core/db/migrate.ts'
import { nodeFlags } from '../../server/core/embedded/children.ts'
import { connectDemoShops } from '../../server/shops/demo.ts'
import { giveShopTasks } from '../../server/worker.ts'
import { type BenchServer, freshDatabase, keyFile, open } from '../database.ts'
import { peakMemoryMb, report } from '../report.ts'
import { firstLine } from './trading-house.ts'

const days = 20

/** Measures the real worker downloading a marketplace's past trades over HTTP: list, queue, detail, staging. */
export async function benchDownload(server: BenchServer, trades: number): Promise<void> {
  const url = await freshDatabase(server, 'download')
  await migrate(url)
  const { db, close } = open(url)
  const market = fork(path('./marketplace.ts'), [String(trades), String(days)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  let worker: ChildProcess | undefined
  try {
    const address = await firstLine(market)
    await connectShop(db, server, address)
    const began = performance.now()
    worker = fork(path('../../server/worker.ts'), [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: nodeFlags,
      env: childEnvironment({
        DATABASE_URL: url,
        SEALING_KEY_PATH: keyFile,
        LOG_LEVEL: 'warn',
        NODE_ENV: 'production',
        SIMULATOR: '1',
      }),
    })
    await untilStaged(db, trades)
    const seconds = (performance.now() - began) / 1000
    const work = `${trades.toLocaleString('en')} trades of the past over HTTP, list and detail, to staged`
    report({ name: 'download', work, figure: trades / seconds, unit: 'trades/s', floor: 1500, atMost: false })
    report({
      name: 'worker memory',
      work: `the most that the worker held meanwhile`,
      figure: peakMemoryMb(worker.pid ?? 0),
      unit: 'MB',
      floor: 300,
      atMost: true,
    })
  } finally {
    await end(worker)
    await end(market)
    await close()
  }
}

async function connectShop(db: Database, { ring }: BenchServer, address: string): Promise<void> {
  const [shop] = demoShops
  if (!shop) throw new Error('the demo has no shops')
  const deps = { db, ring, connectors, onShopConnected: giveShopTasks }
  await connectDemoShops(deps, address, [shop])
  await sql`update shop set settings = settings || '{"requestsPerSecond": 5000, "concurrentRequests": 64}'`.execute(
    db,
  )
  await sql`update task set params = params || ${JSON.stringify({ firstLoadDays: days + 1, windowsPerRun: 5000 })}::jsonb where kind = 'trade_list'`.execute(
    db,
  )
  await sql`update task set interval_seconds = 1, params = params || '{"tradesPerRun": 1000000}' where kind = 'trade_detail'`.execute(
    db,
  )
  await sql`update task set enabled = kind in ('trade_list', 'trade_detail')`.execute(db)
}

async function untilStaged(db: Database, trades: number): Promise<void> {
  const deadline = Date.now() + trades * 10 + 60_000
  for (;;) {
    await sleep(250)
    const found = await sql<{ n: number }>`
      select coalesce(sum(created), 0)::int as n from task_run where kind = 'trade_detail'`.execute(db)
    if ((found.rows[0]?.n ?? 0) >= trades) break
    if (Date.now() > deadline) throw new Error(`only ${found.rows[0]?.n} of ${trades} trades came`)
  }
  const staged = await sql<{
    n: number
  }>`select count(*)::int as n from staged_trade where detail_at is not null`.execute(db)
  if (staged.rows[0]?.n !== trades) throw new Error(`${staged.rows[0]?.n} of ${trades} trades are staged`)
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
