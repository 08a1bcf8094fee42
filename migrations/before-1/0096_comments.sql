-- What a row of each table is, and what its columns mean where the name does not say so. An arrow names the key that a column holds where no
-- foreign key does. Times end in _at, persons in _by, amounts of fen in _fen. docs/schema.md is made of these.

comment on table app_user is 'A user (用户): a person who signs in, with the shops and warehouses granted to them. Written by users; the sign-in rooms set the last sign-in and the second factor.';
comment on column app_user.email is 'In lower case, since the sign-in library looks it up so.';
comment on column app_user.email_verified is 'Not used; the sign-in library expects it.';
comment on column app_user.image is 'Not used; the sign-in library expects it.';
comment on column app_user.two_factor_enabled is 'A second factor is asked for at each sign-in.';
comment on column app_user.all_shops is 'Granted every shop, also later ones; shop_ids is then ignored.';
comment on column app_user.shop_ids is 'The granted shops, each → shop.id.';
comment on column app_user.all_warehouses is 'Granted every warehouse, also later ones; warehouse_ids is then ignored.';
comment on column app_user.warehouse_ids is 'The granted warehouses, each → warehouse.id.';
comment on column app_user.disabled_at is 'Since when the user may not sign in; null: active.';

comment on table role is 'A role (角色): permissions under a name. Six are made by the migrations.';
comment on column role.builtin is 'The administrators'' role can be neither changed nor deleted.';
comment on column role.name is 'The Chinese name.';
comment on column role.permissions is 'Names of server/users/permissions.ts; * is every permission, also those of later versions.';

comment on table user_role is 'One role of one user.';

comment on table api_key is 'The key of a program that calls the API. Its permissions are given by the user who made it. A revoked key keeps its row.';
comment on column api_key.prefix is 'The first characters, by which a person recognises the key.';
comment on column api_key.key_hash is 'SHA-256 of the key; the key itself is shown once and not kept.';
comment on column api_key.all_shops is 'Granted every shop, also later ones.';
comment on column api_key.shop_ids is 'The granted shops, each → shop.id.';
comment on column api_key.all_warehouses is 'Granted every warehouse, also later ones.';
comment on column api_key.warehouse_ids is 'The granted warehouses, each → warehouse.id.';

comment on table saved_view is 'A saved view (保存的视图): the filters and columns of a list under a name, for one user or shared with all.';
comment on column saved_view.list is 'The name of the list, as in its address.';
comment on column saved_view.query is 'The query string of the list, with columns and density.';
comment on column saved_view.position is 'Order among the views of the list.';

comment on table user_session is 'One browser in which a user is signed in. Written by the sign-in library.';
comment on column user_session.token is 'The secret of the session cookie.';
comment on column user_session.updated_at is 'The last use, to within a few minutes.';

comment on table user_credential is 'The password of a user. Written by users/sign-in; the other columns belong to the sign-in library.';
comment on column user_credential.account_id is 'The library''s name of the account: the id of the user.';
comment on column user_credential.provider_id is 'The way to sign in: credential.';
comment on column user_credential.password is 'scrypt, salted.';

comment on table user_verification is 'A sign-in that waits for its one-time code. Written by the sign-in library.';
comment on column user_verification.identifier is 'The library''s key of the waiting sign-in.';
comment on column user_verification.value is 'The library''s data of the waiting sign-in.';

comment on table user_two_factor is 'The second factor of a user. Written by the sign-in library and users/sign-in.';
comment on column user_two_factor.secret is 'The secret of the one-time codes, encrypted.';
comment on column user_two_factor.backup_codes is 'Encrypted.';
comment on column user_two_factor.verified is 'The user has entered a first code.';
comment on column user_two_factor.failed_verification_count is 'Wrong codes in a row.';
comment on column user_two_factor.last_step is 'The time step of the last accepted code; no code works twice, nor an older one.';

comment on table sign_in_failure is 'How many failed tries an account, an address, a device or a signed-in user has used up. A try is counted before the password is compared.';
comment on column sign_in_failure.subject is 'A hash of the limited subject, so that no e-mail address is stored here.';
comment on column sign_in_failure.began_at is 'When the current window of tries began.';

comment on table one_time_link is 'A link that works once: for the first set-up, or for a new password.';
comment on column one_time_link.token_hash is 'SHA-256 of the token in the link.';
comment on column one_time_link.purpose is 'setup: makes the first administrator and has no user. password: sets a password.';

comment on table shop is 'A shop (店铺): one seller''s account on one platform, with its authorisation. Written by shops.';
comment on column shop.platform is 'Id of a connector.';
comment on column shop.variant is 'The kind of shop inside the platform (店铺类型), such as tmall.';
comment on column shop.platform_shop_id is 'The platform''s id of the shop; empty until the platform confirmed it.';
comment on column shop.seller_nick is 'The seller''s name on the platform.';
comment on column shop.credentials is 'Sealed JSON of the fields that the connector declares.';
comment on column shop.token is 'Sealed JSON of access token and refresh token.';
comment on column shop.token_expires_at is 'End of the access token.';
comment on column shop.refresh_expires_at is 'End of the refresh token: the seller must authorise again by then.';
comment on column shop.token_version is 'Rises with each new token, so that a slow refresh never overwrites a newer one.';
comment on column shop.auth_state is 'none: never authorised. live: authorised. expired: the seller must authorise again.';
comment on column shop.auth_error is 'Why the authorisation ended.';
comment on column shop.enabled is 'A disabled shop is neither downloaded nor written to.';
comment on column shop.go_live_at is 'Trades that were paid, or else ordered, before this time are not converted (上线时间).';
comment on column shop.settings is 'JSON of the settings in shops/contract.ts.';

comment on table shop_gate is 'Whether a shop''s calls may leave: pauses, a ban, an outage. Written by core/access and core/outbox; a shop without a row is open.';
comment on column shop_gate.shop_id is '→ shop.id';
comment on column shop_gate.paused is 'Reasons, each lifted by the code that set it: auth_expired, shop_disabled and so on.';
comment on column shop_gate.ban_until is 'The platform refuses every call of the shop until then.';
comment on column shop_gate.away_since is 'The circuit breaker is open since then: the platform does not answer for this shop.';
comment on column shop_gate.probes is 'Probes since then.';
comment on column shop_gate.probe_at is 'When the next probe may be sent.';

comment on table product is 'A product (商品) that groups SKUs.';

comment on table sku is 'A SKU (规格): one kind of goods that can be stocked and sold, or a bundle of such. Written by catalog; retired, never deleted.';
comment on column sku.code is 'The merchant code (商家编码): what shops write as their outer code.';
comment on column sku.weight_g is 'Grams.';
comment on column sku.price_fen is 'The usual price.';
comment on column sku.reference_fen is 'The lowest plausible price: below it a price is a typing error.';
comment on column sku.is_bundle is 'A bundle (套餐) has parts in bundle_part and no stock of its own.';
comment on column sku.active is 'False: retired.';
comment on column sku.version is 'Rises with each change; an edit of an older version is refused.';
comment on column sku.words is 'The searched text in lower case: code, product code and name, spec.';

comment on table sku_barcode is 'One barcode of a SKU; a barcode belongs to one SKU.';

