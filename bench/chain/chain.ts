import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pino from 'pino'
import { systemActor } from '../../server/core/access/actor.ts'
import type { Database } from '../../server/core/db/db.ts'
import { startJobs } from '../../server/core/jobs/job.ts'
import { startFlushing } from '../../server/core/lists/search-indexes.ts'
import type { RunCounts } from '../../server/core/tasks/kinds.ts'
import { autoConvertTrades } from '../../server/flows/auto-convert.ts'
import { startCountingDemand } from '../../server/intake/trades/staged-needs.ts'
import type { KeyRing } from '../../server/lib/seal.ts'
import { secondMs } from '../../server/lib/time.ts'
import { autoConfirm } from '../../server/orders/review/confirm.ts'
import { startStockSync } from '../../server/stock-sync/loop.ts'
import { jobs } from '../../server/worker.ts'
import { cpuSpent } from '../cpu.ts'
import { type BenchServer, open } from '../database.ts'
import { report } from '../report.ts'
import { plainChain } from './chain-ceiling.ts'
import { type Account, accountFor } from './chain-check.ts'
import { chainShops, chainTrades, houseShops, takeChainHouse } from './chain-house.ts'
import { addGiftRules, disturb, lastOrder } from './chain-mixed.ts'
import { skus } from './choose.ts'

const floor = 3000
/** The rate required with refunds, merges, splits and gifts, as a part of the rate without them. */
const mixedShare = 0.6
/** The trades of one run: what a shop gets in a minute at the required rate; fewer if the whole bench takes only a few minutes. */
const perRun = (minutes: number) => Math.round((Math.min(1, minutes / 6) * 60 * floor) / houseShops)
/** Trades staged in advance for each second, enough that no shop runs out. */
const stagedPerSecond = 3600
const ceilingOrders = 100_000

/** Progress at a time, in ms since the beginning. */
type Step = { at: number; converted: number; confirmed: number }
type Busy = { convertMs: number; confirmMs: number }
type Clock = { began: number; until: number; perRun: number }

/**
 * Measures trades from staged to confirmed: converted, assigned to warehouses, promised stock, checked and confirmed, by a worker's tasks,
 * one after the other for each shop, beside a worker's jobs and loops. The database has `size` orders; everything runs on this machine.
 */
export async function benchChain(
  server: BenchServer,
  { minutes, size, mixed = false }: { minutes: number; size: number; mixed?: boolean },
): Promise<void> {
  const url = await takeChainHouse(server, {
    size,
    trades: Math.ceil(minutes * 60 * stagedPerSecond) + ceilingOrders,
  })
  const { db, pool, close } = open(url, 20)
  try {
    if (mixed) await addGiftRules(db)
    const [ids, staged] = [await chainShops(db), await chainTrades(db)]
    const log = pino({ level: 'warn' })
    const worker = [
      await startJobs({ db, pool, log, jobs }),
      startFlushing({ db, log }),
      startCountingDemand({ db, log }),
      startStockSync({ db, log }),
    ]
    const began = performance.now()
    const clock = { began, until: began + minutes * 60 * secondMs, perRun: perRun(minutes) }
    const busy: Busy = { convertMs: 0, confirmMs: 0 }
    const before = await spent(db)
    const steps = (
      await Promise.all(
        ids.map((id) => runShop({ db, ring: mixed ? server.ring : undefined }, id, clock, busy)),
      )
    ).flat()
    const seconds = (performance.now() - began) / 1000
    const after = await spent(db)
    await jobsDone(db)
    for (const engine of worker) await engine.stop()
    // The account does not know holds and splits by users and refunds. Random histories check them.
    const account = mixed ? {} : await accountFor(db)
    const plain = mixed
      ? undefined
      : await plainChain({ url, db }, Math.min(ceilingOrders, account['orders'] ?? 0))
    tell({ mixed, staged, seconds, steps, busy, before, after, account, plain })
  } finally {
    await close()
  }
}

/** Converts `perRun` trades, confirms what is possible, and repeats this until the time is over. */
async function runShop(
  /** With a key ring, orders are also refunded, merged and split. */
  { db, ring }: { db: Database; ring: KeyRing | undefined },
  id: string,
  { began, until, perRun }: Clock,
  busy: Busy,
): Promise<Step[]> {
  const steps: Step[] = []
  const context = { ...runContext(db), shop: { id } }
  /** Returns a function that records the progress of a run since its last call. */
  const telling = (of: 'converted' | 'confirmed', read: (counts: Partial<RunCounts>) => number) => {
    let before = 0
    return (counts: Partial<RunCounts>) => {
      const more = read(counts) - before
      before += more
      steps.push({ at: performance.now() - began, converted: 0, confirmed: 0, [of]: more })
    }
  }
  let disturbed = ring ? await lastOrder(db) : ''
  while (performance.now() < until) {
    const from = performance.now()
    await autoConvertTrades({
      ...context,
      params: { ...convertParams, tradesPerRun: perRun },
      signal: AbortSignal.timeout(Math.ceil(until - from)),
      progress: telling('converted', ({ created = 0 }) => created),
    }).catch(endsInTime)
    if (ring) disturbed = await disturb(db, ring, id, disturbed)
    const between = performance.now()
    await autoConfirm({
      ...context,
      params: { ordersPerRun: 1_000_000 },
      progress: telling('confirmed', ({ updated = 0 }) => updated),
    })
    busy.convertMs += between - from
    busy.confirmMs += performance.now() - between
  }
  return steps
}

