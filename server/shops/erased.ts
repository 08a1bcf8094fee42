import { sql } from 'kysely'
import type { PostedKind } from '../connectors/posted.ts'
import { type Database, preparedStatement, type Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'

/** A trade or an off-platform order, by its number and its shop. */
export type TradeKey = Row<'staged_trade', 'tid' | 'shopId'>

/**
 * Returns the numbers among these whose buyer is erased. A caller that writes a trade asks after it has locked the trade: a mark that commits
 * later then belongs to an erasure that waits for the lock.
 */
export async function erasedAmong(
  db: Database | Tx,
  shopId: string,
  tids: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = await sql<Row<'erased_trade', 'tid'>>`${preparedStatement}
    select tid from erased_trade where tid = any(${[...tids]}::text[]) and shop_id = ${shopId}`.execute(db)
  return new Set(found.rows.map(({ tid }) => tid))
}

/** Marks trades as erased, each once. Returns the number of trades that had no mark. */
export async function markErased(tx: Tx, erasureId: string, trades: readonly TradeKey[]): Promise<number> {
  const marked = await sql`
    insert into erased_trade (tid, shop_id, erasure_id)
    select tid, shop_id, ${erasureId} from ${unnestRows('d', trades, [
      ['tid', 'text', (row) => row.tid],
      ['shop_id', 'int8', (row) => row.shopId],
    ])} order by tid, shop_id
    on conflict do nothing`.execute(tx)
  return Number(marked.numAffectedRows ?? 0)
}

/** Deletes the trades or the refunds with these numbers that a mall has posted. */
export async function forgetPosted(
  tx: Tx,
  shopId: string,
  kind: PostedKind,
  numbers: readonly string[],
): Promise<void> {
  if (numbers.length === 0) return
  await sql`
    delete from mall_document
    where number = any(${[...numbers]}::text[]) and shop_id = ${shopId} and kind = ${kind}`.execute(tx)
}