comment on table bundle_part is 'One part of a bundle (套餐). Bundles do not nest, which the foreign keys hold.';
comment on column bundle_part.bundle_id is 'The bundle.';
comment on column bundle_part.part_id is 'The part.';
comment on column bundle_part.quantity is 'Pieces of the part in one bundle.';
comment on column bundle_part.bundle is 'Always true; part of a foreign key.';
comment on column bundle_part.part is 'Always false; part of a foreign key.';

comment on table listing is 'A listing (平台商品): one platform SKU of a shop, or the item where it has no SKUs. Written by catalog/listings from the shop''s list and from trades; never deleted.';
comment on column listing.item_id is 'The platform''s number of the item.';
comment on column listing.platform_sku_id is 'The platform''s number of the SKU; empty: the item has none.';
comment on column listing.outer_item_id is 'The outer code of the item.';
comment on column listing.outer_sku_id is 'The outer code of the SKU.';
comment on column listing.quantity is 'The stock that the platform shows.';
comment on column listing.status is 'on_sale, in_stock: as the shop''s list says. gone: the list no longer has it. seen: known from a trade only.';
comment on column listing.modified_at is 'The platform''s time of the stored version; of a listing that was only seen, when its trade was made.';
comment on column listing.listed_at is 'When the shop''s list last had it.';
comment on column listing.sku_id is 'The match: the SKU that this listing sells.';
comment on column listing.matched_how is 'outer_id: by code. hand: by a person. import: by a sheet. Empty: not matched.';
comment on column listing.matched_by is 'The person who decided, also that it matches nothing: codes then change nothing. Empty: the codes decide.';
comment on column listing.former_sku_id is 'The match before this one, so that orders that wait for those goods follow. → sku.id';
comment on column listing.words is 'The searched text in lower case.';

comment on table warehouse is 'A warehouse (仓库). Written by inventory; retired, never deleted.';
comment on column warehouse.kind is 'own: ours. outer: of a service provider. defective: for goods that cannot be sold (次品仓), beside another warehouse.';
comment on column warehouse.defective_of is 'The warehouse whose defective goods it holds.';
comment on column warehouse.priority is 'The smaller is tried first.';
comment on column warehouse.active is 'False: retired; it takes nothing new.';

comment on table stock is 'The balance of a SKU in a warehouse. Available is on_hand − reserved − locked. Written by inventory only, under the lock of this row.';
comment on column stock.warehouse_id is '→ warehouse.id';
comment on column stock.sku_id is '→ sku.id';
comment on column stock.on_hand is 'Pieces in the warehouse; the sum of its stock_movement rows.';
comment on column stock.reserved is 'Pieces reserved for orders.';
comment on column stock.locked is 'Pieces frozen by documents of kind lock.';
comment on column stock.short is 'Pieces that orders wait for (缺货).';

comment on table stock_change is 'The version of the available quantity of a SKU, for stock sync. Rises with each change.';
comment on column stock_change.sku_id is '→ sku.id';
comment on column stock_change.taken is 'The version that stock sync has calculated with.';
comment on column stock_change.dirty is 'Stock sync has to calculate again.';

comment on table stock_movement is 'A change of stock.on_hand; append-only. The key makes each posting happen once.';
comment on column stock_movement.warehouse_id is '→ warehouse.id';
comment on column stock_movement.sku_id is '→ sku.id';
comment on column stock_movement.quantity is 'Positive: comes in.';
comment on column stock_movement.document_kind is 'order: shipping. adjustment, transfer, count: stock_document. return: return_order. parcel: unclaimed_parcel.';
comment on column stock_movement.document_id is 'Id of the document, by its kind.';
comment on column stock_movement.line_no is 'Line of the document.';
comment on column stock_movement.step is 'Of an order: odd numbers ship, even ones undo that. Of a transfer: 1 goes out, 2 comes in. Of a return: the number of the receipt.';

comment on table reservation is 'Pieces of a SKU that are reserved for a line of an order (占用); one row for each part of a bundle. A row is reserved whole or not at all.';
comment on column reservation.order_id is '→ sales_order.id';
comment on column reservation.line_no is '→ order_line.line_no';
comment on column reservation.sku_id is '→ sku.id';
comment on column reservation.warehouse_id is '→ warehouse.id';
comment on column reservation.per_line is 'Pieces of this SKU in one piece of the line.';
comment on column reservation.wanted is 'Pieces that the line needs.';
comment on column reservation.reserved is '0: backordered. Else equal to wanted.';
comment on column reservation.shipped is 'The pieces have left.';
comment on column reservation.paid_at is 'When the order was paid: the earlier is served first.';

comment on table stock_document is 'A stock document (库存单据): adjustment, transfer, count, or lock (freeze). draft → approved → posted; a transfer is sent in between; voided ends a document that was not posted.';
comment on column stock_document.no is 'AD, TR, CN or LK, the date, and a running number.';
comment on column stock_document.version is 'Rises with each change; an edit of an older version is refused.';
comment on column stock_document.warehouse_id is 'Of a transfer: where the goods leave.';
comment on column stock_document.to_warehouse_id is 'Of a transfer: where the goods arrive.';
comment on column stock_document.lock_kind is 'normal: until a person releases it. promotion: from starts_at to ends_at.';
comment on column stock_document.quantity is 'Sum of the lines.';
comment on column stock_document.line_count is 'Number of lines.';
comment on column stock_document.released_at is 'Of a lock: nothing of it is frozen any more.';

comment on table stock_document_line is 'One SKU of a stock document.';
comment on column stock_document_line.quantity is 'Adjustment: the difference. Transfer and lock: pieces. Count: pieces that were counted.';
comment on column stock_document_line.book is 'Of a count: pieces in the books when it was written. Later movements are no difference.';
comment on column stock_document_line.released is 'Of a lock: pieces that are not frozen any more.';

comment on table upload_shop is 'Stock sync (库存同步) of a shop: switch and rule. A shop without a row is off and has the usual rule.';
comment on column upload_shop.rule is 'JSON {warehouses, percent, plus, min, max, safety}.';
comment on column upload_shop.version is 'Rises with each change; an edit of an older version is refused.';

comment on table stock_upload is 'Stock sync of one listing: the quantity to send, the quantity that the platform took last, and the problem. Written by stock-sync.';
comment on column stock_upload.id is '→ listing.id';
comment on column stock_upload.shop_id is '→ shop.id';
comment on column stock_upload.item_id is 'The platform''s number of the item.';
comment on column stock_upload.rule is 'Of this listing; null: that of the shop.';
comment on column stock_upload.paused is 'A person paused this listing.';
comment on column stock_upload.shop_on is 'Copy of upload_shop.enabled.';
comment on column stock_upload.quantity is 'The quantity to send.';
comment on column stock_upload.trace is 'How quantity was calculated, for a person to read.';
comment on column stock_upload.version is 'Rises with each quantity to send; an answer to an older version never hides a newer one.';
comment on column stock_upload.told_quantity is 'The quantity that the platform took last.';
comment on column stock_upload.told_version is 'The version that the platform took last; 0: none, or it does not count any more.';
comment on column stock_upload.action_id is 'The platform action that sends it or failed to. → platform_action.id';
comment on column stock_upload.problem is 'A name of stock-sync/lifecycle.ts; empty: none.';
comment on column stock_upload.problem_text is 'The platform''s words.';

