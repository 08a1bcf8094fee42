import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

export type Result = {
  /** The name of what was done: "ingest". */
  name: string
  work: string
  figure: number
  unit: string
  /** The required value. `atMost`: the figure is a time or size that must stay below it. */
  floor: number
  atMost: boolean
  /** The figure of plain SQL that writes the same rows to the same server (bench/world/plain.ts). */
  ceiling?: number
  /** The figure of plain SQL that writes the same rows into our own tables, with their triggers and indexes. */
  ownTables?: number
  /** The required part of `ownTables`, or else of the ceiling. */
  floorRatio?: number
  facts?: Record<string, unknown>
}

const all: Result[] = []

export function report(result: Result): void {
  all.push(result)
  console.log(lineOf(result))
}

export function isReached({
  figure,
  floor,
  atMost,
  ceiling,
  ownTables = ceiling,
  floorRatio,
}: Result): boolean {
  if (atMost) return figure < floor
  return (
    figure >= floor &&
    (ownTables === undefined || floorRatio === undefined || figure >= ownTables * floorRatio)
  )
}

function lineOf(result: Result): string {
  const { name, work, figure, unit, floor, atMost, ceiling, ownTables, floorRatio } = result
  const least = floorRatio === undefined ? '' : ` (floor ${floorRatio})`
  const of = (rate: number | undefined, words: string, floorOf: string) =>
    rate === undefined ? '' : `  ${(figure / rate).toFixed(2)} × ${words} ${number(rate)}${floorOf}`
  const ratio =
    of(ceiling, 'ceiling', ownTables === undefined ? least : '') + of(ownTables, 'own tables', least)
  return `${isReached(result) ? '✔' : '✖'} ${name.padEnd(14)} ${number(figure).padStart(8)} ${unit.padEnd(9)} ${atMost ? '<' : '≥'} ${number(floor).padEnd(7)}${ratio}  ${work}`
}

const number = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value >= 10 ? value.toFixed(1) : value.toFixed(2)

/** Describes the machine of this run. */
export function machine(): Record<string, unknown> {
  return {
    at: new Date().toISOString(),
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: loadavg().map((load) => Math.round(load * 100) / 100),
    node: process.version,
    commit: commit(),
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/** Writes the results of this run; returns true if all required values were reached. */
export function writeResults(world: number, facts: Record<string, unknown>): boolean {
  const file = fileURLToPath(new URL('results.json', import.meta.url))
  writeFileSync(file, `${JSON.stringify({ machine: facts, world, results: all }, null, 2)}\n`)
  return all.every(isReached)
}

/** Returns the value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** Returns the most memory that a process has used, in MB. */
export function peakMemoryMb(pid: number): number {
  return memoryMb(pid, 'VmHWM')
}

/** Returns the memory that a process uses now, in MB. */
export function memoryNowMb(pid: number): number {
  return memoryMb(pid, 'VmRSS')
}

function memoryMb(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024
}
