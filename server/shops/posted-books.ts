import { sql } from 'kysely'
import type { PostedBooks, PostedDocument, PostedKind, Revision } from '../connectors/posted.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { type KeyRing, seal, unseal } from '../lib/seal.ts'
import { unnestRows } from '../lib/unnest.ts'

/** `text`: the document as it was posted. */
export type Arrived = PostedDocument & { text: string }

/**
 * Keeps the documents that are newer than ours, and returns the numbers of those. The rows are written in the order of their numbers, so that
 * two posts of the same documents cannot deadlock.
 */
export async function keepDocuments(
  tx: Tx,
  ring: KeyRing,
  { shopId, kind }: { shopId: string; kind: PostedKind },
  documents: readonly Arrived[],
): Promise<Set<string>> {
  const kept = await sql<Row<'mall_document', 'number'>>`
    insert into mall_document as m (shop_id, kind, number, tid, version_at, received_at, sealed)
    select ${shopId}::bigint, ${kind}, number, tid, version_at, clock_timestamp(), sealed
    from ${unnestRows('d', documents, [
      ['number', 'text', (row) => row.number],
      ['tid', 'text', (row) => row.tid],
      ['version_at', 'timestamptz', (row) => row.versionAt],
      ['sealed', 'bytea', (row) => seal(ring, shopId, row.text)],
    ])} order by number
    on conflict (number, shop_id, kind) do update
      set tid = excluded.tid, version_at = excluded.version_at, received_at = clock_timestamp(), sealed = excluded.sealed
      where m.version_at < excluded.version_at
    returning number`.execute(tx)
  return new Set(kept.rows.map(({ number }) => number))
}

/** Returns the documents with these numbers that are kept. `locked`: they stay as they are until the transaction ends. */
export async function documentsOf(
  db: Database | Tx,
  ring: KeyRing,
  {
    shopId,
    kind,
    numbers,
    locked,
  }: { shopId: string; kind: PostedKind; numbers: readonly string[]; locked: boolean },
): Promise<Map<string, { text: string; versionAt: Date }>> {
  const found = await sql<Row<'mall_document', 'number' | 'sealed' | 'versionAt'>>`
    select number, sealed, version_at as "versionAt" from mall_document
    where number = any(${[...numbers]}::text[]) and shop_id = ${shopId}::bigint and kind = ${kind}
    order by number ${locked ? sql`for update` : sql``}`.execute(db)
  return new Map(
    found.rows.map(({ number, sealed, versionAt }) => [
      number,
      { text: unseal(ring, shopId, sealed).toString('utf8'), versionAt },
    ]),
  )
}

/** Returns the refunds of these trades that are kept, the one that changed last at the end. `locked` as with `documentsOf`. */
export async function refundDocumentsOf(
  db: Database | Tx,
  ring: KeyRing,
  { shopId, tids, locked }: { shopId: string; tids: readonly string[]; locked: boolean },
): Promise<{ text: string; versionAt: Date }[]> {
  const found = await sql<Row<'mall_document', 'number' | 'sealed' | 'versionAt'>>`
    select number, sealed, version_at as "versionAt" from mall_document
    where shop_id = ${shopId}::bigint and tid = any(${[...tids]}::text[]) and kind = 'refund'
    order by number ${locked ? sql`for update` : sql``}`.execute(db)
  return found.rows
    .toSorted((a, b) => a.versionAt.getTime() - b.versionAt.getTime())
    .map(({ sealed, versionAt }) => ({ text: unseal(ring, shopId, sealed).toString('utf8'), versionAt }))
}

/** Opens what one shop has posted, for the calls of its connector. */
export function postedBooks(db: Database, ring: KeyRing, shopId: string): PostedBooks {
  return {
    async received(kind, { from, to }, { number, size, mode }) {
      const inWindow = sql`shop_id = ${shopId}::bigint and kind = ${kind} and received_at >= ${from}::timestamptz and received_at < ${to}::timestamptz`
      const counted = await sql<Record<'total', number>>`
        select count(*)::int as total from mall_document where ${inWindow}`.execute(db)
      const total = counted.rows[0]?.total ?? 0
      if (mode === 'count') return { total, numbers: [] }
      const page = await sql<Row<'mall_document', 'number'>>`
        select number from mall_document where ${inWindow}
        order by received_at desc, number desc limit ${size} offset ${(number - 1) * size}`.execute(db)
      return { total, numbers: page.rows.map((row) => row.number) }
    },
    async document(kind, number) {
      const found = await sql<Row<'mall_document', 'sealed'>>`
        select sealed from mall_document where number = ${number} and shop_id = ${shopId}::bigint and kind = ${kind}`.execute(
        db,
      )
      const sealed = found.rows[0]?.sealed
      return sealed && unseal(ring, shopId, sealed).toString('utf8')
    },
    refundsOf: (tid) => refundsOf(db, ring, { shopId, tid }),
    revise: (tid, change) => revise(db, ring, { shopId, tid }, change),
  }
}

async function refundsOf(
  db: Database | Tx,
  ring: KeyRing,
  { shopId, tid }: { shopId: string; tid: string },
): Promise<string[]> {
  const found = await sql<Row<'mall_document', 'sealed'>>`
    select sealed from mall_document where shop_id = ${shopId}::bigint and tid = ${tid} and kind = 'refund'
    order by version_at, number`.execute(db)
  return found.rows.map(({ sealed }) => unseal(ring, shopId, sealed).toString('utf8'))
}

async function revise(
  db: Database,
  ring: KeyRing,
  { shopId, tid }: { shopId: string; tid: string },
  change: Revision,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const found = await sql<Row<'mall_document', 'sealed'> & Record<'later', Date>>`
      select sealed, greatest(date_trunc('milliseconds', clock_timestamp()), version_at + interval '1 millisecond') as later
      from mall_document where number = ${tid} and shop_id = ${shopId}::bigint and kind = 'trade' for update`.execute(
      tx,
    )
    const [row] = found.rows
    if (!row) return false
    const refunds = await refundsOf(tx, ring, { shopId, tid })
    const text = change(unseal(ring, shopId, row.sealed).toString('utf8'), refunds, row.later)
    await sql`
      update mall_document set sealed = ${seal(ring, shopId, text)}, version_at = ${row.later}, received_at = clock_timestamp()
      where number = ${tid} and shop_id = ${shopId}::bigint and kind = 'trade'`.execute(tx)
    return true
  })
}
