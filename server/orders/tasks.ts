import Type from 'typebox'
import { defineInstallationTaskKind, defineTaskKind } from '../core/tasks/kinds.ts'
import type { OpenedShop } from '../shops/calls.ts'
import { archiveOrders } from './archive/archive.ts'
import { completeOwn } from './create/complete-own.ts'
import { liftDueHolds } from './holds/holds.ts'
import { compareReceivers, compareReceiversTask } from './merge/ask-receivers.ts'
import { autoMerge, mergeParams } from './merge/auto-merge.ts'
import { ordersWithDueHolds } from './order/queries.ts'
import { syncMemos } from './platform-changes/memo-sync.ts'
import { autoConfirm } from './review/confirm.ts'
import { autoSplit, splitParams } from './split/auto-split.ts'

const batchSize = 500

export const liftingDueHolds = defineInstallationTaskKind({
  kind: 'release_due_holds',
  name: { zh: '到期解除挂起', en: 'Release due holds' },
  params: Type.Object({}, { additionalProperties: false }),
  defaultSchedule: { everySeconds: 60 },
  async run({ db, signal, progress }) {
    for (let updated = 0; ; ) {
      signal.throwIfAborted()
      const ids = await ordersWithDueHolds(db, batchSize)
      if (ids.length === 0) return { seen: updated, updated }
      updated += await db.transaction().execute((tx) => liftDueHolds(tx, ids))
      progress({ updated })
    }
  },
})

const nothing = Type.Object({}, { additionalProperties: false })
const confirmParams = Type.Object(
  { ordersPerRun: Type.Integer({ default: 50_000, minimum: 1, maximum: 1_000_000 }) },
  { additionalProperties: false },
)

/**
 * 自动确认: confirms orders that pass the shop's confirm rule. Shops that are disabled or whose authorisation has ended are skipped: we
 * would not learn of their refunds and might ship refunded goods.
 */
export const autoConfirming = defineTaskKind<OpenedShop, typeof confirmParams>({
  kind: 'auto_confirm',
  name: { zh: '自动确认', en: 'Confirm orders' },
  params: confirmParams,
  defaultSchedule: { everySeconds: 60 },
  enabled: false,
  run: autoConfirm,
})

/**
 * 同步备注: applies changed seller memos and flags, since clerks set them on the platform for the person who packs. If the task is disabled, a
 * changed memo or flag waits until a person applies or ignores it.
 */
export const syncingMemos = defineTaskKind<OpenedShop, typeof nothing>({
  kind: 'sync_memos',
  name: { zh: '同步备注', en: 'Sync memos' },
  params: nothing,
  defaultSchedule: { everySeconds: 60 },
  run: syncMemos,
})

export const autoSplitting = defineTaskKind<OpenedShop, typeof splitParams>({
  kind: 'auto_split',
  name: { zh: '自动拆单', en: 'Split orders' },
  params: splitParams,
  defaultSchedule: { everySeconds: 60 },
  enabled: false,
  run: autoSplit,
})

/** 核对收件人: runs for platforms that mask receivers and answer receiver checks. While it is enabled, 自动合单 waits for its answers. */
export const comparingReceivers = defineTaskKind<OpenedShop, typeof nothing>({
  kind: compareReceiversTask,
  name: { zh: '核对收件人', en: 'Ask whose receivers are the same' },
  params: nothing,
  defaultSchedule: { everySeconds: 180 },
  applies: (shop) => shop.receivers === true,
  run: compareReceivers,
})

export const autoMerging = defineInstallationTaskKind({
  kind: 'auto_merge',
  name: { zh: '自动合单', en: 'Merge orders' },
  params: mergeParams,
  defaultSchedule: { everySeconds: 60 },
  enabled: false,
  run: autoMerge,
})

/**
 * 完成自建订单: completes off-platform orders some days after shipping. The default is the number of days for which platforms wait for the buyer.
 */
export const completingOffPlatform = defineInstallationTaskKind({
  kind: 'complete_own',
  name: { zh: '完成自建订单', en: 'Complete own orders' },
  params: Type.Object(
    { days: Type.Integer({ default: 10, minimum: 1, maximum: 365 }) },
    { additionalProperties: false },
  ),
  defaultSchedule: { everySeconds: 3600 },
  async run({ db, params: { days }, actor, signal }) {
    const updated = await completeOwn(db, { days, actor, signal })
    return { seen: updated, updated }
  },
})

/** 归档: archives orders that ended long ago and of which nothing is open. Lists then leave them out, and cost no more than without them. */
export const archivingOrders = defineInstallationTaskKind({
  kind: 'archive_orders',
  name: { zh: '归档订单', en: 'Archive orders' },
  params: Type.Object(
    {
      months: Type.Integer({ default: 12, minimum: 1, maximum: 120 }),
      settledOnly: Type.Boolean({ default: true }),
    },
    { additionalProperties: false },
  ),
  defaultSchedule: { cron: '30 4 * * *', timeZone: 'Asia/Shanghai' },
  enabled: false,
  run: ({ db, params, signal, progress }) =>
    archiveOrders(db, { ...params, signal, progress: (updated) => progress({ updated }) }),
})
