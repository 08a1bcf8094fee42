import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { checkDesk, deskRules } from './check/desk.ts'
import { documentRules } from './check/documents.ts'
import { noticeRules } from './check/notices.ts'
import { parcelRules } from './check/parcels.ts'
import { returnRules, returnStoryRules } from './check/returns.ts'
import { storyRules } from './check/stories.ts'
import { type Command, perform } from './desk/desk-commands.ts'
import { baskets, type Desk, openDesk, openRounds } from './desk/desk-place.ts'
import type { Script } from './desk/desk-refunds.ts'
import { comeToRest, platform, wrongAtTheDesk } from './desk/desk-rest.ts'

// Each rule is violated on purpose, in a transaction that is rolled back, to prove that the checker finds it.

/** Refunds of goods that are still here or on their way; for the third trade, of goods that the buyer has. */
const scriptOf = (_: unknown, at: number): Script => {
  const later = at === 4
  const version = {
    kind: later ? 'return' : 'refund_only',
    phase: later ? 'aftersale' : 'onsale',
    waybill: null,
  } as const
  return [
    { ...version, status: 'applied', part: 'all' },
    { ...version, status: 'succeeded', part: 'half' },
  ]
}
const refund = (trade: number, version: number): Command => ({
  do: 'refund',
  trade,
  line: 0,
  versions: [version],
  taken: true,
})
const sentBack = { do: 'return_make', line: 0, pieces: 1, when: 'received', waybill: 0 } as const
const deeds: readonly Command[] = [
  ...baskets.map((_, trade): Command => ({ do: 'download', trade })),
  { do: 'lock', warehouse: 0, by: [1, 0, 0], freed: false },
  { do: 'convert', trades: [0, 1, 2, 3, 4, 5, 7, 8, 9] },
  { do: 'pack', trades: [0, 1, 2, 4, 5] },
  { do: 'split', trade: 3, which: 0, line: 0, pieces: 1, elsewhere: false },
  { do: 'split', trade: 9, which: 0, line: 1, pieces: 1, elsewhere: true },
  refund(9, 1),
  refund(7, 0),
  { do: 'void', trades: [8] },
  // The second order's parcel is to be intercepted, the third's goods come back, and the fifth gets a replacement.
  refund(1, 0),
  refund(2, 0),
  { do: 'receive', which: 0, how: 'mixed' },
  { ...sentBack, trade: 4, kind: 'exchange' },
  { do: 'receive', which: 1, how: 'whole' },
  { do: 'exchange', which: 1 },
  { ...sentBack, trade: 5, line: 1, kind: 'return' },
  { do: 'parcel', waybill: 1, goods: 1, good: 1, defective: 0, next: 'stock_and_claim', which: 1 },
  { do: 'parcel', waybill: 2, goods: 2, good: 1, defective: 1, next: 'stock', which: 0 },
  { ...sentBack, trade: 0, kind: 'return' },
]

/** A number in this state that no delivery has and nobody asks to give back. */
const aNumber = (state: string) => `
  with account as (
    insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
    select min(shop_id), 'cainiao', 'SF', '', 'x', '' from delivery returning id, shop_id
  )
  insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
  select (select min(id) from delivery), 1, id, shop_id, 'SF', '${state}', 'N-1', '', '' from account`

/** A parcel of two packages with typed numbers for each waybill that left; K-2 is the second of the first. */
const somePackages = `
  update delivery set package_count = 2, courier = 'SF' where status = 'shipped';
  insert into waybill_package (courier, waybill_no, main_no, nth)
  select 'SF', 'K-' || row_number() over (order by min(id)) + 1, waybill_no, 1 from delivery
  where status = 'shipped' and not beside group by waybill_no`

/** A wave of one delivery that waits, and so many pieces of a SKU on its line and in its basket. */
const aWave = (status: string, onLine: number, inBasket: number) => `
  update delivery set status = 'pending', write_back = '';
  with made as (
    insert into wave (no, warehouse_id, rule_name, sorting, status, order_count, piece_count, created_by)
    select 'W-X', min(id), '', 'none', '${status}', 1, 1, '' from warehouse returning id
  ), member as (
    insert into wave_delivery (wave_id, delivery_id, order_id, shop_id, basket)
    select made.id, d.id, d.order_id, d.shop_id, 1 from made, (select * from delivery order by id limit 1) d returning *
  ), line as (
    insert into wave_line (wave_id, seq, sku_id, picked) select wave_id, 1, (select min(id) from sku), ${onLine} from member
  )
  insert into wave_piece (wave_id, delivery_id, sku_id, wanted, picked)
  select wave_id, delivery_id, (select min(id) from sku), ${inBasket}, ${inBasket} from member`

