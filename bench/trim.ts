import { sql } from 'kysely'
import { migrate } from '../server/core/db/migrate.ts'
import { trimRecords } from '../server/core/db/trim.ts'
import { type BenchServer, freshDatabase, open } from './database.ts'
import { report } from './report.ts'
import { makeQueues } from './world/world.ts'

/** Seconds that one night's trimming may take. */
const floorSeconds = 60

/**
 * One night of trimming: `runs` runs of tasks that found nothing on the day before yesterday, as some twenty busy shops make them, among as many
 * of each of the two days since, and `runs` / 20 runs that found something of each of thirty-one days.
 */
export async function benchTrim(server: BenchServer, runs: number): Promise<void> {
  const url = await freshDatabase(server, 'trim_bench')
  await migrate(url)
  await makeQueues(url)
  const { db, close } = open(url, 4)
  try {
    await sql`insert into task (kind, interval_seconds) values ('x', 20)`.execute(db)
    await sql`
      insert into task_run (task_id, kind, trigger, state, seen, requested_at, started_at, ended_at)
      select t.id, 'x', 'schedule', 'done', a.seen, a.at, a.at, a.at from task t, (
        select 0 as seen, now() - interval '3 days' + n * interval '3 days' / (3 * ${runs}::int) as at from generate_series(1, 3 * ${runs}::int) n
        union all
        select 5, now() - interval '31 days' + n * interval '31 days' / (31 * ${runs}::int / 20) from generate_series(1, 31 * ${runs}::int / 20) n
        order by 2) a`.execute(db)
    await sql`vacuum analyze task_run`.execute(db)
    const began = performance.now()
    const ages = {
      runDays: 30,
      emptyRunDays: 2,
      batchDays: 90,
      actionDays: 365,
      uploadDays: 14,
      pushDays: 3,
      webhookDays: 30,
    }
    const { runs: old, emptyRuns } = await trimRecords(db, ages, new AbortController().signal, () => {})
    report({
      name: 'trim',
      work: `a night that deletes ${emptyRuns} empty and ${old} other runs, of ${runs * 3 + (31 * runs) / 20}`,
      ...{ unit: 's', atMost: true, figure: (performance.now() - began) / 1000, floor: floorSeconds },
    })
  } finally {
    await close()
  }
}
