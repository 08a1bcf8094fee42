import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { checkDesk, deskRules } from './check/desk.ts'
import { storyRules } from './check/stories.ts'
import { perform } from './desk-commands.ts'
import { aRound, comeToRest, type Desk, openDesk, platform, wrongAtTheDesk } from './desk-place.ts'

// A checker that is never seen to fail proves nothing: each rule is broken by hand, in a transaction that is rolled back.

let desk: Desk
before(async () => {
  desk = await openDesk(2)
  const round = await aRound(desk)
  await perform(desk, round, { do: 'convert', trades: [0, 1, 3, 7, 8, 9] })
  await perform(desk, round, { do: 'lock', warehouse: 0, by: [1, 0, 0], freed: false })
  await perform(desk, round, { do: 'pack', trades: [0] })
  await perform(desk, round, { do: 'split', trade: 3, which: 0, line: 0, pieces: 1, elsewhere: false })
  await perform(desk, round, { do: 'split', trade: 9, which: 0, line: 1, pieces: 1, elsewhere: true })
  await perform(desk, round, { do: 'refund', trade: 9, line: 0, status: 'succeeded', at: 0, part: 'half' })
  await perform(desk, round, { do: 'refund', trade: 7, line: 0, status: 'applied', at: 0, part: 'all' })
  await perform(desk, round, { do: 'void', trades: [8] })
  // Without a refusal or a lost answer.
  const outbox = platform(desk, () => 0.9)
  await comeToRest(desk)
  await outbox.stop()
})
after(() => desk[Symbol.asyncDispose]())

const shipped = `(select id from sales_order where status = 'shipped' limit 1)`
const waiting = `(select id from sales_order where status = 'unconfirmed' and open_holds = 0 limit 1)`
const held = `(select id from sales_order where status = 'unconfirmed' and open_holds > 0 limit 1)`
const voided = `(select id from sales_order where status = 'voided' limit 1)`
const event = (order: string, name: string) =>
  `insert into order_event (order_id, event, actor_kind, actor_id, actor_name) values (${order}, '${name}', 'user', '7', '林晓')`

/** By rule: what breaks it, and may break others too. */
const corruptions: Readonly<Record<keyof typeof deskRules | (typeof storyRules)[number], string>> = {
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
  'a waybill is on one live delivery': `
    insert into delivery (no, order_id, order_no, tid, shop_id, status, created_by, courier, waybill_no)
    select no || 'x', ${waiting}, order_no, tid, shop_id, 'pending', created_by, courier, waybill_no from delivery`,
  'what leaves in one parcel stands in one place, under one waybill': `
    insert into delivery (no, order_id, order_no, tid, shop_id, status, created_by, parcel, courier, waybill_no)
    select no || n, order_id, order_no, tid, shop_id, 'pending', created_by, 1, courier, waybill_no || n
    from delivery cross join generate_series(1, 2) n`,
  'what is packed into one parcel goes from one warehouse to one receiver': `
    update sales_order set parcel = 1, status = 'released', receiver_hash = id`,
  'each shipping told the platform by one action, each undone shipping took it back': `
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, created_by)
    select shop_id, kind, subject_type, subject_id, idempotency_key || 'x', payload, 'failed', created_by from platform_action`,
  'a shipped order was written back once, and only then says so': `
    update sales_order set written_back_at = null where id = ${shipped}`,
  'a trade became one order, from which parts may have been split': `update sales_order set tid = (select tid from sales_order where id = ${shipped})`,
  'the parts of a trade have its goods and money together, each line its own': `
    update order_line set payment_fen = payment_fen + 1 where order_id = ${waiting}`,
  'what was split belongs to a root, and nothing is left on what was taken back': `
    update sales_order set split_from = null where split_from is not null`,
  'the settlements of a trade sum to what was paid less what went back': `
    update settlement set amount_fen = amount_fen + 1 where kind = 'order_receipt'`,
  'no job ended in vain': `insert into job (name, state) select name, 'failed' from queue limit 1`,
  'an order is born once': event(waiting, 'convert'),
  'an order moves as the table of its life says': event(waiting, 'ship'),
  'an order stands where its story ends': event(waiting, 'confirm'),
  'nothing is confirmed, released or shipped while it is held': event(held, 'confirm'),
}

test('at rest nothing is wrong, and there is something of everything that the rules speak of', async () => {
  assert.deepEqual(await wrongAtTheDesk(desk), [])
  for (const order of [shipped, waiting, held, voided]) {
    const { rows } = await desk.client.query<{ id: string | null }>(`select ${order} as id`)
    assert.notEqual(rows[0]?.id, null, order)
  }
})

test('each rule of the checker fails when what it speaks of is broken', async () => {
  assert.deepEqual(Object.keys(corruptions).toSorted(), [...Object.keys(deskRules), ...storyRules].toSorted())
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
    values (${shop}, 'R-1', 'T-1', 'converted', now(), '1', 'succeeded', 'SUCCESS', 'refund_only', 'aftersale', 500, 1, now(), 'money_only', '{}')`
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

/** The rules that a change breaks. The database would not let most of them happen: its own checks are taken away first. */
async function brokenBy(text: string): Promise<string[]> {
  const { client } = desk
  await client.query('begin')
  try {
    await client.query(`do $$ declare c record; begin
      for c in select conrelid::regclass as t, conname from pg_constraint
        where contype in ('c', 'f') and connamespace = current_schema()::regnamespace and conparentid = 0 and conislocal loop
        execute format('alter table %s drop constraint %I', c.t, c.conname);
      end loop; end $$`)
    for (const index of ['delivery_live', 'delivery_waybill', 'sales_order_trade', 'order_hold_open'])
      await client.query(`drop index ${index}`)
    await client.query(text)
    return [...new Set((await checkDesk(client)).map(({ rule }) => rule))]
  } finally {
    await client.query('rollback')
  }
}
