-- A report or notice that the receiver did not take, or whose process ended while sending, is sent again by itself.
alter table report_mail add column tries smallint not null default 1, add column again_at timestamptz;
comment on column report_mail.state is 'sending: a process has begun to send it. If that process ends, the mail was sent or not, and is due again at again_at.';
comment on column report_mail.tries is 'How often it was begun.';
comment on column report_mail.again_at is 'When it is due again by itself; null: it was sent, or only its user may send it again.';

alter table report_threshold_notice add column tries smallint not null default 0, add column again_at timestamptz;
comment on column report_threshold_notice.state is 'due: to be sent. sending: a process has begun to send it; if that process ends, the notice was sent or not, and is due again at again_at.';
comment on column report_threshold_notice.tries is 'How often it was begun.';
comment on column report_threshold_notice.again_at is 'When it is due again by itself; null: it was sent, or only its user may send it again.';
create index report_threshold_notice_again on report_threshold_notice (threshold_id, day) where again_at is not null;
