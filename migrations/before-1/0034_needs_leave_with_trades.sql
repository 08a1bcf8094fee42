-- Who converts a trade takes its needs away in the same step, with what it asks stock for; so a trade that leaves 待转入 is noted for the
-- counter only where something of it is still counted, or waits to be.
create index staged_need_due_trade on staged_need_due (trade_id);

create or replace function note_staged_needs() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into staged_need_due (trade_id) select id from changed where state = 'staged';
  elsif tg_op = 'DELETE' then
    insert into staged_need_due (trade_id) select id from held where state = 'staged';
  else
    insert into staged_need_due (trade_id)
    select changed.id from changed join held using (id)
    where changed.state = 'staged' or held.state = 'staged' and (
      (select true from staged_need n where n.trade_id = changed.id limit 1)
      -- A counter that is at it has taken the note already, but not for us: until it is done we see its note, and then its needs.
      or (select true from staged_need_due d where d.trade_id = changed.id limit 1));
  end if;
  return null;
end $$;
