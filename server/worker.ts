import type pg from 'pg'
import type { Logger } from 'pino'
import { startNotices } from './alarms/notices/loop.ts'
import { alarmSealed } from './alarms/sealed.ts'
import { downloadingListings } from './catalog/tasks.ts'
import { catalogVerbs } from './catalog/verbs.ts'
import { type Config, loadConfig, storageOf } from './config.ts'
import type { Connector } from './connectors/connector.ts'
import { connectors } from './connectors/index.ts'
import { wholeScope } from './core/access/actor.ts'
import { openKeyRing } from './core/access/key-check.ts'
import { resealing, type SealedPlace } from './core/access/reseal.ts'
import { type BackupSource, backingUp } from './core/backup/backup-task.ts'
import type { BatchAction } from './core/batches/batch.ts'
import { batchSealed } from './core/batches/batches.ts'
import { startBatches } from './core/batches/loop.ts'
import { type Database, type OpenDatabase, openDatabase, type Tx } from './core/db/db.ts'
import { trimming } from './core/db/trim.ts'
import { startHeartbeats } from './core/embedded/house-process.ts'
import { buildLog, logKeys } from './core/http/http-log.ts'
import { idempotencySealed } from './core/http/idempotency.ts'
import type { Running } from './core/jobs/engine.ts'
import { type Job, startJobs } from './core/jobs/job.ts'
import { startFlushing } from './core/lists/search-indexes.ts'
import { outboxBatchActions } from './core/outbox/batch-actions.ts'
import type { ActionHandler } from './core/outbox/handlers.ts'
import { startOutbox } from './core/outbox/loop.ts'
import { outboxSealed } from './core/outbox/sealed.ts'
import { watchKeptPlace } from './core/point-in-time/kept-log.ts'
import type { TaskKind } from './core/tasks/kinds.ts'
import { startTasks } from './core/tasks/loop.ts'
import { createInstallationTasks, createShopTasks } from './core/tasks/tasks.ts'
import { thisProgram } from './core/upgrade/program.ts'
import { assertSupported, watchSupport } from './core/upgrade/support.ts'
import { bulkActions, type Verb } from './core/verbs.ts'
import { reconciling } from './finance/recon-task.ts'
import { financeVerbs } from './finance/verbs.ts'
import { numberFreed, shownShipped } from './flows/jobs.ts'
import { flowTaskKinds } from './flows/tasks.ts'
import { flowVerbs } from './flows/verbs.ts'
import type { CheckRefunds } from './fulfilment/asking/asking.ts'
import { orderSearch } from './fulfilment/for-orders.ts'
import { fulfilmentJobs } from './fulfilment/jobs.ts'
import { reportingPrints } from './fulfilment/printing/reports.ts'
import { fulfilmentSealed } from './fulfilment/sealed.ts'
import { countingNumbers } from './fulfilment/tasks.ts'
import { followingParcels } from './fulfilment/tracking/follow.ts'
import { askingCouriers } from './fulfilment/tracking/intercept-action.ts'
import { subscribing } from './fulfilment/tracking/subscriptions.ts'
import { trackingParcels } from './fulfilment/tracking/tracking.ts'
import { fulfilmentVerbs } from './fulfilment/verbs.ts'
import { planningWaves } from './fulfilment/waves/plan-task.ts'
import { givingBack, takingNumbers } from './fulfilment/waybills/outbox.ts'
import { changeAction } from './fulfilment/write-back/change-outbox.ts'
import { shippingAction } from './fulfilment/write-back/outbox.ts'
import { refundCheckOf } from './intake/asking/ask-before.ts'
import { startRefundChecks } from './intake/asking/ask-loop.ts'
import { startOpeningRestored } from './intake/coverage/restored.ts'
import { intakeTaskKinds } from './intake/downloads/tasks.ts'
import { interceptEnded, printedGivenUp, updatingShopReasons } from './intake/jobs.ts'
import { intakeActions } from './intake/outbox.ts'
import { startPush } from './intake/push/loop.ts'
import { intakeSealed } from './intake/sealed.ts'
import { startCountingDemand } from './intake/trades/staged-needs.ts'
import { afterSalesBulkActions, intakeVerbs } from './intake/verbs.ts'
import { inventoryJobs } from './inventory/jobs.ts'
import { inventoryVerbs } from './inventory/verbs.ts'
import { watchKeyFile } from './lib/key-file.ts'
import { createLimiter } from './lib/limiter.ts'
import { quietly } from './lib/quiet.ts'
import type { KeyRing } from './lib/seal.ts'
import { exitWithStartError, noRestartCode, reportRefusal, whenAskedToStop } from './lib/stopping.ts'
import { enqueueFilled, goodsJobs, reservingWaiting } from './orders/allocation/goods-jobs.ts'
import { tradesPaid } from './orders/create/pay.ts'
import { reserveMatched } from './orders/gifts/give.ts'
import { orderSealed } from './orders/sealed.ts'
import { settleVerbs } from './orders/settle/verbs.ts'
import {
  archivingOrders,
  autoConfirming,
  autoMerging,
  autoSplitting,
  comparingReceivers,
  completingOffPlatform,
  liftingDueHolds,
  syncingMemos,
} from './orders/tasks.ts'
import { orderVerbs } from './orders/verbs.ts'
import { startErasing } from './privacy/loop.ts'
import { startReportMails } from './reports/mails.ts'
import { computingReports } from './reports/task.ts'
import { returnJobs } from './returns/jobs.ts'
import { exchanging } from './returns/tasks.ts'
import { returnVerbs } from './returns/verbs.ts'
import { receiptAction } from './returns/write-back/outbox.ts'
import { connectorOf, type OpenedShop, openCall } from './shops/calls.ts'
import { shopSealed } from './shops/sealed.ts'
import { listShops } from './shops/shops.ts'
import { startStockSync } from './stock-sync/loop.ts'
import { stockSyncAction } from './stock-sync/outbox.ts'
import { syncingStock } from './stock-sync/tasks.ts'
import { stockSyncVerbs } from './stock-sync/verbs.ts'
import { scopeNow } from './users/current-rights.ts'
import { userSealed } from './users/sealed.ts'
import { startWebhooks } from './webhooks/loop.ts'
import { webhookSealed } from './webhooks/sealed.ts'
import { webhookMessageVerbs } from './webhooks/verbs.ts'

