import { type RawBuilder, sql } from 'kysely'
import type { Rows } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'

/** The rows that one batch of an erasure concerns. All of them are locked. */
export type Batch = {
  /** Trades and off-platform orders: their numbers, and the shop of each at the same position. */
  tids: readonly string[]
  shops: readonly string[]
  tradeIds: readonly string[]
  refundIds: readonly string[]
  /** Numbers of the refunds, and the shop of each at the same position. */
  refundNos: readonly string[]
  refundShops: readonly string[]
  orderIds: readonly string[]
  deliveryIds: readonly string[]
  returnIds: readonly string[]
  /** Names, phones, nicks and addresses of the batch, which are cut out of texts that stay. */
  words: readonly string[]
  /** Keys of phones, names and nicks of the batch, without a month. */
  keys: readonly number[]
  /** For each shop of an account of waybills: the seal of no label, since a taken number must have one. */
  noLabels: readonly { shopId: string; sealed: Buffer }[]
}

type Table = keyof Rows

/**
 * A table that holds personal data of buyers. `rows`: SQL condition for those of a batch, on an index. `t` is the table.
 *
 * `set`: columns with the SQL of their new value. `cut`: columns whose text stays without the words of the buyer, because it is a reason or an
 * answer that belongs to the books. `deleted`: columns that go with their rows. The names are those of SQL.
 */
export type Place = {
  table: Table
  rows: (batch: Batch) => RawBuilder<boolean>
  set?: Readonly<Record<string, RawBuilder<unknown> | ((batch: Batch) => RawBuilder<unknown>)>>
  cut?: readonly string[]
  deleted?: readonly string[]
}

const none = sql`null`
const empty = sql`''`
const noKeys = sql`'{}'::bigint[]`
/** The province stays, since reports count by it. */
const province = sql`split_part(t.region, ' ', 1)`

const ids = (column: string, list: readonly string[]): RawBuilder<boolean> =>
  sql<boolean>`t.${sql.ref(column)} = any(${[...list]}::bigint[])`
const pairs = (
  columns: readonly [string, string],
  numbers: readonly string[],
  shops: readonly string[],
): RawBuilder<boolean> => {
  const [number, shop] = columns
  return sql<boolean>`(t.${sql.ref(number)}, t.${sql.ref(shop)}) in (
    select * from unnest(${[...numbers]}::text[], ${[...shops]}::bigint[]))`
}
const ofTrades =
  (number = 'tid') =>
  ({ tids, shops }: Batch) =>
    pairs([number, 'shop_id'], tids, shops)
const ofRefunds =
  (number = 'refund_no') =>
  ({ refundNos, refundShops }: Batch) =>
    pairs([number, 'shop_id'], refundNos, refundShops)
const ofOrders =
  (column = 'order_id') =>
  ({ orderIds }: Batch) =>
    ids(column, orderIds)
const ofReturns =
  (column = 'return_id') =>
  ({ returnIds }: Batch) =>
    ids(column, returnIds)

const ofActions = (batch: Batch): RawBuilder<boolean> => {
  const subjects: [string, readonly string[]][] = [
    ['sales_order', batch.orderIds],
    ['staged_trade', batch.tradeIds],
    ['staged_refund', batch.refundIds],
    ['delivery', batch.deliveryIds],
    ['return', batch.returnIds],
  ]
  const all = subjects.flatMap(([type, list]) => list.map((id) => [type, id] as const))
  return sql<boolean>`(t.subject_type, t.subject_id) in (
    select * from unnest(${all.map(([type]) => type)}::text[], ${all.map(([, id]) => id)}::text[])
    union all select 'waybill', id::text from waybill where delivery_id = any(${[...batch.deliveryIds]}::bigint[]))`
}

/**
 * Every place where personal data of a buyer is stored by its document. `columns.ts` says of every other column why it is none; a test compares
 * both with the database, so a new column is in neither until its author has decided.
 */
