import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../../server/core/db/db.ts'
import { tradeReasonFacet, tradeStateFacet } from '../../server/intake/staged/trade-columns.ts'
import { open } from '../database.ts'

type Index = { name: string; definition: string }

/** Drops every index of these tables that belongs to no constraint, because building the indexes at the end is several times faster. */
export async function takeIndexes(db: Database, tables: readonly string[]): Promise<Index[]> {
  const found = await sql<Index>`
    select i.relname as name, pg_get_indexdef(i.oid) as definition
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
    where t.relname = any(${[...tables]}::text[]) and not x.indisunique`.execute(db)
  for (const { name } of found.rows) await sql`drop index ${sql.ref(name)}`.execute(db)
  for (const table of await withPeople(db, tables)) await takePeople(db, table)
  await letVacuum(db, tables, false)
  return found.rows
}

/** Returns the tables that have a table of person keys, maintained by a trigger. */
async function withPeople(db: Database, tables: readonly string[]): Promise<string[]> {
  const found = await sql<{ name: string }>`
    select name from unnest(${[...tables]}::text[]) name where to_regclass(name || '_person') is not null`.execute(
    db,
  )
  return found.rows.map(({ name }) => name)
}

async function takePeople(db: Database, table: string): Promise<void> {
  await sql`alter table ${sql.table(table)} disable trigger ${sql.ref(`${table}_person_of_new`)}`.execute(db)
  await sql`alter table ${sql.table(`${table}_person`)} drop constraint ${sql.ref(`${table}_person_pkey`)}`.execute(
    db,
  )
}

/** Fills the table of person keys in one statement. */
async function restorePeople(db: Database, table: string): Promise<void> {
  const people = sql.table(`${table}_person`)
  await sql`truncate ${people}`.execute(db)
  await sql`insert into ${people} select distinct unnest(people), id from ${sql.table(table)}`.execute(db)
  await sql`alter table ${people} add primary key (key, id)`.execute(db)
  await sql`alter table ${sql.table(table)} enable trigger ${sql.ref(`${table}_person_of_new`)}`.execute(db)
  await sql`vacuum (analyze) ${people}`.execute(db)
}

/** Switches autovacuum for these tables on or off. While millions of rows are written it would read the tables again and again. */
async function letVacuum(db: Database, tables: readonly string[], is: boolean): Promise<void> {
  for (const table of tables)
    await sql`alter table ${sql.table(table)} set (autovacuum_enabled = ${sql.lit(is)})`.execute(db)
}

/** Creates the indexes again, and vacuums the tables as autovacuum would have done. */
export async function restoreIndexes(
  url: string,
  indexes: readonly Index[],
  tables: readonly string[],
): Promise<void> {
  const { db, close } = open(url)
  try {
    const waiting = [...indexes]
    const lane = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) await sql.raw(one.definition).execute(db)
    }
    await Promise.all([lane(), lane()])
    for (const table of await withPeople(db, tables)) await restorePeople(db, table)
    for (const table of tables) await sql`vacuum (analyze) ${sql.table(table)}`.execute(db)
    await sql`checkpoint`.execute(db)
  } finally {
    await close()
  }
}

/**
 * Keeps the generated trades in a table, with the times at which they would have been staged. The first shop's older trades are marked
 * converted within half a day of payment.
 */
export async function keepBase(db: Database, now: Date): Promise<void> {
  const isConverted = sql`(shop_id = 1 and state = 'staged' and paid_at < ${now.toISOString()}::timestamptz - interval '1 day')`
  await sql`
    create unlogged table base_trade as
    select t.*, g.lines, ${isConverted} as is_converted from staged_trade t join staged_trade_lines g on g.trade_id = t.id`.execute(
    db,
  )
  await sql`create unlogged table base_raw as select * from raw_payload`.execute(db)
  await sql`truncate staged_trade, staged_trade_person, raw_payload cascade`.execute(db)
  await sql`
    update base_trade set
      state_at = coalesce(paid_at, ordered_at) + random() * case when is_converted then interval '12 hours' else interval '10 minutes' end,
      created_at = coalesce(paid_at, ordered_at) + interval '1 minute',
      state_by = case when is_converted then '林晓' else state_by end,
      order_no = case when is_converted then 'SO' || id else '' end`.execute(db)
  await sql`
    update base_trade set state = 'converted', reason = '', facets[3] = ${tradeReasonFacet('')}, facets[4] = ${tradeStateFacet('converted')}
    where is_converted`.execute(db)
  await sql`create index on base_trade (ordered_at)`.execute(db)
  await sql`analyze base_trade`.execute(db)
}

