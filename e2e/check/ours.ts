import type { Client } from 'pg'

/** Our data, read with plain SQL. int8 arrives as text; money is converted to numbers. */
export type OurTrade = {
  id: string
  tid: string
  state: string
  note: string
  reason: string
  modified: number
  detail: number | null
  status: string
  platform_status: string
  cod: boolean
  final_unpaid: boolean
  holds: string[]
  flag: number
  payment: string
  post_fee: string
  buyer_message: string
  seller_memo: string
  receiver_masked: string
  region: string
  open_refunds: number
  line_count: number
  order_id: string | null
  order_no: string
  lines: OurLine[]
}

export type OurLine = {
  oid: string
  status: string
  platformStatus: string
  refund: string
  itemId: string
  skuId: string
  outerItemId: string
  outerSkuId: string
  quantity: number
  priceFen: number
  paymentFen: number
}

export type OurRefund = {
  id: string
  refund_no: string
  tid: string
  oid: string
  state: string
  reason: string
  outcome: string
  modified: number
  version: string
  status: string
  kind: string
  phase: string
  amount: string
  quantity: number
  deadline: number | null
  detail_missing: boolean
  order_id: string | null
}

export type OurOrder = {
  id: string
  no: string
  tid: string
  origin: string
  status: string
  cod: boolean
  goods: string
  post_fee: string
  payment: string
  refunded: string
  quantity: number
  refunded_quantity: number
  paid_at: string | null
  open_holds: number
  differences: number
  flag: number
  seller_memo: string
  void_reason: string
  created: number
  lines: {
    oid: string
    quantity: number
    price: number
    payment: number
    refunded: number
    refunded_quantity: number
    item_id: string
    outer_sku_id: string
  }[]
  holds: { reason: string; source: string }[]
  refunds: {
    refund_no: string
    status: string
    version: string
    amount: number
    effect: string
    fact: string | null
    counted: number
    takes_goods: boolean
  }[]
  differences_all: { kind: string; new_value: string; settled: string | null }[]
  births: number
}

export type OurFact = { kind: string; source: string; amount: string; order_id: string | null }
export type OurAction = {
  id: string
  kind: string
  state: string
  subject_id: string
  payload: { refundId?: string; tid?: string; version?: string; flag?: number | null }
  attempt: number
  result: { seen?: boolean; alreadyDone?: string } | null
}
export type OurExtra = { no: string; order_id: string; status: string; amount: string }

export type OurShop = {
  id: string
  name: string
  platform: string
  created: number
  trades: OurTrade[]
  queue: string[]
  fetches: { tid: string; error: string; tries: number }[]
  marks: string[]
  parked: { kind: string; platform_id: string; reason: string }[]
  refunds: OurRefund[]
  orders: OurOrder[]
  facts: OurFact[]
  actions: OurAction[]
  extras: OurExtra[]
  cursors: { stream: string; complete: number }[]
}

export async function readShops(client: Client): Promise<OurShop[]> {
  const shops = await rows<{ id: string; name: string; platform: string; created: number }>(
    client,
    `select id, name, platform, extract(epoch from created_at)::float8 as created from shop order by id`,
  )
  const all: OurShop[] = []
  for (const shop of shops) all.push({ ...shop, ...(await readShop(client, shop.id)) })
  return all
}

async function readShop(
  client: Client,
  id: string,
): Promise<Omit<OurShop, 'id' | 'name' | 'platform' | 'created'>> {
  const of = <Row extends object>(text: string) => rows<Row>(client, text, [id])
  return {
    trades: await of(tradeSql),
    queue: (await of<{ tid: string }>(`select tid from download_queue where shop_id = $1`)).map(
      (row) => row.tid,
    ),
    fetches: await of(`select tid, error, tries from trade_fetch where shop_id = $1`),
    marks: (await of<{ tid: string }>(`select tid from removed_mark where shop_id = $1`)).map(
      (row) => row.tid,
    ),
    parked: await of(
      `select kind, platform_id, reason from parked_item where shop_id = $1 and settled_at is null`,
    ),
    refunds: await of(refundSql),
    orders: await of(orderSql),
    facts: await of(
      `select kind, source, 0 - amount_fen as amount, order_id from settlement
       where shop_id = $1 and source <> order_no and status <> 'voided'`,
    ),
    actions: await of(
      `select id, kind, state, subject_id, payload, attempt, result from platform_action where shop_id = $1 order by id`,
    ),
    extras: await of(
      `select no, order_id, status, amount_fen as amount from extra_refund where shop_id = $1`,
    ),
    cursors: await of(
      `select stream, extract(epoch from complete_to)::float8 as complete from stream_cursor where shop_id = $1`,
    ),
  }
}

const tradeSql = `
  select id, tid, state, note, reason, extract(epoch from modified_at)::float8 as modified,
    extract(epoch from detail_at)::float8 as detail, status, platform_status, cod, final_unpaid, holds, flag,
    payment_fen as payment, post_fee_fen as post_fee, buyer_message, seller_memo, receiver_masked, region, open_refunds,
    line_count, order_id, order_no,
    coalesce((select lines from staged_trade_lines where trade_id = staged_trade.id), '[]') as lines
  from staged_trade where shop_id = $1`

const refundSql = `
  select id, refund_no, tid, oid, state, reason, outcome, extract(epoch from modified_at)::float8 as modified, version,
    status, kind, phase, amount_fen as amount, quantity, extract(epoch from deadline)::float8 as deadline, detail_missing,
    order_id
  from staged_refund where shop_id = $1`

const orderSql = `
  select id, no, tid, origin, status, cod, goods_fen as goods, post_fee_fen as post_fee, payment_fen as payment,
    refunded_fen as refunded, quantity, refunded_quantity, paid_at, open_holds, differences, flag, seller_memo, void_reason,
    extract(epoch from created_at)::float8 as created,
    (select coalesce(json_agg(json_build_object('oid', oid, 'quantity', quantity, 'price', price_fen, 'payment', payment_fen,
       'refunded', refunded_fen, 'refunded_quantity', refunded_quantity, 'item_id', item_id, 'outer_sku_id', outer_sku_id)
       order by line_no), '[]') from order_line where order_id = o.id and not gift) as lines,
    (select coalesce(json_agg(json_build_object('reason', reason, 'source', source)), '[]')
     from order_hold where order_id = o.id and released_at is null) as holds,
    (select coalesce(json_agg(json_build_object('refund_no', refund_no, 'status', refund_status, 'version', version,
       'amount', amount_fen, 'effect', effect, 'fact', fact, 'counted', counted_fen, 'takes_goods', takes_goods)), '[]')
     from order_refund where order_id = o.id) as refunds,
    (select coalesce(json_agg(json_build_object('kind', kind, 'new_value', new_value, 'settled', settled_how) order by id), '[]')
     from order_difference where order_id = o.id) as differences_all,
    (select count(*)::int from order_event where order_id = o.id and event = 'convert') as births
  -- What was made here has no trade.
  from sales_order o where shop_id = $1 and origin in ('trade', 'record')`

async function rows<Row extends object>(
  client: Client,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await client.query<Row>(text, values)).rows
}
