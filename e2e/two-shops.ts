import { sql } from 'kysely'
import { noteListings } from '../server/catalog/listings/listings.ts'
import { connectors } from '../server/connectors/index.ts'
import { systemActor, wholeScope } from '../server/core/access/actor.ts'
import { oweSettlements } from '../server/finance/settlements.ts'
import { convertTrades } from '../server/flows/convert-trade.ts'
import { defaultTemplate } from '../server/fulfilment/papers/paper-rules.ts'
import { queueTrades } from '../server/intake/downloads/queue-queries.ts'
import { convertRefunds } from '../server/intake/refunds/convert-refunds.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  stage,
  stageRefunds,
  tradeOf,
} from '../server/intake/testing.ts'
import { parkItems } from '../server/intake/trades/ingest.ts'
import { processTrades } from '../server/intake/trades/trades.ts'
import { seal } from '../server/lib/seal.ts'
import { blacklistBuyers } from '../server/orders/buyers/blacklist.ts'
import { copyOrders } from '../server/orders/create/copy.ts'
import { holdOrders } from '../server/orders/holds/holds.ts'
import { createExtraRefund } from '../server/orders/settle/extra-refunds.ts'
import { enqueued } from '../server/testing/actions.ts'
import type { Caller, TestApp } from '../server/testing/app.ts'
import { giveShopTasks } from '../server/worker.ts'

/** One row of each kind in a shop. `words`: texts that only this shop has. */
export type Filled = {
  id: string
  name: string
  words: string[]
  trade: string
  staged: string
  processed: string
  refund: string
  order: string
  extra: string
  delivery: string
  intercept: string
  putBack: string
  return: string
  problem: string
  settlement: string
  billTrade: string
  blacklisted: string
  queued: string
  action: string
  parked: string
  listing: string
  itemId: string
  task: string
  run: string
  batch: string
  printJob: string
  wave: string
  account: string
}

