import {
  type ChainAt,
  type ChainedPage,
  type ListLimits,
  type ListPage,
  type Page,
  type Window,
  windowTooWide,
} from '../../connectors/lists.ts'
import { PlatformError } from '../../lib/platform-error.ts'

export type ListCall<Item> = (window: Window, page: Page) => Promise<ListPage<Item>>
export type ChainCall<Item> = (window: Window, at: ChainAt<Item>) => Promise<ChainedPage<Item>>
type Reading<Item> = Pick<ListLimits, 'pageSize' | 'rowsMax'> & {
  key: (item: Item) => string
  /** The time of its last change, if the list gives it. */
  changedAt?: (item: Item) => Date | undefined
  /** True if the list is known to show changes late. */
  isLate?: boolean
  /** True if a late list may have begun to show these rows during the reading. Undefined: the list is never late. */
  mayBeLate?: (items: readonly Item[]) => boolean
}

export type WindowCounts = { pages: number; seen: number; requests: number }

/** The most readings of a window or a page, the first included, while rows seem to be missing. */
const readingsMax = 4

/** Thrown for a window whose rows never reached its count, or whose readings never agreed. The cursor stays before the window. */
export class IncompleteWindow extends Error {
  constructor({ from, to }: Window, why: string) {
    super(`${why} between ${from.toISOString()} and ${to.toISOString()}`)
    this.name = 'IncompleteWindow'
  }
}

/**
 * Reads a window from its last page to its first. Lists are sorted newest first, and a trade that changes leaves the window, so rows only
 * move to pages that are still to be read. Then the window is counted again; if rows are missing, it is read again. `onPage` may get an
 * item twice.
 */
export async function readWindow<Item>(
  list: ListCall<Item>,
  window: Window,
  reading: Reading<Item>,
  onPage: (items: Item[]) => Promise<void>,
): Promise<WindowCounts> {
  if (reading.isLate) return readToNewest(list, window, reading, onPage)
  const { pageSize, rowsMax, key, changedAt = () => undefined } = reading
  const counts: WindowCounts = { pages: 0, seen: 0, requests: 1 }
  let total = await countWindow(list, window, pageSize)
  if (total > rowsMax && window.to.getTime() - window.from.getTime() >= 2000) {
    for (const half of halves(window)) add(counts, await readWindow(list, half, reading, onPage))
    return counts
  }
  const seen = new Set<string>()
  let newest = Number.NEGATIVE_INFINITY
  for (let time = 1; total > 0; time += 1) {
    const [before, newestBefore] = [total, newest]
    let isMissing = false
    for (let number = Math.ceil(total / pageSize); number >= 1; number -= 1) {
      const items = await readPage(
        list,
        window,
        { number, promised: Math.min(pageSize, total - (number - 1) * pageSize), pageSize },
        counts,
      )
      if (items.length === 0) continue
      await onPage(items)
      for (const item of items) {
        const at = changedAt(item)?.getTime() ?? Number.POSITIVE_INFINITY
        isMissing ||= at <= newestBefore && !seen.has(key(item))
        seen.add(key(item))
        newest = Math.max(newest, at)
      }
    }
    total = await countWindow(list, window, pageSize)
    counts.requests += 1
    if (seen.size >= total) break
    // A list that has begun to be late shows more rows while it is read, which moves others to pages that were read already. It is read until a
    // reading finds none of those; the next run looks back for what appeared after that.
    if (time > 1 && !isMissing && seen.size >= before) break
    if (time < readingsMax) continue
    if (seen.size >= before) break
    throw new IncompleteWindow(window, `The list counts ${total} but gave ${seen.size}`)
  }
  counts.seen = seen.size
  return counts
}

/**
 * Reads a window of a late list up to the newest row that it shows. Rows that appear while it is read are newer, so that none moves to another
 * page meanwhile; the next run begins at that newest row. What a list shows even later than others is found by the runs that look back.
 */
async function readToNewest<Item>(
  list: ListCall<Item>,
  window: Window,
  { isLate: _known, changedAt, ...reading }: Reading<Item>,
  onPage: (items: Item[]) => Promise<void>,
): Promise<WindowCounts> {
  const { items } = await list(window, { number: 1, size: reading.pageSize, mode: 'rows' })
  const times = items.map((item) => changedAt?.(item)?.getTime() ?? Number.NaN)
  const [first = Number.NaN, last = first] = [times[0], times.at(-1)]
  // Some lists are sorted the other way, and a row may have no time.
  const isNewestFirst = first > last || items.length < reading.pageSize
  // A list that shows no row has no newest one.
  const edge = isNewestFirst && times.length > 0 ? Math.max(...times) + 1000 : Number.NaN
  const to = edge < window.to.getTime() ? new Date(edge) : window.to
  const counts = await readWindow(list, { ...window, to }, reading, onPage)
  return { ...counts, pages: counts.pages + 1, requests: counts.requests + 1 }
}

