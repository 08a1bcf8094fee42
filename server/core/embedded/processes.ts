import { spawnSync } from 'node:child_process'
import { readFile, readlink, realpath } from 'node:fs/promises'
import { basename } from 'node:path'

/** True if a process has this id. A process that ended counts until its parent has collected its exit status. */
export function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Returns the name of the program with this process id, without folder and extension; empty if it cannot be read. */
export async function programOf(pid: number, platform: NodeJS.Platform = process.platform): Promise<string> {
  return basename((await commandOf(pid, platform)).replaceAll('\\', '/')).replace(/\.exe$/i, '')
}

async function commandOf(pid: number, platform: NodeJS.Platform): Promise<string> {
  if (platform === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return line.split('\0')[0] ?? ''
  }
  if (platform === 'win32') {
    const row = answerOf('tasklist', ['/fi', `pid eq ${pid}`, '/fo', 'csv', '/nh'])
    return /^"([^"]+)"/.exec(row)?.[1] ?? ''
  }
  return answerOf('ps', ['-p', String(pid), '-o', 'comm='])
}

/** True if the process works in this folder, and where the system does not say so (Linux says it). */
export async function worksIn(pid: number, folder: string): Promise<boolean> {
  const own = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
  return own === undefined || own === (await realpath(folder))
}

/**
 * Returns when the process began, as a text that can only be compared; empty if unknown. After a reboot another process may have the same
 * id, but it has another beginning.
 */
export async function beginningOf(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  if (platform === 'win32') return ''
  if (platform !== 'linux') return answerOf('ps', ['-p', String(pid), '-o', 'lstart='])
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  // The program's name is in brackets and may contain blanks. Field 22 of the line, the start time of the process, is the twentieth after it.
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19)
  return ticks === undefined ? '' : `${boot.trim()} ${ticks}`
}

function answerOf(program: string, args: string[]): string {
  return (spawnSync(program, args, { encoding: 'utf8', timeout: 5000 }).stdout ?? '').trim()
}
