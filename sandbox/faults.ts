import type { Outcome } from './http.ts'
import type { Random } from './world/random.ts'

export const FAULT_KINDS = [
  'limited',
  'isp',
  'http',
  'reset',
  'timeout-before',
  'timeout-after',
  'truncated',
  'empty-list',
  'session-expired',
  'forbidden',
  'slow',
  'mutate',
  'garbage-body',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** One thing that goes wrong, where and how often. */
export interface Fault {
  id: string
  kind: FaultKind
  /** Shop key; null for all. */
  shop: string | null
  /** A method's name, or its beginning followed by `*`; null for all. */
  method: string | null
  /** How often it still strikes. */
  remaining: number
  probability: number
  /** Matching calls that still pass first. */
  skip: number
  /** limited: how long the ban lasts. */
  seconds: number
  /** limited: app-access-count, api-access-count, app-api-access-count, dynamic-access-count; isp: the sub_code. */
  subCode: string
  /** http: the status. */
  status: number
  /** slow, timeout-*: milliseconds. */
  ms: number
  /** mutate: how many trades change after each page. */
  trades: number
}

/** How a peak window impoverishes the answers of a shop; see the official 双11 notices. */
export interface Degraded {
  /** How far lists lag behind, seconds. */
  staleSeconds: number
}

export interface FaultBoard {
  faults: Fault[]
  /** End of each ban (ms), by `shop method`. */
  bans: Map<string, { until: number; subCode: string }>
  degraded: Map<string, Degraded>
  /** Calls per second each shop may make; absent: no limit. */
  limits: Map<string, number>
  /** Calls made in the current second, by shop. */
  spent: Map<string, { second: number; calls: number }>
  random: Random
  nextId: number
}

export function createFaultBoard(random: Random): FaultBoard {
  return {
    faults: [],
    bans: new Map(),
    degraded: new Map(),
    limits: new Map(),
    spent: new Map(),
    random,
    nextId: 1,
  }
}

export function addFault(board: FaultBoard, asked: Partial<Fault> & { kind: FaultKind }): Fault {
  const fault: Fault = {
    id: String(board.nextId++),
    kind: asked.kind,
    shop: asked.shop ?? null,
    method: asked.method ?? null,
    remaining: asked.remaining ?? Number.MAX_SAFE_INTEGER,
    probability: asked.probability ?? 1,
    skip: asked.skip ?? 0,
    seconds: asked.seconds ?? 2,
    subCode:
      asked.subCode ?? (asked.kind === 'limited' ? 'app-api-access-count' : 'isp.remote-service-timeout'),
    status: asked.status ?? 502,
    ms: asked.ms ?? (asked.kind === 'slow' ? 1000 : 120_000),
    trades: asked.trades ?? 3,
  }
  board.faults.push(fault)
  return fault
}

/** The fault that strikes this call, if any; it is counted down. */
export function strike(board: FaultBoard, shop: string, method: string): Fault | undefined {
  if (board.faults.length === 0) return undefined
  for (const fault of board.faults) {
    if (fault.shop !== null && fault.shop !== shop) continue
    if (fault.method !== null && !matches(fault.method, method)) continue
    if (fault.skip > 0) {
      fault.skip--
      continue
    }
    if (fault.probability < 1 && !board.random.chance(fault.probability)) continue
    fault.remaining--
    if (fault.remaining <= 0) board.faults = board.faults.filter((other) => other !== fault)
    return fault
  }
  return undefined
}

/** Seconds a shop's calls of this method are still banned, rounded up; 0 when they are not. Spends one call of the per-second limit. */
export function banLeft(
  board: FaultBoard,
  shop: string,
  method: string,
  nowMs: number,
): { seconds: number; subCode: string } {
  if (board.bans.size > 0)
    for (const key of [`${shop} ${method}`, shop]) {
      const ban = board.bans.get(key)
      if (ban === undefined) continue
      if (ban.until > nowMs) return { seconds: Math.ceil((ban.until - nowMs) / 1000), subCode: ban.subCode }
      board.bans.delete(key)
    }
  const limit = board.limits.get(shop)
  if (limit !== undefined) {
    const second = Math.floor(nowMs / 1000)
    const spent = board.spent.get(shop)
    if (spent === undefined || spent.second !== second) board.spent.set(shop, { second, calls: 1 })
    else if (++spent.calls > limit) return { seconds: 1, subCode: 'app-access-count' }
  }
  return { seconds: 0, subCode: '' }
}

/** Starts the ban a `limited` fault speaks of: of one method, or of the whole application. */
export function ban(board: FaultBoard, fault: Fault, shop: string, method: string, nowMs: number): void {
  const wide = fault.subCode === 'app-access-count' || fault.subCode === 'dynamic-access-count'
  board.bans.set(wide ? shop : `${shop} ${method}`, {
    until: nowMs + fault.seconds * 1000,
    subCode: fault.subCode,
  })
}

function matches(pattern: string, method: string): boolean {
  return pattern.endsWith('*') ? method.startsWith(pattern.slice(0, -1)) : pattern === method
}

/** What a fault does to the line before the call has any effect; undefined when the call goes on. */
export function lineFault(fault: Fault): Outcome | undefined {
  if (fault.kind === 'http') return html(fault.status)
  if (fault.kind === 'garbage-body') return html(200)
  if (fault.kind === 'reset') return { kind: 'reset' }
  if (fault.kind === 'timeout-before') return { kind: 'hang', ms: fault.ms }
  return undefined
}

/** What a fault does to an answer whose effect has happened. */
export function spoil(fault: Fault | undefined, body: string, type: string): Outcome {
  if (fault?.kind === 'timeout-after') return { kind: 'hang', ms: fault.ms }
  const sent = fault?.kind === 'truncated' ? body.slice(0, Math.floor(body.length * 0.6)) : body
  const delay = fault?.kind === 'slow' ? { delayMs: fault.ms } : {}
  return { kind: 'answer', status: 200, type, body: sent, ...delay }
}

function html(status: number): Outcome {
  const body = `<html><head><title>${status}</title></head><body><h1>${status} error</h1><hr>Powered by Tengine</body></html>`
  return { kind: 'answer', status, type: 'text/html', body }
}
