import pg from 'pg'
import type { Manifest } from '../backup/manifest.ts'

export type Recovered = {
  /** The time of the last transaction in the restored database, in China. */
  takenAt: string
  backup: string
  keys: Manifest['keys']
}

/** Reads how far a restored database came, and which keys it needs. */
export async function readRecovered(url: string): Promise<Recovered> {
  const client = new pg.Client({ connectionString: url, application_name: 'sanyi restore' })
  await client.connect()
  try {
    const { rows } = await client.query<Recovered>(`
      select to_char(taken_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS.US') as "takenAt", backup,
        coalesce((select json_agg(json_build_object('number', number::int, 'fingerprint', fingerprint)) from sealing_key where dropped_at is null),
          '[]') as keys
      from restore_record order by id desc limit 1`)
    const [found] = rows
    if (!found) throw new Error('The restored database has no record of its restore.')
    return found
  } finally {
    await client.end()
  }
}
