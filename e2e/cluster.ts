import { chmod, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import pg from 'pg'
import { migrate } from '../server/core/db/migrate.ts'
import { applicationRole, startPostgres } from '../server/core/embedded/postgres.ts'
import type { House } from './day-house.ts'

export type Cluster = {
  url: string
  /** Runs these statements as the owner of the tables. */
  owner(text: string): Promise<void>
  folder: string
  again(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a separate database server, so that killing it disturbs no other test. */
export async function ownCluster(): Promise<Cluster> {
  const parent = await mkdtemp(join(tmpdir(), 'sanyi-chaos-'))
  await chmod(parent, 0o755)
  const folder = join(parent, 'postgres')
  let server = await startPostgres({ dataDir: folder })
  await migrate(server.url, { application: applicationRole })
  return {
    url: server.applicationUrl,
    async owner(text) {
      const client = new pg.Client({ connectionString: server.url })
      await client.connect()
      await client.query(text).finally(() => client.end())
    },
    folder,
    async again() {
      server = await startPostgres({ dataDir: folder })
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await rm(parent, { recursive: true, force: true })
    },
  }
}

/** Kills the server of this cluster. */
export async function killPostmaster({ folder }: Cluster): Promise<void> {
  const pid = Number((await readFile(join(await realpath(folder), 'postmaster.pid'), 'utf8')).split('\n')[0])
  process.kill(pid, 'SIGKILL')
}

/** A worker that was killed. */
export type Kill = { at: Date; pid: number | undefined }

/**
 * Returns for each run that was lost with a killed worker the milliseconds from that kill to the next run of its task, and the number of all
 * lost runs. A task that is interrupted repeatedly waits on purpose, so only its first loss counts.
 */
export async function resumption(
  house: House,
  kills: readonly Kill[],
): Promise<{ resumedMs: number[]; lostRuns: number }> {
  const lost = await sql<{ worker: string; next: Date | null; first: boolean }>`
    select r.worker,
      (select min(n.started_at) from task_run n where n.task_id = r.task_id and n.id > r.id) as next,
      coalesce((select p.state <> 'lost' from task_run p where p.task_id = r.task_id and p.id < r.id order by p.id desc limit 1), true) as first
    from task_run r where r.state = 'lost'`.execute(house.db)
  const resumedMs = lost.rows
    .filter((row) => row.first)
    .flatMap(({ worker, next }) => {
      // The database may have been away too long for the run of a worker that lives.
      const killed = kills.find(({ pid }) => worker.split(':')[1] === String(pid))
      return killed && next ? [next.getTime() - killed.at.getTime()] : []
    })
  return { resumedMs, lostRuns: lost.rows.length }
}
