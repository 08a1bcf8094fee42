import { type RawBuilder, sql } from 'kysely'
import { type ListQuery, type ListTable, type Range, within } from './list-table.ts'

// The times of a row are near each other: an order is made minutes after it is paid, and due two days later. A range of one time therefore
// limits the other times too. Rows whose times are farther apart have a partial index, and so may have rows that lack a time.

export type Near<Sort extends string> = {
  /** Name of the time that every row has. */
  steady: Sort
  /** Condition for rows that have a time outside its limits in `after`. They have a partial index, sorted by the time `steady`. */
  far: RawBuilder<unknown>
  farIndex: string
  /** For each time of a row, the least and the most milliseconds by which it is later than the row's time `steady`. */
  after: Record<Sort, readonly [number, number]>
  /** Condition for rows that lack a time. They may have a partial index, sorted by the time `steady`; else the index of that time is read. */
  lacking: Partial<Record<Sort, RawBuilder<unknown>>>
}

/** Returns the range of the time `on` that follows from the query's ranges of other times; undefined if none follows. */
export function followingRange<Sort extends string>(
  near: Near<Sort>,
  query: ListQuery<Sort>,
  on: Sort,
): Range<Sort> | undefined {
  const [least, most] = near.after[on]
  let from = Number.NEGATIVE_INFINITY
  let to = Number.POSITIVE_INFINITY
  for (const range of query.ranges ?? []) {
    if (range.on === on) continue
    const [otherLeast, otherMost] = near.after[range.on]
    if (range.from !== undefined) from = Math.max(from, Date.parse(range.from) - otherMost + least)
    // The end of a range may have microseconds, which `Date.parse` drops, so a millisecond is added.
    if (range.to !== undefined) to = Math.min(to, Date.parse(range.to) + 1 - otherLeast + most)
  }
  if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY) return undefined
  const text = (ms: number) => (Number.isFinite(ms) ? new Date(ms).toISOString() : undefined)
  return { on, from: text(from), to: text(to) }
}

/** Returns the condition for rows that have the time of the range but are outside the range. */
export const outside = <Sort extends string>(
  table: ListTable<Sort>,
  range: Range<Sort>,
): RawBuilder<unknown> => sql`isfinite(${table.sorts[range.on].value}) and not (${within(table, [range])})`

/** True if no time is in all of the ranges. */
export function isEmptyRange(ranges: readonly Range<string>[]): boolean {
  const from = Math.max(
    ...ranges.map((range) => (range.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(range.from))),
  )
  const to = Math.min(
    ...ranges.map((range) => (range.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(range.to))),
  )
  return from > to
}
