import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type { Database } from '../server/core/db/db.ts'

/** Returns the seconds of processor time that this process and all processes of the database server have used so far. */
export async function cpuSpent(db: Database): Promise<{ node: number; postgres: number }> {
  const found = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
  const postmaster = statOf(found.rows[0]?.pid ?? 0)?.parent ?? 0
  const children = readdirSync('/proc')
    .map((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : undefined))
    .filter((stat) => stat?.parent === postmaster)
  const { user, system } = process.cpuUsage()
  return {
    node: (user + system) / 1e6,
    postgres:
      (statOf(postmaster)?.withEnded ?? 0) + children.reduce((sum, child) => sum + (child?.own ?? 0), 0),
  }
}

/** `withEnded` includes children that have ended. Undefined: the process has ended. */
function statOf(pid: number): { parent: number; own: number; withEnded: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number)
    // proc(5): the parent is field 4, the times are fields 14 to 17, in hundredths of a second; the first two are cut off.
    const [parent = 0, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [
      fields[1],
      ...fields.slice(11, 15),
    ]
    return { parent, own: (user + system) / 100, withEnded: (user + system + endedUser + endedSystem) / 100 }
  } catch {
    return undefined
  }
}
