import type pg from 'pg'

// The catalogue as the server stores it, to compare two databases. Numbers of the server (oid, file, dropped columns) are left out; objects
// have their names. It includes more than `catalogue.ts` prints: rights, comments, flags, positions of sequences.

const ours = `quote_ident(current_schema())::regnamespace`
/** PostgreSQL writes `a or b or c` with fewer parentheses after it has read its own output. */
const plain = (definition: string) => `translate(${definition}, '()', '')`

const parts = {
  relations: `select c.relname as name, c.relkind as kind, c.relpersistence as persistence, c.reloptions as options, t.reloptions as "toastOptions",
      c.relrowsecurity as rows, c.relreplident as identity, m.amname as method, c.relacl::text as rights, c.relowner::regrole::text as owner,
      c.relispartition as partition, c.relchecks as checks
    from pg_class c left join pg_am m on m.oid = c.relam left join pg_class t on t.oid = c.reltoastrelid where c.relnamespace = ${ours}`,
  columns: `select c.relname as name, row_number() over (partition by c.oid order by a.attnum) as place, a.attname as column,
      format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull", a.attidentity as identity, a.attgenerated as generated,
      a.attstorage as storage, a.attcompression as compression, a.attstattarget as target, array(select o from unnest(a.attoptions) o where o ~ '^n_distinct') as options,
      a.attcollation::regcollation::text as collation, a.attacl::text as rights, a.attislocal as local,
      ${plain('pg_get_expr(d.adbin, d.adrelid)')} as value
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = ${ours} and a.attnum > 0 and not a.attisdropped`,
  constraints: `select k.conrelid::regclass::text as name, k.conname as constraint, k.contype as kind, k.convalidated as valid, k.condeferrable as deferrable,
      k.condeferred as deferred, k.conindid::regclass::text as index, ${plain('pg_get_constraintdef(k.oid)')} as definition
    from pg_constraint k where k.connamespace = ${ours}`,
  indexes: `select i.indexrelid::regclass::text as name, i.indisunique as unique, i.indisprimary as primary, i.indisvalid as valid,
      i.indisclustered as clustered, i.indisreplident as identity, i.indnullsnotdistinct as nulls, ${plain('pg_get_indexdef(i.indexrelid)')} as definition,
      array(select a.attstattarget from pg_attribute a where a.attrelid = i.indexrelid order by a.attnum) as targets
    from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = ${ours}`,
  triggers: `select t.tgrelid::regclass::text as name, t.tgname as trigger, t.tgenabled as enabled, ${plain('pg_get_triggerdef(t.oid)')} as definition
    from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace = ${ours} and not t.tgisinternal`,
  functions: `select p.oid::regprocedure::text as name, p.prosrc as source, p.proconfig as config, p.procost as cost, p.prorows as rows, p.proacl::text as rights,
      p.proowner::regrole::text as owner, p.proleakproof as leakproof, pg_get_functiondef(p.oid) as definition
    from pg_proc p where p.pronamespace = ${ours}`,
  sequences: `select sequencename as name, data_type::text as type, start_value as start, min_value as min, max_value as max, increment_by as step,
      cycle, cache_size as cache, last_value as last,
      (select d.refobjid::regclass::text || '.' || a.attname from pg_depend d
         join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
       where d.objid = format('%I', sequencename)::regclass and d.deptype in ('a', 'i')) as owner
    from pg_sequences where schemaname = current_schema()`,
  statistics: `select s.stxname as name, s.stxstattarget as target, pg_get_statisticsobjdef(s.oid) as definition
    from pg_statistic_ext s where s.stxnamespace = ${ours}`,
  types: `select t.typname as name, t.typtype as kind, array(select enumlabel from pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) as labels
    from pg_type t where t.typnamespace = ${ours} and t.typtype in ('e', 'd', 'r', 'm')`,
  comments: `select pg_describe_object(d.classoid, d.objoid, d.objsubid) as name, d.description as text from pg_description d
    where d.classoid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_statistic_ext'::regclass,
      'pg_type'::regclass, 'pg_namespace'::regclass) and d.objoid >= 16384`,
  extensions: 'select extname as name, extversion as version from pg_extension',
  rights: `select defaclrole::regrole::text as name, defaclobjtype as kind, defaclacl::text as rights from pg_default_acl`,
  policies: 'select tablename as name, policyname as policy from pg_policies',
}

export type WholeCatalogue = Record<keyof typeof parts, unknown[]>

export async function wholeCatalogue(client: pg.Client): Promise<WholeCatalogue> {
  const found = { ...parts } as Record<string, unknown>
  for (const [part, query] of Object.entries(parts)) {
    const { rows } = await client.query(
      `select to_jsonb(x) as row from (${query}) x order by to_jsonb(x)::text collate "C"`,
    )
    found[part] = rows.map(({ row }) => row)
  }
  return found as WholeCatalogue
}

/** Returns all rows of all tables of this schema, without columns with generated numbers or the time of an insertion. */
export async function everyRow(client: pg.Client): Promise<Record<string, unknown[]>> {
  const { rows: tables } = await client.query<{ name: string; left: string[] }>(
    `select c.relname as name, array(
       select a.attname from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where a.attrelid = c.oid and a.attnum > 0 and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) ~ '^(now|clock_timestamp)')) as left
     from pg_class c where c.relnamespace = ${ours} and c.relkind = 'r' and c.relname <> 'migration' order by c.relname`,
  )
  const found: Record<string, unknown[]> = {}
  for (const { name, left } of tables) {
    const { rows } = await client.query(
      `select to_jsonb(t) - $1::text[] as row from "${name}" t order by to_jsonb(t)::text`,
      [left],
    )
    if (rows.length > 0) found[name] = rows.map(({ row }) => row)
  }
  return found
}