/** The platform was told so of a refund. */
const aReport = (failure: string) => `
  insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, created_by, ended_at)
  select min(id), 'refund.cancel', 'staged_refund', '0', 'told', '{"refundId": "R-9", "failure": ${failure}}', 'succeeded', '{}', now()
  from shop`

let desk: Desk
before(async () => {
  desk = await openDesk(2)
  const trades = baskets.map((_, basket) => ({ basket, start: 'absent' as const }))
  const [round] = await openRounds(desk, [
    { trades, scripts: baskets.flatMap((one) => [one, one]).map(scriptOf) },
  ])
  for (const deed of deeds) if (round) await perform(desk, round, deed)
  // Without refusals and lost answers.
  const outbox = platform(desk, () => 0.9)
  await comeToRest(desk)
  await outbox.stop()
})
after(() => desk[Symbol.asyncDispose]())

// One that was written back.
const shipped = `(select id from sales_order where status = 'shipped' order by written_back_at, id limit 1)`
const waiting = `(select id from sales_order where status = 'unconfirmed' and open_holds = 0 order by id limit 1)`
const held = `(select id from sales_order where status = 'unconfirmed' and open_holds > 0 order by id limit 1)`
const voided = `(select id from sales_order where status = 'voided' order by id limit 1)`
const event = (order: string, name: string) =>
  `insert into order_event (order_id, event, actor_kind, actor_id, actor_name) values (${order}, '${name}', 'user', '7', '林晓')`

const returned = (column: string, where: string) =>
  `(select ${column} from return_order where ${where} limit 1)`
const returnEvent = (of: string, name: string) =>
  `insert into return_event (return_id, event, actor_kind, actor_id, actor_name) values (${of}, '${name}', 'user', '7', '林晓')`

type Rule =
  | keyof typeof deskRules
  | keyof typeof returnRules
  | keyof typeof documentRules
  | keyof typeof noticeRules
  | keyof typeof parcelRules
  | (typeof storyRules | typeof returnStoryRules)[number]
