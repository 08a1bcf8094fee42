-- The index reads all staged trades while nothing writes them. Trades whose payment is far from the beginning of their state, for lists by one
-- of the two times within a range of the other.

create index staged_trade_far on staged_trade (state, state_at, id) where extract(epoch from paid_at - state_at) not between -259200 and 86400;
