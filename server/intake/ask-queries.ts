import { sql } from 'kysely'
import type { Refund } from '../connectors/connector.ts'
import type { Database, Tx } from '../db.ts'

/** Of these trades, those with a refund that we hold as open: they stop anyway. */
export async function knownOpen(db: Database, shopId: string, tids: readonly string[]): Promise<Set<string>> {
  const found = await sql<{ tid: string }>`
    select distinct tid from staged_refund
    where tid = any(${[...tids]}::text[]) and shop_id = ${shopId}::bigint and status in ('applied', 'agreed', 'unknown')`.execute(
    db,
  )
  return new Set(found.rows.map(({ tid }) => tid))
}

export type KnownRefund = Pick<Refund, 'refundId' | 'status' | 'modifiedAt'>

export async function knownRefunds(
  db: Database,
  shopId: string,
  refundIds: readonly string[],
): Promise<Map<string, KnownRefund>> {
  const found = await sql<KnownRefund>`
    select refund_no as "refundId", status, modified_at as "modifiedAt" from staged_refund
    where refund_no = any(${[...refundIds]}::text[]) and shop_id = ${shopId}::bigint`.execute(db)
  return new Map(found.rows.map((row) => [row.refundId, row]))
}

/** What stands against these trades and nobody has converted yet, with what is decided already: refunds that give money back. */
export async function unconvertedOf(
  tx: Tx,
  shopId: string,
  tids: readonly string[],
): Promise<{ id: string; tid: string }[]> {
  const found = await sql<{ id: string; tid: string }>`
    select id, tid from staged_refund
    where tid = any(${[...tids]}::text[]) and shop_id = ${shopId}::bigint and state = 'staged'
      and status in ('applied', 'agreed', 'succeeded') order by id`.execute(tx)
  return found.rows
}
