import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'

const fileOf = (dataDir: string) => join(dataDir, 'last-backup.json')

/** Notes a backup that the command made, because a command may only read the database. Returns false if it cannot write there. */
export async function noteBackup(dataDir: string, takenAt: string): Promise<boolean> {
  try {
    await mkdir(dataDir, { recursive: true })
    await writeFile(fileOf(dataDir), JSON.stringify({ takenAt }))
    return true
  } catch {
    return false
  }
}

/** How old the last backup is, by the database's clock. `hours`: undefined if none is known. */
export type BackupAge = { at: Date; hours: number } | undefined

/**
 * Returns the last backup that is known here: of the nightly task, of the command with this data folder, or the one from which the database
 * was restored. Until a task is due after the restore, the database equals that backup, which counts as made at the restore.
 */
export async function lastBackup(client: Pick<pg.Client, 'query'>, dataDir: string): Promise<BackupAge> {
  const has = await client.query<{ runs: boolean; restores: boolean }>(
    `select to_regclass('task_run') is not null as runs, to_regclass('restore_record') is not null as restores`,
  )
  const [{ runs, restores } = { runs: false, restores: false }] = has.rows
  const times = [
    'select $1::timestamptz as at',
    ...(runs
      ? [
          `select max(r.ended_at) from task_run r join task t on t.id = r.task_id where t.kind = 'backup' and r.state = 'done'`,
        ]
      : []),
    ...(restores ? ['select max(taken_at) from restore_record'] : []),
    ...(restores && runs
      ? [
          'select max(restored_at) from restore_record where not exists (select from task_run where requested_at > restored_at)',
        ]
      : []),
  ]
  const { rows } = await client.query<{ at: Date | null; hours: number }>(
    `select max(at) as at, extract(epoch from now() - max(at))::float8 / 3600 as hours from (${times.join(' union all ')}) t`,
    [await noted(dataDir)],
  )
  const [last] = rows
  return last?.at ? { at: last.at, hours: last.hours } : undefined
}

async function noted(dataDir: string): Promise<string | null> {
  const text = await readFile(fileOf(dataDir), 'utf8').catch(() => '{}')
  try {
    const { takenAt }: { takenAt?: unknown } = JSON.parse(text)
    return typeof takenAt === 'string' && !Number.isNaN(Date.parse(takenAt)) ? takenAt : null
  } catch {
    return null
  }
}