/** A change for each rule that violates it. It may violate others too. */
const corruptions: Readonly<Record<Rule, string>> = {
  'the facets of an order follow its columns': `update sales_order set flag = flag + 1`,
  'the facets of a trade follow its columns': `update staged_trade set cod = not cod`,
  'the facets of a refund follow its columns': `
    update staged_refund set facets = array_remove(facets, 20 * 67108864 + array_position(
      array['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'], status))`,
  'a document has as many lines as it says': `update stock_document set line_count = line_count + 1`,
  'what was posted, shipped or converted has lines': `delete from order_line where order_id = ${shipped}`,
  'a balance is neither negative nor promised twice': `update stock set reserved = on_hand + 1 where reserved > 0`,
  'the ledger sums to the balance': `update stock set on_hand = on_hand + 1 where reserved > 0`,
  'what is reserved and short is the sum of the open rows': `update stock set short = short + 1`,
  'what is locked is what posted locks still hold': `update stock set locked = 0 where locked > 0`,
  'a document moves what it says, once': `update stock_document_line set quantity = quantity + 1`,
  'an order’s goods have left the shelf as often as its rows say': `update reservation set shipped = false where shipped`,
  'no promise is an orphan': `update reservation set order_id = ${voided} where order_id = ${waiting}`,
  'what is promised is what the lines want, each part of a bundle': `
    update order_line set quantity = quantity + 1 where order_id = ${waiting}`,
  'the goods of a released order are promised, those of a shipped one are gone': `delete from reservation where shipped`,
  'an order shows what its goods wait for': `update sales_order set facets[5] = facets[5] + 1 where id = ${waiting}`,
  'an order’s money is the sum of its lines and its freight': `update sales_order set payment_fen = payment_fen + 1 where id = ${waiting}`,
  'an order’s goods, less its discount, with its freight, are what is due': `update sales_order set discount_fen = discount_fen + 1 where id = ${waiting}`,
  'of a rule no more orders have a place than there are, and each is counted': `update gift_rule set places_taken = places_taken + 1`,
  'a gift costs nothing, and of a rule that gives an order nothing there is none': `update order_gift set times = 0`,
  'what was refunded is what its refunds count, and never more than was paid': `
    update order_refund set counted_fen = counted_fen + 1 where fact is not null`,
  'money that went back is settled, once': `
    update settlement set amount_fen = amount_fen - 1
    where kind in ('order_refund', 'return_refund', 'void_refund', 'refund_only') and status <> 'voided'`,
  'an order counts its holds and its differences': `update sales_order set open_holds = open_holds + 1 where id = ${waiting}`,
  'an open refund holds its order until the goods have left, and nothing else of a refund does': `
    update order_hold set released_at = now(), released_by = '' where reason = 'refund_open'`,
  'of an order that was refunded whole nothing is to be shipped': `
    update sales_order set refunded_fen = payment_fen where id = ${waiting}`,
  'a released order has one delivery that waits, a shipped one that left, any other none': `
    insert into delivery (no, order_id, order_no, tid, shop_id, status, created_by)
    select no || 'x', order_id, order_no, tid, shop_id, 'pending', created_by from delivery`,
  'a waybill number belongs to one parcel that has not been cancelled': aNumber('taken'),
  'a number on its way back is given back once': aNumber('returning'),
  'a waybill is on one live delivery': `
    insert into delivery (no, order_id, order_no, tid, shop_id, status, created_by, courier, waybill_no)
    select no || 'x', ${waiting}, order_no, tid, shop_id, 'pending', created_by, courier, waybill_no from delivery`,
  'what leaves in one parcel stands in one place, under one waybill': `
    insert into delivery (no, order_id, order_no, tid, shop_id, status, created_by, parcel, courier, waybill_no)
    select no || n, order_id, order_no, tid, shop_id, 'pending', created_by, 1, courier, waybill_no || n
    from delivery cross join generate_series(1, 2) n`,
  'what is packed into one parcel goes from one warehouse to one receiver': `
    update sales_order set parcel = 1, status = 'released', receiver_hash = id`,
  'each shipping that stands is told by one action, unless it is stopped or nobody need know': `
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, created_by)
    select shop_id, kind, subject_type, subject_id, idempotency_key || 'x', payload, 'failed', created_by from platform_action`,
  'a shipped order was written back once, and only then says so': `
    update sales_order set written_back_at = null where id = ${shipped}`,
  'a trade became one order, from which parts may have been split': `update sales_order set tid = (select tid from sales_order where id = ${shipped})`,
  'the parts of a trade have its goods and money together, each line its own': `
    update order_line set payment_fen = payment_fen + 1 where order_id = ${waiting}`,
  'a buyer is found by the keys that his trades and orders bear, and by no others': `
    delete from sales_order_person where id = ${waiting}`,
  'what was split belongs to a root, and nothing is left on what was taken back': `
    update sales_order set split_from = null where split_from is not null`,
  'the settlements of a trade sum to what was paid less what went back': `
    update settlement set amount_fen = amount_fen + 1 where kind = 'order_receipt'`,
  'goods are kept for the trades that wait, and for no others': `
    insert into staged_need (trade_id, shop_id, item_id, platform_sku_id, quantity)
    select id, shop_id, 'x', 'y', 1 from staged_trade where state = 'converted' limit 1`,
  'no job ended in vain': `insert into job (name, state) select name, 'failed' from queue limit 1`,
  'an order is born once': event(waiting, 'convert'),
  'an order moves as the table of its life says': event(waiting, 'ship'),
  'an order stands where its story ends': event(waiting, 'confirm'),
  'nothing is confirmed, released or shipped while it is held': event(held, 'confirm'),
  'what has left of a line is what the line has left': `
    update order_line set refunded_quantity = refunded_quantity + 1 where order_id = ${shipped}`,
  'no more comes back of a line than has left, over all its returns': `update return_line set good = good + 5 where good > 0`,
  'no more is asked back of a line than has left': `update return_line set quantity = quantity + 5`,
  'what came back stays out of the house as its order tells': `update sales_order set came_back = false`,
  'a return counts what its lines and its receipts count, and its problems': `update return_order set good = good + 1`,
  'what a receipt counts came into stock once, good pieces and defective ones apart': `
    update return_receipt set good = good + defective, defective = 0 where defective > 0`,
  'goods of an unclaimed parcel came into stock once, by the parcel or by its return': `update unclaimed_parcel set stocked_at = null`,
  'a parcel is claimed once, by one return': `
    insert into return_event (return_id, event, actor_kind, actor_id, actor_name, detail)
    select return_id, event, actor_kind, actor_id, actor_name, detail from return_event where event = 'claimed'`,
  'an exchange is sent once, its goods and no money': `
    update order_line set quantity = quantity + 1 where order_id = ${returned('exchange_order_id', 'exchange_order_id is not null')}`,
  'for an exchange nothing is paid back': `update order_refund set kind = 'exchange' where fact is not null`,
  'a receipt is told to the platform once': `
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, created_by)
    select shop_id, kind, subject_type, subject_id, idempotency_key || 'x', payload, 'failed', created_by from platform_action`,
  'a return says of its telling what became of its action': `update return_order set told = 'failed' where told = 'done'`,
  'the platform hears of goods that it waits for': `update return_order set action_id = null, told = ''`,
  'a return knows its refund as its orders do': `update return_order set amount_fen = amount_fen + 1`,
  'each order knows the newest version of a refund': `update order_refund set version = '0'`,
  'what came off before it left is not asked back': `update order_refund set takes_goods = true, counted_quantity = 1`,
  'nothing leaves whose refund had succeeded': `
    insert into order_event (order_id, event, actor_kind, actor_id, actor_name, detail)
    select order_id, told.event, 'user', '7', '林晓', jsonb_build_object('refundNo', oid, 'oid', oid, 'status', 'succeeded',
      'amountFen', payment_fen, 'quantity', quantity)
    from order_line cross join (values (1, 'refund_money'), (2, 'ship')) told (n, event)
    where order_id = ${shipped} and not gift order by told.n`,
  'each refund that was staged is noted for its order as it is': `update refund_notice set refund_status = 'closed' where refund_status = 'succeeded'`,
  'what we agree to and the platform has not answered is noted': `
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, created_by)
    select shop_id, 'refund.agree', 'staged_refund', id, 'agree ' || id, '{}', 'unknown', '{}' from staged_refund`,
  'no line ships over a refund that we had staged or agreed to, unless a person let it': `
    insert into order_event (order_id, event, actor_kind, actor_id, actor_name, detail)
    select order_id, told.event, 'user', '7', '林晓', jsonb_build_object('refundNo', 'r' || oid, 'oid', oid, 'status', 'applied',
      'kind', 'refund_only', 'phase', 'onsale', 'amountFen', payment_fen, 'quantity', quantity)
    from order_line cross join (values (1, 'refund_noted'), (2, 'ship')) told (n, event)
    where order_id = ${shipped} and not gift order by told.n`,
  'a shipping that nobody is told of is being looked for': `
    update intercept set state = 'missed', ended_at = now(), ended_by = ''`,
  'a number goes back only for a cause': `
    delete from order_event where event = 'waybill'; delete from parcel_order; ${aNumber('returning')}`,
  'a label is printed once, unless a person says why': `
    ${aNumber('taken')};
    insert into print_job (printer, created_by, created_by_id) values ('', '', '');
    insert into print_document (job_id, seq, waybill_id, state)
    select print_job.id, n, waybill.id, 'printed' from print_job, waybill, generate_series(1, 2) n`,
  'a delivery says printed if its label came out, and only then': `update delivery set printed_at = now()`,
  'nothing has left that lacks a step of its warehouse': `update delivery set ship_steps = '{weigh}'`,
  'no parcel of several packages has left of which a package was not scanned, where parcels go over a station': `
    ${somePackages}; update delivery set ship_steps = '{check}'`,
  'a number of a package belongs to one parcel': `
    ${somePackages};
    update delivery set waybill_no = 'K-2' where id = (select max(id) from delivery where not beside);
    update delivery set courier = 'SF'`,
  'a parcel has a label for each of its packages, or it was typed': `
    ${aNumber('taken')};
    update delivery set courier = 'SF', waybill_no = 'N-1', package_count = 2 where id = (select min(id) from delivery)`,
  'each piece that left was scanned, where pieces are checked': `
    update delivery set ship_steps = '{check}', checked_at = now()`,
  'what left with serial numbers has one for each piece': `
    update delivery set ship_steps = '{check}'; update sku set needs_serial = true`,
  'a serial number is in a parcel once': `
    alter table delivery_serial drop constraint delivery_serial_pkey;
    insert into delivery_serial (delivery_id, line_no, sku_id, serial, scanned_by)
    select d.id, n, 1, 'SN-1', '' from (select id from delivery where status = 'shipped' limit 1) d cross join generate_series(1, 2) n`,
  'a number of an account of its own is on no order with a receiver of the platform': `
    ${aNumber('failed')}; update waybill_account set source = 'kuaidi100'`,
  'what left went by a courier that its platform designates, unless a person chose another': `
    update sales_order set facets = facets || (8 * 67108864 + 32 + 2)`,
  'what left is what was checked last': `
    update delivery set ship_steps = '{check}', checked_at = now();
    insert into order_event (order_id, event, actor_kind, actor_id, actor_name, detail)
    select order_id, 'checked', 'user', '7', '林晓', '{"pieces": 99}' from delivery where status = 'shipped'`,
  'what lies in a basket is on its order': aWave('picking', 99, 99),
  'all goods of a picked delivery lie in its basket': `
    update delivery set status = 'pending', picked_at = now(); update reservation set shipped = false`,
  'the lines of a wave and its baskets count the same pieces': aWave('picking', 1, 2),
  'nothing is picked in an open wave, and nothing is left in a cancelled one': aWave('open', 1, 1),
  'a delivery that waits must take the steps that its warehouse demands now': `
    ${aWave('open', 0, 0)}; update delivery set ship_steps = '{weigh}', warehouse_id = (select min(id) from warehouse)`,
  'what left of a parcel that must be picked lay in its basket': `update delivery set ship_steps = '{wave}', picked_at = now()`,
  'a delivery leaves a wave only for a cause': `
    ${aWave('picking', 0, 0)}; update wave_delivery set live = false, left_at = now(), left_reason = 'cancelled'`,
  'a parcel that has left is followed under its waybill until it arrives': `
    update parcel_track set state = 'signed', next_at = now()`,
  'nobody looks for a parcel that is back': `
    update parcel_track set state = 'returned', next_at = null, asked_at = now();
    update intercept set state = 'asked', way = 'recall', created_at = now() - interval '1 hour', ended_at = null`,
  'no piece is put back twice': `
    insert into put_back (delivery_id, delivery_no, order_id, order_no, tid, shop_id, courier, waybill_no, line_no, sku_id, title, spec,
      quantity, source)
    select d.id, d.no, d.order_id, d.order_no, d.tid, d.shop_id, '', '', l.line_no, l.sku_id, '', '', 2 * l.quantity, 'x'
    from delivery d join order_line l on l.order_id = d.order_id`,
  'what was reported as stopped is let through by nobody': `
    ${aReport('null')};
    insert into refund_waiver (order_id, refund_no, refund_status, kind, amount_fen, quantity, reason, given_by, given_at)
    values (${shipped}, 'R-9', 'applied', 'refund_only', 1, 1, 'x', '', now() + interval '1 minute')`,
  'what was reported as shipped had left': aReport('"shipped"'),
  'a return is made once': returnEvent(returned('id', 'true'), 'created'),
  'a return moves as the table of its life says': returnEvent(returned('id', `status = 'received'`), 'void'),
  'a return stands where its story ends': returnEvent(returned('id', `status = 'unconfirmed'`), 'void'),
  'goods come in only where somebody receives them': returnEvent(
    returned('id', `status = 'unconfirmed'`),
    'receipt',
  ),
}

