import { type RawBuilder, sql } from 'kysely'
import type { Database, Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'

/** What a stream knows of how late its list is (`intake/downloads/lateness.ts`). */
export type StreamLateness = Row<
  'stream_cursor',
  'newestAt' | 'gapMs' | 'lateMs' | 'lateAt' | 'nextLateMs' | 'deepAt'
>
export type Cursor = Row<'stream_cursor', 'completeTo'> & StreamLateness

/**
 * Takes a stream's cursor for the run with this fence, and creates the cursor at `from` if there is none. Returns undefined if a later run
 * has taken it; this run must end then. A cursor can be ahead of the time at which it was moved, if a clock was wrong; it is set back to
 * that time.
 */
export async function takeCursor(
  tx: Tx,
  cursor: { shopId: string; stream: string; from: Date; fence: string },
): Promise<Cursor | undefined> {
  const taken = await sql<Cursor>`
    insert into stream_cursor (shop_id, stream, complete_to, fence)
    values (${cursor.shopId}::bigint, ${cursor.stream}, ${cursor.from}, ${cursor.fence}::bigint)
    on conflict (shop_id, stream) do update set fence = excluded.fence,
      complete_to = least(stream_cursor.complete_to, greatest(stream_cursor.moved_at, excluded.complete_to))
    where stream_cursor.fence <= excluded.fence
    returning complete_to as "completeTo", newest_at as "newestAt", gap_ms as "gapMs", late_ms as "lateMs", late_at as "lateAt",
      next_late_ms as "nextLateMs", deep_at as "deepAt"`.execute(tx)
  return taken.rows[0]
}

/**
 * Records that [from, to) of a stream is complete, and returns true. Returns false and changes nothing if `from` is after the cursor (a gap
 * would arise) or another run has taken the cursor. The cursor never moves back, and never past the database's time. `late`: what the run
 * knew of the lateness (`from`) and knows now (`to`). A lateness that was noted meanwhile stays (`noteLate`).
 */
export async function advanceCursor(
  tx: Tx,
  move: { shopId: string; stream: string; from: Date; to: Date; fence: string },
  late?: { from: Pick<StreamLateness, 'lateAt'>; to: StreamLateness },
): Promise<boolean> {
  const lateness = late ? latenessAfter(late.from, late.to) : sql``
  const moved = await sql<Row<'stream_cursor', 'fence'>>`
    update stream_cursor
    set complete_to = greatest(complete_to, least(${move.to}::timestamptz, clock_timestamp())), moved_at = clock_timestamp()${lateness}
    where shop_id = ${move.shopId}::bigint and stream = ${move.stream}
      and fence = ${move.fence}::bigint and ${move.from}::timestamptz <= complete_to
    returning fence`.execute(tx)
  return moved.rows.length === 1
}

function latenessAfter({ lateAt }: Pick<StreamLateness, 'lateAt'>, to: StreamLateness): RawBuilder<unknown> {
  // The driver reads times in milliseconds.
  const unchanged = sql`date_trunc('milliseconds', late_at) is not distinct from ${lateAt}::timestamptz`
  return sql`, newest_at = ${to.newestAt}, gap_ms = ${to.gapMs}, deep_at = ${to.deepAt},
    late_ms = case when ${unchanged} then ${to.lateMs} else late_ms end,
    late_at = case when ${unchanged} then ${to.lateAt}::timestamptz else late_at end,
    next_late_ms = case when ${unchanged} then ${to.nextLateMs} else next_late_ms end`
}

/** Notes that a list was at least this late, which another reading of it has shown. */
export async function noteLate(
  db: Database,
  { shopId, stream, lateMs }: { shopId: string; stream: string; lateMs: number },
): Promise<void> {
  await sql`
    update stream_cursor set late_ms = greatest(late_ms, ${lateMs}), late_at = clock_timestamp(), next_late_ms = 0
    where shop_id = ${shopId}::bigint and stream = ${stream}`.execute(db)
}

/** By how much the lists of a shop are late now, in milliseconds: those of one platform are late together. Null: none was read yet. */
export const lateOf = (shopId: RawBuilder<unknown>) =>
  sql<
    number | null
  >`(select max(l.late_ms) from stream_cursor l where l.shop_id = ${shopId} and l.stream in ('trades', 'refunds'))`

/** The time up to which a stream is complete, as an SQL expression on `stream_cursor`: what its list may still show late is left out. */
export const streamComplete = sql<Date>`(complete_to - case when stream = 'trades_first' then 0
  else coalesce(${lateOf(sql.ref('stream_cursor.shop_id'))}, 0) end * interval '1 millisecond')`

/** `lateMs`: by how much the lists of the shop are late now. `completeTo` leaves that out. */
export async function cursorsOf(
  db: Database,
  shopIds: readonly string[],
): Promise<{ shopId: string; stream: string; completeTo: Date; movedAt: Date; lateMs: number }[]> {
  const found = await sql<Row<'stream_cursor', 'shopId' | 'stream' | 'completeTo' | 'movedAt' | 'lateMs'>>`
    select shop_id as "shopId", stream, ${streamComplete} as "completeTo", moved_at as "movedAt",
      coalesce(${lateOf(sql.ref('stream_cursor.shop_id'))}, 0) as "lateMs"
    from stream_cursor where shop_id = any(${[...shopIds]}::bigint[])
    order by shop_id, stream`.execute(db)
  return found.rows
}
