import { createHash } from 'node:crypto'
import type { Call } from '../../connectors/connector.ts'
import type { ListLimits, PlatformList, Window } from '../../connectors/lists.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import { mayBeLate, type Sighting } from './lateness.ts'
import { readChain, readWindow } from './windows.ts'

export type ListCounts = {
  pages: number
  seen: number
  created: number
  updated: number
  skipped: Record<string, number>
  failed: number
  parked: number
  /** Further facts for the user. They are reported together with the counts, because a report replaces the former one. */
  report: Record<string, unknown>
}

export const noListCounts = (): ListCounts => ({
  pages: 0,
  seen: 0,
  created: 0,
  updated: 0,
  skipped: {},
  failed: 0,
  parked: 0,
  report: {},
})

export type ListRun = {
  db: Database
  opened: OpenedShop
  actor: Actor
  signal: AbortSignal
  /** Takes note of the times of what the list shows; undefined: no run asks for them. */
  sighting?: Sighting | undefined
}

/** Calls `work` for each of them, as many at once as the shop's rate allows, until one throws. */
export async function eachAtOnce<Of>(
  { opened, signal }: Pick<ListRun, 'opened' | 'signal'>,
  all: readonly Of[],
  work: (one: Of) => Promise<void>,
): Promise<void> {
  const waiting = all.values()
  const worker = async () => {
    for (const one of waiting) {
      signal.throwIfAborted()
      await work(one)
    }
  }
  await Promise.all(Array.from({ length: opened.rate.concurrent }, worker))
}

/** Reads a window of a platform's list to its end. Throws if it is not complete, or if `onPage` does, and then the cursor does not move. */
export async function readList<Item extends Listed>(
  { run, list, total }: { run: ListRun; list: PlatformList<Item>; total: ListCounts },
  window: Window,
  onPage: (items: Item[]) => Promise<void>,
): Promise<void> {
  const asking = <Answer>(work: (call: Call) => Promise<Answer>): Promise<Answer> =>
    callShop(run.opened, (_connector, call) => {
      run.signal.throwIfAborted()
      return work(call)
    })
  const reading = {
    ...list,
    key: keyOf,
    changedAt: ({ modifiedAt }: Item) => modifiedAt,
    isLate: run.sighting?.isLate ?? false,
    mayBeLate: (items: readonly Item[]) => mayBeLate(run.sighting, items),
  }
  for (const part of partsOf(list, window)) {
    const counts =
      list.paging === 'numbered'
        ? await readWindow(
            (asked, page) => asking((call) => list.page(call, asked, page)),
            part,
            reading,
            onPage,
          )
        : await readChain((asked, at) => asking((call) => list.page(call, asked, at)), part, reading, onPage)
    total.pages += counts.pages
    total.seen += counts.seen
  }
}

/** The window once for each status of the platform by which its status is asked for. */
const partsOf = ({ statuses = {} }: ListLimits, window: Window): Window[] =>
  statuses[window.status ?? '']?.map((status) => ({ ...window, status })) ?? [window]

type Listed = {
  kind: string
  modifiedAt?: Date
  tid?: string
  refundId?: string
  id?: string | null
  raw?: string
}

/**
 * Returns a key that identifies an item of a list, even an unreadable one. The refund number comes before the trade number, because a trade
 * may have several refunds.
 */
function keyOf(item: Listed): string {
  const raw = () =>
    createHash('sha256')
      .update(item.raw ?? '')
      .digest('hex')
  return item.refundId ?? item.tid ?? item.id ?? raw()
}

export function skip(total: { skipped: Record<string, number> }, reason: string, count: number): void {
  if (count > 0) total.skipped[reason] = (total.skipped[reason] ?? 0) + count
}

/** Counts new trades that push should have brought. */
export function countMissed({ report }: ListCounts, count: number): void {
  if (count > 0) report.missed = missedOf({ report }) + count
}

export const missedOf = ({ report }: Pick<ListCounts, 'report'>) => Number(report.missed ?? 0)

/**
 * True if an error ends the whole run: an ended authorisation, a long ban, a stop, a program error. Any other error concerns one document.
 */
export function endsRun(error: unknown): boolean {
  if (!(error instanceof PlatformError)) return true
  return error.kind === 'reauthorise' || error.kind === 'rate_limited' || error.code === 'aborted'
}

/** Returns the error code if the error concerns one document only; otherwise throws it. */
export function troubleOf(error: unknown): string {
  if (endsRun(error) || !(error instanceof PlatformError)) throw error
  return error.code
}