comment on table staged_need is 'Pieces of a listing that a staged trade will need as an order (待转占用). Written by one counter, never by staging or converting.';
comment on column staged_need.trade_id is '→ staged_trade.id';
comment on column staged_need.shop_id is '→ shop.id';
comment on column staged_need.item_id is 'The platform''s number of the item.';
comment on column staged_need.platform_sku_id is 'The platform''s number of the SKU; empty: the item has none.';

comment on table staged_need_due is 'A staged trade whose needs are to be counted again. Written by a trigger, deleted by the counter.';
comment on column staged_need_due.trade_id is '→ staged_trade.id';

comment on table settlement is 'A settlement (结算单): money that an order, a refund or an extra refund owes. draft → approved → posted → settled, or voided. The documents of one source and kind add up to the amount owed.';
comment on column settlement.shop_id is '→ shop.id';
comment on column settlement.order_id is 'Null: a refund of a trade that never became an order. → sales_order.id';
comment on column settlement.kind is 'order_receipt and cod_receipt come in; the refunds go back.';
comment on column settlement.source is 'Number of the order, refund or extra refund that owes it; orders that share a refund add their number.';
comment on column settlement.version is 'The number among those of its source and kind: nothing is made twice.';
comment on column settlement.amount_fen is 'Money that comes in is positive, money that goes back negative.';
comment on column settlement.withdrawn is 'Voided by the system because it is no longer owed, not by a person.';
comment on column settlement.kind_no is 'The kind as a number (finance/lifecycle.ts).';

comment on table settlement_fact is 'Money from before there were settlements, posted once. No code adds a row; posted_at is set by the task post_settlements.';
comment on column settlement_fact.shop_id is '→ shop.id';
comment on column settlement_fact.source is 'Number of the refund or extra refund.';
comment on column settlement_fact.posted_at is 'Null: not posted yet.';

comment on table settlement_backlog is 'How far the task post_settlements went through the orders from before settlements. One row.';
comment on column settlement_backlog.single is 'Always true: the table has one row.';
comment on column settlement_backlog.done_to is 'Orders up to this id are done. → sales_order.id';
comment on column settlement_backlog.last_order is 'The last order to do. → sales_order.id';

comment on table extra_refund is 'An extra refund (额外退款): money that we grant besides the platform''s refunds. draft → approved or voided.';
comment on column extra_refund.order_no is 'The number of the order, which never changes.';
comment on column extra_refund.refund_no is 'The platform''s refund that it belongs to; empty: none.';

comment on table bill_line is 'A line of a platform''s bill (平台账单), imported from a file; never changed.';
comment on column bill_line.shop_id is '→ shop.id';
comment on column bill_line.serial_no is 'The platform''s number of the movement, or a hash of the row where it gives none, so that a line is stored once.';
comment on column bill_line.tid is 'Empty: money of no trade.';
comment on column bill_line.day is 'The day in China.';
comment on column bill_line.type is 'As the platform calls it.';
comment on column bill_line.amount_fen is 'Money that comes in is positive.';

comment on table bill_trade is 'The money of one trade on both sides, for reconciliation (对账). Written by reconciling only, which computes it from bill lines and settlements.';
comment on column bill_trade.shop_id is '→ shop.id';
comment on column bill_trade.at is 'When the first money moved, on either side.';
comment on column bill_trade.bill_in_fen is 'Receipts of the bill.';
comment on column bill_trade.bill_out_fen is 'Refunds of the bill, negative.';
comment on column bill_trade.fee_fen is 'Fees of the bill.';
comment on column bill_trade.own_in_fen is 'Receivables of our settlements.';
comment on column bill_trade.own_out_fen is 'Refunds of our settlements, negative.';
comment on column bill_trade.bill_day is 'The last day on which money moved on the bill.';
comment on column bill_trade.own_day is 'The last day on which money moved in our settlements.';
comment on column bill_trade.cause is 'Why both sides differ: not_ours: we have nothing. not_theirs: the bill has nothing. amount: the amounts differ. later_day: may follow on a later day. Empty: they agree.';
comment on column bill_trade.explained_why is 'A person accepted the difference, with this reason.';
comment on column bill_trade.gap_fen is 'The difference: bill less ours.';
comment on column bill_trade.standing is 'The tab of the list: even, later, explained, open.';

comment on table bill_shop is 'A shop whose bills are imported.';
comment on column bill_shop.shop_id is '→ shop.id';
comment on column bill_shop.since is 'Settlements from this time on are reconciled.';
comment on column bill_shop.scan_from is 'Earlier settlements are still to be looked at, from this time; null: none.';
comment on column bill_shop.scan_to is 'The end of that look.';
comment on column bill_shop.asked_at is 'When bills were last imported.';

comment on table bill_due is 'A trade that is to be reconciled again. Written by a trigger on settlement, deleted by the task reconcile_bills.';
comment on column bill_due.shop_id is '→ shop.id';

comment on table sales_order is 'A sales order (销售订单): the goods of one trade, or of none, that we ship from one warehouse. unconfirmed → confirmed → released → shipped → completed; voided ends an unshipped one. Written by the rooms of orders; status by orders/order only.';
comment on column sales_order.shop_id is '→ shop.id';
comment on column sales_order.origin is 'trade: converted. record: shipped by others, without stock. manual, import, copy, reship: off-platform. split: a child of another order.';
comment on column sales_order.tid is 'The trade number; of an off-platform order the number that its maker gave it. Unique by shop among orders that may ship, but for children.';
comment on column sales_order.status is 'Written by writeStatus of orders/order only.';
comment on column sales_order.version is 'Rises with each change; an edit of an older version is refused.';
comment on column sales_order.cod is 'Cash on delivery (货到付款).';
comment on column sales_order.goods_fen is 'Sum of price × quantity of the lines.';
comment on column sales_order.post_fee_fen is 'Freight that the buyer pays.';
comment on column sales_order.discount_fen is 'goods_fen + post_fee_fen − payment_fen.';
comment on column sales_order.payment_fen is 'What the buyer pays for goods and freight.';
comment on column sales_order.refunded_fen is 'Money that refunds took back; the sum of the lines.';
comment on column sales_order.quantity is 'Pieces; the sum of the lines.';
comment on column sales_order.refunded_quantity is 'Pieces that refunds took off; the sum of the lines.';
comment on column sales_order.paid_at is 'Null: not paid.';
comment on column sales_order.ordered_at is 'When the buyer ordered.';
comment on column sales_order.ship_by is 'The platform''s deadline for shipping; null: none.';
comment on column sales_order.flag is 'The seller''s flag on the platform (旗标), 0 to 5.';
comment on column sales_order.open_holds is 'Number of open rows in order_hold.';
comment on column sales_order.differences is 'Number of platform changes that are not settled.';
comment on column sales_order.people is 'Keys by which the buyer is found: month, kind and keyed hash in one number.';
comment on column sales_order.buyer_message is 'The buyer''s note on the trade (买家留言).';
comment on column sales_order.seller_memo is 'The seller''s memo on the platform (卖家备注).';
comment on column sales_order.receiver_masked is 'The receiver, masked, for display.';
comment on column sales_order.region is 'Province, city, district.';
comment on column sales_order.personal is 'One seal for the buyer''s nick and the receiver''s name, phone and address.';
comment on column sales_order.void_reason is 'Why it was voided.';
comment on column sales_order.warehouse_id is 'Null: not chosen yet. → warehouse.id';
comment on column sales_order.courier is 'A code of connectors/couriers.ts; empty: not chosen yet.';
comment on column sales_order.own_note is 'For colleagues; never sent to the platform (内部备注).';
comment on column sales_order.locked_by is 'The user or API key who locked it for editing, as kind:id; null: not locked.';
comment on column sales_order.open_problems is 'Number of rows in order_problem that are not waived.';
comment on column sales_order.written_back_at is 'When the platform took our shipping.';
comment on column sales_order.whole_trade is 'False: it lacks lines of its trade, so it is written back by its lines.';
comment on column sales_order.warehouse_by_hand is 'A person chose the warehouse: rules leave it alone.';
comment on column sales_order.courier_by_hand is 'A person chose the courier: rules leave it alone.';
comment on column sales_order.ship_after is 'Presale: not released before this time.';
comment on column sales_order.split_from is 'The order that it was split from. → sales_order.id';
comment on column sales_order.parcel is 'The shipment in which it leaves with others (合并发货). → parcel_order.parcel';
comment on column sales_order.receiver_hash is 'Keyed hash of the receiver; 0: not known.';
comment on column sales_order.came_back is 'Goods of it came back into stock: its shipping cannot be undone.';
comment on column sales_order.subsidy_fen is 'What the platform pays on top; it is in no other sum.';

