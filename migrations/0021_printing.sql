-- 打印: what was handed to a print client, document by document, and what came of each.

create table print_job (
  id bigint not null generated always as identity primary key,
  printer text not null,
  reason text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  created_by_id text not null
);
comment on table print_job is 'A print job (打印任务): labels that one person prints one after another on one printer.';
comment on column print_job.printer is 'The printer''s name at the print client; empty: its default printer.';
comment on column print_job.reason is 'Why labels are printed again; empty: none of them was printed before.';
comment on column print_job.created_by_id is 'Only this user''s browser takes the documents.';

create table print_document (
  job_id bigint not null references print_job (id),
  seq integer not null check (seq > 0),
  waybill_id bigint not null references waybill (id),
  state text not null check (state in ('waiting', 'spooled', 'printed', 'failed', 'dropped')),
  message text not null default '',
  spooled_at timestamptz,
  ended_at timestamptz,
  primary key (job_id, seq)
);
comment on table print_document is 'A label of a print job, in the order of printing. waiting → spooled → printed or failed; a spooled one without an answer is settled by a person; waiting → dropped.';
comment on column print_document.waybill_id is '→ waybill.id';
comment on column print_document.state is 'spooled: handed to the browser, which hands it to the print client; it may or may not have been printed.';

create index print_document_of_waybill on print_document (waybill_id);