export const places: readonly Place[] = [
  {
    table: 'staged_trade',
    rows: ({ tradeIds }) => ids('id', tradeIds),
    set: {
      people: noKeys,
      receiver_hash: sql`0`,
      ...{ buyer_message: empty, seller_memo: empty, buyer_masked: empty, receiver_masked: empty },
      region: province,
      personal: none,
    },
  },
  {
    table: 'sales_order',
    rows: ofOrders('id'),
    set: {
      people: noKeys,
      receiver_hash: sql`0`,
      ...{ buyer_message: empty, seller_memo: empty, own_note: empty, receiver_masked: empty },
      region: province,
      personal: none,
    },
    cut: ['void_reason'],
  },
  {
    table: 'staged_refund',
    rows: ({ refundIds }) => ids('id', refundIds),
    set: { people: noKeys, buyer_masked: empty, description: empty, duty_note: empty, personal: none },
    cut: ['error', 'buyer_reason'],
  },
  { table: 'raw_payload', rows: ofTrades('platform_id'), deleted: ['sealed'] },
  { table: 'raw_payload', rows: ofRefunds('platform_id'), deleted: ['sealed'] },
  { table: 'parked_item', rows: ofParked('trade'), deleted: ['sealed', 'reason'] },
  { table: 'parked_item', rows: ofParked('refund'), deleted: ['sealed', 'reason'] },
  { table: 'mall_document', rows: ofTrades('number'), deleted: ['sealed'] },
  { table: 'mall_document', rows: ofRefunds('number'), deleted: ['sealed'] },
  {
    table: 'download_queue',
    rows: ofTrades(),
    set: { buyer_masked: empty, receiver_masked: empty, buyer_hash: none, receiver_hash: none },
  },
  {
    table: 'order_difference',
    rows: ofOrders(),
    set: {
      ...{ personal: none, people: none, receiver_hash: none, region: empty },
      old_value: withoutText('old_value'),
      new_value: withoutText('new_value'),
    },
  },
  { table: 'receiver_answer', rows: ofOrders(), deleted: ['receiver_hash'] },
  { table: 'order_hold', rows: ofOrders(), set: { note: empty } },
  { table: 'intercept', rows: ofOrders(), set: { note: empty } },
  { table: 'return_problem', rows: ofReturns(), set: { note: empty, settled_note: empty } },
  {
    table: 'unclaimed_parcel',
    rows: ({ keys, returnIds }) =>
      sql<boolean>`(t.phone_key = any(${[...keys]}::bigint[]) or ${ids('return_id', returnIds)})`,
    set: { phone_key: none, note: empty },
  },
  {
    table: 'blacklist_entry',
    rows: ({ keys, orderIds }) =>
      sql<boolean>`(${ids('order_id', orderIds)} or t.kind <> 'address' and t.keys <@ ${[...keys]}::bigint[])`,
    deleted: ['keys', 'first_key', 'masked', 'personal', 'region', 'reason'],
  },
  {
    table: 'waybill',
    rows: ({ deliveryIds }) => ids('delivery_id', deliveryIds),
    set: { print_data: noLabel(sql`(select a.shop_id from waybill_account a where a.id = t.account_id)`) },
    cut: ['error'],
  },
  {
    table: 'waybill_package',
    rows: ({ deliveryIds }) =>
      sql<boolean>`t.waybill_id in (select w.id from waybill w where w.delivery_id = any(${[...deliveryIds]}::bigint[]))`,
    set: {
      print_data: noLabel(sql`(
        select a.shop_id from waybill w join waybill_account a on a.id = w.account_id where w.id = t.waybill_id)`),
    },
  },
  {
    table: 'platform_action',
    rows: ofActions,
    set: { secret: none },
    cut: ['payload', 'answer', 'result', 'error', 'settled_reason'],
  },
  { table: 'extra_refund', rows: ofOrders(), cut: ['reason'] },
  { table: 'refund_waiver', rows: ofOrders(), cut: ['reason'] },
  { table: 'settlement', rows: ofOrders(), cut: ['void_reason'] },
  { table: 'return_order', rows: ofReturns('id'), cut: ['reason', 'void_reason'] },
  { table: 'bill_line', rows: (batch) => sql<boolean>`t.tid <> '' and ${ofTrades()(batch)}`, cut: ['note'] },
  { table: 'bill_trade', rows: ofTrades(), cut: ['explained_why'] },
  { table: 'order_event', rows: ofOrders(), set: { detail: withoutNote() }, cut: ['detail'] },
  { table: 'trade_event', rows: ofTrades(), set: { detail: withoutNote() }, cut: ['detail'] },
  { table: 'refund_event', rows: ofRefunds(), set: { detail: withoutNote() }, cut: ['detail'] },
  { table: 'return_event', rows: ofReturns(), set: { detail: withoutNote() }, cut: ['detail'] },
]

/** Texts of the shop's memo, of the buyer and of addresses; the other kinds of changes have statuses, couriers and amounts. */
function withoutText(column: string): RawBuilder<unknown> {
  return sql`case when t.kind in ('memo', 'message', 'address') then '' else t.${sql.ref(column)} end`
}

/** The same notes are emptied in the documents; a history must not keep them. */
function withoutNote() {
  return sql`case when jsonb_typeof(t.detail -> 'note') = 'string' then jsonb_set(t.detail, '{note}', '""') else t.detail end`
}

/** The seal of an empty text in the place of a label; a number without a label stays without one. */
function noLabel(shop: RawBuilder<unknown>) {
  return ({ noLabels }: Batch) => sql`case when t.print_data is not null then (
    select sealed from ${unnestRows('n', noLabels, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['sealed', 'bytea', (row) => row.sealed],
    ])} where n.shop_id = ${shop}) end`
}

function ofParked(kind: 'trade' | 'refund'): Place['rows'] {
  return ({ tids, shops, refundNos, refundShops }) => {
    const [numbers, theirs] = kind === 'trade' ? [tids, shops] : [refundNos, refundShops]
    return sql<boolean>`(t.shop_id, t.kind, t.fingerprint) in (
      select shop_id, ${kind}, 'number ' || no
      from unnest(${[...numbers]}::text[], ${[...theirs]}::bigint[]) u (no, shop_id))`
  }
}

/** Columns of personal data that follow a column of `places`: by triggers, or computed from it. */
export const followers: Readonly<Record<string, string>> = {
  'sales_order_person.key': 'sales_order.people',
  'staged_trade_person.key': 'staged_trade.people',
}

/** Columns that may hold personal data of a buyer for a short time, and which job ends it. */
export const endingAlone: Readonly<Record<string, string>> = {
  'idempotency_key.body': 'sealed; trimmed after a day',
  'idempotency_key.request_hash': 'keyed hash; trimmed after a day',
  'batch.request': 'sealed filter of a bulk action; trimmed after 90 days',
  'push_message.sealed': 'sealed; trimmed after three days',
  'relay_call.request': 'sealed; deleted with its answer',
  'relay_call.answer': 'sealed; deleted when it is read',
}