comment on table order_line is 'A line of an order: one kind of goods. Written when the order is made, cut by split, and changed by refunds and gifts.';
comment on column order_line.order_id is '→ sales_order.id';
comment on column order_line.tid is 'The trade that the line came from.';
comment on column order_line.oid is 'The platform''s number of the trade line; empty for gifts and off-platform orders.';
comment on column order_line.sku_id is 'Null: its listing is not matched. → sku.id';
comment on column order_line.item_id is 'The platform''s number of the item.';
comment on column order_line.platform_sku_id is 'The platform''s number of the SKU; empty: the item has none.';
comment on column order_line.outer_item_id is 'The outer code of the item when it was ordered.';
comment on column order_line.outer_sku_id is 'The outer code of the SKU when it was ordered.';
comment on column order_line.refunded_quantity is 'Pieces that refunds took off; of a gift, pieces that were removed.';
comment on column order_line.price_fen is 'Price of one piece.';
comment on column order_line.payment_fen is 'Its part of the payment for goods.';
comment on column order_line.refunded_fen is 'Money that refunds took back.';
comment on column order_line.gift is 'Given on top: costs nothing, and the platform does not know it.';
comment on column order_line.gift_rule_id is 'The rule that gave it; null: a person. → gift_rule.id';
comment on column order_line.gift_off_by is 'The person who removed it; no rule gives that SKU to the order again.';
comment on column order_line.plan_at is 'The day that the platform names for this line of a presale.';

comment on table order_hold is 'A hold (挂起): a reason for which an order must not move on. Open until released_at; lifted rows stay as history.';
comment on column order_hold.reason is 'A name of holdReasons in orders/order/lifecycle.ts.';
comment on column order_hold.source is 'The refund number or kind of change that placed it; empty: a person. Each source holds an order once.';
comment on column order_hold.until is 'A person''s hold ends by itself then.';
comment on column order_hold.released_at is 'When the hold was lifted; null: open.';

comment on table order_event is 'The history of an order: who did what, when. Append-only.';
comment on column order_event.order_id is '→ sales_order.id';
comment on column order_event.event is 'A transition of orders/order/lifecycle.ts, or another act.';
comment on column order_event.actor_id is 'Id of the user, API key or task; empty: the system.';
comment on column order_event.detail is 'Facts of the act. No personal data.';

comment on table order_difference is 'A platform change (平台改动) of a trade after its conversion, kept beside the order until it is applied or ignored; never applied silently.';
comment on column order_difference.old_value is 'Without personal data: of an address only that it changed.';
comment on column order_difference.personal is 'Sealed: the new receiver of a changed address.';
comment on column order_difference.region is 'Of a changed address.';
comment on column order_difference.people is 'Of a changed address: the search keys of the receiver.';
comment on column order_difference.trade_version is 'The platform''s modified time of the trade that showed it.';
comment on column order_difference.settled_how is 'applied, ignored by a person, or superseded by a later change.';
comment on column order_difference.receiver_hash is 'Of a changed address: keyed hash of the receiver.';

comment on table order_problem is 'A problem (问题单): a review check that an order fails. A waiver holds as long as the detail stays the same.';
comment on column order_problem.order_id is '→ sales_order.id';
comment on column order_problem.reason is 'A name of orders/review/checks.ts.';
comment on column order_problem.detail is 'Figures from which the text is made. No personal data.';
comment on column order_problem.waived_at is 'When a person accepted the problem; null: open.';

comment on table order_refund is 'An applied refund (已转退单): a refund as it was last applied to an order, and how much of it counts. A newer version replaces its own part and nothing else.';
comment on column order_refund.refund_no is 'The platform''s number of the refund.';
comment on column order_refund.shop_id is '→ shop.id';
comment on column order_refund.oid is 'The refunded trade line; empty: the whole trade.';
comment on column order_refund.version is 'The platform''s version of the refund.';
comment on column order_refund.modified_at is 'The platform''s time of that version.';
comment on column order_refund.effect is 'What the last version did to the order.';
comment on column order_refund.fact is 'The kind of settlement that its last succeeded version caused; null: no money went back.';
comment on column order_refund.counted_fen is 'Money that counts on this order.';
comment on column order_refund.counted_quantity is 'Pieces that count on this order.';
comment on column order_refund.counted_oid is 'The line on which it counts.';
comment on column order_refund.takes_goods is 'False: money only, though the refund names a quantity, since the order was voided or shipped by then.';
comment on column order_refund.phase is 'onsale: applied for before the trade was finished (售中). aftersale: after that (售后).';

comment on table order_gift is 'A gift rule that gave something to an order: once, however often it is computed. Stays when the gift is removed.';
comment on column order_gift.order_id is '→ sales_order.id';
comment on column order_gift.rule_id is '→ gift_rule.id';
comment on column order_gift.times is 'How many times the gift was given; 0: removed, but its place among the first N stays used.';
comment on column order_gift.version is 'The version of the rule against which refunds are compared; null: none any more, as the goods are on several orders.';

comment on table order_source is 'The order from which a copy or a reship was made.';
comment on column order_source.order_id is '→ sales_order.id';
comment on column order_source.source_id is '→ sales_order.id';

comment on table parcel_order is 'Which orders are, or were, in a shipment of several orders (合并发货). The column sales_order.parcel decides.';
comment on column parcel_order.parcel is 'Number of the shipment, from the sequence parcel_id.';
comment on column parcel_order.order_id is '→ sales_order.id';

comment on table receiver_answer is 'Which masked receivers a platform called the same, when it was asked (核对收件人). Only answers of one request can be compared.';
comment on column receiver_answer.order_id is '→ sales_order.id';
comment on column receiver_answer.receiver_hash is 'The receiver for which it was asked: a changed one has no answer yet.';
comment on column receiver_answer.asked is 'Number of the request; 0: the receiver is known in clear, so that no request was needed.';
comment on column receiver_answer.grp is 'Orders of one request and one group have the same receiver; null: the platform did not say.';

