import Type from 'typebox'
import { refundStatuses, tradeStatuses } from '../../connectors/connector.ts'
import { defineTaskKind } from '../../core/tasks/kinds.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { downloadRefundsManually, downloadTradesManually } from './pull.ts'
import { auditDownloads } from './reconcile.ts'
import { runCatchUp, runDetails, runRefundList, runTradeList } from './streams.ts'

const minute = 60
const whole = (fallback: number, minimum: number, maximum: number) =>
  Type.Integer({ default: fallback, minimum, maximum })
/**
 * The usual schedule of the tasks that read the platforms' lists: a new trade appears at most this time and the platform lag after it was
 * placed. A run without changes costs two or three calls.
 */
const often = { everySeconds: 20 }
const never = { cron: '0 0 29 2 *', timeZone: 'Asia/Shanghai' }

export const intakeTaskKinds = [
  defineTaskKind<OpenedShop, ReturnType<typeof listParams>>({
    kind: 'trade_list',
    name: { zh: '交易下载', en: 'Trade download' },
    reads: true,
    params: listParams(),
    defaultSchedule: often,
    several: true,
    run: runTradeList,
  }),
  defineTaskKind<OpenedShop, ReturnType<typeof detailParams>>({
    kind: 'trade_detail',
    name: { zh: '明细下载', en: 'Trade details' },
    reads: true,
    params: detailParams(),
    defaultSchedule: { everySeconds: 15 },
    run: runDetails,
  }),
  defineTaskKind<OpenedShop, ReturnType<typeof catchUpParams>>({
    kind: 'trade_catch_up',
    name: { zh: '交易补漏', en: 'Trade catch-up' },
    reads: true,
    params: catchUpParams(),
    defaultSchedule: { everySeconds: 30 * minute },
    several: true,
    run: (context) => runCatchUp(context, context.params.lookBackHours),
  }),
  defineTaskKind<OpenedShop, ReturnType<typeof refundListParams>>({
    kind: 'refund_list',
    name: { zh: '退单下载', en: 'Refund download' },
    reads: true,
    params: refundListParams(),
    defaultSchedule: often,
    several: true,
    run: runRefundList,
  }),
  defineTaskKind<OpenedShop, ReturnType<typeof downloadAuditParams>>({
    kind: 'reconciliation',
    name: { zh: '对账补漏', en: 'Reconciliation' },
    reads: true,
    params: downloadAuditParams(),
    defaultSchedule: { cron: '30 3 * * *', timeZone: 'Asia/Shanghai' },
    run: auditDownloads,
  }),
  // Only users start these tasks, with numbers or a span.
  defineTaskKind<OpenedShop, ReturnType<typeof manualDownloadParams>>({
    kind: 'trade_pull',
    name: { zh: '手工下载交易', en: 'Pull trades' },
    reads: true,
    params: manualDownloadParams(),
    defaultSchedule: never,
    enabled: false,
    run: downloadTradesManually,
  }),
  defineTaskKind<OpenedShop, ReturnType<typeof manualDownloadParams>>({
    kind: 'refund_pull',
    name: { zh: '手工下载退单', en: 'Pull refunds' },
    reads: true,
    params: manualDownloadParams(),
    defaultSchedule: never,
    enabled: false,
    run: downloadRefundsManually,
  }),
]

/** The status to which the task is limited; empty: all. */
function oneStatus<const Status extends string>(statuses: readonly Status[]) {
  return Type.Enum(['', ...statuses.filter((status) => status !== 'unknown')], { default: '' })
}

function reach() {
  return {
    /** The first load begins this many days before the shop's connection. */
    firstLoadDays: whole(30, 1, 90),
    /** The most windows of one run. The next run follows at once. */
    windowsPerRun: whole(200, 1, 5000),
  }
}

function listParams() {
  return Type.Object({ ...reach(), status: oneStatus(tradeStatuses) }, { additionalProperties: false })
}

function refundListParams() {
  return Type.Object({ ...reach(), status: oneStatus(refundStatuses) }, { additionalProperties: false })
}

function detailParams() {
  return Type.Object(
    {
      tradesPerRun: whole(20_000, 1, 1_000_000),
      /** For a run that a user started: only trades for which 下载 was pressed. */
      onlyUrgent: Type.Boolean({ default: false, ofRun: true }),
    },
    { additionalProperties: false },
  )
}

function catchUpParams() {
  return Type.Object({ lookBackHours: whole(6, 1, 168) }, { additionalProperties: false })
}

function downloadAuditParams() {
  return Type.Object({ days: whole(2, 1, 30) }, { additionalProperties: false })
}

function manualDownloadParams() {
  return Type.Object(
    {
      numbers: Type.Array(Type.String({ maxLength: 64 }), { default: [], maxItems: 1000 }),
      status: Type.String({ default: '', maxLength: 60 }),
    },
    { additionalProperties: false },
  )
}
