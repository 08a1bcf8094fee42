import { sql } from 'kysely'
import type { Trade } from '../../server/connectors/connector.ts'
import { connectors } from '../../server/connectors/index.ts'
import { wholeScope } from '../../server/core/access/actor.ts'
import type { Tx } from '../../server/core/db/db.ts'
import { createQueues } from '../../server/core/jobs/job.ts'
import { shipDeliveries } from '../../server/flows/ship.ts'
import { releaseOrders } from '../../server/fulfilment/shipping/release.ts'
import { setWaybills } from '../../server/fulfilment/shipping/waybills.ts'
import { aTrade, type IntakeFixture, matchGoods, stage, tradeOf } from '../../server/intake/testing.ts'
import { seal } from '../../server/lib/seal.ts'
import { reserveOrders } from '../../server/orders/allocation/goods.ts'
import { transition } from '../../server/orders/status/transition.ts'
import { testApp } from '../../server/testing/app.ts'
import {
  anOrder,
  manyOrders,
  matchGoods as matchOrderGoods,
  type OrderInput,
} from '../../server/testing/orders.ts'
import { must } from '../../server/testing/run.ts'
import { aWaybill, deliveryOf, packer } from '../../server/testing/shipping.ts'
import { aWarehouse, putStock } from '../../server/testing/stock.ts'
import { giveShopTasks, jobs } from '../../server/worker.ts'
import type { Seeded } from './press.ts'

/** The data for all presses: a shop whose goods are matched and in stock, and functions that create rows. */
export type PressHouse = Awaited<ReturnType<typeof aPressHouse>>

export async function aPressHouse() {
  const house = await testApp()
  const { db, ring } = house
  await createQueues(db, jobs)
  const boss = await house.as(['*'])
  const made = await sql<{ id: string }>`
    insert into shop (platform, variant, name, go_live_at, auth_state)
    values ('taobao', 'tmall', '山隅家居旗舰店', '2026-01-01', 'live') returning id`.execute(db)
  const shopId = made.rows[0]?.id ?? ''
  const warehouseId = await aWarehouse(db, 1)
  const skuId = await matchOrderGoods(db, shopId)
  await matchGoods(db, shopId)
  await putStock(db, warehouseId, skuId, 100_000)
  const skus = await sql<{ id: string }>`select id from sku where code like 'SY-%'`.execute(db)
  for (const { id } of skus.rows) await putStock(db, warehouseId, id, 1000)
  // The search words that saving a SKU would set, so that pickers find them.
  await sql`update sku set words = lower(code)`.execute(db)
  const [connector] = connectors
  if (connector) await db.transaction().execute((tx) => giveShopTasks(tx, { id: shopId }, connector))
  const pool: IntakeFixture = { db, ring, shopId, [Symbol.asyncDispose]: async () => {} }
  const run = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
  const personal = () => seal(ring, shopId, JSON.stringify({ nick: 'tb1', receiver }))

  /** Creates a converted order with stock promised to it. */
  const order = async (more: Partial<OrderInput> = {}): Promise<Seeded> => {
    const one = await anOrder(db, { shopId, personal: personal(), ...more })
    await run((tx) => reserveOrders(tx, [one.id]))
    return one
  }
  /** Creates this many such orders at once. */
  const orders = async (count: number): Promise<void> => {
    const made = await manyOrders(db, { shopId, personal: personal() }, count)
    const ids = made.map(({ id }) => id)
    await run((tx) => reserveOrders(tx, ids))
  }
  const confirmed = async (more: Partial<OrderInput> = {}) => {
    const one = await order(more)
    must(await run((tx) => transition(tx, [one.id], { event: 'confirm' }, packer)))
    return one
  }
  /** Creates a delivery that waits in the warehouse. `id` is the delivery's id. */
  const released = async (more: Partial<OrderInput> = {}): Promise<Seeded> => {
    const one = await confirmed(more)
    must(await run((tx) => releaseOrders(tx, [one.id], { actor: packer, scope: wholeScope })))
    const id = await deliveryOf(db, one.id)
    return {
      ...one,
      orderNo: one.no ?? '',
      orderId: one.id,
      id,
      no: await one_(sql`select no as is from delivery where id = ${id}`),
    }
  }
  const packed = async (more: Partial<OrderInput> = {}): Promise<Seeded> => {
    const one = await released(more)
    const waybillNo = aWaybill()
    must(
      await run((tx) =>
        setWaybills(tx, [{ deliveryId: one.id, courier: 'SF', waybillNo }], {
          actor: packer,
          scope: wholeScope,
        }),
      ),
    )
    return { ...one, waybillNo }
  }
  const shipped = async (more: Partial<OrderInput> = {}): Promise<Seeded> => {
    const one = await packed(more)
    must(await run((tx) => shipDeliveries(tx, [one.id], { actor: packer, scope: wholeScope })))
    return one
  }
  const one_ = async (query: ReturnType<typeof sql<{ is: string }>>): Promise<string> =>
    (await query.execute(db)).rows[0]?.is ?? ''
  const staged = async (more: Partial<Trade> = {}): Promise<Seeded> => {
    const trade = aTrade(more)
    await stage(pool, trade)
    return { id: (await tradeOf(pool, trade.tid))?.id ?? '', no: trade.tid }
  }
  return {
    ...house,
    ...{
      boss,
      shopId,
      warehouseId,
      skuId,
      intake: pool,
      run,
      order,
      orders,
      confirmed,
      released,
      packed,
      shipped,
      staged,
    },
    one: one_,
  }
}

const receiver = {
  name: '王一',
  mobile: '13800001234',
  phone: '',
  province: '浙江省',
  city: '杭州市',
  district: '余杭区',
  town: '',
  address: '一路 1 号',
  zip: '',
  token: '',
}
