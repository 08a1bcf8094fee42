import type { Outcome } from './http.ts'
import type { Peak } from './peak.ts'
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

/** An injected fault with its kind, the calls that it applies to and their number. */
export interface Fault {
  id: string
  kind: FaultKind
  /** Shop key; null for all. */
  shop: string | null
  /** A method's name, or its beginning followed by `*`; null: all methods. */
  method: string | null
  /** The number of calls that the fault still affects. */
  remaining: number
  probability: number
  /** Number of matching calls that still succeed first. */
  skip: number
  /** The length of a ban in seconds, for `limited`. */
  seconds: number
  /** For `limited`: app-access-count, api-access-count, app-api-access-count, dynamic-access-count; for `isp`: the sub_code. */
  subCode: string
  /** For `http`: the status. */
  status: number
  /** For `slow` and `timeout-*`: milliseconds. */
  ms: number
  /** For `mutate`: number of trades that change after each page. */
  trades: number
}

export interface FaultBoard {
  faults: Fault[]
  /** The end of each ban (ms), by `shop method`, or by `shop` if the whole application is banned. */
  bans: Map<string, { until: number; subCode: string }>
  /** The shops in peak hours (`peak.ts`). */
  peaks: Map<string, Peak>
  /** When a request was last answered with a fault of the platform, by shop and request. */
  ispAt: Map<string, number>
  /** The most calls per second of each shop; a missing shop has no limit. */
  limits: Map<string, number>
  /** The calls of each shop in the present span: a second, or what its platform counts by. */
  spent: Map<string, { span: number; calls: number }>
  random: Random
  nextId: number
}

export function createFaultBoard(random: Random): FaultBoard {
  return {
    faults: [],
    bans: new Map(),
    peaks: new Map(),
    ispAt: new Map(),
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

/** Returns the fault that applies to this call, and reduces its remaining number; undefined: none applies. */
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

/**
 * Returns the seconds for which the shop's calls of this method are banned, rounded up; 0: not banned. Counts the call for the shop's limit.
 * `spanSeconds` is what the platform counts by: it takes the calls of so many seconds in any order, and then none until the next span.
 */
export function banLeft(
  board: FaultBoard,
  { shop, method, nowMs }: { shop: string; method: string; nowMs: number },
  spanSeconds = 1,
): { seconds: number; subCode: string } {
  if (board.bans.size > 0)
    for (const key of [`${shop} ${method}`, shop]) {
      const ban = board.bans.get(key)
      if (ban === undefined) continue
      if (ban.until > nowMs) return { seconds: Math.ceil((ban.until - nowMs) / 1000), subCode: ban.subCode }
      board.bans.delete(key)
    }
  const limit = quotaNow(board, shop)
  if (limit !== undefined && spend(board, shop, { seconds: nowMs / 1000, spanSeconds }) > limit * spanSeconds)
    return { seconds: 1, subCode: 'app-access-count' }
  return { seconds: 0, subCode: '' }
}

/** Counts a call of this key, and returns how many there were in the present span. */
export function spend(
  board: FaultBoard,
  key: string,
  { seconds, spanSeconds }: { seconds: number; spanSeconds: number },
): number {
  const span = Math.floor(seconds / spanSeconds)
  const spent = board.spent.get(key)
  const calls = spent?.span === span ? spent.calls + 1 : 1
  board.spent.set(key, { span, calls })
  return calls
}

/** The most calls of this second; undefined: no limit. Peak hours halve a limit, and set one where there is none. */
function quotaNow({ limits, peaks }: FaultBoard, shop: string): number | undefined {
  const limit = limits.get(shop)
  const peak = peaks.get(shop)
  const ordinary = limit ?? peak?.quota
  return peak === undefined ? limit : ordinary ? Math.ceil(ordinary / 2) : undefined
}

/** Starts the ban of a `limited` fault: for one method, or for the whole application. */
export function ban(
  board: FaultBoard,
  fault: Pick<Fault, 'subCode' | 'seconds'>,
  { shop, method, nowMs }: { shop: string; method: string; nowMs: number },
): void {
  const wide = fault.subCode === 'app-access-count' || fault.subCode === 'dynamic-access-count'
  board.bans.set(wide ? shop : `${shop} ${method}`, {
    until: nowMs + fault.seconds * 1000,
    subCode: fault.subCode,
  })
}

function matches(pattern: string, method: string): boolean {
  return pattern.endsWith('*') ? method.startsWith(pattern.slice(0, -1)) : pattern === method
}

/** Returns the outcome of a fault that prevents the call from having an effect; undefined: the call is processed. */
export function lineFault(fault: Fault): Outcome | undefined {
  if (fault.kind === 'http') return html(fault.status)
  if (fault.kind === 'garbage-body') return html(200)
  if (fault.kind === 'reset') return { kind: 'reset' }
  if (fault.kind === 'timeout-before') return { kind: 'hang', ms: fault.ms }
  return undefined
}

/** Returns the answer of a processed call, spoiled by the fault. */
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