/** A shop gets one task of each of these kinds that applies to it. */
const shopTaskKinds = [
  ...intakeTaskKinds,
  ...flowTaskKinds,
  downloadingListings,
  syncingStock,
  autoConfirming,
  syncingMemos,
  autoSplitting,
  comparingReceivers,
  countingNumbers,
  trackingParcels,
]

/** 计划任务: the kinds of scheduled tasks, for shops and for the installation. */
export function taskKinds(
  ring: KeyRing,
  simulator = false,
  limiter = createLimiter(),
  backup?: BackupSource,
): readonly TaskKind<OpenedShop>[] {
  return [
    ...shopTaskKinds,
    liftingDueHolds,
    autoMerging,
    completingOffPlatform,
    archivingOrders,
    reservingWaiting,
    exchanging(ring),
    planningWaves,
    followingParcels({ ring, simulator, limiter }),
    reconciling,
    computingReports,
    trimming,
    backingUp(backup),
    resealing(ring, sealedPlaces),
  ]
}

/** The columns with sealed values. If values are copied from one column to another, the source must come first. */
export const sealedPlaces: readonly SealedPlace[] = [
  ...shopSealed,
  ...userSealed,
  ...outboxSealed,
  batchSealed,
  idempotencySealed,
  ...intakeSealed,
  ...orderSealed,
  ...fulfilmentSealed,
  ...alarmSealed,
  ...webhookSealed,
]

export function verbs(ring: KeyRing, check?: CheckRefunds): readonly Verb[] {
  return [
    ...catalogVerbs,
    ...inventoryVerbs,
    ...stockSyncVerbs,
    ...financeVerbs,
    ...settleVerbs,
    ...orderVerbs({ ring, ...orderSearch }),
    ...fulfilmentVerbs({ ring, ...orderSearch }),
    ...returnVerbs(ring),
    ...intakeVerbs(ring),
    ...flowVerbs(ring, check),
    ...webhookMessageVerbs,
  ]
}

/** 批量操作: the actions over a selection or all rows of a filter. `ask`: the refund check; only a process that runs the actions needs it. */
export function batchActions(ring: KeyRing, ask?: CheckRefunds): readonly BatchAction[] {
  return [
    ...afterSalesBulkActions(ring),
    ...outboxBatchActions(actionHandlers),
    ...bulkActions(verbs(ring, ask)),
  ]
}

export const actionHandlers: readonly ActionHandler<OpenedShop>[] = [
  ...intakeActions,
  shippingAction,
  changeAction,
  takingNumbers,
  givingBack,
  reportingPrints,
  subscribing,
  askingCouriers,
  receiptAction,
  stockSyncAction,
]

export const jobs: readonly Job[] = [
  updatingShopReasons,
  numberFreed,
  shownShipped,
  interceptEnded,
  printedGivenUp,
  ...inventoryJobs({ onFilled: enqueueFilled }),
  ...goodsJobs(reserveMatched),
  tradesPaid,
  ...fulfilmentJobs,
  ...returnJobs,
]

/** Returns the name of a kind of task, for alarms about it. */
export const nameOfTask = (kinds: readonly TaskKind<OpenedShop>[]) => (name: string) =>
  kinds.find(({ kind }) => kind === name)?.name

export type WorkerParts = {
  db: Database
  pool: pg.Pool
  ring: KeyRing
  log: Logger
  simulator: boolean
  publicUrl: string
  /** How long this worker keeps the channels of messages without renewing; undefined: some seconds. */
  channelLeaseMs?: number
  /** For the backup, which uses a connection of its own. Undefined: an operator of many merchants makes the backups. */
  backup?: BackupSource
}

