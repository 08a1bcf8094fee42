-- What each process of the house sees of its machine, said every few seconds: web processes tell of all of them.
create table house_process (
  -- Host, process and a random part.
  name text primary key,
  kind text not null,
  seen_at timestamptz not null default now(),
  -- Its clock less the database's.
  ahead_ms integer not null,
  -- Of the fullest disk that holds its data folder.
  free_bytes bigint not null,
  size_bytes bigint not null
);
