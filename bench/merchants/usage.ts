import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks of Linux a second. */
const ticks = 100

type Stat = { pid: number; parent: number; own: number; ended: number }

/** Reads processor time and parent of every process of this machine. */
function stats(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const text = read(`/proc/${pid}/stat`)
      // The name in brackets may contain blanks.
      const rest = text.slice(text.lastIndexOf(')') + 2).split(' ')
      if (rest.length < 16) return []
      const at = (index: number) => Number(rest[index])
      return [{ pid: Number(pid), parent: at(1), own: at(11) + at(12), ended: at(13) + at(14) }]
    })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

export type Usage = { seconds: number; megabytes: number }

/**
 * Processor seconds of these processes and all that they started, ended ones included, and their memory. Memory that several share is
 * divided among them (PSS), so that it counts once.
 */
export function usageOf(roots: readonly number[]): Usage {
  const all = stats()
  const children = Map.groupBy(all, ({ parent }) => parent)
  const below = (pid: number): Stat[] => (children.get(pid) ?? []).flatMap((one) => [one, ...below(one.pid)])
  const found = roots.flatMap((pid) => [...all.filter((one) => one.pid === pid), ...below(pid)])
  const spent = found.reduce((sum, { own, ended }) => sum + own + ended, 0)
  const kilobytes = found.reduce((sum, { pid }) => {
    const [, pss = '0'] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? []
    return sum + Number(pss)
  }, 0)
  return { seconds: spent / ticks, megabytes: kilobytes / 1024 }
}
