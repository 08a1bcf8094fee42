import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import jobLibrary from 'pg-boss/package.json' with { type: 'json' }
import type { Logger } from 'pino'
import { noRestartCode, StartError } from '../../lib/stopping.ts'
import { programNumber } from '../db/migration-files.ts'
import { type Running, repeat } from '../jobs/engine.ts'

type Queried = Pick<pg.Client, 'query'>

/** The form of the job tables that this program knows. */
export const jobTablesNumber = jobLibrary.pgboss.schema

const lookMs = 3000

/**
 * Returns why this program may not work on the database any more; undefined: it may. A newer program may have added to the schema, and has
 * then written which older ones still work on it.
 */
export async function whyOutdated(database: Queried): Promise<string | undefined> {
  const number = await programNumber()
  const { rows: tables } = await database.query<{ support: boolean; jobs: boolean }>(
    `select to_regclass('schema_support') is not null as support, to_regclass('version') is not null as jobs`,
  )
  const [has] = tables
  const oldest = has?.support ? await numberIn(database, 'select oldest_program as n from schema_support') : 0
  const jobs = has?.jobs ? await numberIn(database, 'select version as n from version') : 0
  if (oldest <= number && jobs <= jobTablesNumber) return undefined
  const [zh, en] =
    oldest > number
      ? [
          `数据库只支持迁移 ${oldest} 及以后的版本，这个程序到 ${number}`,
          `program ${oldest} or newer, and this is ${number}`,
        ]
      : [
          `任务表是第 ${jobs} 版，这个程序到 ${jobTablesNumber}`,
          `job tables ${jobs}, and this program knows ${jobTablesNumber}`,
        ]
  return `${zh}。请启动新版本。\nThis database is newer than the program: it needs ${en}. Start the newer version.`
}

async function numberIn(database: Queried, text: string): Promise<number> {
  const { rows } = await database.query<{ n: number }>(text)
  return rows[0]?.n ?? 0
}

/** Throws a StartError if a newer program has ended the support of this one. */
export async function assertSupported(database: Queried): Promise<void> {
  const why = await whyOutdated(database)
  if (why !== undefined) throw new StartError(why, noRestartCode)
}

/** Asks every few seconds whether this program may still work, and calls `onOutdated` once if it may not. */
export function watchSupport(
  { database, log, everyMs = lookMs }: { database: Queried; log: Logger; everyMs?: number },
  onOutdated: (why: string) => void,
): Running {
  const stopping = new AbortController()
  const looking = repeat(log, { name: 'support', signal: stopping.signal, everyMs }, async () => {
    const why = await whyOutdated(database)
    if (why === undefined || stopping.signal.aborted) return
    stopping.abort()
    onOutdated(why)
  })
  return {
    async stop() {
      stopping.abort()
      await looking
    },
  }
}

/** A process whose last heartbeat is older than this was killed. */
const silentSeconds = 40
const waitMs = 90_000

/**
 * Writes that programs older than `oldest` may not work any more, and waits until their processes have ended. They look every few seconds.
 * Throws with their names if one is still there after 90 s.
 */
export async function endOlderPrograms(
  client: Queried,
  oldest: number,
  say: (line: string) => void,
): Promise<void> {
  await client.query('update schema_support set oldest_program = greatest(oldest_program, $1)', [oldest])
  for (const began = performance.now(); ; await sleep(500)) {
    const { rows } = await client.query<{ name: string; version: string }>(
      `select name, version from house_process
      where program < $1 and seen_at > now() - make_interval(secs => $2) order by name`,
      [oldest, silentSeconds],
    )
    if (rows.length === 0) return
    const names = rows.map(({ name, version }) => [name, version].join(' ').trim()).join(', ')
    if (performance.now() - began > waitMs)
      throw new Error(
        `旧版本的进程还在运行，先停止它们：${names}\nProcesses of an older version still run. Stop them first: ${names}`,
      )
    say(`等待旧版本的进程结束 · Waiting for processes of an older version to end: ${names}`)
  }
}
