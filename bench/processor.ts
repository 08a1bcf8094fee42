import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { benchDir } from './database.ts'

/** Returns the milliseconds of processor time of these processes, exact to a few microseconds. Processes that have ended count as 0. */
export function processorMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const file = `/proc/${pid}/schedstat`
    return existsSync(file) ? sum + Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6 : sum
  }, 0)
}

/** Returns the seconds of processor time of a process. */
export function processorSeconds(pid: number): number {
  const [own = 0] = timesOf(pid)
  return own
}

/** Returns the seconds of processor time of the database server with all its connections, including closed ones. */
export function databaseSeconds(): number {
  const file = join(realpathSync(join(benchDir, 'postgres')), 'postmaster.pid')
  const postmaster = Number(readFileSync(file, 'utf8').split('\n')[0])
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [own, , parent] = timesOf(Number(name))
      return parent === postmaster && own !== undefined ? [own] : []
    })
  const [own = 0, gone = 0] = timesOf(postmaster)
  return children.reduce((sum, one) => sum + one, own + gone)
}

/** Returns a process's time, the time of its ended children, and its parent; an empty list if it has just ended. */
function timesOf(pid: number): number[] {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number)
    const [, parent = 0] = fields
    const seconds = (at: number) => ((fields[at] ?? 0) + (fields[at + 1] ?? 0)) / 100
    return [seconds(11), seconds(13), parent]
  } catch {
    return []
  }
}