comment on table refund_notice is 'A refund notice (退款提醒): the newest version of each refund of a trade from its first download on, converted or not. It holds orders. Written by intake through orders/refunds.';
comment on column refund_notice.shop_id is '→ shop.id';
comment on column refund_notice.refund_no is 'The platform''s number; line/<oid> for a refund that a trade names before the refund is known.';
comment on column refund_notice.oid is 'Empty: the whole trade.';
comment on column refund_notice.source is 'refund: from the refund itself. line: from the trade line.';
comment on column refund_notice.names is 'Of source line: the number of the refund that the line names.';
comment on column refund_notice.version is 'The platform''s version; text that is compared, not counted with.';
comment on column refund_notice.modified_at is 'The platform''s time of that version.';
comment on column refund_notice.agreeing is 'asked: our agreement is being sent. done: the platform took it, and no newer version is here.';
comment on column refund_notice.settled is 'A person looked at the platform and says that it is settled.';
comment on column refund_notice.noted_at is 'When it was written, under the locks of its orders.';
comment on column refund_notice.told_stopped is 'The platform was told that the goods were stopped and pays on that word: nothing of it may leave.';

comment on table refund_waiver is 'A refund waiver (退款中照发): a person lets one order leave over one open refund, as the refund was then.';
comment on column refund_waiver.kind is 'The kind of the refund then; empty in rows from before it was stored.';
comment on column refund_waiver.refund_status is 'The status of the refund then.';
comment on column refund_waiver.ended_at is 'When it ceased to count; null: in force.';

comment on table gift_rule is 'A gift rule (赠品规则): its place and how many of the first N are used. Its content is in gift_rule_version. Never deleted.';
comment on column gift_rule.position is 'The order in which rules are applied.';
comment on column gift_rule.version is 'The version in force.';
comment on column gift_rule.places_taken is 'Orders that have a place among the first N; never given back.';
comment on column gift_rule.removed_at is 'A person deleted the rule; orders still name it.';

comment on table gift_rule_version is 'The content of a gift rule, one row for each change. Append-only.';
comment on column gift_rule_version.rule_id is '→ gift_rule.id';
comment on column gift_rule_version.rule is 'JSON of orders/gifts/contract.ts.';

comment on table gift_rules is 'The version of all gift rules together, as a person saves them together. One row.';
comment on column gift_rules.single is 'Always true: the table has one row.';

comment on table choice_rules is 'The sourcing rules (分仓、选快递): one row for warehouses, one for couriers. The first rule that fits decides.';
comment on column choice_rules.rules is 'JSON of orders/sourcing.';
comment on column choice_rules.reach is 'Of couriers: the regions to which each does not go.';
comment on column choice_rules.version is 'Rises with each change; an edit of an older version is refused.';

comment on table confirm_rules is 'The confirm rules of a shop (自动确认规则): the first that is on and whose dates include now is in force.';
comment on column confirm_rules.rules is 'JSON of orders/review: name, dates, and the checks that are on.';
comment on column confirm_rules.version is 'Rises with each change; an edit of an older version is refused.';
comment on column confirm_rules.looked_to is 'The order that the task auto_confirm looked at last among those with problems. → sales_order.id';

comment on table blacklist_entry is 'A buyer who is to be recognised again (黑名单), by keyed hashes. Means a receiver who has all of the keys, and lives in the region if one is given.';
comment on column blacklist_entry.keys is 'Search keys without a month; the first is looked up.';
comment on column blacklist_entry.region is 'Empty: everywhere.';
comment on column blacklist_entry.masked is 'For display.';
comment on column blacklist_entry.personal is 'Sealed, so that the keys can be made again when the sealing key changes.';
comment on column blacklist_entry.until is 'Null: no end.';
comment on column blacklist_entry.shop_id is 'Who may see it: users of this shop. It is recognised in every shop. → shop.id';
comment on column blacklist_entry.order_id is 'The order from which it was taken. → sales_order.id';
comment on column blacklist_entry.removed_at is 'Null: in force.';

comment on table delivery is 'A delivery (发货单): what the warehouse packs and ships for one order. pending → shipped, or cancelled. An order has at most one that is not cancelled.';
comment on column delivery.order_id is '→ sales_order.id';
comment on column delivery.order_no is 'The number of the order, which never changes.';
comment on column delivery.shop_id is '→ shop.id';
comment on column delivery.status is 'Written by fulfilment only; it changes with the status of the order.';
comment on column delivery.courier is 'A code of connectors/couriers.ts; empty until shipped.';
comment on column delivery.ship_by is 'The platform''s deadline for shipping.';
comment on column delivery.write_back is 'How the write-back of this shipping ended. waiting: not yet. none: there is no platform. stopped: a refund prevents it. forced, manual: a person settled it.';
comment on column delivery.error_code is 'Why the write-back failed.';
comment on column delivery.round is 'How often it was shipped: each time is a platform action of its own.';
comment on column delivery.action_id is 'The platform action of the write-back. → platform_action.id';
comment on column delivery.standing is 'The tab of the list: status, or failed when the write-back failed.';
comment on column delivery.warehouse_id is '→ warehouse.id';
comment on column delivery.parcel is 'The shipment in which it leaves with others. → parcel_order.parcel';
comment on column delivery.beside is 'It shares the waybill of another delivery of its shipment.';
comment on column delivery.platform_waybill is 'The waybills that the platform shows for these goods instead of ours.';

comment on table intercept is 'An intercept (拦截): a shipped delivery that is wanted back for a refund. open → asked → pulled, returned, missed, money or lifted. A delivery has at most one that is open or asked.';
comment on column intercept.delivery_id is '→ delivery.id';
comment on column intercept.order_id is '→ sales_order.id';
comment on column intercept.shop_id is '→ shop.id';
comment on column intercept.warehouse_id is '→ warehouse.id';
comment on column intercept.refund_no is 'The refund for which it was made.';
comment on column intercept.deadline is 'Until then the platform wants an answer.';
comment on column intercept.way is 'pull: the warehouse stops it before the platform knows of the shipping. recall: the courier is asked.';
comment on column intercept.state is 'pulled, returned: the goods are back. missed: they were not stopped. money: only money is refunded. lifted: no longer wanted.';
comment on column intercept.return_id is 'The return by which the goods come in. → return_order.id';

comment on table put_back is 'A put-back (待放回): pieces of a delivery that are not shipped any more and may have been picked; one row for each part of a bundle.';
comment on column put_back.delivery_id is '→ delivery.id';
comment on column put_back.order_id is '→ sales_order.id';
comment on column put_back.shop_id is '→ shop.id';
comment on column put_back.warehouse_id is '→ warehouse.id';
comment on column put_back.line_no is '→ order_line.line_no';
comment on column put_back.sku_id is 'Null: the line had no match. → sku.id';
comment on column put_back.source is 'The reason: void, unrelease, or the version of the order that a refund changed. A job that runs twice writes once.';
comment on column put_back.state is 'open → done, or unpicked: the pieces had not left the shelf.';

