-- An answer that was asked for before this does not show what is wanted, however new its version is: we changed the trade meanwhile.
alter table trade_fetch add column asked_after timestamptz not null default '-infinity';
