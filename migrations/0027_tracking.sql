-- 物流: where shipped parcels are, as their couriers scan them.

create table parcel_track (
  delivery_id bigint primary key references delivery (id),
  shop_id bigint not null references shop (id),
  warehouse_id bigint,
  courier text not null,
  waybill_no text not null,
  state text not null default 'unknown' check (state in ('unknown', 'collected', 'in_transit', 'out_for_delivery', 'at_pickup', 'signed', 'problem', 'returning', 'returned')),
  moved_at timestamptz,
  left_at timestamptz not null default now(),
  asked_at timestamptz,
  next_at timestamptz,
  misses integer not null default 0
);
comment on table parcel_track is 'Where the parcel of a shipped delivery is (物流). Begun as it leaves, and asked for until it is signed for or back.';
comment on column parcel_track.state is 'By the courier''s last scan. unknown: not scanned.';
comment on column parcel_track.moved_at is 'The time of the last scan.';
comment on column parcel_track.asked_at is 'When the platform answered last; null: it has not answered.';
comment on column parcel_track.next_at is 'When it is asked for again; null: never, because it has arrived, is back, or left more than 30 days ago.';
comment on column parcel_track.misses is 'Refused questions in a row.';

create index parcel_track_due on parcel_track (shop_id, next_at) where next_at is not null;
create index parcel_track_open on parcel_track (state, coalesce(moved_at, left_at), delivery_id) where next_at is not null and asked_at is not null;