comment on table refund_ask is 'The refund check (核退款) of a shop: up to when its refunds are known.';
comment on column refund_ask.shop_id is '→ shop.id';
comment on column refund_ask.asked_to is 'Every change of a refund before then is here; null: never checked.';
comment on column refund_ask.answered_at is 'When the platform last answered.';
comment on column refund_ask.tried_at is 'The last try.';
comment on column refund_ask.error_code is 'Why the last try had no answer.';
comment on column refund_ask.next_at is 'The worker checks again then; a check that runs holds the row until then.';

comment on table refund_ask_trade is 'The refund check of one trade, on platforms that are asked by trade. Deleted when the trade no longer waits.';
comment on column refund_ask_trade.shop_id is '→ shop.id';
comment on column refund_ask_trade.asked_to is 'Every change of a refund before then is here.';

comment on table unasked_parcel is 'An unchecked shipment (没核退款就发): a delivery that was shipped although the platform did not answer the refund check.';
comment on column unasked_parcel.delivery_id is '→ delivery.id';
comment on column unasked_parcel.round is 'The shipping, as delivery.round.';
comment on column unasked_parcel.order_id is '→ sales_order.id';
comment on column unasked_parcel.shop_id is '→ shop.id';
comment on column unasked_parcel.known_to is 'Up to when refunds were known; null: never checked.';
comment on column unasked_parcel.let_by is 'patience: the platform had been silent for a short time only. setting: the shop allows it.';
comment on column unasked_parcel.outcome is 'clear: no refund. refund: there was one. undone: the shipping was undone. Empty: not answered yet.';

comment on table return_order is 'A return (退货单): goods that come back from a buyer. unconfirmed → confirmed → received → settled, or voided.';
comment on column return_order.shop_id is '→ shop.id';
comment on column return_order.order_id is 'The order of its first line. → sales_order.id';
comment on column return_order.kind is 'return: goods against money. exchange: goods against goods. refused: a parcel that the buyer did not accept.';
comment on column return_order.origin is 'Made by a refund, a person, or a parcel that came back.';
comment on column return_order.refund_no is 'The platform''s refund; empty: none.';
comment on column return_order.refund_status is 'The status of the refund as the orders know it; empty: no refund.';
comment on column return_order.delivery_id is 'The refused delivery. → delivery.id';
comment on column return_order.version is 'Rises with each change; an edit of an older version is refused.';
comment on column return_order.warehouse_id is 'Where the goods are to arrive. → warehouse.id';
comment on column return_order.quantity is 'Pieces that are to come back; the sum of the lines.';
comment on column return_order.good is 'Pieces that came back good.';
comment on column return_order.defective is 'Pieces that came back defective.';
comment on column return_order.open_problems is 'Number of open rows in return_problem.';
comment on column return_order.exchange_when is 'When the order of the exchange is made.';
comment on column return_order.exchange_order_id is 'The order of the exchange. → sales_order.id';
comment on column return_order.told is 'How the write-back of the receipt ended; empty: nothing to write back.';
comment on column return_order.error_code is 'Why the write-back failed.';
comment on column return_order.action_id is 'The platform action of the write-back. → platform_action.id';
comment on column return_order.deadline is 'Until then the platform wants our answer to the refund.';

comment on table return_line is 'A line of a return, with the order line that it came from.';
comment on column return_line.order_id is '→ sales_order.id';
comment on column return_line.order_line_no is '→ order_line.line_no';
comment on column return_line.sku_id is '→ sku.id';
comment on column return_line.outer_code is 'The outer code, for a line without a SKU.';
comment on column return_line.quantity is 'Pieces that are to come back.';

comment on table return_receipt is 'One unpacking of a return (收货).';
comment on column return_receipt.step is 'Its number, and the step of its stock movements.';
comment on column return_receipt.warehouse_id is '→ warehouse.id';

comment on table return_problem is 'A discrepancy (收货有问题) of a return, open until a person settles it.';
comment on column return_problem.kind is 'short: fewer pieces. wrong: other goods. refund_closed: the refund was closed.';
comment on column return_problem.line_no is 'Of kind short: the line.';
comment on column return_problem.sku_id is 'Of kind wrong: the SKU that came. → sku.id';

comment on table return_event is 'The history of a return: who did what, when. Append-only.';
comment on column return_event.return_id is '→ return_order.id';
comment on column return_event.actor_id is 'Id of the user, API key or task; empty: the system.';

comment on table unclaimed_parcel is 'An unclaimed parcel (无主件): a parcel whose return is not known. unclaimed → stocked → claimed.';
comment on column unclaimed_parcel.status is 'stocked: its goods are in stock already, before its return is known.';
comment on column unclaimed_parcel.warehouse_id is '→ warehouse.id';
comment on column unclaimed_parcel.phone_key is 'Keyed hash of the sender''s phone.';
comment on column unclaimed_parcel.return_id is 'The return to which it was assigned. → return_order.id';
comment on column unclaimed_parcel.claimed_how is 'By its waybill, or by a person.';

comment on table unclaimed_line is 'One SKU of an unclaimed parcel.';
comment on column unclaimed_line.good is 'Good pieces.';
comment on column unclaimed_line.defective is 'Defective pieces.';

comment on table download_queue is 'A trade that a list shows as newer than the stored one (待下载订单); only on platforms whose lists lack goods. Deleted when its detail is requested.';
comment on column download_queue.modified_at is 'The platform''s time of the listed version.';
comment on column download_queue.trade_type is 'The platform''s own word.';
comment on column download_queue.is_new is 'We have no trade of this number.';
comment on column download_queue.urgent is 'A person requested it: goes before the rest.';
comment on column download_queue.buyer_hash is 'Keyed hash of the nick, for the search.';
comment on column download_queue.receiver_hash is 'Keyed hash of the receiver''s name, for the search.';

comment on table removed_mark is 'A document that a person removed; the next list run requests it again, also when the platform does not list it as changed.';

comment on table staged_trade is 'A staged trade (待转入订单): a downloaded trade that is not an order yet, or is kept after it became one. fetching → staged → converted or processed. Written by intake.';
comment on column staged_trade.shop_id is '→ shop.id';
comment on column staged_trade.state is 'fetching: its detail is not here yet. staged: can become an order. converted: is one. processed: a person closed it.';
comment on column staged_trade.state_at is 'Since when it is in this state.';
comment on column staged_trade.modified_at is 'The platform''s time of the stored version; an older version never overwrites a newer one.';
comment on column staged_trade.detail_at is 'The platform''s time of the stored detail; null: there is none.';
comment on column staged_trade.fetched_at is 'When that detail was requested.';
comment on column staged_trade.status is 'The trade status in our words; unknown: the platform''s word is not known to the connector.';
comment on column staged_trade.platform_status is 'The platform''s own word, kept as it is.';
comment on column staged_trade.trade_type is 'In our words once the detail is here; before that the platform''s own word.';
comment on column staged_trade.final_unpaid is 'Presale whose final payment is open.';
comment on column staged_trade.flag is 'The seller''s flag on the platform (旗标), 0 to 5.';
comment on column staged_trade.line_count is 'Number of lines.';
comment on column staged_trade.lines_applied is 'Lines with an open refund, as the trade says.';
comment on column staged_trade.lines_refunded is 'Lines whose refund succeeded, as the trade says.';
comment on column staged_trade.open_refunds is 'Open refunds that were downloaded for it.';
comment on column staged_trade.receiver_hash is 'Keyed hash of the whole receiver: shows that the address changed without unsealing it.';
comment on column staged_trade.reason is 'Why it cannot be converted; empty: it can.';
comment on column staged_trade.order_id is 'The order that it became. → sales_order.id';
comment on column staged_trade.order_no is 'The number of that order, which never changes.';
comment on column staged_trade.people is 'Keys by which the buyer is found: month, kind and keyed hash in one number.';
comment on column staged_trade.holds is 'Why the platform forbids shipping now.';
comment on column staged_trade.note is 'Why the system processed it by itself; empty: a person did, or it is not processed.';
comment on column staged_trade.personal is 'One seal for the buyer and the receiver.';
comment on column staged_trade.plan_at is 'Presale: the day on which the seller plans to ship.';
comment on column staged_trade.doubts is 'Unclear values (存疑): a JSON list of {field, line, raw, guess}; null: none.';
comment on column staged_trade.doubts_taken is 'The unclear values that a person accepted.';
comment on column staged_trade.subsidy_fen is 'What the platform pays on top.';

