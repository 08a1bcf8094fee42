import pg from 'pg'
import { closeRestoredShops } from '../access/shop-gate.ts'
import { leapNumbers } from './leap.ts'

/**
 * Closes the shops of a database that another program restored, until each was read again, and lets its numbers leap. Returns the time to which the database was restored: that of
 * the last transaction, if the server knows it. Throws if Sanyi is connected.
 */
export async function quietRestored(url: string, by: string): Promise<Date> {
  const client = new pg.Client({ connectionString: url, application_name: 'sanyi restore' })
  await client.connect()
  try {
    await client.query('begin')
    const others = await client.query(`
      select from pg_stat_activity where datname = current_database() and application_name like 'sanyi%' and pid <> pg_backend_pid() limit 1`)
    if (others.rows.length > 0)
      throw new Error('三易还连着这个数据库。先停止它。\nSanyi is connected to this database. Stop it first.')
    const { rows } = await client.query<{ at: Date }>(
      'insert into restore_record (taken_at, backup) values (coalesce(pg_last_xact_replay_timestamp(), now()), $1) returning taken_at as at',
      [by],
    )
    await client.query(closeRestoredShops)
    await client.query(leapNumbers)
    await client.query('delete from relay_call')
    await client.query('delete from kept_log')
    await client.query('commit')
    const [row] = rows
    if (!row) throw new Error('The restore was not recorded.')
    return row.at
  } finally {
    await client.end()
  }
}
