import { type RawBuilder, sql } from 'kysely'
import Type from 'typebox'
import { defineInstallationTaskKind } from '../tasks/kinds.ts'
import type { Database } from './db.ts'
import { noteSizes } from './sizes.ts'

/** The number of rows that one statement deletes. Small batches keep row locks briefly, and vacuum keeps up with them. */
const batchSize = 5000

const days = (fallback: number) => Type.Integer({ default: fallback, minimum: 1, maximum: 3650 })

/**
 * 清理: deletes the old records of tasks, bulk actions, platform actions, messages of platforms, scans, receiver checks, alarms,
 * webhooks and idempotency keys. First it notes the sizes of all tables.
 */
export const trimming = defineInstallationTaskKind({
  kind: 'trim',
  name: { zh: '清理旧记录', en: 'Trim old records' },
  params: Type.Object(
    {
      runDays: days(30),
      /** Age in days at which a scheduled run is deleted that found nothing and did not fail. */
      emptyRunDays: days(2),
      batchDays: days(90),
      actionDays: days(365),
      /**
       * Age in days at which a successful stock sync action is deleted. There are many, and the listing keeps the quantity that was sent
       * last.
       */
      uploadDays: days(14),
      /** Age in days at which a message of a platform is deleted. Until then one that comes again is recognised. */
      pushDays: days(3),
      /** Age in days at which a webhook message is deleted, also one that still waits. Until then it can be sent again. */
      webhookDays: days(30),
    },
    { additionalProperties: false },
  ),
  defaultSchedule: { cron: '10 4 * * *', timeZone: 'Asia/Shanghai' },
  async run({ db, params, signal, progress }) {
    await noteSizes(db)
    return { report: await trimRecords(db, params, signal, (report) => progress({ report })) }
  },
})

/** Deletes the old records of each kind, and returns how many. */
export async function trimRecords(
  db: Database,
  ages: Ages,
  signal: AbortSignal,
  progress: (report: Record<string, number>) => void,
): Promise<Record<string, number>> {
  const report: Record<string, number> = {}
  for (const [name, table, rows] of targets(ages)) {
    report[name] = await trim(db, table, rows, signal)
    progress(report)
  }
  return report
}

type Ages = {
  runDays: number
  emptyRunDays: number
  batchDays: number
  actionDays: number
  uploadDays: number
  pushDays: number
  webhookDays: number
}

function targets(ages: Ages): [name: string, table: string, rows: RawBuilder<unknown>][] {
  const before = (age: number) => sql`now() - ${age}::int * interval '1 day'`
  return [
    ['runs', 'task_run', sql`ended_at < ${before(ages.runDays)}`],
    [
      'emptyRuns',
      'task_run',
      sql`state = 'done' and seen = 0 and failed = 0 and trigger = 'schedule' and ended_at < ${before(ages.emptyRunDays)}`,
    ],
    // Deleting a batch also deletes its chunks and refusals.
    ['batches', 'batch', sql`state in ('done', 'stopped') and ended_at < ${before(ages.batchDays)}`],
    [
      'actions',
      'platform_action',
      sql`state in ('succeeded', 'failed', 'forced', 'manual', 'withdrawn') and ended_at < ${before(ages.actionDays)}`,
    ],
    [
      'uploads',
      'platform_action',
      sql`kind = 'stock_upload' and state = 'succeeded' and ended_at < ${before(ages.uploadDays)}`,
    ],
    ['pushMessages', 'push_message', sql`heard_at < ${before(ages.pushDays)}`],
    // Most answers of receiver checks are about shipped orders. If an order still waits, the platform is asked again.
    ['receiverAnswers', 'receiver_answer', sql`at < ${before(90)}`],
    ['scans', 'station_scan', sql`at < ${before(90)}`],
    ['waveScans', 'wave_scan', sql`at < ${before(90)}`],
    ['phoneScans', 'phone_scan', sql`at < ${before(90)}`],
    ['counts', 'station_count', sql`counted_at < ${before(30)}`],
    // Deleting a record also deletes its notices.
    ['alarmRecords', 'alarm_record', sql`ended_at < ${before(90)}`],
    ['webhookMessages', 'webhook_message', sql`created_at < ${before(ages.webhookDays)}`],
    [
      'removedWebhooks',
      'webhook_message',
      sql`not exists (select from webhook_subscription s where s.id = subscription_id)`,
    ],
    // Two years of sizes show how a season compares with the last one.
    ['sizes', 'table_size', sql`day < ${before(800)}`],
    ['idempotencyKeys', 'idempotency_key', sql`created_at < ${before(1)}`],
  ]
}

async function trim(
  db: Database,
  table: string,
  rows: RawBuilder<unknown>,
  signal: AbortSignal,
): Promise<number> {
  for (let total = 0; ; ) {
    signal.throwIfAborted()
    const deleted = await sql`
      delete from ${sql.table(table)} where ctid = any(array(
        select ctid from ${sql.table(table)} where ${rows} limit ${batchSize}))`.execute(db)
    const count = Number(deleted.numAffectedRows ?? 0)
    total += count
    if (count < batchSize) return total
  }
}
