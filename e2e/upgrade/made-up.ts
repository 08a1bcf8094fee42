import { sql } from 'kysely'
import type { Stage } from './stage.ts'

// The version after this one is made up: the same program with two more migrations. Each sleeps in its middle, where the migrator is killed.

export const first = '9001_made_up.sql'
export const second = '9002_made_up_more.sql'
export const migrations = {
  [first]: `-- Made up 9001: a column of a busy table, and a table with rows.
    alter table sales_order add column made_up text not null default '';
    create table made_up (id bigint generated always as identity primary key, name text not null);
    insert into made_up (name) select 'row ' || n from generate_series(1, 1000) n;
    select pg_sleep(1);
    create index made_up_name on made_up (name);`,
  [second]: `-- Made up 9002: a column of another busy table.
    alter table order_line add column made_up text;
    select pg_sleep(1);
    create index made_up_order_line on order_line (made_up) where made_up is not null;`,
}

export async function shapeOf({ db }: Stage) {
  type Shape = { names: string[]; column: number; rows: string | null; index: number; more: number }
  const columns = (table: string) => sql`(
    select count(*)::int from pg_attribute where attrelid = ${table}::regclass and attname = 'made_up' and not attisdropped)`
  const { rows } = await sql<Shape>`
    select array(select name from migration where name > '9' order by name) as names, ${columns('sales_order')} as "column",
      case when to_regclass('made_up') is not null
        then (xpath('/row/c/text()', query_to_xml('select count(*) as c from made_up', false, true, '')))[1]::text end as rows,
      (select count(*)::int from pg_class where relname = 'made_up_name') as index, ${columns('order_line')} as more`.execute(
    db,
  )
  return rows[0]
}

export async function openBatches({ db }: Stage): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from batch where state in ('running', 'stopping')`.execute(db)
  return rows[0]?.n ?? 0
}

/** How often the history of each order says that its urgency was changed. */
export async function eventsOf({ db }: Stage): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; n: number }>`
    select order_id::text as id, count(*)::int as n from order_event where event = 'edit_urgent' group by 1`.execute(
    db,
  )
  return new Map(rows.map(({ id, n }) => [id, n]))
}