/** Starts the background work. Stopping waits for calls and chunks that have begun; the next worker does the rest. */
export async function startWorker(parts: WorkerParts): Promise<Running> {
  const { db, pool, ring, log, simulator, publicUrl } = parts
  const calls = { db, ring, connectors, limiter: createLimiter(), simulator, publicUrl }
  const openShop = (shopId: string, hooks: { signal: AbortSignal; onRequest: () => void }) =>
    openCall(calls, shopId, hooks)
  const kinds = taskKinds(ring, simulator, calls.limiter, parts.backup)
  await giveTasks(db, kinds)
  const engines = [
    await startJobs({ db, pool, log, jobs }),
    // A run mostly waits for its platform or for its turn in the quota, and needs no connection meanwhile. A run that waits for minutes, as many do
    // in peak hours, must not delay the lists of other shops, so this limit is above what an installation of many shops has under way.
    startTasks({ db, log, kinds, openShop, parallel: 240 }),
    startBatches({
      db,
      ring,
      log,
      actions: batchActions(ring, refundCheckOf(calls)),
      authorise: (actor, permission, scope) => scopeNow(db, actor, permission, scope),
    }),
    startOutbox({ db, log, handlers: actionHandlers, openShop, paceOf: ({ rate }) => rate }),
    startFlushing({ db, log }),
    startCountingDemand({ db, log }),
    startRefundChecks({ deps: calls, log }),
    startPush({ deps: calls, log, leaseMs: parts.channelLeaseMs }),
    startStockSync({ db, log }),
    startOpeningRestored({ db, log }),
    startNotices({ db, ring, log, publicUrl, simulator, taskName: nameOfTask(kinds) }),
    startReportMails({ db, ring, log, publicUrl, simulator }),
    startWebhooks({ db, ring, log, simulator }),
    startErasing({ db, ring, log }),
  ]
  return {
    async stop() {
      await Promise.all(engines.map((engine) => engine.stop()))
    },
  }
}

export function giveShopTasks(tx: Tx, shop: { id: string }, connector: Connector): Promise<void> {
  return createShopTasks(tx, shopTaskKinds, {
    id: shop.id,
    platform: connector.id,
    path: connector.trades.path,
    listings: connector.listings !== undefined,
    stock: connector.actions.updateStock !== undefined,
    receivers: connector.receivers !== undefined,
    traces: connector.trace !== undefined,
    leastSeconds: { trade_list: connector.trades.changed.everySeconds ?? 0 },
  })
}

/** Creates missing tasks of the installation and of every connected shop, because a new version may have new kinds of tasks. */
async function giveTasks(db: Database, kinds: readonly TaskKind<OpenedShop>[]): Promise<void> {
  const shops = await listShops(db, wholeScope)
  await db.transaction().execute(async (tx) => {
    await createInstallationTasks(tx, kinds)
    for (const shop of shops) {
      if (shop.authState !== 'none') await giveShopTasks(tx, shop, connectorOf(connectors, shop.platform))
    }
  })
}

/** Opens everything of a worker process, and starts its work. Stopping ends the work, then the connections. */
export async function openWorker(config: Config, log: Logger): Promise<Running & { database: OpenDatabase }> {
  const warn = quietly(log)
  if (config.databaseUrl === undefined) throw new Error('The worker process needs DATABASE_URL.')
  const database = openDatabase(config.databaseUrl, {
    name: 'sanyi worker',
    max: config.workerConnections,
    onError: (error) => warn(error, 'database connection lost'),
  })
  await assertSupported(database.pool)
  // Started before the keys are read, because the database's clock decides from when a key is used.
  const signs = await startHeartbeats({ db: database.db, log, kind: 'worker', dataDir: config.dataDir })
  const ring = await openKeyRing(database.db, config.sealingKeyPath, () => sealedPlaces)
  const unwatch = watchKeyFile(ring, config.sealingKeyPath, logKeys(log))
  const { simulator, publicUrl } = config
  const worker = await startWorker({
    db: database.db,
    pool: database.pool,
    ring,
    log,
    simulator,
    publicUrl,
    backup: { databaseUrl: config.databaseUrl, storage: storageOf(config) },
  })
  return {
    database,
    async stop() {
      unwatch()
      await worker.stop()
      await signs.stop()
      await database.close()
    },
  }
}

async function run(): Promise<void> {
  const config = loadConfig()
  const log = buildLog(config, 'worker')
  log.info(await thisProgram(), 'starting')
  const worker = await openWorker(config, log).catch(exitWithStartError)
  const { pool } = worker.database
  const kept = watchKeptPlace(pool, log, () => process.send?.('keep log'))
  log.info('working')
  process.send?.('working')
  const end = whenAskedToStop(async (why, code) => {
    log.info({ why }, 'stopping')
    await kept.stop()
    await support.stop()
    await worker.stop()
    process.exit(code)
  })
  const support = watchSupport({ database: pool, log }, (why) => {
    reportRefusal(why, noRestartCode)
    end('outdated', noRestartCode)
  })
}

if (import.meta.main) await run()
