import { PlatformError } from '../lib/platform-error.ts'
import type { Call } from './connector.ts'
import { rawOf } from './fields.ts'

/** What a platform's list allows. Times are in milliseconds. */
export type ListLimits = {
  /** The longest window that one request may cover. */
  windowMs: number
  advisedWindowMs: number
  /** A window is complete only this long before the platform's present time, because the list may show a change late. */
  lagMs: number
  /** The platform asks that no window ends later than that. Undefined: what the list shows earlier may be read too. */
  endsBeforeLag?: true
  /** A window begins this long before the end of the last one, so that changes at the boundary are not lost. */
  overlapMs: number
  pageSize: number
  /** The last row of a window that its pages reach. A window with more rows is halved. */
  rowsMax: number
  /** The list names only the numbers of the changed documents. Its windows are read again in short pieces, because each row costs a call. */
  numbersOnly?: true
  /**
   * The windows choose documents by their own time of change, which the row or the detail gives. Then a document that is new to us, although
   * its time was read before, was shown late. It is not so where a list has several sources or shows documents as they are posted.
   */
  byTimeOfChange?: true
  /** The platform asks that the list is read no more often; undefined: it asks for no pace. */
  everySeconds?: number
  /** Statuses of the platform by which one of ours is asked for, one after the other, where its list takes one at a time. */
  statuses?: Readonly<Record<string, readonly string[]>>
}

/** Returns whether rows come after this page of a counted list. @throws {PlatformError} if the page has lost its rows. */
export function rowsAfter(
  total: number,
  rows: readonly unknown[],
  { number, size }: Pick<Page, 'number' | 'size'>,
): boolean {
  if (rows.length === 0 && (number - 1) * size < total)
    throw new PlatformError('retry', 'bad_answer', 'The page should hold rows and has none.')
  return number * size < total
}

/** The number of the page that `nextNumber` named; null is the first page. */
export const pageNumberOf = (after: string | null): number => (after === null ? 1 : Number(after))

/** The name of the page after this one, for a list that is read by page numbers. */
export const nextNumber = (number: number, hasNext: boolean): string | null =>
  hasNext ? String(number + 1) : null

/** Returns what an earlier reading of the window made of a row that says the same, with its time of change; otherwise does the work. */
export async function onceMade<Item>(
  made: Map<string, Item[]> | undefined,
  row: unknown,
  work: () => Promise<Item[]>,
): Promise<Item[]> {
  const text = rawOf(row)
  const items = made?.get(text) ?? (await work())
  // A row that is nested too deeply has no text.
  if (text !== '') made?.set(text, items)
  return items
}

/** A list that counts its rows and has numbered pages, mostly newest first. The caller reads the last page first. */
export type NumberedList<Item> = ListLimits & {
  paging: 'numbered'
  /** Returns one page of the rows in [from, to). */
  page(call: Call, window: Window, page: Page): Promise<ListPage<Item>>
}

/** A list in which each page names the next one, and rows are not counted. The caller reads it until two readings agree. */
export type ChainedList<Item> = ListLimits & {
  paging: 'chained'
  /** Returns the page named `after`, or the first one of [from, to). `next`: the name of the next page; null: there is none. */
  page(call: Call, window: Window, at: ChainAt<Item>): Promise<ChainedPage<Item>>
}

export type PlatformList<Item> = NumberedList<Item> | ChainedList<Item>

/** Half open: `from` is in the window, `to` is not. `status`: our word, or the platform's own. */
export type Window = { from: Date; to: Date; status?: string }
/** Mode `count` asks only for the number of rows. */
export type Page = { number: number; size: number; mode: 'count' | 'rows' }
/** The code of a rejected page of a chained list: the platform wants a shorter window. The caller halves it. */
export const windowTooWide = 'window_too_wide'
/** `made`: the items that earlier readings of the window made of a row, with calls of their own, by the text of the row. Undefined: none are kept. */
export type ChainAt<Item = unknown> = { after: string | null; size: number; made?: Map<string, Item[]> }
export type ChainedPage<Item> = { items: Item[]; next: string | null }
/** `total` is present only in mode `count`. An item that cannot be read is returned as `bad`; it does not throw. */
export type ListPage<Item> = { total?: number; items: Item[]; hasNext: boolean }
