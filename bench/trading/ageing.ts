import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { House } from '../../e2e/day-house.ts'
import { tasksOf } from '../../e2e/settle.ts'

/**
 * Records, the column that says how old they are, and the condition under which nothing waits for them any more. The books are compared with acts
 * at platforms and scans at stations, so these stay.
 */
const records: readonly [table: string, column: string, ended: string][] = [
  ['task_run', 'ended_at', 'true'],
  ['batch', 'ended_at', `state in ('done', 'stopped')`],
  ['platform_action', 'ended_at', `kind = 'stock_upload' and state = 'succeeded'`],
  ['push_message', 'heard_at', 'handled_at is not null'],
  ['wave_scan', 'at', 'true'],
  ['phone_scan', 'at', 'true'],
  ['idempotency_key', 'created_at', 'busy_until < now()'],
  ['alarm_record', 'ended_at', 'true'],
  ['sales_order', 'updated_at', `archived_at is null and status in ('completed', 'voided')`],
]

/** Longer than any of these records is kept, and than an order stays live. */
const aged = sql`interval '400 days'`

/** What the tasks took that delete and archive what is old: records by their kind. */
export type Taken = Record<string, number>

/** Makes every record old that ended and is older than `keptMs`, by its stored time, and runs the tasks that delete and archive what is old. */
export async function age(house: House, keptMs: number): Promise<Taken> {
  const kept = sql`${keptMs}::int * interval '1 millisecond'`
  for (const [table, column, ended] of records) {
    const at = sql.ref(column)
    await sql`
      update ${sql.table(table)} set ${at} = ${at} - ${aged}
      where ${at} between now() - ${aged} and now() - ${kept} and ${sql.raw(ended)}`.execute(house.db)
  }
  const { report } = await runNow(house, 'trim', {})
  const { updated } = await runNow(house, 'archive_orders', { params: { settledOnly: false } })
  return { ...report, archived: updated }
}

type Run = { state: string; report: Record<string, number> | null; updated: number }

/** Runs the task of this kind as a person does, and waits for its end. */
async function runNow(house: House, kind: string, settings: object): Promise<Run> {
  const task = (await tasksOf(house)).find((one) => one.kind === kind)
  await house.boss.call('PATCH', `/api/tasks/${task?.id}`, settings)
  const { status, body } = await house.boss.call('POST', `/api/tasks/${task?.id}/run`, {})
  if (status !== 202) throw new Error(`${kind}: ${status} ${JSON.stringify(body)}`)
  for (;;) {
    const { rows } = await sql<Run>`
      select state, report, updated from task_run where kind = ${kind} order by id desc limit 1`.execute(
      house.db,
    )
    const [run] = rows
    if (run?.state === 'done') return run
    if (run && !['queued', 'running'].includes(run.state)) throw new Error(`${kind}: ${run.state}`)
    await sleep(500)
  }
}
