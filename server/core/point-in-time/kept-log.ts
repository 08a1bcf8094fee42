import type { Logger } from 'pino'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { backupKind, usualDays } from '../backup/backup-task.ts'
import type { openDatabase } from '../db/db.ts'
import { type Running, repeat } from '../jobs/engine.ts'
import type { StoredBase } from './base-backups.ts'

/** A connection, or a pool of them. */
type Asked = Pick<ReturnType<typeof openDatabase>['pool'], 'query'>

export type KeptPlace = { place: string; days: number }

/**
 * Returns where the log is kept: at the place of the nightly backup, while that is on. Undefined: it is not kept.
 */
export async function whereToKeep(client: Asked): Promise<KeptPlace | undefined> {
  const { rows } = await client.query<KeptPlace>(
    `select params->>'place' as place, coalesce((params->>'pointInTimeDays')::int, $2) as days from task
    where kind = $1 and shop_id is null and enabled and params->>'place' <> ''`,
    [backupKind, usualDays],
  )
  const [kept] = rows
  return kept && kept.days > 0 ? kept : undefined
}

/** Notes that the log is kept at a place. A row of another place is removed. */
export async function noteKept(client: Asked, place: string): Promise<void> {
  await client.query('delete from kept_log where backup_place <> $1', [place])
  await client.query(
    'insert into kept_log (backup_place) values ($1) on conflict (only_row) do update set seen_at = now()',
    [place],
  )
}

export async function noteSent(client: Asked, name: string): Promise<void> {
  await client.query('update kept_log set sent_to = $1, sent_at = now(), seen_at = now()', [name])
}

/** Notes the ends of the oldest and of the newest of the base backups since which the log has no gap. */
export async function noteBases(client: Asked, bases: readonly StoredBase[]): Promise<void> {
  const ends = bases.map(({ manifest }) => manifest.endedAt)
  if (ends.length === 0) return
  await client.query('update kept_log set restorable_from = $1, base_at = $2', [ends.at(0), ends.at(-1)])
}

/** Notes why the log is not kept, or with null that it is again. */
export async function noteFailure(client: Asked, failure: LocalizedText | null): Promise<void> {
  await client.query(
    `update kept_log set failure = $1, failed_since = case when $1::jsonb is null then null else coalesce(failed_since, now()) end
    where failure is distinct from $1::jsonb`,
    [failure && JSON.stringify(failure)],
  )
}

export async function noteEnded(client: Asked): Promise<void> {
  await client.query('delete from kept_log')
}

const lookMs = 15_000

/** Calls `onKept` again and again while the log is to be kept. */
export function watchKeptPlace(pool: Asked, log: Logger, onKept: () => void): Running {
  const stopping = new AbortController()
  const looking = repeat(log, { name: 'kept log', signal: stopping.signal, everyMs: lookMs }, async () => {
    if (await whereToKeep(pool)) onKept()
  })
  return {
    async stop() {
      stopping.abort()
      await looking
    },
  }
}
