import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'

// What may be known of a process of this machine that is not ours to talk to.

/** Whether any process has this number. Where nobody reaps them, dead ones keep theirs. */
export function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The name of the program that runs under this number, without its folder and ending; empty when none can be told. */
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

/**
 * Since when it runs, in whatever form the system tells it: a number that was given away again after a reboot, or in a
 * container that began anew, belongs to a process with another beginning. Empty where the system does not tell.
 */
export async function beginningOf(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  if (platform === 'win32') return ''
  if (platform !== 'linux') return answerOf('ps', ['-p', String(pid), '-o', 'lstart='])
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  // The name stands in brackets and may hold anything; field 22 is the twentieth after it.
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(19)
  return ticks === undefined ? '' : `${boot.trim()} ${ticks}`
}

function answerOf(program: string, args: string[]): string {
  return (spawnSync(program, args, { encoding: 'utf8', timeout: 5000 }).stdout ?? '').trim()
}
