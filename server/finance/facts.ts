import { sql } from 'kysely'
import { type Database, num, type Tx } from '../db.ts'
import { unnestRows } from '../lib/unnest.ts'

export type FactKind = 'order_refund' | 'return_refund' | 'void_refund' | 'extra_refund' | 'refund_only'
/** `source`: the refund's number; (shop, source, kind) is one fact. */
export type Fact = {
  shopId: string
  orderId: string | null
  tid: string
  kind: FactKind
  source: string
  amountFen: number
}

/**
 * Records what a transition owes, once for each (shop, source, kind), however often it is told. Told another amount, the
 * fact follows while it is not posted; after that the difference is a fact of its own. Give each key once.
 */
export async function recordFacts(tx: Tx, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return
  await lockFacts(tx, facts)
  await writeFacts(tx, facts)
}

/** Locks what was recorded of these sources, so that nobody posts between the reading of the sums and the writing. */
async function lockFacts(tx: Tx, facts: readonly Fact[]): Promise<void> {
  await sql`
    select f.id from settlement_fact f
    join ${unnestRows('d', facts, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['source', 'text', (row) => row.source],
    ])} on f.shop_id = d.shop_id and f.source = d.source
    order by f.id for update of f`.execute(tx)
}

/** Makes the facts of each (shop, source, kind) sum to its amount: posted ones stay, the unposted one takes the rest. */
async function writeFacts(tx: Tx, facts: readonly Fact[]): Promise<void> {
  await sql`
    insert into settlement_fact (shop_id, order_id, tid, kind, source, amount_fen)
    select d.shop_id, d.order_id, d.tid, d.kind, d.source, d.amount_fen - posted.fen
    from ${unnestRows('d', facts, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['order_id', 'int8', (row) => row.orderId],
      ['tid', 'text', (row) => row.tid],
      ['kind', 'text', (row) => row.kind],
      ['source', 'text', (row) => row.source],
      ['amount_fen', 'int8', (row) => row.amountFen],
    ])}
    cross join lateral (
      select coalesce(sum(p.amount_fen), 0) as fen, count(*) as times from settlement_fact p
      where p.shop_id = d.shop_id and p.source = d.source and p.kind = d.kind and p.posted_at is not null
    ) posted
    where posted.times = 0 or d.amount_fen <> posted.fen
       or exists (select 1 from settlement_fact u
                  where u.shop_id = d.shop_id and u.source = d.source and u.kind = d.kind and u.posted_at is null)
    on conflict (shop_id, source, kind) where posted_at is null
      do update set amount_fen = excluded.amount_fen where settlement_fact.amount_fen <> excluded.amount_fen`.execute(
    tx,
  )
}

export async function factsOfOrder(
  db: Database | Tx,
  orderId: string,
): Promise<{ kind: FactKind; source: string; amountFen: number; createdAt: Date; postedAt: Date | null }[]> {
  const found = await sql<{
    kind: FactKind
    source: string
    amountFen: string
    createdAt: Date
    postedAt: Date | null
  }>`
    select kind, source, amount_fen as "amountFen", created_at as "createdAt", posted_at as "postedAt"
    from settlement_fact where order_id = ${orderId}::bigint order by id`.execute(db)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))
}
