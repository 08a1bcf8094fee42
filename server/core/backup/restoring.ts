import pg from 'pg'
import { StartError } from '../../lib/stopping.ts'

// The table `restoring` exists only while a backup is restored. It is made before anything else is changed, and dropped in the transaction
// that writes the rows, so a restore that was killed is noticed at the next start.

/** Marks the database. A mark of an earlier restore that did not end is kept; `isFirst` is false then. */
export async function markRestoring(client: pg.Client, backup: string): Promise<{ isFirst: boolean }> {
  const isFirst = !(await isMarkedRestoring(client))
  await client.query(
    'create table if not exists restoring (backup text not null, began_at timestamptz not null default now())',
  )
  await client.query('insert into restoring (backup) values ($1)', [backup])
  return { isFirst }
}

export async function removeMark(client: pg.Client): Promise<void> {
  await client.query('drop table restoring')
}

async function isMarkedRestoring(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ marked: boolean }>(
    `select to_regclass('restoring') is not null as marked`,
  )
  return rows[0]?.marked ?? false
}

/** Throws if the database is being restored, or a restore did not end. */
export async function assertNotRestoring(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'sanyi start' })
  client.on('error', () => {})
  await client.connect()
  try {
    if (!(await isMarkedRestoring(client))) return
    const { rows } = await client.query<{ backup: string; at: string }>(
      `select backup, to_char(began_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') as at from restoring order by began_at desc limit 1`,
    )
    const { backup = '', at = '' } = rows[0] ?? {}
    throw new StartError(
      `这个数据库从 ${at} 起在从备份恢复,没有完成:${backup}。恢复若已中断,重新执行:npm run restore -- ${backup} --replace\n` +
        `A restore of ${backup} into this database began at ${at} (China) and has not ended. If it was broken off, run it again: npm run restore -- ${backup} --replace`,
    )
  } finally {
    await client.end()
  }
}