comment on table staged_trade_lines is 'The lines of a staged trade, as its detail says, apart from the row that lists read.';
comment on column staged_trade_lines.trade_id is '→ staged_trade.id';
comment on column staged_trade_lines.lines is 'JSON list of trade lines (connectors/connector.ts).';

comment on table trade_fetch is 'A detail request (取明细): a trade whose detail is still to be requested. Deleted when the detail is stored.';
comment on column trade_fetch.shop_id is '→ shop.id';
comment on column trade_fetch.wanted_at is 'The platform''s time of the version that is wanted.';
comment on column trade_fetch.urgent is 'A person requested it: goes before the rest.';
comment on column trade_fetch.next_at is 'Not before this time.';
comment on column trade_fetch.claim is 'Number of the last claim: only its holder may write the answer.';
comment on column trade_fetch.asked_after is 'An answer that was requested before this time is too old: we changed the trade since.';

comment on table raw_payload is 'The newest raw text of each trade and refund, sealed.';
comment on column raw_payload.shop_id is '→ shop.id';
comment on column raw_payload.platform_id is 'The number of the trade or refund.';

comment on table parked_item is 'A parked item (异常数据): a document that could not be read at all. One row for each document, with the newest text.';
comment on column parked_item.platform_id is 'The number of the document; empty: it has none.';
comment on column parked_item.reason is 'What could not be read.';
comment on column parked_item.sealed is 'The raw text, sealed.';
comment on column parked_item.times is 'How often it was received.';
comment on column parked_item.settled_at is 'When a person closed it; null: open. A new text opens it again.';
comment on column parked_item.fingerprint is 'The number of the document, or a hash of its text where it has none.';

comment on table trade_event is 'The history of a staged trade: who did what, when. Append-only.';
comment on column trade_event.shop_id is '→ shop.id';
comment on column trade_event.actor_id is 'Id of the user, API key or task; empty: the system.';

comment on table staged_refund is 'A staged refund (待转入退单): a downloaded refund of a shop. staged → converted or processed; staged → refusing → refused. Written by intake/refunds.';
comment on column staged_refund.oid is 'The refunded trade line; empty: the whole trade.';
comment on column staged_refund.state is 'converted: applied to the order. processed: a person closed it. refusing: our refusal is being sent. refused: the platform took it.';
comment on column staged_refund.state_at is 'Since when it is in this state.';
comment on column staged_refund.modified_at is 'The platform''s time of the stored version; an older version never overwrites a newer one.';
comment on column staged_refund.version is 'The platform''s version; text that is compared and sent back, not counted with.';
comment on column staged_refund.status is 'The refund status in our words; unknown: the platform''s word is not known to the connector.';
comment on column staged_refund.platform_status is 'The platform''s own word, kept as it is.';
comment on column staged_refund.phase is 'onsale: applied for before the trade was finished (售中). aftersale: after that (售后).';
comment on column staged_refund.deadline is 'Silence until then often means consent.';
comment on column staged_refund.detail_missing is 'Only the list''s version is here; its detail is requested again.';
comment on column staged_refund.reason is 'Why it cannot be converted; empty: it can.';
comment on column staged_refund.decided_on is 'Facts of the version on which a person decided, with which a later version is compared.';
comment on column staged_refund.order_no is 'The number of its order.';
comment on column staged_refund.outcome is 'What converting did.';
comment on column staged_refund.error is 'Why our refusal failed.';
comment on column staged_refund.people is 'Keys by which the buyer is found.';
comment on column staged_refund.outer_id is 'The outer code of the goods.';
comment on column staged_refund.carrier is 'The courier of the buyer''s parcel, as the platform writes it.';
comment on column staged_refund.constraint_word is 'What the platform limits for this refund, in its own word.';
comment on column staged_refund.duty is 'Responsibility (责任): who bears the refund; empty: not decided.';
comment on column staged_refund.doubts is 'Unclear values (存疑): a JSON list of {field, line, raw, guess}; null: none.';
comment on column staged_refund.doubts_taken is 'The unclear values that a person accepted.';
comment on column staged_refund.personal is 'Sealed: the buyer''s nick.';

comment on table refund_event is 'The history of a staged refund: who did what, when. Append-only.';
comment on column refund_event.shop_id is '→ shop.id';
comment on column refund_event.actor_id is 'Id of the user, API key or task; empty: the system.';

comment on table task is 'A scheduled task (计划任务): work of one kind, for a shop or for the installation. Runs by interval or cron.';
comment on column task.kind is 'A name of taskKinds in server/worker.ts.';
comment on column task.name is 'Distinguishes two tasks of one kind and shop; mostly empty.';
comment on column task.params is 'JSON, by kind.';
comment on column task.run_id is 'The run that holds the task now. → task_run.id';
comment on column task.worker is 'The worker process of that run.';
comment on column task.lease_until is 'Another worker takes over after this time.';
comment on column task.last_run_id is '→ task_run.id';
comment on column task.failures is 'Failed runs since the last success: the pause before the next try grows with them.';
comment on column task.losses is 'Runs whose worker died since the last success.';

comment on table task_run is 'One run of a task (运行记录), from the request of a person or its start to its end.';
comment on column task_run.shop_id is '→ shop.id';
comment on column task_run.trigger is 'schedule, a person, or again: the same request after its worker died.';
comment on column task_run.state is 'queued → running → done, failed, stopped or lost: its worker died.';
comment on column task_run.requested_by is 'JSON of the actor; null: the schedule.';
comment on column task_run.asked_from is 'Start of the time span that a person asked for.';
comment on column task_run.params is 'Of a queued run: the differences from the task. Afterwards: all parameters of the run.';
comment on column task_run.attempt is 'How often the same request was started.';
comment on column task_run.fence is 'Number of the claim: of two workers that move a cursor, the later claim wins.';
comment on column task_run.window_from is 'Start of the download window.';
comment on column task_run.skipped is 'Counts by reason.';
comment on column task_run.report is 'JSON that the page of the run shows, by kind.';

comment on table stream_cursor is 'Up to when a stream of downloads (下载进度) of a shop is complete. Moves forward only, and only by the last claim.';
comment on column stream_cursor.stream is 'trades, trades_first, refunds and so on.';
comment on column stream_cursor.complete_to is 'Everything before this time is here.';
comment on column stream_cursor.fence is 'The claim that moved it last, as task_run.fence.';

