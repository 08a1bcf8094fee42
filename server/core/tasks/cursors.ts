import { sql } from 'kysely'
import type { Database, Tx } from '../db/db.ts'
import type { Row } from '../db/rows.ts'

export type Cursor = Row<'stream_cursor', 'completeTo'>

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
    returning complete_to as "completeTo"`.execute(tx)
  return taken.rows[0]
}

/**
 * Records that [from, to) of a stream is complete, and returns true. Returns false and changes nothing if `from` is after the cursor (a gap
 * would arise) or another run has taken the cursor. The cursor never moves back, and never past the database's time.
 */
export async function advanceCursor(
  tx: Tx,
  move: { shopId: string; stream: string; from: Date; to: Date; fence: string },
): Promise<boolean> {
  const moved = await sql<Row<'stream_cursor', 'fence'>>`
    update stream_cursor
    set complete_to = greatest(complete_to, least(${move.to}::timestamptz, clock_timestamp())), moved_at = clock_timestamp()
    where shop_id = ${move.shopId}::bigint and stream = ${move.stream}
      and fence = ${move.fence}::bigint and ${move.from}::timestamptz <= complete_to
    returning fence`.execute(tx)
  return moved.rows.length === 1
}

export async function cursorsOf(
  db: Database,
  shopIds: readonly string[],
): Promise<{ shopId: string; stream: string; completeTo: Date; movedAt: Date }[]> {
  const found = await sql<Row<'stream_cursor', 'shopId' | 'stream' | 'completeTo' | 'movedAt'>>`
    select shop_id as "shopId", stream, complete_to as "completeTo", moved_at as "movedAt"
    from stream_cursor where shop_id = any(${[...shopIds]}::bigint[])
    order by shop_id, stream`.execute(db)
  return found.rows
}
