import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { AppError, type ErrorCode, type ErrorParam } from '../../errors.ts'
import type { SheetAsk, SheetRow } from './sheet-pick.ts'

export type SheetAnswer =
  | { rows: SheetRow<string>[] }
  | { refusal: { code: ErrorCode; params: Record<string, ErrorParam> } }

/** The limits of reading one sheet. The largest real sheets use half of them; the reading of a file that was made to be slow is stopped. */
export const sheetCost = { processorMs: 900, heapMb: 320 }

/** Milliseconds after which reading a sheet is stopped, even if a busy machine gives the thread little processor time. */
const wallMs = 30_000
const lookEveryMs = 25

/** At most this many sheets may wait or be read; a further sheet is refused. No installation is expected to have so many at once. */
const waitingMax = 20
let waiting = 0
let turn: Promise<unknown> = Promise.resolve()

/**
 * Reads a sheet in a thread, one sheet at a time, so that no other request is blocked. The thread is ended at its limit of processor time
 * or memory. Throws `sheet_unreadable`, `sheet_too_large`, or `too_many_at_once` if too many sheets wait.
 */
export async function readApart<Name extends string>(
  ask: SheetAsk<Name>,
  cost = sheetCost,
): Promise<SheetRow<Name>[]> {
  if (waiting >= waitingMax) throw new AppError('too_many_at_once')
  waiting += 1
  const mine = turn.then(() => readInThread(ask, cost))
  turn = mine.catch(() => {})
  try {
    return await mine
  } finally {
    waiting -= 1
  }
}

async function readInThread<Name extends string>(
  ask: SheetAsk<Name>,
  cost: typeof sheetCost,
): Promise<SheetRow<Name>[]> {
  const thread = new Worker(new URL('./sheet-thread.ts', import.meta.url), {
    workerData: ask,
    resourceLimits: { maxOldGenerationSizeMb: cost.heapMb, maxYoungGenerationSizeMb: 32 },
  })
  const began = performance.now()
  let asked = false
  const watch = setInterval(async () => {
    if (asked) return
    asked = true
    const spent = await thread.cpuUsage().catch(() => undefined)
    asked = false
    // Undefined: the thread has ended meanwhile.
    if (!spent) return
    const late = performance.now() - began > wallMs
    if (late || spent.user + spent.system > cost.processorMs * 1000) await thread.terminate()
  }, lookEveryMs)
  try {
    const answer = await firstWord(thread)
    if (answer === undefined) throw tooCostly()
    if ('refusal' in answer) throw new AppError(answer.refusal.code, answer.refusal.params, 'file')
    return answer.rows as SheetRow<Name>[]
  } finally {
    clearInterval(watch)
    await thread.terminate()
  }
}

/** Returns the thread's answer. Undefined: the thread was ended or ran out of memory. */
async function firstWord(thread: Worker): Promise<SheetAnswer | undefined> {
  const ended = new AbortController()
  try {
    return await Promise.race([
      once(thread, 'message', { signal: ended.signal }).then(([answer]) => answer),
      once(thread, 'exit', { signal: ended.signal }).then(() => undefined),
    ])
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      return undefined
    throw error
  } finally {
    ended.abort()
  }
}

const tooCostly = () =>
  new AppError(
    'sheet_too_large',
    { detail: { zh: '读这个表格太费时', en: 'reading this sheet takes too much' } },
    'file',
  )
