-- Which keys this database was sealed with, by a fingerprint that tells nothing of them: a file that is gone, or of another house,
-- is noticed before anything is read or sealed with it.
create table sealing_key (
  number smallint primary key,
  fingerprint text not null,
  first_seen_at timestamptz not null default now(),
  -- Nothing names it any more: the file may do without it.
  dropped_at timestamptz
);
