-- What could not be understood is one row a document, however many versions of it came: the newest text, and how often it was seen.
-- Only what has no number is still told apart by its text.
with known as (
  select id, row_number() over w as place, sum(times) over (partition by shop_id, kind, platform_id)::int as times,
    min(first_seen) over (partition by shop_id, kind, platform_id) as first_seen
  from parked_item where platform_id <> ''
  window w as (partition by shop_id, kind, platform_id order by last_seen desc, id desc)
), gone as (
  delete from parked_item p using known where p.id = known.id and known.place > 1
)
update parked_item p set times = known.times, first_seen = known.first_seen, fingerprint = 'number ' || p.platform_id
from known where p.id = known.id and known.place = 1;