comment on table batch is 'A bulk action (批量操作) over a selection or a filter. running → done, or stopping → stopped.';
comment on column batch.action is 'A name of batchActions in server/worker.ts.';
comment on column batch.actor is 'JSON of the actor.';
comment on column batch.scope is 'JSON of the shops and warehouses that the actor could see.';
comment on column batch.request is 'Sealed JSON {filter, input}: a filter may contain a buyer''s name or phone.';
comment on column batch.by_filter is 'Over a filter, not over named ids.';
comment on column batch.walk_after is 'The last id that the walk over the filter reached.';
comment on column batch.walk_up_to is 'The end of the walk: later rows are not included.';
comment on column batch.walked is 'The walk has ended: all chunks are known.';
comment on column batch.retry_of is 'The bulk action whose refused ids this one tries again.';
comment on column batch.total is 'Number of ids.';
comment on column batch.reasons is 'Counts of refusals by code.';
comment on column batch.worker is 'The worker process that holds it.';
comment on column batch.lease_until is 'Another worker takes over after this time.';

comment on table batch_chunk is 'Up to 500 ids of a bulk action that are done in one transaction.';
comment on column batch_chunk.ids is 'The ids.';
comment on column batch_chunk.done_ids is 'The ids that succeeded.';
comment on column batch_chunk.done_refs is 'The result of each id of done_ids, at the same position.';

comment on table batch_refusal is 'An id that a bulk action refused, with the reason.';
comment on column batch_refusal.id is 'The refused id.';
comment on column batch_refusal.message is 'The reason in Chinese and English.';
comment on column batch_refusal.ref is 'The number of the document, for display.';
comment on column batch_refusal.reason is 'A word behind the code, such as the reason of the hold.';

comment on table platform_action is 'A platform action (平台回写) in the outbox: one intent to change something on a platform. pending → sending → succeeded, failed or unknown; forced, manual: a person settled it; withdrawn: not sent.';
comment on column platform_action.kind is 'A name of actionHandlers in server/worker.ts, such as trade.ship.';
comment on column platform_action.subject_type is 'The kind of document that it is about.';
comment on column platform_action.subject_id is 'Id of that document.';
comment on column platform_action.idempotency_key is 'One intent has one key: it is never made twice.';
comment on column platform_action.payload is 'What is sent. No personal data.';
comment on column platform_action.secret is 'Personal data of the payload, sealed.';
comment on column platform_action.attempt is 'Sends that were begun.';
comment on column platform_action.claim is 'Number of the last claim: only its holder may end it.';
comment on column platform_action.looks is 'Verifications after an unclear send.';
comment on column platform_action.worker is 'The worker process that holds it.';
comment on column platform_action.lease_until is 'Another worker takes over after this time.';
comment on column platform_action.next_at is 'When it is due; null: nothing more happens by itself.';
comment on column platform_action.answer is 'The platform''s answer, while our own side is not written yet.';
comment on column platform_action.result is 'JSON, by kind.';
comment on column platform_action.created_by is 'JSON of the actor.';
comment on column platform_action.settled_by is 'JSON of the person who settled it by hand.';
comment on column platform_action.deadline is 'What is due first leaves first; infinity: no deadline.';
comment on column platform_action.away is 'Put back because the platform did not answer; sent as soon as it does.';
comment on column platform_action.unclear is 'A send of it once got no answer: the platform may have acted on it.';

comment on table idempotency_key is 'The answer to a request with an Idempotency-Key, given again for 24 hours.';
comment on column idempotency_key.actor is 'kind:id.';
comment on column idempotency_key.request_hash is 'Keyed hash of the request: another request with the same key is refused.';
comment on column idempotency_key.status is 'HTTP status of the answer; null while the first request runs.';
comment on column idempotency_key.body is 'The answer, sealed.';
comment on column idempotency_key.busy_until is 'Another request may take over after this time.';
comment on column idempotency_key.rights_hash is 'Hash of the actor''s rights then: the answer is not given under others.';

comment on table audit_log is 'The audit log (审计日志): who did what, when, from where. Append-only, by a trigger and by grants.';
comment on column audit_log.action is 'A name of web/src/users/audit-words.ts.';
comment on column audit_log.shop_id is '→ shop.id';
comment on column audit_log.detail is 'Names of fields and counts; no personal data and no secret.';
comment on column audit_log.xid is 'The transaction: rows are linked into the audit chain in the order of (xid, id).';

comment on table audit_seal is 'A link of the audit chain (审计链): the hash of the link before it and of up to 10,000 rows of the audit log.';
comment on column audit_seal.ids is 'The ids of the rows.';
comment on column audit_seal.last_xid is 'audit_log.xid of its last row.';
comment on column audit_seal.last_id is 'The last row. → audit_log.id';
comment on column audit_seal.previous is 'The hash of the link before; unique, so that the chain does not fork.';
comment on column audit_seal.hash is 'SHA-256.';

comment on table sealing_key is 'A sealing key (密钥) with which values of this database were sealed. Only its fingerprint is stored; the key is in the key file.';
comment on column sealing_key.number is 'The number that sealed values name.';
comment on column sealing_key.fingerprint is 'Distinguishes keys and reveals nothing of them.';
comment on column sealing_key.dropped_at is 'No value names the key any more.';

comment on table reveal_count is 'How often a user or API key looked at buyers'' data, for the limits by minute and day.';
comment on column reveal_count.actor is 'kind:id.';
comment on column reveal_count.minute is 'The minute that in_minute counts.';
comment on column reveal_count.day is 'The day that in_day counts.';
comment on column reveal_count.over_at is 'When a limit was last exceeded; an alarm for a day.';

comment on table house_process is 'A web or worker process of this installation, with its last heartbeat. Deleted when it stops.';
comment on column house_process.name is 'Host, process and a random part.';
comment on column house_process.seen_at is 'The last heartbeat.';
comment on column house_process.ahead_ms is 'Its clock less that of the database.';
comment on column house_process.free_bytes is 'Free space of the fullest disk that holds its data folder.';
comment on column house_process.size_bytes is 'Size of that disk.';

comment on table clock_skew is 'A machine whose clock differs from the database''s by more than 5 s.';
comment on column clock_skew.ahead_ms is 'Positive: ahead of the database.';

comment on table migration is 'The files of migrations/ that were applied.';

-- What the lists keep for themselves, where it is still there.
do $$
declare one record;
begin
  for one in select * from (values
    ('sales_order_week', 'For the list of orders: the weeks in which orders of a status and lane lie. Written by triggers.'),
    ('sales_order_lag', 'For the list of orders: how long after it was made an order of a week was paid and is due. Written by triggers.'),
    ('sales_order_person', 'For the list of orders: one row for each key by which the buyer of an order is found. Written by triggers.'),
    ('staged_trade_week', 'For the list of staged trades: the weeks in which trades of a state and lane lie. Written by triggers.'),
    ('staged_trade_person', 'For the list of staged trades: one row for each key by which the buyer of a trade is found. Written by triggers.')
  ) as said (name, words) where to_regclass(name) is not null
  loop
    execute format('comment on table %I is %L', one.name, one.words);
  end loop;
end $$;