/** Fills a shop with one row of each kind. `digit`: the first digit of its numbers. */
export async function fillShop(house: TestApp, boss: Caller, name: string, digit: string): Promise<Filled> {
  const { db, ring } = house
  const made = await sql<{ id: string }>`
    insert into shop (platform, variant, name, go_live_at, auth_state, platform_shop_id)
    values ('taobao', 'taobao', ${name}, '2026-01-01', 'live', ${`${digit}0001`}) returning id`.execute(db)
  const id = made.rows[0]?.id ?? ''
  const pool: IntakeFixture = { db, ring, shopId: id, [Symbol.asyncDispose]: async () => {} }
  const no = (n: number) => `${digit}48105733000000${String(n).padStart(3, '0')}`
  const line = () => aLine({ title: `${name}的四件套`, outerSkuId: `${digit}-SKU` })
  const [one, two, three] = [1, 2, 3].map((n) =>
    aTrade({ tid: no(n), lines: [line(), line()], sellerMemo: `${name}的备注` }),
  )
  if (!one || !two || !three) throw new Error('no trades')
  await stage(pool, one, two, three)
  const [goods] = one.lines
  if (goods) await noteListings(db, id, [{ ...goods, seenAt: one.createdAt }])
  const tradeId = async (tid: string) => (await tradeOf(pool, tid))?.id ?? ''
  const inTx = db.transaction()
  await inTx.execute(async (tx) =>
    convertTrades(tx, [await tradeId(one.tid)], { actor: systemActor, scope: wholeScope }),
  )
  await inTx.execute(async (tx) =>
    processTrades(tx, [await tradeId(three.tid)], { actor: systemActor, scope: wholeScope }),
  )
  const refundNo = `${digit}9055`
  const other = `${digit}9056`
  await stageRefunds(
    pool,
    aRefund(one, { refundId: refundNo, title: `${name}的四件套`, reason: `${name}的原因` }),
  )
  await stageRefunds(pool, aRefund(two, { refundId: other, title: `${name}的四件套` }))
  const order = await first(db, sql`select id from sales_order where shop_id = ${id}`)
  const refund = await first(db, sql`select id from staged_refund where refund_no = ${other}`)
  const converted = await first(db, sql`select id from staged_refund where refund_no = ${refundNo}`)
  await inTx.execute((tx) => convertRefunds(tx, [converted], { actor: systemActor, scope: wholeScope }))
  await inTx.execute((tx) =>
    holdOrders(
      tx,
      [order],
      { reason: 'ask_buyer', note: `${name}的挂起`, until: null },
      { actor: systemActor, scope: wholeScope },
    ),
  )
  // A second order to the same receiver.
  await inTx.execute((tx) =>
    copyOrders(
      tx,
      ring,
      [{ key: `${name}-twice`, orderId: order, kind: 'copy', lines: [{ lineNo: 1, quantity: 1 }] }],
      { actor: systemActor, scope: wholeScope },
    ),
  )
  await inTx.execute((tx) =>
    createExtraRefund(
      tx,
      { orderId: order, kind: 'compensation', amountFen: 100, reason: `${name}的补偿` },
      { actor: systemActor, scope: wholeScope },
    ),
  )
  await inTx.execute((tx) =>
    blacklistBuyers(
      tx,
      ring,
      { ids: [order], input: { by: ['nick'], reason: `${name}的黑名单`, until: null } },
      { actor: systemActor, scope: wholeScope },
    ),
  )
  await inTx.execute((tx) =>
    oweSettlements(
      tx,
      [
        {
          shopId: id,
          orderId: order,
          orderNo: '',
          tid: no(1),
          kind: 'order_receipt',
          source: no(1),
          amountFen: 100,
        },
      ],
      systemActor.name,
    ),
  )
  const bill = `流水号,订单号,时间,金额\n${digit}BILL,${no(1)},2026-11-20 10:00:00,1`
  await boss.call('POST', '/api/bills/import', { shopId: id, file: Buffer.from(bill).toString('base64') })
  await sql`
    insert into delivery (no, order_id, order_no, tid, shop_id, status, created_by)
    select ${`FH${digit}`}, id, no, tid, shop_id, 'pending', '周强' from sales_order where id = ${order}`.execute(
    db,
  )
  await sql`
    with parcel as (
      select id, no, order_id, order_no, tid, shop_id, warehouse_id, 'SF' as courier, ${`SF${digit}0001`} as waybill_no
      from delivery where shop_id = ${id}
    ), wanted as (
      insert into intercept (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
        refund_no, amount_fen, way, state, created_by)
      select parcel.*, ${refundNo}, 9000, 'recall', 'open', '周强' from parcel
    )
    insert into put_back (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
      line_no, title, spec, quantity, source)
    select parcel.*, 1, ${`${name}的四件套`}, '', 1, 'void' from parcel`.execute(db)
  await sql`
    with made as (
      insert into return_order (no, shop_id, order_id, order_no, tid, kind, origin, status, quantity, open_problems, created_by)
      select ${`TH${digit}`}, shop_id, id, no, tid, 'return', 'person', 'unconfirmed', 1, 1, '周强' from sales_order where id = ${order}
      returning id
    )
    insert into return_problem (return_id, kind, quantity, found_by) select id, 'short', 1, '周强' from made`.execute(
    db,
  )
  const brief = {
    kind: 'brief' as const,
    tid: no(9),
    modifiedAt: new Date(),
    createdAt: null,
    platformStatus: 'X',
    type: 'fixed',
    buyerNick: '',
    receiverName: '',
    paymentFen: 1,
  }
  await inTx.execute((tx) => queueTrades(tx, id, [brief], ring))
  await inTx.execute((tx) =>
    parkItems(tx, ring, {
      shopId: id,
      kind: 'trade',
      items: [{ kind: 'bad', id: no(8), reason: `${name}的坏单`, raw: '{}' }],
    }),
  )
  const action = await enqueued(db, {
    shopId: id,
    kind: 'refund.agree',
    subject: { type: 'staged_refund', id: refund },
    idempotencyKey: `${digit}/agree`,
    payload: { refundId: other, tid: no(2), version: '1', oid: '', phase: 'onsale' },
  })
  await sql`update platform_action set state = 'failed', next_at = null, error = ${`${name}的错误`} where id = ${action}`.execute(
    db,
  )
  await sql`
    insert into stock_upload (id, shop_id, item_id) select id, shop_id, item_id from listing where shop_id = ${id}`.execute(
    db,
  )
  const sender = seal(
    ring,
    id,
    JSON.stringify({
      ...{ name: '发货员', mobile: '13900001111', phone: '' },
      address: { province: '浙江省', city: '', district: '', town: '', detail: '1 号' },
    }),
  )
  await sql`
    insert into waybill_account (shop_id, source, courier, branch_name, sender, template_url, created_by)
    values (${id}, 'cainiao', 'YTO', ${`${name}的网点`}, ${sender}, 'http://127.0.0.1/1', '')`.execute(db)
  await sql`
    insert into paper_template (kind, name, width_mm, height_mm, options, shop_ids, updated_by)
    values ('packing_slip', ${name}, 148, 210, ${JSON.stringify(defaultTemplate('packing_slip').options)}::jsonb, array[${id}::bigint], '')`.execute(
    db,
  )
  await sql`insert into print_job (printer, created_by, created_by_id) values (${name}, '周强', '0')`.execute(
    db,
  )
  const wave = await first(
    db,
    sql`
      with place as (
        insert into warehouse (code, name, kind) values (${`WV${id}`}, ${`${name}的波次仓`}, 'own') returning id
      ), made as (
        insert into wave (no, warehouse_id, rule_name, sorting, status, order_count, piece_count, created_by)
        select ${`W-${no(9)}`}, id, ${name}, 'none', 'open', 1, 1, '' from place returning id
      )
      insert into wave_delivery (wave_id, delivery_id, order_id, shop_id, basket)
      select made.id, d.id, d.order_id, d.shop_id, 1 from made, (
        select * from delivery where shop_id = ${id} order by id limit 1) d
      returning wave_id as id`,
  )
  const [connector] = connectors
  if (!connector) throw new Error('no connector')
  await inTx.execute((tx) => giveShopTasks(tx, { id }, connector))
  await sql`insert into audit_log (actor_kind, actor_id, actor_name, action, subject_type, subject_id, shop_id, detail)
    values ('system', '', '', 'shop.verify', 'shop', ${id}, ${id}, ${JSON.stringify({ word: `${name}的审计` })}::jsonb)`.execute(
    db,
  )
  const task = await first(db, sql`select id from task where shop_id = ${id} and kind = 'trade_list'`)
  const asked = await boss.call('POST', `/api/tasks/${task}/run`, {})
  const batch = await boss.call('POST', '/api/batches', {
    action: 'trades.process',
    target: { ids: [await tradeId(two.tid)] },
  })
  return {
    id,
    name,
    words: [
      name,
      no(1),
      no(2),
      no(3),
      no(8),
      no(9),
      refundNo,
      other,
      `${digit}-SKU`,
      `${name}的黑名单`,
      await first(db, sql`select no as id from sales_order where id = ${order}`),
    ],
    trade: await tradeId(one.tid),
    staged: await tradeId(two.tid),
    processed: await tradeId(three.tid),
    refund,
    order,
    extra: await first(db, sql`select id from extra_refund where shop_id = ${id}`),
    delivery: await first(db, sql`select id from delivery where shop_id = ${id}`),
    intercept: await first(db, sql`select id from intercept where shop_id = ${id}`),
    putBack: await first(db, sql`select id from put_back where shop_id = ${id}`),
    return: await first(db, sql`select id from return_order where shop_id = ${id}`),
    problem: await first(
      db,
      sql`select p.id from return_problem p join return_order r on r.id = p.return_id where r.shop_id = ${id}`,
    ),
    settlement: await first(
      db,
      sql`select id from settlement where shop_id = ${id} and kind = 'order_receipt'`,
    ),
    billTrade: await first(db, sql`select id from bill_trade where shop_id = ${id}`),
    blacklisted: await first(db, sql`select id from blacklist_entry where shop_id = ${id}`),
    queued: await first(db, sql`select id from download_queue where shop_id = ${id}`),
    action,
    parked: await first(db, sql`select id from parked_item where shop_id = ${id}`),
    listing: await first(db, sql`select id from listing where shop_id = ${id}`),
    itemId: goods?.itemId ?? '',
    task,
    run: idIn(asked.body, 'runId'),
    batch: idIn(batch.body, 'id'),
    wave,
    account: await first(db, sql`select id from waybill_account where shop_id = ${id}`),
    printJob: await first(db, sql`select id from print_job where printer = ${name}`),
  }
}

