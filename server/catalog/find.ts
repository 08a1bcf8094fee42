import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import type { SkuRowOut } from './contract.ts'
import { containsText } from './text.ts'
import { skuRows } from './view-queries.ts'

type Wanted = { text: string; scope: Scope; retired: boolean; limit: number }

/** One search reads at most this many SKUs whose code, name or spec contains the text, because nearly all SKUs may contain it. */
const readMax = 200

/**
 * Finds SKUs by code, name, spec or barcode: those with exactly this code or barcode first, then sorted by code. An empty text finds the
 * newest.
 */
export async function findSkus(db: Database, { text, scope, retired, limit }: Wanted): Promise<SkuRowOut[]> {
  const found = await sql<Row<'sku', 'id'>>`
    select id from ${text === '' ? newest(retired, limit) : named(text, retired)} f order by rank, code limit ${limit}`.execute(
    db,
  )
  return skuRows(
    db,
    found.rows.map(({ id }) => id),
    scope,
  )
}

const newest = (retired: boolean, limit: number): RawBuilder<unknown> => sql`(
  select id, code, row_number() over () as rank from (
    select id, code from sku where active or ${retired} order by id desc limit ${limit}) s)`

const named = (text: string, retired: boolean): RawBuilder<unknown> => sql`(
  select s.id, s.code, min(f.rank) as rank
  from (
    select id, 1 as rank from sku where code = ${text}
    union all select sku_id, 1 from sku_barcode where code = ${text}
    union all (select t.id, 2 from sku t where ${containsText(text)} and (t.active or ${retired}) limit ${readMax})
  ) f join sku s on s.id = f.id
  where s.active or ${retired}
  group by s.id)`
