/**
 * SQL, in one statement of one line, for a database that was restored: numbers that it gave between its last transaction and the restore are outside already,
 * on printed slips, at couriers and in programs that take webhooks, so none of them is given again. Every sequence of numbers of documents, and of the ids of
 * documents and of messages, goes on behind them. How far it leaps grows with the time since the last transaction, so a second restore of the same
 * backup does not give the numbers of the first one again. `restart` belongs to the transaction, which `setval` does not.
 */
export const leapNumbers = `
  do $leap$ declare one record; next bigint; leap bigint; begin
    select 1000000 + 100 * greatest(0, ceil(extract(epoch from now() - taken_at)))::bigint into leap from restore_record order by id desc limit 1;
    for one in
      select c.relname as name, s.seqincrement as step from pg_sequence s join pg_class c on c.oid = s.seqrelid
      where c.relnamespace = quote_ident(current_schema())::regnamespace and (c.relname like '%\\_no' or exists (
        select from pg_depend d join pg_class t on t.oid = d.refobjid
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and (
          t.relname = 'staged_refund' or exists (
            select from pg_attribute a where a.attrelid = t.oid and a.attname = 'no' and a.atttypid = 'text'::regtype and not a.attisdropped))))
    loop
      execute format('select last_value + case when is_called then %s else 0 end from %I', one.step, one.name) into next;
      execute format('alter sequence %I restart with %s', one.name, next + leap);
    end loop;
  end $leap$`
  .replaceAll(/\s+/g, ' ')
  .trim()