async function first(db: TestApp['db'], query: ReturnType<typeof sql>): Promise<string> {
  const found = await query.execute(db)
  const row = found.rows[0]
  return typeof row === 'object' && row !== null && 'id' in row ? String(row.id) : ''
}

function idIn(body: unknown, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
  if (typeof value !== 'string') throw new Error(`no ${name} in ${JSON.stringify(body)}`)
  return value
}

/** Returns all stored data of a shop as texts, to check that a user without the shop changed nothing. */
export async function everythingOf(db: TestApp['db'], shopId: string): Promise<Record<string, string>> {
  const tables = await sql<{ table: string; column: string }>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = current_schema() and column_name in ('shop_id', 'order_id', 'task_id', 'batch_id')
      and table_name not like 'job%'
    order by 1, 2`.execute(db)
  const found: Record<string, string> = {}
  for (const { table, column } of tables.rows) {
    const ids = {
      shop_id: sql`select ${shopId}::bigint`,
      order_id: sql`select id from sales_order where shop_id = ${shopId}`,
      task_id: sql`select id from task where shop_id = ${shopId}`,
      batch_id: sql`select 0::bigint`,
    }[column]
    if (!ids) continue
    const rows = await sql<{ all: string | null }>`
      select string_agg(t::text, e'\n' order by t::text) as all from ${sql.table(table)} t where t.${sql.ref(column)} in (${ids})`.execute(
      db,
    )
    found[`${table}.${column}`] = rows.rows[0]?.all ?? ''
  }
  const shop = await sql<{ all: string }>`select t::text as all from shop t where id = ${shopId}`.execute(db)
  return { ...found, shop: shop.rows[0]?.all ?? '' }
}
