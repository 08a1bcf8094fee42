-- What people look for among platform actions is not stock: the newest of the others, though stock is told a thousand times as often.
create index platform_action_not_stock on platform_action (state, id desc) where kind <> 'stock_upload';