/**
 * Reads one page. If it has fewer rows than the count promised, the window is counted again: either trades have left it, or the platform's
 * answer was incomplete and the page is read again.
 */
async function readPage<Item>(
  list: ListCall<Item>,
  window: Window,
  { number, promised, pageSize }: { number: number; promised: number; pageSize: number },
  counts: WindowCounts,
): Promise<Item[]> {
  for (let reading = 1; ; reading += 1) {
    const { items } = await list(window, { number, size: pageSize, mode: 'rows' })
    counts.requests += 1
    counts.pages += 1
    if (items.length >= promised || reading === readingsMax) return items
    const total = await countWindow(list, window, pageSize)
    counts.requests += 1
    if (total <= (number - 1) * pageSize + items.length) return items
  }
}

async function countWindow<Item>(list: ListCall<Item>, window: Window, pageSize: number): Promise<number> {
  const page = await list(window, { number: 1, size: pageSize, mode: 'count' })
  return page.total ?? page.items.length
}

/**
 * Reads a window of a chained list again and again, until a reading shows nothing that those before it did not. `onPage` gets each item
 * once, and again if the window is halved. Readings that all miss the same row look complete; the catch-up and the download audit read the
 * window once more, hours later.
 */
export async function readChain<Item>(
  list: ChainCall<Item>,
  window: Window,
  reading: Reading<Item>,
  onPage: (items: Item[]) => Promise<void>,
): Promise<WindowCounts> {
  const counts: WindowCounts = { pages: 0, seen: 0, requests: 0 }
  const seen = new Set<string>()
  const newest: Item[] = []
  // A row that says the same in the next reading costs no further calls.
  const made = new Map<string, Item[]>()
  const take = async ({ items }: ChainedPage<Item>) => {
    counts.requests += 1
    counts.pages += 1
    const fresh = items.filter((item) => !seen.has(reading.key(item)))
    if (fresh.length > 0) await onPage(fresh)
    for (const item of fresh) seen.add(reading.key(item))
    newest.push(...fresh)
  }
  for (let time = 1; time <= readingsMax; time += 1) {
    const known = seen.size
    newest.length = 0
    if (!(await followChain((of, at) => list(of, { ...at, made }), window, reading, take))) {
      if (window.to.getTime() - window.from.getTime() < 2000)
        throw new IncompleteWindow(window, `The list has more than ${reading.rowsMax} rows`)
      for (const half of halves(window)) add(counts, await readChain(list, half, reading, onPage))
      return counts
    }
    counts.seen = seen.size
    if (time > 1 && seen.size === known) return counts
  }
  // The next run looks back for what a late list shows after this reading.
  if (reading.mayBeLate?.(newest)) return counts
  throw new IncompleteWindow(window, `${readingsMax} readings of the list showed new rows each`)
}

/**
 * Reads the pages one after another. Returns false after `rowsMax` rows, or if the platform refuses so wide a window; an empty page counts as
 * a row, so a chain always ends.
 */
async function followChain<Item>(
  list: ChainCall<Item>,
  window: Window,
  { pageSize, rowsMax }: Reading<Item>,
  take: (page: ChainedPage<Item>) => Promise<void>,
): Promise<boolean> {
  let rows = 0
  for (let after: string | null = null; ; ) {
    const page: ChainedPage<Item> | undefined = await list(window, { after, size: pageSize }).catch(
      unlessTooWide,
    )
    if (!page) return false
    await take(page)
    rows += Math.max(1, page.items.length)
    after = page.next
    if (after === null) return true
    if (rows >= rowsMax) return false
  }
}

function unlessTooWide(error: unknown): undefined {
  if (!(error instanceof PlatformError) || error.code !== windowTooWide) throw error
}

function halves(window: Window): [Window, Window] {
  const middle = new Date(Math.floor((window.from.getTime() + window.to.getTime()) / 2000) * 1000)
  return [
    { ...window, to: middle },
    { ...window, from: middle },
  ]
}

function add(to: WindowCounts, more: WindowCounts): void {
  to.pages += more.pages
  to.seen += more.seen
  to.requests += more.requests
}

/**
 * Yields windows from `completeTo` to `until`, oldest first, none longer than the platform allows. Each begins `overlapMs` before the
 * end of the former one, because platforms often lose documents at the boundary; the first one `firstOverlapMs`, for what the list shows late.
 */
export function* windowsUntil(
  completeTo: Date,
  until: Date,
  limits: { advisedWindowMs: number; windowMs: number; overlapMs: number; firstOverlapMs?: number },
): Generator<{ from: Date; to: Date; completesFrom: Date }> {
  let overlapMs = limits.firstOverlapMs ?? limits.overlapMs
  let edge = completeTo
  while (edge < until) {
    const step = Math.min(limits.advisedWindowMs, limits.windowMs - overlapMs)
    const to = new Date(Math.min(edge.getTime() + step, until.getTime()))
    yield { from: new Date(edge.getTime() - overlapMs), to, completesFrom: edge }
    edge = to
    overlapMs = limits.overlapMs
  }
}