test('at rest nothing is wrong, and there is something of everything that the rules speak of', async () => {
  assert.deepEqual(await wrongAtTheDesk(desk), [])
  for (const order of [shipped, waiting, held, voided]) {
    const { rows } = await desk.client.query<{ id: string | null }>(`select ${order} as id`)
    assert.notEqual(rows[0]?.id, null, order)
  }
  const { rows } = await desk.client.query<{ is: string }>(`
    select concat_ws(' ', kind, status, good, defective, told, nullif(exchange_order_no, '') is not null) as is from return_order order by id`)
  assert.deepEqual(
    rows.map(({ is }) => is),
    [
      'return received 2 2 done f',
      'exchange settled 1 0 none t',
      'return received 1 0 none f',
      'return unconfirmed 0 0  f',
    ],
  )
})

test('a number of the source that we do not have, and one that it did not take back, are found', async () => {
  const found = async () => (await wrongAtTheDesk(desk)).map(({ rule }) => rule)
  desk.numbers.set('0', 'SF1')
  assert.deepEqual(await found(), ['a number that the source gave is with us'])
  desk.numbers.delete('0')
  const made = await desk.client.query<{ id: string }>(`${aNumber('returned')} returning id`)
  assert.ok((await found()).includes('what we call given back the source has back'))
  await desk.client.query('delete from waybill where id = $1', [made.rows[0]?.id])
  await desk.client.query('delete from waybill_account')
  assert.deepEqual(await found(), [])
})

