import type pg from 'pg'
import { ofJobs } from '../db/catalogue.ts'

/** Statements that bring back triggers, indexes and constraints. */
export type BringBack = string[]

type Pair = { drop: string; make: string }

/**
 * SQL for each constraint with an index, index, foreign key and trigger, how it is dropped and made again. The owner of the tables may do
 * that; setting `session_replication_role` would need a superuser. Indexes are printed with their storage parameters, and a key is made from its index.
 * Tables of the job library keep theirs: they are small, and partitioned.
 */
const foreignKeys = `
  select format('alter table %I drop constraint %I', c.relname, k.conname) as drop,
    format('alter table %I add constraint %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid)) as make
  from pg_constraint k join pg_class c on c.oid = k.conrelid
  where k.contype = 'f' and c.relkind = 'r' and c.relnamespace = quote_ident(current_schema())::regnamespace and c.relname !~ $1
  order by k.conname, c.relname`

const keys = `
  select format('alter table %I drop constraint %I', c.relname, k.conname) as drop,
    case when k.contype = 'x' then format('alter table %I add constraint %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
    else format('%s; alter table %I add constraint %I %s using index %I%s', pg_get_indexdef(k.conindid), c.relname, k.conname,
      case k.contype when 'p' then 'primary key' else 'unique' end, i.relname,
      case when k.condeferred then ' deferrable initially deferred' when k.condeferrable then ' deferrable' else '' end) end as make
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class i on i.oid = k.conindid
  where k.contype in ('p', 'u', 'x') and c.relkind = 'r' and c.relnamespace = quote_ident(current_schema())::regnamespace and c.relname !~ $1
  order by c.relname, k.conname`

const indexes = `
  select format('drop index %I', n.relname) as drop, pg_get_indexdef(i.indexrelid) as make
  from pg_index i join pg_class n on n.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
  where c.relkind = 'r' and c.relnamespace = quote_ident(current_schema())::regnamespace and c.relname !~ $1
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = c.oid)
  order by c.relname, n.relname`

const triggers = `
  select format('alter table %I disable trigger %I', c.relname, t.tgname) as drop, format('alter table %I enable trigger %I', c.relname, t.tgname) as make
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where not t.tgisinternal and t.tgenabled = 'O' and c.relnamespace = quote_ident(current_schema())::regnamespace and c.relname !~ $1
  order by c.relname, t.tgname`

/** Drops what would slow rows down or react to them, inside the caller's transaction. */
export async function setAside(client: pg.Client): Promise<BringBack> {
  const found: Pair[][] = []
  for (const query of [foreignKeys, keys, indexes, triggers])
    found.push((await client.query<Pair>(query, [ofJobs])).rows)
  const all = found.flat()
  if (all.length > 0) await client.query(all.map((pair) => pair.drop).join(';\n'))
  const [foreign = [], ...others] = found
  // Foreign keys need the keys that they refer to.
  return [...others.flat(), ...foreign].map((pair) => pair.make)
}

/** Removes every table, sequence, function and type of this schema except the mark of the restore. */
export async function dropEverything(client: pg.Client): Promise<void> {
  await client.query('begin')
  try {
    await client.query(`do $$ declare one text; begin
      for one in
        select format('drop table %I cascade', relname) from pg_class
        where relnamespace = quote_ident(current_schema())::regnamespace and relkind in ('r', 'p') and not relispartition and relname <> 'restoring'
      loop execute one; end loop;
      for one in
        select format('drop view %I cascade', relname) from pg_class where relnamespace = quote_ident(current_schema())::regnamespace and relkind = 'v'
      loop execute one; end loop;
      for one in
        select format('drop sequence %I cascade', relname) from pg_class where relnamespace = quote_ident(current_schema())::regnamespace and relkind = 'S'
      loop execute one; end loop;
      for one in
        select format('drop routine %s cascade', p.oid::regprocedure) from pg_proc p
        where p.pronamespace = quote_ident(current_schema())::regnamespace
          and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
      loop execute one; end loop;
      for one in
        select format('drop type %I cascade', t.typname) from pg_type t
        where t.typnamespace = quote_ident(current_schema())::regnamespace and t.typtype in ('e', 'd')
          and not exists (select from pg_depend d where d.objid = t.oid and d.deptype = 'e')
      loop execute one; end loop;
    end $$`)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}
