import { sql } from 'kysely'
import type { Receiver, Trade } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/index.ts'
import { type By, systemActor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { releaseOrders } from '../../fulfilment/shipping/release.ts'
import { setWaybills } from '../../fulfilment/shipping/waybills.ts'
import { aLine, aRefund, aTrade, type IntakeFixture, stage, stageRefunds } from '../../intake/testing.ts'
import { monthlessPhoneKey } from '../../lib/people.ts'
import { seal } from '../../lib/seal.ts'
import { completeOrders } from '../../orders/holds/shipping.ts'
import { transition } from '../../orders/status/transition.ts'
import { jobs } from '../../worker.ts'
import { type TestApp, testApp } from '../app.ts'
import { must } from '../run.ts'
import { aWaybill } from '../shipping.ts'
import { aSku, aWarehouse, putStock } from '../stock.ts'

export type Buyer = { nick: string; receiver: Receiver; message: string; memo: string }

export const aBuyer = (nick: string, name: string, mobile: string, address: string): Buyer => ({
  nick,
  message: `${name}：请放门口 ${mobile}`,
  memo: `${name} 老客户`,
  receiver: {
    ...{ name, mobile, phone: '', province: '浙江省', city: '杭州市', district: '西湖区', town: '', address },
    ...{ zip: '', token: '' },
  },
})

export type Lived = { shopId: string; tid: string; refundNo: string; orderId: string; trade: Trade }

/** A test fixture: the web process with a shop on each of two platforms, and goods in stock. */
export type FullTrades = TestApp & {
  shops: readonly IntakeFixture[]
  warehouseId: string
  /** A trade of the buyer from its download to the end of its order, with a refund, and with the buyer's data wherever it may lie. */
  lived(buyer: Buyer, shop: number, until?: 'converted' | 'shipped' | 'completed'): Promise<Lived>
}

const by: By = { actor: systemActor, scope: wholeScope }

export async function fullTrades(): Promise<FullTrades> {
  const app = await testApp()
  const { db, ring } = app
  await createQueues(db, jobs)
  const shops: IntakeFixture[] = []
  const warehouseId = await aWarehouse(db)
  const skuId = await aSku(db)
  await putStock(db, warehouseId, skuId, 1000)
  for (const [at, { id: platform }] of connectors.slice(0, 2).entries()) {
    const made = await sql<{ id: string }>`
      insert into shop (platform, variant, name, go_live_at, auth_state)
      values (${platform}, '', ${`山隅家居 ${at}`}, '2026-01-01', 'live') returning id`.execute(db)
    const shopId = made.rows[0]?.id ?? ''
    await sql`
      insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
      values (${shopId}, 'item', 'sku', 'on_sale', now(), ${skuId}, 'hand')`.execute(db)
    shops.push({ db, ring, shopId, [Symbol.asyncDispose]: async () => {} })
  }
  return {
    ...app,
    ...{ shops, warehouseId },
    async lived(buyer, shop, until = 'completed') {
      const pool = shops[shop]
      if (!pool) throw new Error(`no shop ${shop}`)
      return live({ ...app, warehouseId }, pool, buyer, until)
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

type App = TestApp & { warehouseId: string }

async function live(
  app: App,
  pool: IntakeFixture,
  buyer: Buyer,
  until: 'converted' | 'shipped' | 'completed',
): Promise<Lived> {
  const { db } = app
  const trade = aTrade({
    buyer: { nick: buyer.nick, openId: '' },
    ...{ receiver: buyer.receiver, buyerMessage: buyer.message, sellerMemo: buyer.memo },
    lines: [aLine({ itemId: 'item', skuId: 'sku', quantity: 2 })],
  })
  const { shopId } = pool
  await stage(pool, trade)
  const one = async (query: ReturnType<typeof sql<{ is: string }>>) =>
    (await query.execute(db)).rows[0]?.is ?? ''
  const tradeId = await one(sql`select id as is from staged_trade where tid = ${trade.tid}`)
  must(await db.transaction().execute((tx) => convertTrades(tx, [tradeId], by)))
  const orderId = await one(sql`select id as is from sales_order where tid = ${trade.tid}`)
  const refund = aRefund(trade, { status: 'closed', description: `${buyer.receiver.name} 说尺码不对` })
  await stageRefunds(pool, refund)
  const lived = { shopId, orderId, tid: trade.tid, refundNo: refund.refundId, trade }
  if (until === 'converted') return lived
  must(await db.transaction().execute((tx) => transition(tx, [orderId], { event: 'confirm' }, systemActor)))
  must(await db.transaction().execute((tx) => releaseOrders(tx, [orderId], by)))
  const deliveryId = await one(sql`select id as is from delivery where order_id = ${orderId}`)
  const waybills = [{ deliveryId, courier: 'SF', waybillNo: aWaybill() }]
  must(await db.transaction().execute((tx) => setWaybills(tx, waybills, by)))
  must(await db.transaction().execute((tx) => shipDeliveries(tx, [deliveryId], by)))
  await scatter(app, { shopId, orderId, deliveryId, ...{ tid: trade.tid, refundNo: refund.refundId } }, buyer)
  if (until === 'shipped') return lived
  const modifiedAt = new Date(trade.modifiedAt.getTime() + 60_000)
  const finished: Trade = { ...trade, status: 'finished', platformStatus: 'TRADE_FINISHED', modifiedAt }
  await stage(pool, finished)
  await db.transaction().execute((tx) => completeOrders(tx, [orderId], systemActor))
  return { ...lived, trade: finished }
}

/** Puts the buyer's data into the places that shipping and users fill. */
async function scatter(
  { db, ring, warehouseId }: App,
  at: { shopId: string; orderId: string; deliveryId: string; tid: string; refundNo: string },
  { nick, receiver: { name, mobile, address } }: Buyer,
): Promise<void> {
  const { shopId, orderId, deliveryId, tid, refundNo } = at
  const sealed = (text: string) => seal(ring, shopId, text)
  const account = await sql<{ id: string }>`
    insert into waybill_account (shop_id, source, courier, branch_code, sender, template_url, created_by)
    values (${shopId}, 'demo', 'SF', ${orderId}, ${sealed('{}')}, '', '林晓') returning id`.execute(db)
  const waybill = await sql<{ id: string }>`
    insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by, ended_at)
    values (${deliveryId}, 1, ${account.rows[0]?.id}, ${shopId}, 'SF', 'taken', ${`M${deliveryId}`}, ${sealed(name)}, '林晓', now())
    returning id`.execute(db)
  await sql`
    insert into waybill_package (courier, waybill_no, main_no, nth, waybill_id, print_data)
    values ('SF', ${`S${deliveryId}`}, ${`M${deliveryId}`}, 2, ${waybill.rows[0]?.id}, ${sealed(address)})`.execute(
    db,
  )
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, secret, state, next_at, error, created_by)
    values (${shopId}, 'trade.memo', 'sales_order', ${orderId}, ${`memo/${orderId}`}, '{}', ${sealed(name)}, 'failed', null,
      ${`备注含 ${mobile}`}, '{"kind":"user","id":"1","name":"林晓"}')`.execute(db)
  await sql`update sales_order set own_note = ${`${name} 要求送到 ${address}`} where id = ${orderId}`.execute(
    db,
  )
  await sql`
    insert into order_hold (order_id, reason, source, note, held_by, released_by, released_at)
    values (${orderId}, 'ask_buyer', 'person', ${`打给 ${mobile}`}, '林晓', '林晓', now())`.execute(db)
  await sql`
    insert into order_event (order_id, event, actor_kind, actor_id, actor_name, detail)
    values (${orderId}, 'hold', 'user', '1', '林晓', ${JSON.stringify({ reason: `${nick} 催单` })}::jsonb)`.execute(
    db,
  )
  await sql`
    insert into extra_refund (no, shop_id, order_id, order_no, kind, amount_fen, reason, status, created_by)
    values (${`X${orderId}`}, ${shopId}, ${orderId}, '', 'compensation', 500, ${`赔 ${name} 运费`}, 'approved', '林晓')`.execute(
    db,
  )
  await sql`
    insert into order_difference (order_id, kind, old_value, new_value, personal, region, people, receiver_hash, trade_version, settled_at, settled_how)
    values (${orderId}, 'address', '王** 139****0000', ${`${name.slice(0, 1)}**`}, ${sealed(JSON.stringify({ nick, receiver: { name, mobile, phone: '', address } }))},
      '浙江 杭州', '{7}', 7, now(), now(), 'ignored')`.execute(db)
  await sql`
    insert into unclaimed_parcel (no, status, warehouse_id, phone_key, note, quantity, created_by)
    values (${`U${orderId}`}, 'unclaimed', ${warehouseId}, ${monthlessPhoneKey(ring, mobile)}, ${name}, 1, '林晓')`.execute(
    db,
  )
  await sql`
    insert into parked_item (shop_id, kind, platform_id, reason, sealed, fingerprint)
    values (${shopId}, 'trade', ${tid}, 'unreadable', ${sealed(name)}, ${`number ${tid}`}),
      (${shopId}, 'refund', ${refundNo}, 'unreadable', ${sealed(name)}, ${`number ${refundNo}`})`.execute(db)
  await sql`
    insert into mall_document (shop_id, kind, number, tid, version_at, received_at, sealed)
    values (${shopId}, 'trade', ${tid}, ${tid}, now(), now(), ${sealed(name)}), (${shopId}, 'refund', ${refundNo}, ${tid}, now(), now(), ${sealed(name)})`.execute(
    db,
  )
  await sql`
    insert into bill_line (shop_id, serial_no, tid, happened_at, kind, type, amount_fen, note, imported_by)
    values (${shopId}, ${`B${orderId}`}, ${tid}, now(), 'receipt', '', 18000, ${`${nick} 付款`}, '林晓')`.execute(
    db,
  )
}
