-- The index reads all staged trades while nothing writes them: some ten seconds for five million. It tells at once how many trades of a state have a reason, a status and a
-- shop, for lists and counts: facets that exclude each other are common one by one.

create index staged_trade_kinds on staged_trade (state, reason, status, shop_id);