type Span = { baseDays: number; copiedDays: number; worldDays: number }

/** Copies the oldest first, so that the rows are stored in the order of time. */
export async function copyBase(url: string, span: Span): Promise<void> {
  const { db, close } = open(url)
  try {
    const turns = Math.round((span.worldDays - span.baseDays) / span.copiedDays)
    const waiting = Array.from({ length: turns + 1 }, (_, at) => turns - at)
    const lane = async () => {
      for (let turn = waiting.shift(); turn !== undefined; turn = waiting.shift())
        await copyTurn(db, turn, span)
    }
    await Promise.all([lane(), lane()])
    await sql`drop table base_trade, base_raw`.execute(db)
  } finally {
    await close()
  }
}

/** Turn 0 is the generated trades. Turn n is a copy of the oldest of them, n × eight days earlier, with other buyers. */
async function copyTurn(db: Database, turn: number, span: Span): Promise<void> {
  const shift = sql`make_interval(days => ${turn * span.copiedDays}::int)`
  const isCopied = sql`b.ordered_at < (select max(ordered_at) from base_trade) - make_interval(days => ${span.baseDays - span.copiedDays}::int)`
  const tid = sql`overlay(b.tid placing ${String(60 - turn).padStart(2, '0')} from 3 for 2)`
  const at = sql`(b.ordered_at - ${shift})`
  const month = sql`greatest(0, (extract(year from ${at})::bigint - 2020) * 12 + extract(month from ${at})::bigint - 1)`
  const people =
    turn === 0
      ? sql`b.people`
      : sql`(select array_agg((${month} * 4 + (k >> 32) % 4) * ${2 ** 32}::bigint + ((k % ${2 ** 32}::bigint) * 40503 + ${turn}::bigint * 104729) % ${2 ** 32}::bigint order by n)
          from unnest(b.people) with ordinality x (k, n))`
  await db.transaction().execute(async (tx) => {
    await sql`set local synchronous_commit = off`.execute(tx)
    await sql`
      with made as (insert into staged_trade (shop_id, tid, state, state_at, state_by, modified_at, detail_at, fetched_at, status, platform_status,
        trade_type, ordered_at, paid_at, ship_by, cod, final_unpaid, flag, payment_fen, post_fee_fen, discount_fen, quantity,
        line_count, lines_applied, lines_refunded, open_refunds, receiver_hash, reason, order_no, facets, people, holds,
        buyer_message, seller_memo, buyer_masked, receiver_masked, region, note, personal, created_at)
      select shop_id, ${tid}, state, state_at - ${shift}, state_by, modified_at - ${shift}, detail_at - ${shift},
        fetched_at - ${shift}, status, platform_status, trade_type, ordered_at - ${shift}, paid_at - ${shift}, ship_by - ${shift},
        cod, final_unpaid, flag, payment_fen, post_fee_fen, discount_fen, quantity, line_count, lines_applied, lines_refunded,
        open_refunds, receiver_hash # ${turn}::int, reason, order_no, facets, ${people}, holds, buyer_message, seller_memo, buyer_masked,
        receiver_masked, region, note, personal, created_at - ${shift}
      from base_trade b
      where ${turn === 0 ? sql`true` : isCopied}
      order by b.ordered_at
      returning id, tid, shop_id)
      insert into staged_trade_lines (trade_id, lines)
      select made.id, b.lines from made join base_trade b on ${tid} = made.tid and b.shop_id = made.shop_id order by made.id`.execute(
      tx,
    )
    await sql`
      insert into raw_payload (kind, shop_id, platform_id, modified_at, sealed)
      select r.kind, r.shop_id, overlay(r.platform_id placing ${String(60 - turn).padStart(2, '0')} from 3 for 2), r.modified_at - ${shift}, r.sealed
      from base_raw r ${turn === 0 ? sql`` : sql`join base_trade b on b.tid = r.platform_id and b.shop_id = r.shop_id and ${isCopied}`}`.execute(
      tx,
    )
  })
}

/** Returns the columns that are not generated. */
export async function writtenColumns(db: Database, table: string): Promise<RawBuilder<unknown>> {
  const found = await sql<{ name: string }>`
    select attname as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`.execute(
    db,
  )
  return sql.join(found.rows.map(({ name }) => sql.ref(name)))
}