test('each rule of the checker fails when what it speaks of is broken', async () => {
  await takeChecksAway(desk)
  assert.deepEqual(
    Object.keys(corruptions).toSorted(),
    [
      ...Object.keys(deskRules),
      ...Object.keys(returnRules),
      ...Object.keys(documentRules),
      ...Object.keys(noticeRules),
      ...Object.keys(parcelRules),
      ...storyRules,
      ...returnStoryRules,
    ].toSorted(),
  )
  for (const [rule, text] of Object.entries(corruptions)) {
    const broken = await brokenBy(text)
    assert.ok(broken.includes(rule), `${rule}: not seen; broken are ${broken.join('; ') || 'none'}`)
  }
  assert.deepEqual(await checkDesk(desk.client), [])
})

test('money of a trade that never became an order is settled, once', async () => {
  const shop = '(select min(id) from shop)'
  const refund = `insert into staged_refund (shop_id, refund_no, tid, state, modified_at, version, status, platform_status, kind,
      phase, amount_fen, quantity, created_on_platform, outcome, facets)
    values (${shop}, 'R-1', 'T-1', 'converted', now(), '1', 'succeeded', 'SUCCESS', 'refund_only', 'aftersale', 500, 1, now(), 'money_only',
      (select array_agg(space * 67108864 + value) from (values (1, 2), (2, 0), (4, ${shop}::int), (20, 5), (21, 1), (22, 2)) f (space, value)));
    insert into refund_notice (shop_id, refund_no, tid, oid, source, kind, phase, refund_status, version, modified_at, amount_fen, quantity)
    select shop_id, refund_no, tid, oid, 'refund', kind, phase, status, version, modified_at, amount_fen, quantity
    from staged_refund where refund_no = 'R-1'`
  const settlement = (
    version: number,
  ) => `insert into settlement (no, shop_id, order_id, order_no, tid, kind, source, version, amount_fen, status, created_by)
    values ('ST-' || ${version}, ${shop}, null, '', 'T-1', 'refund_only', 'R-1', ${version}, -500, 'draft', '')`
  const rule = ['money that went back is settled, once']
  assert.deepEqual(await brokenBy(`${refund}; ${settlement(1)}`), [])
  assert.deepEqual(await brokenBy(refund), rule)
  assert.deepEqual(await brokenBy(settlement(1)), rule)
  assert.deepEqual(await brokenBy(`${refund}; ${settlement(1)}; ${settlement(2)}`), rule)
})