const convertParams = {
  minutesAfterPayment: 15,
  skipWithMessage: false,
  skipWithMemo: false,
  skipWithFlag: false,
}

function endsInTime(error: unknown): void {
  if (!(error instanceof Error && error.name === 'TimeoutError')) throw error
}

function runContext(db: Database) {
  return {
    db,
    window: undefined,
    signal: new AbortController().signal,
    actor: systemActor,
    log: pino({ level: 'warn' }),
    taskId: '0',
    runId: '0',
    fence: '0',
  }
}

/** Waits until the worker has finished the jobs that the changes caused. */
async function jobsDone(db: Database): Promise<void> {
  for (;;) {
    const found = await sql<{
      open: number
    }>`select count(*)::int as open from job where state in ('created', 'retry', 'active')`.execute(db)
    if (found.rows[0]?.open === 0) return
    await sleep(200)
  }
}

type Spent = Awaited<ReturnType<typeof spent>>

/** Returns the processor time, and the bytes written to the WAL and by checkpoints. */
async function spent(db: Database) {
  const found = await sql<{ bytes: number; images: number; checkpoints: number }>`
    select wal_bytes::float8 as bytes, wal_fpi::float8 as images, (select num_timed + num_requested from pg_stat_checkpointer)::int as checkpoints
    from pg_stat_wal`.execute(db)
  return { ...(await cpuSpent(db)), ...(found.rows[0] ?? { bytes: 0, images: 0, checkpoints: 0 }) }
}

type Ended = {
  mixed: boolean
  staged: number
  seconds: number
  steps: Step[]
  busy: Busy
  before: Spent
  after: Spent
  account: Account
  plain: { ownTables: number; ceiling: number } | undefined
}

function tell({ mixed, staged, seconds, steps, busy, before, after, account, plain }: Ended): void {
  const orders = total(steps, 'converted')
  if (orders >= staged - ceilingOrders) throw new Error('the staged trades did not last')
  const thirds = [0, 1, 2].map((third) => rateIn(steps, third / 3, (third + 1) / 3, seconds))
  const [first = 0, , last = 0] = thirds
  /** As a part of the whole machine's time. */
  const perOrder = (ms: number) => (ms / (busy.convertMs + busy.confirmMs)) * (seconds / orders) * 1e6
  const facts = {
    thirds: thirds.map(Math.round),
    lastOfFirst: last / first,
    microsecondsConverting: Math.round(perOrder(busy.convertMs)),
    microsecondsConfirming: Math.round(perOrder(busy.confirmMs)),
    cpuNode: Math.round(((after.node - before.node) / orders) * 1e6),
    cpuPostgres: Math.round(((after.postgres - before.postgres) / orders) * 1e6),
    walBytes: Math.round((after.bytes - before.bytes) / orders),
    pageImages: (after.images - before.images) / orders,
    checkpoints: after.checkpoints - before.checkpoints,
    ...account,
  }
  console.log(JSON.stringify(facts))
  report({
    name: mixed ? 'chain mixed' : 'chain',
    work: `${mixed ? 'with 10 % refunds, 5 % merges, 3 % splits and gifts: ' : ''}${orders.toLocaleString('en')} staged trades converted, placed by 50 rules, promised, judged and confirmed in ${Math.round(seconds)} s, ${skus.toLocaleString('en')} SKUs`,
    figure: orders / seconds,
    unit: 'orders/s',
    floor: mixed ? floor * mixedShare : floor,
    atMost: false,
    ...plain,
    facts,
  })
  report({
    name: 'chain lasts',
    work: 'its last third beside its first',
    figure: last / first,
    unit: '×',
    floor: 0.85,
    atMost: false,
  })
}

/**
 * Returns orders/s between two parts of the time. Converting an order counts as half, confirming (or deciding not to) as the other half.
 */
function rateIn(steps: readonly Step[], from: number, to: number, seconds: number): number {
  const all = { converted: total(steps, 'converted'), confirmed: total(steps, 'confirmed') }
  const within = steps.filter(({ at }) => at > from * seconds * 1000 && at <= to * seconds * 1000)
  const share = (total(within, 'converted') / all.converted + total(within, 'confirmed') / all.confirmed) / 2
  return (share * all.converted) / ((to - from) * seconds)
}

const total = (steps: readonly Step[], of: 'converted' | 'confirmed') =>
  steps.reduce((sum, step) => sum + step[of], 0)
