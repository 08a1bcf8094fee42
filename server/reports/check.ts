import { sql } from 'kysely'
import type { Database } from '../core/db/db.ts'
import { reportTables, summed, sumTables } from './day-queries.ts'
import type { Days } from './sources.ts'

/** A column that no report reads. Days that were computed by an earlier version have other values in it. */
const unread: Readonly<Record<string, string>> = { report_goods: 'order_count' }

/**
 * Compares the stored figures of these days with those of their rows, to the cent, and returns the differing lines of each table. Days that are
 * due are left out, since their figures are known to be older. All tables of sums are compared with the figures of which they are made. All is read at
 * one moment.
 */
export async function differingFigures(db: Database, days: Days): Promise<Record<string, unknown[]>> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const found: Record<string, unknown[]> = {}
      for (const [table, rowsOf] of Object.entries(reportTables)) {
        const of = sql`day between ${days.from}::date and ${days.to}::date and day not in (select day from report_due)`
        const row = sql`to_jsonb(c) - ${unread[table] ?? ''}::text as row`
        const stored = sql`select ${row} from ${sql.table(table)} c where ${of}`
        const computed = sql`select ${row} from (${rowsOf(days)}) c where ${of}`
        const { rows } = await sql<Record<'kept' | 'row', unknown>>`
          select true as kept, x.row from (${stored} except all ${computed}) x
          union all select false, x.row from (${computed} except all ${stored}) x`.execute(tx)
        if (rows.length > 0) found[table] = rows
      }
      for (const [name, sums] of Object.entries(sumTables)) {
        const computed = summed(sums)
        const { rows } = await sql<Record<'row', unknown>>`
          with stored as (select * from ${sql.table(name)})
          select to_jsonb(x) as row from (
            (select * from stored except all ${computed}) union all (${computed} except all select * from stored)
          ) x`.execute(tx)
        if (rows.length > 0) found[name] = rows
      }
      return found
    })
}