test('a number in whose place the waybill of the platform was taken goes back for that cause, and no other number', async () => {
  const rule = 'a number goes back only for a cause'
  const isBroken = async (was: string) => {
    const event = `insert into order_event (order_id, event, detail, actor_kind, actor_id, actor_name)
      select order_id, 'waybill_taken', '{"was": "${was}", "waybillNo": "P-1"}', 'user', '', '' from delivery order by id limit 1`
    return (await brokenBy(`${corruptions[rule]}; ${event}`)).includes(rule)
  }
  assert.deepEqual([await isBroken('N-1'), await isBroken('N-2')], [false, true])
})

/** Returns the rules that a change violates. */
async function brokenBy(text: string): Promise<string[]> {
  const { client } = desk
  await client.query('savepoint whole')
  try {
    await client.query(text)
    return [...new Set((await checkDesk(client)).map(({ rule }) => rule))]
  } finally {
    await client.query('rollback to savepoint whole')
  }
}

/** Removes the database's own constraints, which would refuse most changes. The transaction is always rolled back. */
async function takeChecksAway({ client }: Desk): Promise<void> {
  await client.query('begin')
  await client.query(`do $$ declare c record; begin
    for c in select conrelid::regclass as t, conname from pg_constraint
      where contype in ('c', 'f') and connamespace = current_schema()::regnamespace and conparentid = 0 and conislocal loop
      execute format('alter table %s drop constraint %I', c.t, c.conname);
    end loop; end $$`)
  for (const index of ['delivery_live', 'delivery_waybill', 'sales_order_trade', 'order_hold_open'])
    await client.query(`drop index ${index}`)
}
