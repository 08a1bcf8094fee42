-- 退订: the mail of a threshold has a link that switches it off, as the mail of a report has.
alter table report_threshold_notice add column stop_hash bytea;
create index report_threshold_notice_stop on report_threshold_notice (stop_hash) where stop_hash is not null;
comment on column report_threshold_notice.stop_hash is 'The hash of the word in the mail''s link that switches the threshold off; the notices of one mail have the same.';
