-- What a busy day asks of every new order, thousands of times a second.

-- Other orders of the same phone, which is the first of a buyer's keys (server/lib/people.ts). The index of all keys lets new
-- rows wait beside it, and each look-up reads through them: 5 ms.
create index sales_order_phone on sales_order ((people[1]));
