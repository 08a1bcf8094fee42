import { sql } from 'kysely'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { aRefund, aTrade, type IntakeFixture, stage, stageRefunds } from '../intake/testing.ts'
import { splitOrders } from '../orders/split/split.ts'
import type { Dice } from '../testing/dice.ts'
import { anOrder } from '../testing/orders.ts'
import { computeDue } from './task.ts'

/** The days of the documents. */
export const first = '2026-11-18'
export const last = '2026-11-24'

/** Computes the figures of every day that is due. */
export const computeAll = (db: Database) =>
  computeDue(
    db,
    { restSeconds: 0, restTimes: 0, daysPerRun: 5000 },
    { signal: new AbortController().signal, progress: () => {} },
  )

/** A subscription of 店铺日报 by mail, each day at midnight, as the page asks for it. */
export const dailySales = {
  report: 'sales',
  rows: 'shop',
  by: 'amount',
  shop: null,
  every: 'day',
  hour: 0,
  language: 'zh',
}

/** Subscriptions that were made before today began are due by now, at any hour. */
export const makeDue = (db: Database) =>
  sql`update report_subscription set created_at = now() - interval '40 days'`.execute(db)

/** Makes a paid off-platform order, and splits one of its lines off. Returns both. The queues of all jobs are there. */
export async function splitOwnOrder(db: Database, shopId: string, paidAt: Date): Promise<string[]> {
  const { id } = await anOrder(db, { shopId, status: 'confirmed' })
  await sql`update sales_order set origin = 'manual', paid_at = ${paidAt} where id = ${id}::bigint`.execute(
    db,
  )
  const request = { id, parts: [{ lines: [{ lineNo: 2, quantity: 1 }] }], cause: 'hand' } as const
  const [outcome] = await db
    .transaction()
    .execute((tx) => splitOrders(tx, [request], { actor: systemActor, scope: wholeScope }))
  if (!outcome?.done) throw new Error(outcome?.code)
  return [id, ...outcome.parts.map((part) => part.id)]
}

export const timeIn = (random: Dice) =>
  new Date(Date.parse(`${first}T00:00:00+08:00`) + random.int(7 * 24 * 60) * 60_000)

/** Makes trades, refunds, orders and shipped deliveries of seven days. */
export async function someDocuments(
  pool: IntakeFixture,
  random: Dice,
  shopId: string,
  count: number,
): Promise<void> {
  const of = { ...pool, shopId }
  const trades = Array.from({ length: count }, () =>
    aTrade({ paidAt: timeIn(random), shipBy: timeIn(random) }),
  )
  await stage(of, ...trades)
  await stageRefunds(
    of,
    ...trades
      .filter(() => random.chance(0.4))
      .map((trade) =>
        aRefund(trade, {
          status: random.pick(['applied', 'succeeded', 'closed']),
          refundKind: random.pick(['refund_only', 'return']),
          outerId: random.pick(['A-1', 'B-2', '']),
          reason: random.pick(['质量问题', '不想要了']),
          createdAt: timeIn(random),
          modifiedAt: timeIn(random),
        }),
      ),
  )
  for (let made = 0; made < count; made += 1) {
    const { id } = await anOrder(pool.db, {
      shopId,
      status: random.pick(['confirmed', 'shipped', 'shipped']),
    })
    await sql`
      update sales_order set paid_at = ${timeIn(random)}, region = ${random.pick(['浙江 杭州', '广东 深圳', ''])},
        origin = ${random.pick(['trade', 'trade', 'manual'])} where id = ${id}::bigint`.execute(pool.db)
    await ship(pool, random, id)
  }
}

async function ship(pool: IntakeFixture, random: Dice, orderId: string): Promise<void> {
  const at = timeIn(random)
  await sql`
    with shipped as (
      insert into delivery (no, order_id, order_no, tid, shop_id, status, courier, waybill_no, write_back, shipped_at, ship_by, weight_grams,
        piece_count, printed_by, picked_by, checked_by, weighed_by, shipped_by, created_by)
      select 'DN' || id, id, no, tid, shop_id, 'shipped', ${random.pick(['SF', 'ZTO'])}, 'W' || id, 'done', ${at},
        ${random.chance(0.7) ? timeIn(random) : null}::timestamptz, ${random.chance(0.5) ? 800 : null}::int, 3, ${random.pick(['周强', '陈晨'])}, '周强', '陈晨', '陈晨', '周强', ''
      from sales_order where id = ${orderId}::bigint and status = 'shipped'
      returning id, shop_id, courier, waybill_no
    )
    insert into parcel_track (delivery_id, shop_id, courier, waybill_no, state, moved_at)
    select id, shop_id, courier, waybill_no, ${random.pick(['signed', 'in_transit'])}, ${at}::timestamptz + interval '30 hours' from shipped`.execute(
    pool.db,
  )
  await sql`
    insert into order_event (order_id, at, event, actor_kind, actor_id, actor_name)
    values (${orderId}::bigint, ${at}, 'confirm', ${random.pick(['user', 'task'])}, '1', '周强')`.execute(
    pool.db,
  )
}
